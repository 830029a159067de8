/** That a commit gives the same binary wherever it is built. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { bundleModule } from "../../scripts/bundle.ts";
import { ROOT } from "../../scripts/files.ts";
import { needs } from "../support/needs.ts";
import { requireBuilt, VARIANTS } from "./program.ts";

const BINARY = VARIANTS.find(({ name }) => name === "binary")!;

/** What `git clone` would lay there, as the tree is now. */
async function copySources(to: string): Promise<void> {
  const listed = await new Deno.Command("git", {
    args: ["ls-files", "--cached", "--others", "--exclude-standard", "-z"],
    cwd: ROOT,
  }).output();
  const tracked = new TextDecoder().decode(listed.stdout).split("\0");
  for (const path of tracked) {
    if (!/^(main\.ts|deno\.(json|lock)|lib\/|scripts\/)/.test(path)) continue;
    const target = `${to}/${path}`;
    await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
    // One that is deleted and not committed is listed too.
    await Deno.copyFile(`${ROOT}/${path}`, target).catch(() => {});
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  for await (const chunk of file.readable) hash.update(chunk);
  return hash.digest("hex");
}

/** Runs a task in another folder with the same sources; hands over what it has made. */
async function elsewhere(task: string, use: (dist: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const clone = `${folder}/deeper down/than before/kubecode`;
  try {
    await copySources(clone);
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", task],
      cwd: clone,
      stdout: "null",
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    await use(`${clone}/dist`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test(
  needs([...BINARY.needs, "time"], "the same sources give the same binary in another folder"),
  async () => {
    requireBuilt(BINARY);
    await elsewhere("compile", async (dist) => {
      assert.equal(await sha256(`${dist}/kubecode`), await sha256(BINARY.command));
    });
  },
);

Deno.test(
  needs(["time"], "the same sources give the same module in another folder, without its paths"),
  async () => {
    await elsewhere("bundle", async (dist) => {
      const here = `${dist}/here.js`;
      await bundleModule(here);
      assert.equal(await sha256(here), await sha256(`${dist}/kubecode.js`));
      const code = await Deno.readTextFile(here);
      assert.ok(!/registry\.npmjs\.org\/[\w@/.-]+\.m?js"/.test(code), "a path is left");
    });
  },
);
