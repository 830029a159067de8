/** What scripts wait for, in the words of `kubectl wait --for`. Pure. */
import { shown, usageError } from "../base/errors.ts";
import { append, execOf, isArray, slice, stringify, toLower } from "../base/primordials.ts";

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
  const lower = toLower(given);
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
      const conditions = status?.conditions ?? [];
      for (let at = 0; at < conditions.length; at++) {
        const condition = conditions[at]!;
        if (toLower(condition.type ?? "") !== toLower(name)) continue;
        const seen = condition.observedGeneration ?? status?.observedGeneration;
        // What a controller said about an older form of the object does not count.
        if (seen !== undefined && seen < (metadata?.generation ?? 0)) return false;
        return toLower(condition.status ?? "") === toLower(value);
      }
      return false;
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
        (typeof found === "string" ? found : stringify(found)) === wanted;
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
    append(keys, step[1] === undefined ? step[2] ?? step[4]! : unescaped(step[1]));
    rest = slice(rest, step[0].length);
  }
  return keys;
}

function unescaped(key: string): string {
  let text = "";
  for (let at = 0; at < key.length; at++) if (key[at] !== "\\") text += key[at];
  return text;
}

function valueAt(object: unknown, keys: readonly string[]): unknown {
  let value = object;
  for (let at = 0; at < keys.length; at++) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string, unknown>)[keys[at]!];
  }
  return value;
}

/** The state of an object in a few words: its phase, and the conditions that are not met. */
export function stateOf(object: Observed | undefined): string {
  if (object === undefined) return "it does not exist";
  let text = "";
  const add = (words: string) => text += text ? `, ${words}` : words;
  const { metadata, status } = object;
  if (metadata?.deletionTimestamp) add("it is being deleted");
  if (typeof status?.phase === "string") add(`phase ${status.phase}`);
  const conditions = isArray(status?.conditions) ? status.conditions : [];
  for (let at = 0; at < conditions.length && at < 8; at++) {
    const { type, status: value, reason, message } = conditions[at]! as Condition;
    const why = value === "True"
      ? ""
      : slice(`${reason ?? ""}${message ? `: ${message}` : ""}`, 0, 160);
    add(`${type}=${value}${why ? ` (${why})` : ""}`);
  }
  return text || "it has no status";
}
