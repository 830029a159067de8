/**
 * Scripts that may be TypeScript: parsed as JavaScript first, and only when that fails are the types
 * replaced by white space (so that every position stays) and the rest parsed again. What is more than
 * types (enums, namespaces, parameter properties) is made into code, with a map of what comes from where.
 *
 * Runs in a sandbox child that has given up its permissions: a script is hostile, and what strips
 * its types is a large parser. The parser is loaded when a script needs it.
 */
import { getLineInfo } from "acorn";
import type { Place } from "../realm/base/host.ts";
import { sourcePlace } from "../realm/base/places.ts";
import { readMappings } from "./source_map.ts";
import { NO_MODULES, rewrite, type Rewritten, ScriptSyntaxError } from "./rewrite.ts";

export { rewrite, ScriptSyntaxError };

/**
 * Parses and rewrites a script, TypeScript included.
 *
 * @throws {ScriptSyntaxError} it does not parse, or it imports; of the two parsers' errors the one
 *   that helps more
 */
export async function rewriteTyped(script: string): Promise<Rewritten> {
  let failure: ScriptSyntaxError | undefined;
  try {
    const rewritten = rewrite(script);
    if (!TYPE_ARGUMENTS.test(script)) return rewritten;
  } catch (error) {
    if (!(error instanceof ScriptSyntaxError) || !error.unknownSyntax) throw error;
    failure = error;
  }
  const stripped = await stripTypes(script);
  if (stripped.ok) {
    // What has no types to strip fails, or does not, as the JavaScript that it is.
    if (stripped.code === script && failure) throw failure;
    return rewrite(stripped.code);
  }
  if (stripped.error?.unsupported) {
    const made = await transformTypes(script);
    if (made) return rewriteMade(made);
  }
  if (failure === undefined) return rewrite(script);
  throw moreHelpful(failure, stripped.error);
}

/**
 * `new Set<string>(names)` is JavaScript too: two comparisons. Nobody means them, and the name of a
 * type is no variable; found in a string or comment it costs the attempt and nothing else.
 */
