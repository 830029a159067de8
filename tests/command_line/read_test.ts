/** Words of a command line, and the task that they ask for. */
import assert from "node:assert/strict";
import process from "node:process";
import type { Command } from "commander";
import { defineProgram } from "../../lib/command_line/program.ts";
import { InputError } from "../../lib/errors.ts";
import { readCommandLine } from "../../lib/command_line/read.ts";

Deno.test("proxy takes a port, though the server over HTTP has a flag of that name too", async () => {
  const task = await readCommandLine(["proxy", "--port", "12399", "--for", "1h"]);
  assert.ok(task.kind === "proxy");
  assert.deepEqual([task.port, task.forMs], [12399, 3_600_000]);
});

Deno.test("-A is a switch: the word behind it is no value of it", async () => {
  for (const words of [["-A", "eval", "a.js"], ["eval", "-A", "a.js"], ["eval", "a.js", "-A"]]) {
    const task = await readCommandLine([...words, "-n", "shop"]);
    assert.ok(task.kind === "eval");
    assert.deepEqual(task.source, { path: "a.js" });
    assert.equal(task.settings.allNamespaces, true);
  }
  const off = await readCommandLine(["eval", "--no-all-namespaces", "a.js"]);
  assert.ok(off.kind === "eval" && !off.settings.allNamespaces);
});

Deno.test("an error of a command names the help of that command", async () => {
  for (
    const [words, help] of [
      [["evla"], "kubecode --help lists commands"],
      [["completion"], "kubecode completion --help lists arguments"],
      [["policy", "check", "get"], "kubecode policy check --help lists arguments"],
      [["policy", "chek"], "kubecode policy --help lists commands"],
      [["eval", "--nope"], "kubecode eval --help lists arguments"],
    ] as const
  ) {
    let text = "";
    const write = process.stderr.write;
    process.stderr.write = (chunk) => (text += chunk) !== "";
    try {
      assert.deepEqual(await readCommandLine(words), { kind: "end", exitCode: 2 });
    } finally {
      process.stderr.write = write;
    }
    assert.ok(text.endsWith(`\n(${help} and flags)\n`), text);
  }
});

Deno.test("the examples in a command's help fit a terminal, which would break them", () => {
  const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
  const long = all(defineProgram(() => {})).flatMap((command) =>
    command.description().split("\n").filter((line) => line.startsWith("  ") && line.length > 80)
  );
  assert.deepEqual(long, []);
});

Deno.test("-A is refused for programs, which have their own", async () => {
  for (const words of [["run", "-A", "--", "kubectl", "get", "pods"], ["proxy", "-A"]]) {
    await assert.rejects(readCommandLine(words), InputError);
  }
});
