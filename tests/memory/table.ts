/**
 * Scripts as models write them from memory of other clients, and what becomes of each: the measure of
 * how far a first guess comes. They stand in `scripts/*.txt`, blocks with an empty line between them:
 *
 * ```text
 * k8s.getNodes().items.length        the script
 * => 3                               its value as JSON; `any` for any but none, `printed` for lines
 *
 * fetch("/api/v1/nodes")
 * hint: k8s.coreV1()                 it fails, and its error says this
 * k8s.coreV1().nodes().list().length the script that does as it was told
 * => 3
 *
 * k8s.get("nodes", "shop")
 * lost                               its error does not help
 * ```
 */
import type { Evaluation } from "../../lib/eval/types.ts";
import { formatFailure } from "../../lib/tools/support/evaluation_text.ts";
import { connect, DEMO } from "../support/clusters.ts";
import { type TestEvaluator, testEvaluator } from "../support/evaluator.ts";

/** What became of a script: it ran, its error led to one that runs, or neither. */
export type Outcome = "runs" | "hint" | "lost";

/** One script of the table. */
export interface FromMemory {
  readonly script: string;
  /** What is said to become of it. */
  readonly outcome: Outcome;
  /** JSON of what it, or the mended script, comes to. */
  readonly value: string;
  /** What its error says, and the script that follows it. */
  readonly hint?: string;
  readonly mended?: string;
}

/** One script, and what became of it in fact. */
export interface Tried {
  readonly row: FromMemory;
  readonly outcome: Outcome;
  /** What came of it, for whoever reads the table. */
  readonly text: string;
}

/** Tables whose scripts change nothing, and can be tried in any order. */
const READS = ["client_node", "client_go", "kubectl_words", "guesses", "other_clients"];

/** Scripts that run side by side. */
const TOGETHER = 4;

/** Tries all scripts of the table on the demo, or those of one file. */
export async function tryAll(files: readonly string[] = [...READS, "changes"]): Promise<Tried[]> {
  const tried: Tried[] = [];
  for (const changing of [false, true]) {
    await using cluster = await connect(DEMO, { readWrite: changing });
    await using evaluator = testEvaluator(cluster.broker);
    for (const file of files.filter((name) => READS.includes(name) !== changing)) {
      const rows = readTable(
        await Deno.readTextFile(new URL(`scripts/${file}.txt`, import.meta.url)),
      );
      const width = changing ? 1 : TOGETHER;
      for (let at = 0; at < rows.length; at += width) {
        const some = rows.slice(at, at + width);
        tried.push(...await Promise.all(some.map((row) => tryOne(evaluator, row))));
      }
    }
  }
  return tried;
}

/** The share of an outcome, in percent. */
export function share(tried: readonly Tried[], ...outcomes: readonly Outcome[]): number {
  const some = tried.filter(({ outcome }) => outcomes.includes(outcome));
  return some.length / tried.length * 100;
}

function readTable(text: string): FromMemory[] {
  const blocks = text.split(/\n\n+/).map((block) => block.trim());
  return blocks.filter((block) => block !== "" && !block.startsWith("#")).map(readBlock);
}

function readBlock(block: string): FromMemory {
  const lines = block.split("\n");
  const last = lines.pop()!;
  if (last === "lost") return { script: lines.join("\n"), outcome: "lost", value: "any" };
  const value = last.replace(/^=> /, "");
  const at = lines.findIndex((line) => line.startsWith("hint: "));
  if (at < 0) return { script: lines.join("\n"), outcome: "runs", value };
  return {
    script: lines.slice(0, at).join("\n"),
    outcome: "hint",
    value,
    hint: lines[at]!.slice("hint: ".length),
    mended: lines.slice(at + 1).join("\n"),
  };
}

async function tryOne(evaluator: TestEvaluator, row: FromMemory): Promise<Tried> {
  const first = await evaluator.run(row.script);
  const text = first.ok ? textOf(first) : formatFailure(first.failure);
  if (first.ok && isValue(first, row.value)) return { row, outcome: "runs", text };
  if (row.hint === undefined || !text.includes(row.hint)) return { row, outcome: "lost", text };
  const second = await evaluator.run(row.mended!);
  const isMended = second.ok && isValue(second, row.value);
  return {
    row,
    outcome: isMended ? "hint" : "lost",
    text: isMended
      ? text
      : `${text}\n${second.ok ? textOf(second) : formatFailure(second.failure)}`,
  };
}

/** The value, and the lines beside it. */
function textOf(evaluation: Evaluation): string {
  const lines = evaluation.console.map(({ text }) => text);
  return [evaluation.ok ? evaluation.result.text : "", ...lines].join("\n");
}

function isValue(evaluation: Evaluation, value: string): boolean {
  if (!evaluation.ok) return false;
  const { type, text } = evaluation.result;
  if (value === "printed") return evaluation.console.length > 0;
  if (type === "empty") return false;
  return value === "any" || (type === "string" ? JSON.stringify(text) : text) === value;
}
