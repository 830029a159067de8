/** Lines that mean harm: each ends, with a word on why, and the shell runs the next one. */
import assert from "node:assert/strict";
import type { Frame } from "../../lib/sandbox/frames.ts";
import { readStart } from "../../lib/shell/parent/starts.ts";
import { joinParts, SHELL_LIMITS } from "../../lib/shell/protocol.ts";
import { needs } from "../support/needs.ts";
import { testShell } from "./shell.ts";

/** A line; what it gives; the exit code. */
const ENDINGS: readonly (readonly [line: string, told: RegExp, exitCode?: number])[] = [
  [":(){ :|:& };:", /maximum recursion depth/, 126],
  ["f(){ f; }; f", /maximum recursion depth/, 126],
  ["while true; do sleep 1; done", /did not end within/, 124],
  ["while true; do :; done", /commands executed|did not end within/],
  // Its own count of turns or the time, whichever is first on this machine.
  ["awk 'BEGIN{while(1);}'", /did not end within|limit|exceed|maximum/],
  ["jq -n 'def f: f; f'", /did not end within/, 124],
  ["printf '%050d!' 0 | tr 0 a | grep -E '^(a+)+$'", /did not end within/, 124],
  ["x=a; while true; do x=$x$x; done", /string length limit exceeded/, 126],
  ["seq 1000000000 | wc -l", /limit exceeded/, 126],
  ["printf '%1000000000d' 1", /limit exceeded/, 126],
  ["jq -n 'def f: 1 + f; f'", /out of memory/, 5],
  ["jq -n '\"x\" * 1000000000'", /out of memory/, 5],
  [`yq ${"'.a" + "|(.a".repeat(3000)}'`, /Error: /, 1],
  ["echo ${x:?no}", /no/, 1],
];

Deno.test(
  needs(["time"], "shell: a line that would not end, or not stop growing, ends with a word on why"),
  async () => {
    await using shell = testShell();
    for (const [line, told, exitCode] of ENDINGS) {
      const result = await shell.run(line, { timeoutMs: 8_000 });
      assert.match(result.stderr, told, `${line}: ${JSON.stringify(result.stderr.slice(0, 200))}`);
      assert.equal(result.exitCode, exitCode ?? result.exitCode, line);
    }
    assert.equal((await shell.run("echo on")).stdout, "on\n");
  },
);

Deno.test(
  needs(["time"], "shell: a line that takes all the memory is ended, and no other with it"),
  async () => {
    await using shell = testShell(undefined, { memoryBytes: 200 * 2 ** 20 });
    const hungry = shell.run("a=(); x=$(printf '%050000d' 0); while true; do a+=($x$x$x$x); done");
    const modest = shell.run("sleep 2; echo on");
    assert.match((await hungry).stderr, /used more than 200 MiB of memory/);
    assert.equal((await modest).stdout, "on\n");
  },
);

Deno.test("shell: there are no files, environment and programs of the machine", async () => {
  await using shell = testShell();
  const { stdout, stderr } = await shell.run([
    "cat /etc/passwd /proc/self/environ /proc/1/cmdline ../../etc/passwd",
    "ls /root /home /etc; cat < /dev/tcp/127.0.0.1/80",
    "export | cut -d= -f1 | tr '\\n' ' '; echo",
    "awk 'BEGIN{system(\"echo out\")}'; awk 'BEGIN{\"id\"|getline x; print x}'; echo x | sed s/x/echo/e",
    "sh -c 'echo out'; bash -c 'echo out'; echo out | xargs sh; env echo out; curl http://127.0.0.1; python3 -c 1",
    "__proto__=1; constructor=2; echo $__proto__$constructor ${toString}",
  ].join("\n"));
  assert.equal(
    stdout,
    "declare -x HOME declare -x LANG declare -x OLDPWD declare -x PATH declare -x PWD declare -x TZ declare -x USER \n" +
      "\n12\n",
  );
  for (const name of ["sh", "bash", "env", "curl", "python3"]) {
    assert.match(stderr, new RegExp(`^bash: ${name}: command not found$`, "m"));
  }
  assert.match(stderr, /^shell: commands here: .*\bjq\b.*\bkubectl\b/m);
});

Deno.test("shell: a misspelt command is answered with the one that was meant", async () => {
  await using shell = testShell();
  const { stderr } = await shell.run("echo x | gerp x");
  assert.match(stderr, /^bash: gerp: .*\nshell: Did you mean grep\? Commands here: .*\bjq\b/m);
});

Deno.test("shell: large lines, long lines of text and NUL bytes go through", async () => {
  await using shell = testShell(() => `${"y".repeat(2 ** 20)}\n`);
  const document = "line of a document\n".repeat(40_000);
  const { stdout } = await shell.run(
    `cat <<'EOF' | wc -l\n${document}EOF\nkubectl get x | grep -c y; printf 'a\\0b\\n' | tr -d '\\0'`,
  );
  assert.equal(stdout, "40000\n1\nab\n");
});

Deno.test("shell: what a child asks for is not taken on trust", () => {
  const { parts, body } = joinParts([["", new Uint8Array(3)], ["a", new Uint8Array(2)]]);
  const good = { program: "kubectl", argv: ["get"], parts };
  const read = (header: unknown, bytes = body) =>
    readStart({ type: 4, id: 1, header, body: bytes } satisfies Frame, SHELL_LIMITS);
  assert.equal(read(good).files.get("a")?.length, 2);
  const wrong: unknown[] = [
    undefined,
    null,
    [],
    { ...good, program: "sh" },
    { ...good, program: "__proto__" },
    { ...good, argv: "get" },
    { ...good, argv: ["get", 1] },
    { ...good, argv: ["a\0b"] },
    { ...good, parts: undefined },
    { ...good, parts: [["", 3]] },
    { ...good, parts: [["", 3], ["a", 3]] },
    { ...good, parts: [["", -3], ["a", 8]] },
    { ...good, parts: [["", 3], ["../a", 2]] },
    { ...good, parts: [["", 3], ["/a", 2]] },
    { ...good, parts: [["", 5], ...Array.from({ length: 200 }, (_, n) => [`f${n}`, 0])] },
  ];
  for (const header of wrong) assert.throws(() => read(header), RangeError, JSON.stringify(header));
});
