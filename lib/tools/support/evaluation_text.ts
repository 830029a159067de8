/**
 * The outcome of a script, as text for a model or a person. Each part has a function: a terminal
 * writes the result to one stream and everything else to another.
 */
import type { ConsoleLine, Evaluation, ScriptFailure, ScriptResult } from "../../eval/types.ts";
import type { ToolResult } from "../types.ts";

/** Characters of a source line that are shown; of a longer one, the part round the column. */
const SOURCE_WIDTH = 120;

/** What a failure's text begins with, unless its message says it already. */
const LABEL: Readonly<Record<ScriptFailure["kind"], string>> = {
  syntax: "script error",
  error: "script error",
  timeout: "execution timeout exceeded",
  memory: "memory limit exceeded",
  limit: "script limit exceeded",
  cancelled: "script cancelled",
  internal: "internal error",
};

/**
 * The answer of a tool that ran a script: first the result (exactly its text) or the failure; then that it was shortened, if it was; then the console, if the script
 * wrote to it.
 */
export function formatEvaluation(evaluation: Evaluation): ToolResult {
  const console = formatConsole(evaluation.console);
  const blocks = [
    ...(evaluation.ok && evaluation.result.wholeCharacters
      ? [formatTruncation(evaluation.result)]
      : []),
    ...(console === "" ? [] : [`console:\n${console}`]),
  ];
  return evaluation.ok
    ? { text: [evaluation.result.text, ...blocks] }
    : { text: [formatFailure(evaluation.failure), ...blocks], isError: true };
}

/** What to tell of a result that was shortened. */
export function formatTruncation({ wholeCharacters = 0, text }: ScriptResult): string {
  return `truncated: true. The result has ${wholeCharacters} characters, ${text.length} are shown; lists and ` +
    "strings were shortened. Return less: the fields that matter, a count, a slice.";
}

/** A script's console, one entry a line; warnings and errors say so. "" when there is none. */
export function formatConsole(lines: readonly ConsoleLine[]): string {
  return lines
    .map(({ level, text }) => level === "warn" || level === "error" ? `${level}: ${text}` : text)
    .join("\n");
}

/**
 * Why a script failed, in up to five parts: what happened and where, the line of the script, a
 * caret under the column, what else failed, and the hint.
 *
 * @example
 * ```text
 * script error: TypeError: pods.filer is not a function (line 2, column 6)
 * 2 | pods.filer(p => p.spec)
 *   |      ^
 * Did you mean "filter"?
 * ```
 */
export function formatFailure(failure: ScriptFailure): string {
  return [
    headline(failure) + position(failure),
    ...excerpt(failure),
    ...alsoFailed(failure),
    ...(failure.hint ? [failure.hint] : []),
  ].join("\n");
}

function alsoFailed({ others = [], othersLeftOut }: ScriptFailure): string[] {
  const lines = others.map(({ message, line }) =>
    `also failed${line === undefined ? "" : ` (line ${line})`}: ${message}`
  );
  return othersLeftOut === undefined ? lines : [...lines, `and ${othersLeftOut} more failed`];
}

function headline({ kind, name, message }: ScriptFailure): string {
  const thrown = kind === "syntax" || kind === "error";
  const named = thrown && name !== "" && !message.startsWith(`${name}:`);
  const text = named ? (message === "" ? name : `${name}: ${message}`) : message;
  const label = LABEL[kind];
  if (text === "") return label;
  return text.toLowerCase().includes(label) ? text : `${label}: ${text}`;
}

function position({ line, column }: ScriptFailure): string {
  if (line === undefined) return "";
  return column === undefined ? ` (line ${line})` : ` (line ${line}, column ${column})`;
}

function excerpt({ line, column, source }: ScriptFailure): string[] {
  if (line === undefined || source === undefined) return [];
  // A tab or a control character would move the caret away from its column.
  const text = source.replaceAll(/\p{Cc}/gu, " ");
  const at = Math.min(Math.max((column ?? 1) - 1, 0), text.length);
  const start = text.length <= SOURCE_WIDTH
    ? 0
    : Math.min(Math.max(at - SOURCE_WIDTH / 2, 0), text.length - SOURCE_WIDTH);
  const end = start + SOURCE_WIDTH;
  const before = start > 0 ? "…" : "";
  const after = end < text.length ? "…" : "";
  const shown = `${line} | ${before}${text.slice(start, end)}${after}`.trimEnd();
  if (column === undefined) return [shown];
  const gutter = `${" ".repeat(String(line).length)} | `;
  return [shown, `${gutter}${" ".repeat(before.length + at - start)}^`];
}
