import assert from "node:assert/strict";
import { runGroup } from "../../scripts/process_group.ts";

/** Runs a shell script in a group and gives what it wrote and how it ended. */
async function shell(script: string, options: { signal?: AbortSignal; silenceMs?: number } = {}) {
  let output = "";
  const decoder = new TextDecoder();
  const result = await runGroup({
    program: "/bin/sh",
    args: ["-c", script],
    cwd: "/",
    env: { PATH: Deno.env.get("PATH") ?? "", GROUP_TEST: "set" },
    onOutput: (chunk) => {
      output += decoder.decode(chunk, { stream: true });
    },
    signal: options.signal ?? new AbortController().signal,
    silenceMs: options.silenceMs ?? 60_000,
  });
  return { ...result, output };
}

/** Whether a process runs; one that has ended and was not reaped yet does not. */
function runs(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

/** Waits until none of the processes runs; a test that waits in vain hangs and is ended as silent. */
async function gone(pids: readonly number[]): Promise<void> {
  while (pids.some(runs)) await new Promise((resolve) => setTimeout(resolve, 10));
}

function pidsIn(output: string): number[] {
  return [...output.matchAll(/^\d+$/gm)].map(([pid]) => Number(pid));
}

Deno.test("runGroup() gives exit code, output and just the given environment", async () => {
  const { code, silent, output } = await shell('echo "$GROUP_TEST-$HOME-"; echo err >&2; exit 3');
  assert.deepEqual({ code, silent }, { code: 3, silent: false });
  assert.match(output, /^set--$/m);
  assert.match(output, /^err$/m);
});

Deno.test("runGroup() leaves nothing of what the program started", async () => {
  const { code, output } = await shell("sleep 600 & echo $!; exit 0");
  assert.equal(code, 0);
  const pids = pidsIn(output);
  assert.equal(pids.length, 1);
  await gone(pids);
});

Deno.test("runGroup() ends the group when its signal aborts", async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  const { code } = await shell("sleep 600", { signal: controller.signal });
  assert.notEqual(code, 0);
});

Deno.test("runGroup() ends a group that is silent for too long", async () => {
  const { code, silent } = await shell("sleep 600", { silenceMs: 50 });
  assert.notEqual(code, 0);
  assert.equal(silent, true);
});

Deno.test("runGroup() ends the group when its output cannot be handed on", async () => {
  const run = runGroup({
    program: "/bin/sh",
    args: ["-c", "echo a; sleep 600"],
    cwd: "/",
    env: {},
    onOutput: () => Promise.reject(new Error("nobody reads")),
    signal: new AbortController().signal,
    silenceMs: 60_000,
  });
  await assert.rejects(run, /nobody reads/);
});

Deno.test("runGroup() leaves nothing when its own process is killed", async () => {
  const group = new URL("../../scripts/process_group.ts", import.meta.url).href;
  const program = `
    import { runGroup } from ${JSON.stringify(group)};
    await runGroup({
      program: "/bin/sh", args: ["-c", "sleep 600 & echo $!; echo $$; wait"], cwd: "/",
      env: Deno.env.toObject(), signal: new AbortController().signal, silenceMs: 60_000,
      onOutput: (chunk) => Deno.stdout.writeSync(chunk),
    });`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", program],
    stdout: "piped",
  }).spawn();
  const decoder = new TextDecoder();
  let output = "";
  for await (const chunk of child.stdout) {
    output += decoder.decode(chunk, { stream: true });
    if (pidsIn(output).length === 2 && output.endsWith("\n")) break;
  }
  child.kill("SIGKILL");
  await child.status;
  await gone(pidsIn(output));
});
