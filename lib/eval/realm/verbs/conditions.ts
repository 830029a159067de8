/** What scripts wait for, in the words of `kubectl wait --for`. Pure. */
import { shown, usageError } from "../base/errors.ts";
import { execOf } from "../../../std/regexp.ts";
import { copyOf } from "../base/script_values.ts";

/** An object, as far as conditions look at it. */
export interface Observed {
  readonly metadata?: { readonly generation?: number; readonly deletionTimestamp?: string };
  readonly status?: {
    readonly phase?: unknown;
    readonly observedGeneration?: number;
    readonly conditions?: readonly Condition[];
  };
}

interface Condition {
  readonly type?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly observedGeneration?: number;
}

/** What is waited for. */
export interface Awaited {
  /** In an error: `condition Ready`. */
  readonly words: string;
  /** Whether there may be no object while waiting. */
  readonly absent: "met" | "waits" | "fails";
  /** Whether an object meets it. */
  met(object: Observed): boolean;
}

const FORMS =
  'Give a function of the object, "condition=Ready", "Available", "delete", "create" or "{.status.phase}=Running".';

/**
 * Reads `condition=NAME[=value]`, `NAME`, `delete`, `create`, `jsonpath={.path}[=value]`,
 * `{.path}[=value]`, or takes a predicate.
 */
export function readCondition(given: unknown): Awaited {
  if (typeof given === "function") {
    const predicate = given as (object: unknown) => unknown;
    return {
      words: "what the function asks for",
      absent: "fails",
      met: (object) => ask(predicate, object),
    };
  }
  if (typeof given !== "string" || given === "") {
    throw usageError("InputError", `Cannot wait for ${shown(given)}: it is no condition`, FORMS);
  }
  const lower = given.toLowerCase();
  if (lower === "delete" || lower === "deleted") {
    return { words: "deletion", absent: "met", met: () => false };
  }
  if (lower === "create" || lower === "created") {
    return { words: "creation", absent: "waits", met: () => true };
  }
  const path = execOf(/^(?:jsonpath=)?'?\{(.*?)\}'?(?:==?(.*))?$/is, given);
  if (path) return pathCondition(given, path[1]!, path[2]);
  const named = execOf(/^(?:condition=)?([\w./-]+)(?:==?(\w+))?$/i, given);
  if (!named) throw usageError("InputError", `Cannot wait for "${given}"`, FORMS);
  return namedCondition(named[1]!, named[2] ?? "True");
}

function ask(predicate: (object: unknown) => unknown, object: unknown): boolean {
  const answer = predicate(object);
  if (typeof answer === "object" && answer !== null && "then" in answer) {
    throw usageError("InputError", "Cannot wait for a promise: the function must answer at once");
  }
  return !!answer;
}

function namedCondition(name: string, value: string): Awaited {
  return {
    words: value === "True" ? `condition ${name}` : `condition ${name}=${value}`,
    absent: "fails",
    met({ metadata, status }) {
      const condition = status?.conditions?.find(({ type }) =>
        type?.toLowerCase() === name.toLowerCase()
      );
      const seen = condition?.observedGeneration ?? status?.observedGeneration;
      // What a controller said about an older form of the object does not count.
      if (seen !== undefined && seen < (metadata?.generation ?? 0)) return false;
      return condition?.status?.toLowerCase() === value.toLowerCase();
    },
  };
}

function pathCondition(given: string, path: string, value: string | undefined): Awaited {
  const keys = readPath(path);
  if (keys === undefined) {
    throw usageError(
      "InputError",
      `Cannot wait for "${given}": only fields and indexes can stand in the path`,
      "Write {.status.containerStatuses[0].ready}=true, or give a function of the object.",
    );
  }
  const wanted = value === undefined ? undefined : unquoted(value);
  return {
    words: given,
    absent: "fails",
    met(object) {
      const found = valueAt(object, keys);
      if (wanted === undefined) return found !== undefined && found !== null && found !== "";
      return found !== undefined &&
        (typeof found === "string" ? found : JSON.stringify(found)) === wanted;
    },
  };
}

function unquoted(text: string): string {
  return execOf(/^(["'])(.*)\1$/s, text)?.[2] ?? text;
}

/** `.a.b\.c[0]['d']` as its keys; undefined for any other form. */
function readPath(path: string): string[] | undefined {
  const keys: string[] = [];
  for (let rest = path[0] === "." || path[0] === "[" ? path : `.${path}`; rest !== "";) {
    const step = execOf(/^(?:\.((?:[\w/-]|\\.)+)|\[(\d+)\]|\[(["'])(.*?)\3\])/, rest);
    if (!step) return undefined;
    keys.push(step[1] === undefined ? step[2] ?? step[4]! : unescaped(step[1]));
    rest = rest.slice(step[0].length);
  }
  return keys;
}

function unescaped(key: string): string {
  return key.replaceAll("\\", "");
}

function valueAt(object: unknown, keys: readonly string[]): unknown {
  let value = object;
  for (const key of keys) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** The state of an object in a few words: its phase, and the conditions that are not met. */
export function stateOf(object: Observed | undefined): string {
  if (object === undefined) return "it does not exist";
  const words: string[] = [];
  const { metadata, status } = object;
  if (metadata?.deletionTimestamp) words.push("it is being deleted");
  if (typeof status?.phase === "string") words.push(`phase ${status.phase}`);
  // A function of the script may have put a list of its own into the object.
  const conditions = Array.isArray(status?.conditions) ? copyOf(status.conditions) : [];
  for (const { type, status: value, reason, message } of conditions.slice(0, 8) as Condition[]) {
    const why = value === "True"
      ? ""
      : `${reason ?? ""}${message ? `: ${message}` : ""}`.slice(0, 160);
    words.push(`${type}=${value}${why ? ` (${why})` : ""}`);
  }
  return words.join(", ") || "it has no status";
}
