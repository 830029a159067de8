/**
 * From a script as it was sent to what the realm runs. Pure.
 *
 * A script that uses no `await`, `async`, `Promise` or `.then` runs as a program, whose completion
 * value V8 itself gives. Any other, and one that uses `return` at its top level, becomes the body of
 * a function, and its completion value is kept in a variable by inserted text; what was inserted
 * where is told, so that positions in errors stay those of the script as sent. An object at the end
 * that has no parentheses is given them.
 */
import { type Node, type Options, parse, type Program } from "acorn";
import { objectForBlock, objectInsteadOfError } from "./last_object.ts";
import { isLargeInteger } from "../../std/json/exact.ts";
import { keepCompletion, RESULT } from "./completion.ts";
import { type AnyNode, applyEdits, type Edit, insert, isNode } from "./edits.ts";
import { whyNoValue } from "./no_value.ts";
import type { Insertion, Place } from "../realm/base/host.ts";

/** What to hand to the realm. */
export interface Rewritten {
  readonly code: string;
  readonly synchronous: boolean;
  /** Added to V8's line numbers, for the line that the wrapping put in front. */
  readonly lineOffset: number;
  readonly insertions: readonly Insertion[];
  /** Integers beyond 2^53 that are written in the script, by their digits. */
  readonly largeIntegers: readonly string[];
  /** Where the code comes from, where it was made from a script in another language. */
  readonly places?: readonly Place[];
  /** Why it has no value, should it come to none. */
  readonly noValue: string;
}

/** A script that cannot be run; positions are 1-based. */
export class ScriptSyntaxError extends Error {
  override readonly name = "SyntaxError";
  constructor(
    message: string,
    readonly line: number,
    readonly column: number,
    readonly hint?: string,
    /** The parser met what it does not know: type annotations would look like that. */
    readonly unknownSyntax = false,
  ) {
    super(message);
  }
}

const OPTIONS: Options = {
  ecmaVersion: "latest",
  sourceType: "script",
  allowReturnOutsideFunction: true,
  allowAwaitOutsideFunction: true,
  allowHashBang: false,
  locations: true,
};

/** The way out for a script that imports or exports. */
export const NO_MODULES =
  "Scripts have k8s and standard JavaScript, no modules: leave the import out, and write k8s.KubeConfig and k8s.CoreV1Api for what it names.";

/**
 * Parses and rewrites a script.
 *
 * @throws {ScriptSyntaxError} it does not parse, or it imports
 */
export function rewrite(script: string): Rewritten {
  refuseImport(script);
  const { program, object } = parseScript(script);
  const found = inspect(program);
  const edits: Edit[] = [];
  if (object) {
    insert(edits, object as AnyNode, "start", ";(");
    insert(edits, object as AnyNode, "end", ")");
  }
  const noValue = whyNoValue(program);
  if (!found.asynchronous && !found.returns) {
    const { largeIntegers } = found;
    const own = { synchronous: true, lineOffset: 0, largeIntegers, noValue };
    return { ...applyEdits(script, edits), ...own };
  }
  keepCompletion(program.body, edits);
  const head = found.asynchronous ? "(async function () {" : "(function () {";
  // Behind the variable the script's own directive would be one no longer.
  const strict = isStrict(program) ? '"use strict";' : "";
  const result = freeName(script);
  const { code, insertions } = applyEdits(
    script,
    edits.map((edit) => ({ ...edit, text: edit.text.replace(RESULT, () => result) })),
  );
  return {
    code: `${head}${strict} var ${result};\n${code}\n;return ${result};}).call(this)`,
    synchronous: !found.asynchronous,
    lineOffset: -1,
    insertions,
    largeIntegers: found.largeIntegers,
    noValue,
  };
}

function isStrict({ body }: Program): boolean {
  return body.some((node) => "directive" in node && node.directive === "use strict");
}

function freeName(script: string): string {
  let name = RESULT;
  for (let number = 1; script.includes(name); number++) name = `${RESULT}${number}`;
  return name;
}

const LINE_END = "[\\n\\r\\u2028\\u2029]";
const COMMENT = `/\\*(?:[^*]|\\*(?!/))*\\*/|(?://|<!--|-->)[^\\n\\r\\u2028\\u2029]*${LINE_END}`;
const IMPORT = new RegExp(`\\bimport(?:\\s|${COMMENT})*[.(]`);