const TYPE_ARGUMENTS =
  /[\w$]<(?:string|number|boolean|any|unknown|object|bigint|Record<|Array<|Map<|Set<|\[|\{)[^;]{0,200}?>\(/;

/** The error of whoever got further, for the other one failed at what it does not know. */
function moreHelpful(plain: ScriptSyntaxError, typed: StripError | undefined): ScriptSyntaxError {
  const { message, line, column } = plain;
  if (typed === undefined) {
    return new ScriptSyntaxError(message, line, column, "As TypeScript it is nested too deeply.");
  }
  const further = typed.line > line || (typed.line === line && typed.column > column);
  if (!typed.unsupported && !further) return plain;
  const hint = typed.unsupported
    ? "Write it as JavaScript."
    : /^'import'/.test(typed.message)
    ? NO_MODULES
    : undefined;
  return new ScriptSyntaxError(typed.message, typed.line, typed.column, hint);
}

interface StripError {
  readonly message: string;
  /** 1-based, in the script as sent. */
  readonly line: number;
  readonly column: number;
  /** TypeScript that is more than annotations: enums, namespaces, parameter properties. */
  readonly unsupported: boolean;
}

/** `error` is left out where the parser itself gave up: nested too deeply, or a fault of its own. */
type Stripped = { readonly ok: true; readonly code: string } | {
  readonly ok: false;
  readonly error?: StripError;
};

type Amaro = typeof import("amaro");
type Transform = Amaro["transformSync"];

/** A script is the body of a function: it may return and await. Cut off again, length for length. */
const HEAD = "async function $(){\n";
const TAIL = "\n}";

/** The script with white space in place of its types: every line and column as before. */
async function stripTypes(script: string): Promise<Stripped> {
  // CommonJS: bundled it has nothing but the default export.
  const { transformSync } = (await import("amaro") as unknown as { default: Amaro }).default;
  const stripped = transform(transformSync, script);
  if (stripped.ok) return stripped;
  const { error } = stripped;
  const narrow = script.replace(WIDE, " ").replace(NOT_ASCII, "x");
  if (error === undefined || narrow === script) return stripped;
  // Its columns are those of a terminal: asked again with text in which each character has one.
  const again = transform(transformSync, narrow);
  if (again.ok || again.error?.message !== error.message) return stripped;
  return { ok: false, error: { ...again.error, ...placeOf(script, again.error) } };
}

/** A script as JavaScript, and where its parts come from. */
interface Made {
  readonly code: string;
  readonly places: readonly Place[];
}

/** The script with code in place of what is more than types; undefined where that cannot be made. */
async function transformTypes(script: string): Promise<Made | undefined> {
  const { transformSync } = (await import("amaro") as unknown as { default: Amaro }).default;
  try {
    const { code, map } = transformSync(`${HEAD}${script}${TAIL}`, {
      mode: "transform",
      sourceMap: true,
    });
    const { mappings } = JSON.parse(map ?? "{}") as { mappings?: string };
    if (mappings === undefined) return undefined;
    const last = script.split("\n").length + 1;
    return {
      code: code.slice(code.indexOf("\n") + 1, code.lastIndexOf("}")),
      // The head has a line of its own, in the code as in the script.
      places: readMappings(mappings)
        .filter(([line, , sourceLine]) => line > 1 && sourceLine > 1 && sourceLine <= last)
        .map(([line, column, sourceLine, sourceColumn]) =>
          [line - 1, column, sourceLine - 1, sourceColumn] as const
        ),
    };
  } catch (thrown) {
    // Its error is that of the attempt before, or less helpful.
    crashed ||= isCrash(thrown);
    return undefined;
  }
}

/** @throws {ScriptSyntaxError} at its place in the script as sent */
function rewriteMade({ code, places }: Made): Rewritten {
  try {
    return { ...rewrite(code), places };
  } catch (error) {
    if (!(error instanceof ScriptSyntaxError)) throw error;
    const { line, column } = sourcePlace(places, error.line, error.column);
    throw new ScriptSyntaxError(error.message, line, column, error.hint);
  }
}

/** White space that is not one column wide. */
const WIDE = /[^\S\n ]/g;
const NOT_ASCII = /[^\n\x20-\x7e]/g;

function transform(transformSync: Transform, script: string): Stripped {
  let code: string;
  try {
    code = transformSync(`${HEAD}${script}${TAIL}`, { mode: "strip-only" }).code;
  } catch (thrown) {
    return { ok: false, error: readError(thrown, script) };
  }
  // Positions are promised, not proven: what does not keep them is not used.
  const kept = code.length === HEAD.length + script.length + TAIL.length && code.startsWith(HEAD);
  if (!kept) return { ok: false };
  return { ok: true, code: keepEnds(script, code.slice(HEAD.length, -TAIL.length)) };
}

/** A semicolon, and behind it what would otherwise continue the line before it. */
const END = /;(?=(\s*)[[(`+\-/])/g;

/**
 * In `a = 1⏎type T = X⏎;[b] = c` the semicolon goes with the type (swc 1.x), and the two lines become
 * one statement: put back where what follows it is code.
 */
function keepEnds(script: string, code: string): string {
  let mended = "";
  let from = 0;
  for (const { index, 1: space } of script.matchAll(END)) {
    const next = index + 1 + (space ?? "").length;
    if (code[index] !== " " || code[next] !== script[next]) continue;
    mended += `${code.slice(from, index)};`;
    from = index + 1;
  }
  return mended + code.slice(from);
}

let crashed = false;

/** Whether the parser of types has crashed: its memory is not put right then, and it is not to be used again. */
export function hasCrashed(): boolean {
  return crashed;
}

function isCrash(thrown: unknown): boolean {
  return thrown instanceof RangeError || thrown instanceof WebAssembly.RuntimeError;
}

/** What swc throws: an object with 1-based lines and 0-based columns; another error is its crash. */
function readError(thrown: unknown, script: string): StripError | undefined {
  crashed ||= isCrash(thrown);
  if (isCrash(thrown)) return undefined;
  const { code, message, startLine, startColumn } = Object(thrown) as Record<string, unknown>;
  if (typeof message !== "string" || typeof startLine !== "number") throw thrown;
  const lines = script.split("\n");
  const unsupported = code === "UnsupportedSyntax";
  // The head has a line of its own; what is met in the tail was missed at the end of the script.
  if (startLine - 1 > lines.length) {
    const end = getLineInfo(script, script.length);
    const { line, column } = { line: end.line, column: end.column + 1 };
    return { message: "Unexpected end of the script", line, column, unsupported };
  }
  return { message, line: startLine - 1, column: Number(startColumn) + 1, unsupported };
}

/** Lines as ECMAScript counts them, from lines that end in a line feed only. */
function placeOf(script: string, { line, column }: StripError): { line: number; column: number } {
  let start = 0;
  for (let before = 1; before < line; before++) start = script.indexOf("\n", start) + 1;
  const place = getLineInfo(script, Math.min(start + column - 1, script.length));
  return { line: place.line, column: place.column + 1 };
}
