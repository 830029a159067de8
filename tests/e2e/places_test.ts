/** The binary in places that lack something, or are called otherwise than usual. */
import assert from "node:assert/strict";
import { needs } from "../support/needs.ts";
import { requireBuilt, run, type Variant, VARIANTS } from "./program.ts";

const BINARY = VARIANTS.find(({ name }) => name === "binary")!;
const LIST = ["eval", "--demo", "-e", "k8s.coreV1().namespaces().list().items.length > 0"];
const WORKS = { code: 0, stdout: "true\n", stderr: "" };
/** Not even root makes a file there. */
const UNWRITABLE = "/proc";

function linux(name: string, test: () => Promise<void>): void {
  const wanted = needs(BINARY, name);
  Deno.test({ ...wanted, ignore: wanted.ignore || Deno.build.os !== "linux", fn: test });
}

/** Runs the binary with nothing in its environment but what is given. */
async function runIn(
  env: Readonly<Record<string, string>>,
  args: readonly string[] = LIST,
  program = BINARY.command,
) {
  requireBuilt(BINARY);
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    clearEnv: true,
    env: { ...env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

linux("the binary needs no environment at all: no home, no PATH, no locale", async () => {
  assert.deepEqual(await runIn({}), WORKS);
});

linux(
  "the binary needs nothing that it can write to: neither a home nor a temporary folder",
  async () => {
    assert.deepEqual(await runIn({ HOME: UNWRITABLE, TMPDIR: UNWRITABLE }), WORKS);
    assert.deepEqual(await runIn({ HOME: "/no-such-home", TMPDIR: "/no-such-folder" }), WORKS);
  },
);

linux("a home that is /dev/null, as services have it, is none", async () => {
  const { code, stderr } = await runIn({ HOME: "/dev/null" }, ["eval", "-e", LIST.at(-1)!]);
  assert.equal(code, 2);
  assert.match(stderr, /^script error: ConfigError: Cannot find a cluster: .* there is no home/);
});

linux("a program needs a temporary folder, and the binary says which is none", async () => {
  const args = ["run", "--demo", "--", "kubectl", "get", "pods"];
  for (const folder of ["/kubecode-has-no-such-folder", UNWRITABLE]) {
    const { code, stderr } = await runIn({ PATH: "/usr/bin:/bin", TMPDIR: folder }, args);
    assert.equal(code, 2);
    assert.ok(
      stderr.startsWith(`kubecode: Cannot make a temporary folder in "${folder}": `),
      stderr,
    );
    assert.match(stderr, /writable folder in TMPDIR/);
  }
});

linux(
  "the binary runs by a path with spaces and other scripts in it, its sandbox too, in a POSIX locale",
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "kube code ☃ " });
    try {
      const program = `${folder}/kube code ž`;
      await Deno.symlink(BINARY.command, program);
      assert.deepEqual(await runIn({ LC_ALL: "POSIX" }, LIST, program), WORKS);
      await Deno.remove(program);
      await Deno.link(BINARY.command, program).catch(() => Deno.copyFile(BINARY.command, program));
      assert.deepEqual(await runIn({ LC_ALL: "POSIX" }, LIST, program), WORKS);
      const snow = await runIn({ LC_ALL: "POSIX" }, ["eval", "--demo", "-e", '"☃"'], program);
      assert.equal(snow.stdout, "☃\n");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

/** The binary, with its streams as a shell makes them. */
const shell = (redirections: string): Variant => ({
  ...BINARY,
  command: "/bin/sh",
  args: ["-c", `"$0" "$@" ${redirections}`, BINARY.command],
});

linux(
  "a full disk under the answer is told, and a full one under the audit holds nothing up",
  async () => {
    requireBuilt(BINARY);
    const full = await run(shell(">/dev/full"), LIST);
    assert.deepEqual(full, {
      code: 1,
      stdout: "",
      stderr:
        "kubecode: Cannot write the answer to standard output: no space is left on the disk\n",
    });
    assert.equal((await run(shell(">/dev/full 2>/dev/full"), LIST)).code, 1);
    const audited = await run(shell("2>/dev/full"), [...LIST, "--audit", "stderr"]);
    assert.deepEqual(audited, WORKS);
  },
);

linux("streams by the names of their files, and none", async () => {
  requireBuilt(BINARY);
  const script = await run(BINARY, ["eval", "--demo", "/dev/stdin"], { stdin: "20 + 1" });
  assert.deepEqual(script, { code: 0, stdout: "21\n", stderr: "" });
  const audited = await run(BINARY, [...LIST, "--audit", "/dev/stderr"]);
  assert.match(audited.stderr, /"verb":"list"/);
  assert.deepEqual(await run(shell("<&- 2>&-"), LIST), WORKS);
});

linux("what lies below /proc is opened for nobody, whatever names it", async () => {
  const args = ["eval", "--kubeconfig", "/proc/self/environ", "-e", "k8s.coreV1().pods().list()"];
  const { code, stderr } = await runIn({}, args);
  assert.equal(code, 2);
  assert.match(stderr, /nothing below \/dev, \/proc and \/sys is opened/);
});