/**
 * `import(` and `import.` as text, wherever they stand: dynamic import is the one road out of a realm
 * that a parser's disagreement with V8 could open, so comments and strings that hold it are refused
 * as well. What counts as white space here is all that V8 takes for it, HTML-like comments included.
 */
function refuseImport(script: string): void {
  const match = IMPORT.exec(script);
  if (!match) return;
  const before = script.slice(0, match.index).split("\n");
  throw new ScriptSyntaxError(
    "import is not available in scripts",
    before.length,
    (before.at(-1)?.length ?? 0) + 1,
    "Scripts have k8s and standard JavaScript, no modules; the text import( is refused also in strings and comments.",
  );
}

function parseScript(script: string): { program: Program; object?: Node } {
  try {
    const program = parse(script, OPTIONS);
    return objectForBlock(script, program, OPTIONS) ?? { program };
  } catch (error) {
    if (!(error instanceof SyntaxError) || !("loc" in error)) {
      throw new ScriptSyntaxError("the script is nested too deeply to be parsed", 1, 1);
    }
    const { pos, loc } = error as { pos?: unknown; loc: unknown };
    const ending = typeof pos === "number" && objectInsteadOfError(script, pos, OPTIONS);
    if (ending) return ending;
    const { line, column } = loc as { line: number; column: number };
    const message = error.message.replace(/ \(\d+:\d+\)$/, "");
    const module = /'import' and 'export'/.test(message);
    throw new ScriptSyntaxError(
      message,
      line,
      column + 1,
      module ? NO_MODULES : undefined,
      !module && !/^(?:Unterminated|Identifier '.*' has already)/.test(message),
    );
  }
}

function* children(node: AnyNode): Generator<AnyNode> {
  for (const value of Object.values(node)) {
    if (isNode(value)) yield value;
    else if (Array.isArray(value)) { for (const member of value) if (isNode(member)) yield member; }
  }
}

/** What a script has in it. */
interface Found {
  readonly asynchronous: boolean;
  /** It returns at its top level. */
  readonly returns: boolean;
  readonly largeIntegers: readonly string[];
}

function inspect(program: Program): Found {
  const largeIntegers: string[] = [];
  let asynchronous = false;
  let returns = false;
  const pending: { node: AnyNode; nested: boolean }[] = [
    { node: program as unknown as AnyNode, nested: false },
  ];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { node, nested } = next;
    asynchronous ||= node.type === "AwaitExpression" || node.async === true ||
      (node.type === "ForOfStatement" && node.await === true) ||
      (node.type === "Identifier" && node.name === "Promise") ||
      (node.type === "MemberExpression" && !node.computed &&
        (node.property as { name?: string }).name === "then");
    returns ||= node.type === "ReturnStatement" && !nested;
    if (node.type === "Property" && !node.computed) refuseRounded(node.key as AnyNode);
    if (node.type === "Literal" && isLargeInteger(node.value)) {
      largeIntegers.push(digitsOf(node.value, `${node.raw}`));
    }
    const inner = nested || /Function|StaticBlock|PropertyDefinition/.test(node.type);
    for (const child of children(node)) pending.push({ node: child, nested: inner });
  }
  return { asynchronous, returns, largeIntegers };
}

/** A key of an object is text: JavaScript makes it of the number, after it has rounded that. */
function refuseRounded({ value, raw, loc }: AnyNode): void {
  if (!isLargeInteger(value) || digitsOf(value, `${raw}`) === `${value}`) return;
  throw new ScriptSyntaxError(
    `JavaScript rounds the key ${raw} to ${value}`,
    loc?.start.line ?? 1,
    (loc?.start.column ?? 0) + 1,
    `Write it as a string: "${raw}".`,
  );
}

/** The digits of an integer as it is written; of one with an exponent, what JavaScript writes for it. */
function digitsOf(value: number, raw: string): string {
  const written = raw.replaceAll("_", "");
  return `${/^(?:[1-9]\d*|0[xob][\da-f]+)$/i.test(written) ? BigInt(written) : value}`;
}
