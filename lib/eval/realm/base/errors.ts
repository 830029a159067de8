/**
 * Errors in the realm: their stacks show the script alone, and the hooks through which a script
 * could see the frames of its host (`Error.prepareStackTrace`, `Error` itself) are locked.
 */
import type { AnswerError } from "../../protocol.ts";
import type { Insertion, Place } from "./host.ts";
import { sourcePlace } from "./places.ts";
import { execOf } from "../../../std/regexp.ts";

/** Name under which a script is compiled; frames of other files are not shown. */
export const SCRIPT_FILE = "script.js";

let insertions: readonly Insertion[] = [];
let places: readonly Place[] | undefined;

/** Sets what the rewrite changed, so that positions shown are those of the script as sent. */
export function setPlaces(inserted: readonly Insertion[], made?: readonly Place[]): void {
  insertions = inserted;
  places = made;
}

interface Site {
  getFileName(): string | undefined;
  getLineNumber(): number | null;
  getColumnNumber(): number | null;
  getFunctionName(): string | null;
}

/** Locks what would hand a script its host's frames. Called once, before any script. */
export function lockErrors(): void {
  const fixed = (value: unknown) => ({ value, writable: false, configurable: false });
  Object.defineProperty(Error, "prepareStackTrace", fixed(formatStack));
  for (const name of ["Error", "TypeError", "RangeError", "SyntaxError", "ReferenceError"]) {
    Object.defineProperty(globalThis, name, fixed((globalThis as Record<string, unknown>)[name]));
  }
}

/** Names of the built-in errors by their prototypes. */
const BUILT_IN: readonly (readonly [object, string])[] = [
  [TypeError.prototype, "TypeError"],
  [RangeError.prototype, "RangeError"],
  [SyntaxError.prototype, "SyntaxError"],
  [ReferenceError.prototype, "ReferenceError"],
  [URIError.prototype, "URIError"],
  [EvalError.prototype, "EvalError"],
  [AggregateError.prototype, "AggregateError"],
];

/**
 * The first line of a stack, from data alone: a getter of a script that ran here could read another
 * stack, which V8 would then format by itself, with the frames of the host.
 */
function headline(error: object): string {
  const data = (key: string) => {
    const value: unknown = Reflect.getOwnPropertyDescriptor(error, key)?.value;
    return typeof value === "string" ? value : undefined;
  };
  let name = data("name");
  const prototype = Object.getPrototypeOf(error);
  name ??= BUILT_IN.find(([builtIn]) => builtIn === prototype)?.[1];
  const message = data("message");
  return message ? `${name ?? "Error"}: ${message}` : name ?? "Error";
}

function formatStack(error: object, sites: readonly Site[]): string {
  let text = headline(error);
  for (const site of sites) {
    if (site.getFileName() !== SCRIPT_FILE) continue;
    const position = original(site.getLineNumber() ?? 0, site.getColumnNumber() ?? 0);
    const called = site.getFunctionName();
    const place = `${SCRIPT_FILE}:${position.line}:${position.column}`;
    text += called ? `\n    at ${called} (${place})` : `\n    at ${place}`;
  }
  return text;
}

/** A position of the rewritten script in the script as sent. Lines are the same. */
function original(line: number, column: number) {
  let shift = 0;
  for (const insertion of insertions) {
    if (insertion.line !== line) continue;
    // Columns of V8 start at 1, those of an insertion at 0.
    if (insertion.column + shift < column - 1) shift += insertion.length;
  }
  const own = column - shift < 1 ? 1 : column - shift;
  return places ? sourcePlace(places, line, own) : { line, column: own };
}

/** `TypeError: x is not a function`; whatever was thrown, also what throws when it is looked at. */
export function describeThrown(error: unknown): string {
  const { name, message } = nameAndMessage(error);
  return message === "" ? name : `${name}: ${message}`;
}

/** Characters of an error's name and message that are told. */
const TOLD = 8 * 1024;

function nameAndMessage(error: unknown): { name: string; message: string } {
  const { name, message } = readError(error);
  return { name: name.slice(0, 100), message: message.slice(0, TOLD) };
}

function readError(error: unknown): { name: string; message: string } {
  try {
    if (typeof error === "object" && error !== null && "message" in error) {
      const { name, message } = error as { name?: unknown; message?: unknown };
      return {
        name: typeof name === "string" && name !== "" ? name : "Error",
        message: typeof message === "string" ? message : "",
      };
    }
    if (typeof error === "string") return { name: "Error", message: error };
    return { name: "Error", message: JSON.stringify(error) ?? `thrown: ${typeof error}` };
  } catch {
    return { name: "Error", message: "the thrown value cannot be read" };
  }
}

/** What can be told of a thrown value: name, message, and where in the script. */
export function inspectThrown(error: unknown): {
  name: string;
  message: string;
  hint?: string;
  line?: number;
  column?: number;
} {
  const described = nameAndMessage(error);
  try {
    const { stack, hint } = Object(error) as { stack?: unknown; hint?: unknown };
    const place = typeof stack === "string" ? execOf(/script\.js:(\d+):(\d+)/, stack) : null;
    return {
      ...described,
      ...(typeof hint === "string" ? { hint } : {}),
      ...(place ? { line: +place[1]!, column: +place[2]! } : {}),
    };
  } catch {
    return described;
  }
}

/** An error of a call, `instanceof Error`; made where the call stands, filled in when it fails. */
export function callError(): Error {
  return new Error("");
}

/** Puts into an error what the broker said; the stack is left as it was captured. */
export function fillError(error: Error, said: AnswerError): Error {
  const set = (key: string, value: unknown, enumerable: boolean) =>
    Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable });
  set("name", said.name, false);
  set("message", said.message, false);
  if (said.hint !== undefined) set("hint", said.hint, true);
  if (said.code !== undefined) {
    set("code", said.code, true);
    setElsewhere(said, (key, value) => set(key, value, false));
  }
  if (said.reason !== undefined) set("reason", said.reason, true);
  if (said.causes !== undefined && said.causes.length > 0) {
    // Through JSON, so that the objects are the realm's own copies.
    set("causes", JSON.parse(JSON.stringify(said.causes)), true);
  }
  return error;
}

/** The status by the names that other clients have for it; not shown where the error is printed. */
function setElsewhere(
  { code, message, reason }: AnswerError,
  set: (key: string, value: unknown) => void,
): void {
  const body = { kind: "Status", status: "Failure", message, reason, code };
  set("status", code);
  set("statusCode", code);
  set("body", body);
  set("response", { status: code, statusCode: code, body });
}

/** An error of the SDK itself, thrown at once. */
export function usageError(name: string, message: string, hint?: string): Error {
  const error = callError();
  Error.captureStackTrace?.(error, usageError);
  return fillError(error, { name, message, ...(hint ? { hint } : {}) });
}

/** Two hints in one. */
export function joinHints(...hints: (string | undefined)[]): string | undefined {
  return hints.filter((hint) => hint).join(" ") || undefined;
}

/** A value in an error's text, cut short. */
export function shown(value: unknown): string {
  let text: string;
  try {
    text = typeof value === "string"
      ? `"${value}"`
      // JSON has no NaN, and no large integers.
      : typeof value === "number" || typeof value === "bigint"
      ? `${value}`
      : JSON.stringify(value) ?? typeof value;
  } catch {
    text = typeof value;
  }
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
