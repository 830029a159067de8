/** Command lines by themselves: what a pipe, a child and fifty megabytes cost beside the machine's bash. */
import { createShell } from "../../lib/shell/parent/shell.ts";
import type { StartProgram } from "../../lib/shell/types.ts";
import { startSandbox } from "../../lib/sandbox/parent/child.ts";
import { childCommand } from "../../lib/sandbox/parent/command.ts";
import { LOGGER } from "../support/clusters.ts";
import { type Figure, peakMemory, percentile, timed } from "./measure.ts";

const ROUNDS = 9;
const MB = 1024 * 1024;
/** Until the next child is warm. */
const PAUSE_MS = 500;

/** What lines cost. */
export async function shell(): Promise<Figure[]> {
  return [...await starts(), ...await pipes(), await packed()];
}

async function starts(): Promise<Figure[]> {
  const ms = { script: [] as number[], shell: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const kind of ["script", "shell"] as const) {
      const child = startSandbox(childCommand(kind), MB);
      ms[kind].push(await timed(() => child.ready));
      child.kill();
      await child.exited;
    }
  }
  return [{
    what: "start of a shell's child, p50",
    value: percentile(ms.shell, 0.5),
    unit: "ms",
    reference: { what: "that of a script's", value: percentile(ms.script, 0.5) },
  }];
}

async function pipes(): Promise<Figure[]> {
  const list = JSON.stringify({
    items: Array.from({ length: 5_000 }, (_, n) => ({
      metadata: { name: `pod-${n}` },
      text: "y".repeat(10_000),
    })),
  });
  const outputs = {
    small: new TextEncoder().encode("b\na\n"),
    large: new TextEncoder().encode(list),
  };
  const start: StartProgram = (_, [size]) =>
    Promise.resolve({
      stdout: size === "large" ? outputs.large : outputs.small,
      stderr: new Uint8Array(0),
      exitCode: 0,
    });
  const own = createShell({ command: childCommand("shell"), logger: LOGGER });
  const run = (text: string) =>
    own.run(
      { text, program: undefined, signal: new AbortController().signal, timeoutMs: 120_000 },
      start,
    );
  const figures: Figure[] = [];
  try {
    await run("true");
    for (const stages of ["sort | head -1", "jq -R ."]) {
      const [ms, bash]: [number[], number[]] = [[], []];
      for (let round = 0; round < ROUNDS; round++) {
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        ms.push(await timed(() => run(`kubectl small | ${stages}`)));
        const args = ["-c", `printf 'b\\na\\n' | ${stages}`];
        bash.push(await timed(() => new Deno.Command("bash", { args }).output()));
      }
      figures.push({
        what: `a pipe's own cost: | ${stages}, warm child, p50`,
        value: percentile(ms, 0.5),
        unit: "ms",
        reference: { what: "the same by bash and its programs", value: percentile(bash, 0.5) },
      });
    }
    const ms: number[] = [];
    const peak = await peakMemory(Deno.pid, async () => {
      ms.push(
        await timed(() => run("kubectl large | jq -r '.items[].metadata.name' | sort | head -1")),
      );
    });
    figures.push(
      { what: "50 MB through jq, sort and head", value: ms[0] ?? NaN, unit: "ms" },
      { what: "all processes at its peak (RSS)", value: peak.rssBytes / MB, unit: "MB" },
    );
  } finally {
    await own.close();
  }
  return figures;
}

async function packed(): Promise<Figure> {
  const { PACKED_WORKER_SOURCE } = await import("../../lib/shell/child/shell.generated.ts");
  return {
    what: "what the shell adds to the binary",
    value: PACKED_WORKER_SOURCE.length / MB,
    unit: "MB",
    aim: "3 MB",
  };
}
