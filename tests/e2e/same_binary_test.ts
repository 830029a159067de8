/** That a commit gives the same binary wherever it is built. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
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

Deno.test(
  needs([...BINARY.needs, "time"], "the same sources give the same binary in another folder"),
  async () => {
    requireBuilt(BINARY);
    const folder = await Deno.makeTempDir();
    const clone = `${folder}/deeper down/than before/kubecode`;
    try {
      await copySources(clone);
      const { success, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["task", "compile"],
        cwd: clone,
        stdout: "null",
      }).output();
      assert.ok(success, new TextDecoder().decode(stderr));
      assert.equal(await sha256(`${clone}/dist/kubecode`), await sha256(BINARY.command));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
