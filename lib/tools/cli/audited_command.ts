/** How the audit names a command: what it was about, and no values that somebody may have hidden in it. Pure. */
import type { Flag, Words } from "../../programs/words/words.ts";

/** Flags whose values are names and numbers. */
const TOLD: ReadonlySet<string> = new Set([
  "all-namespaces",
  "cascade",
  "container",
  "context",
  "dry-run",
  "field-selector",
  "filename",
  "grace-period",
  "namespace",
  "output",
  "replicas",
  "revision",
  "selector",
  "subresource",
  "tail",
  "version",
]);

/** Stands for what is not told. */
const LEFT_OUT = "…";
/** Characters of one word, and words of a command, that are told. */
const WORD_CHARACTERS = 253;
const WORDS = 40;

/** A command in normal form, without what stands behind `=` and `--`. */
export function auditedCommand({ program, verb, flags, args, dash }: Words): string {
  const before = args.slice(0, dash).map(toldArgument);
  const behind = dash === undefined ? [] : ["--", LEFT_OUT];
  const words = [...verb, ...flags.map(toldFlag), ...before, ...behind];
  const told = words.length > WORDS ? [...words.slice(0, WORDS), LEFT_OUT] : words;
  return [program, ...told].join(" ");
}

function toldFlag({ name, value }: Flag): string {
  if (value === undefined) return `--${name}`;
  const isTold = value === "true" || value === "false" || TOLD.has(name);
  return `--${name}=${isTold ? shortened(value) : LEFT_OUT}`;
}

function toldArgument(argument: string): string {
  const [name = "", ...value] = argument.split("=");
  return value.length === 0 ? shortened(name) : `${shortened(name)}=${LEFT_OUT}`;
}

function shortened(word: string): string {
  return word.length > WORD_CHARACTERS || /\s/.test(word) ? LEFT_OUT : word;
}
