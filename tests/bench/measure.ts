/** What benchmarks measure with: percentiles, the memory of a process tree, a table of figures. */
import { descendants } from "../e2e/program.ts";

/** One measured thing beside its reference, measured in the same run. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: "ms" | "MB" | "MB/s" | "calls" | "tokens" | "%" | "";
  /** What it is held against. */
  readonly reference?: { readonly what: string; readonly value: number };
  /** What it should not exceed, of the value or of the ratio, as the text says. */
  readonly aim?: string;
}

/** The p-th percentile (0 to 1) of the samples. */
export function percentile(samples: readonly number[], p: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? NaN;
}

/** Milliseconds that something takes. */
export async function timed(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

/** Memory of processes. */
export interface Memory {
  /** Of a process and all below it: private and shared. */
  readonly rssBytes: number;
  /** The same with shared parts counted once. */
  readonly pssBytes: number;
  /** Of the process alone, without those below it: private and shared. */
  readonly mainBytes: number;
}

/** Memory of a process and all below it. */
export function treeMemory(pid: number): Memory {
  let rssBytes = 0;
  let pssBytes = 0;
  let mainBytes = 0;
  for (const each of [pid, ...descendants(pid)]) {
    try {
      const text = Deno.readTextFileSync(`/proc/${each}/smaps_rollup`);
      const own = Number(/^Rss:\s+(\d+)/m.exec(text)?.[1] ?? 0) * 1024;
      if (each === pid) mainBytes = own;
      rssBytes += own;
      pssBytes += Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0) * 1024;
    } catch {
      // Ended in the meantime.
    }
  }
  return { rssBytes, pssBytes, mainBytes };
}

/** The larger of two, each by itself. */
export function largest(a: Memory, b: Memory): Memory {
  return {
    rssBytes: Math.max(a.rssBytes, b.rssBytes),
    pssBytes: Math.max(a.pssBytes, b.pssBytes),
    mainBytes: Math.max(a.mainBytes, b.mainBytes),
  };
}

/** Samples the memory of a process tree while something runs; gives the most seen of each. */
export async function peakMemory(pid: number, run: () => Promise<unknown>): Promise<Memory> {
  let peak = treeMemory(pid);
  const look = () => peak = largest(peak, treeMemory(pid));
  const timer = setInterval(look, 20);
  try {
    await run();
    look();
  } finally {
    clearInterval(timer);
  }
  return peak;
}

/** The figures as a table for a person. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, value, unit, reference, aim }) => [
    what,
    `${round(value)} ${unit}`,
    reference ? `${round(reference.value)} ${unit}` : "",
    reference ? (value / reference.value).toFixed(2) : "",
    aim ?? "",
    reference?.what ?? "",
  ]);
  const head = ["what", "measured", "reference", "ratio", "aim", "the reference is"];
  const widths = head.map((cell, at) =>
    Math.max(cell.length, ...rows.map((row) => row[at]!.length))
  );
  return [head, ...rows]
    .map((row) => row.map((cell, at) => cell.padEnd(widths[at]!)).join("  ").trimEnd())
    .join("\n");
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}

/** Processor time of a process and those below it that run now, in milliseconds. */
export function processorMs(pid: number): number {
  let nanoseconds = 0;
  for (const each of [pid, ...descendants(pid)]) {
    for (const { name } of Deno.readDirSync(`/proc/${each}/task`)) {
      const text = Deno.readTextFileSync(`/proc/${each}/task/${name}/schedstat`);
      nanoseconds += Number(text.split(" ")[0]);
    }
  }
  return nanoseconds / 1e6;
}
