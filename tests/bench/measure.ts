/** What benchmarks measure with: percentiles, the memory of a process tree, a table of figures. */
import { descendants } from "../e2e/program.ts";

/** One measured thing beside its reference, measured in the same run. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: "ms" | "MB" | "calls";
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

/** Memory of a process and all below it: private and shared (RSS), and shared parts once (PSS). */
export function treeMemory(pid: number): { rssBytes: number; pssBytes: number } {
  let rssBytes = 0;
  let pssBytes = 0;
  for (const each of [pid, ...descendants(pid)]) {
    try {
      const text = Deno.readTextFileSync(`/proc/${each}/smaps_rollup`);
      rssBytes += Number(/^Rss:\s+(\d+)/m.exec(text)?.[1] ?? 0) * 1024;
      pssBytes += Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0) * 1024;
    } catch {
      // Ended in the meantime.
    }
  }
  return { rssBytes, pssBytes };
}

/** Samples the memory of a process tree while something runs; gives the highest PSS and RSS seen. */
export async function peakMemory(pid: number, run: () => Promise<unknown>) {
  let rssBytes = 0;
  let pssBytes = 0;
  const look = () => {
    const now = treeMemory(pid);
    rssBytes = Math.max(rssBytes, now.rssBytes);
    pssBytes = Math.max(pssBytes, now.pssBytes);
  };
  const timer = setInterval(look, 20);
  try {
    await run();
    look();
  } finally {
    clearInterval(timer);
  }
  return { rssBytes, pssBytes };
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
