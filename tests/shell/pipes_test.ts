/** Pipes give what the machine's own programs give: GNU's, jq and yq. */
import assert from "node:assert/strict";
import { OFFERED } from "../../lib/shell/offered.ts";
import {
  KNOWN,
  programsOf,
  readExpected,
  readFiles,
  readPipes,
  runReally,
  versionOf,
} from "./pipes.ts";
import { startShellWorker } from "./worker.ts";

Deno.test("pipes: each line of the table gives what was recorded of the real programs", async () => {
  const [pipes, files, { results }] = await Promise.all([readPipes(), readFiles(), readExpected()]);
  const worker = await startShellWorker();
  const wrong: string[] = [];
  try {
    for (const pipe of pipes) {
      const expected = results[pipe];
      assert.ok(expected, `not recorded: ${pipe} (deno run -A tests/shell/record.ts)`);
      const { stdout, stderr, exitCode } = await worker.run(pipe, files);
      const isEqual = stdout === expected.stdout && exitCode === expected.exitCode;
      if (isEqual === KNOWN.has(pipe)) {
        wrong.push(
          `${pipe}\n  expected ${JSON.stringify(expected)}\n  ${
            JSON.stringify({ stdout, exitCode, stderr })
          }`,
        );
      }
    }
  } finally {
    worker.close();
  }
  assert.ok(pipes.length >= 500);
  assert.deepEqual(wrong, []);
});

Deno.test("pipes: what was recorded is what the programs of this machine give", async () => {
  const { versions, results } = await readExpected();
  const others = new Map<string, string>();
  for (const [program, version] of Object.entries(versions)) {
    const found = await versionOf(program, Deno.env.get("PATH") ?? "");
    if (found !== version) {
      others.set(program, `${program}: ${found ?? "not there"}, recorded with ${version}`);
    }
  }
  for (const reason of others.values()) console.log(reason);
  if (others.has("bash")) return;
  const same = Object.entries(results).filter(([pipe]) =>
    ![...programsOf(pipe)].some((program) => others.has(program))
  );
  // One in ten: each starts a shell of its own.
  for (const [pipe, expected] of same.filter((_, index) => index % 10 === 0)) {
    const real = await runReally(pipe, Deno.env.get("PATH") ?? "");
    if (!pipe.includes("-R")) assert.deepEqual(real, expected, pipe);
  }
});

Deno.test("pipes: every command that is offered is in the table, but for programs", async () => {
  const text = (await readPipes()).join("\n");
  const missing = OFFERED.filter((name) => !new RegExp(`\\b${name}\\b`).test(text));
  assert.deepEqual(missing, ["argocd", "helm", "istioctl", "kubectl"]);
});
