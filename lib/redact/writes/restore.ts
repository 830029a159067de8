/**
 * The way back: a token that is written to the very field it was read from becomes that field's value
 * again; anywhere else the write is refused. Pure.
 */
import { InputError, PolicyError } from "../../errors.ts";
import { TOKEN, TOKEN_MARK } from "../tokens.ts";
import { at, elementAt, elementNamed, fieldOf, hidesSomething, type Live, nameOf } from "./live.ts";
import { stringifyExact } from "../../std/json/exact.ts";
import { isRecord, parseJson } from "../../std/json/unknown.ts";

/** Where client-side apply keeps what it has applied. */
const LAST_APPLIED = "metadata.annotations.kubectl.kubernetes.io/last-applied-configuration";

/** Levels of a body; no object of an API has nearly as many. */
const DEPTH_LIMIT = 500;

/**
 * Whether any string or key of a parsed body holds a token.
 *
 * @throws {InputError} it is nested too deep to be looked through
 */
export function holdsTokens(value: unknown, depth = 0): boolean {
  if (typeof value === "string") return TOKEN.test(value);
  if (depth > DEPTH_LIMIT) {
    throw new InputError(
      `Cannot send the body: it is nested more than ${DEPTH_LIMIT} levels deep`,
      {
        hint: "Write only the fields that the resource has.",
      },
    );
  }
  if (Array.isArray(value)) return value.some((one) => holdsTokens(one, depth + 1));
  return isRecord(value) &&
    Object.entries(value).some(([key, child]) => TOKEN.test(key) || holdsTokens(child, depth + 1));
}

/** `[redacted:` in base64, at each of the three places that it may have in a group. */
const ENCODED_MARK = /W3JlZGFjdGVkO|tyZWRhY3RlZD|bcmVkYWN0ZWQ6/;

/**
 * Whether a body holds a token in base64, in which nothing gives it its value back: it would be stored
 * as it is, in place of the value.
 */
export function holdsEncodedTokens(body: string): boolean {
  return ENCODED_MARK.test(body);
}

/** Whether the bytes of a body may hold one, also where it is written with escapes. */
export function mayHoldTokens(body: string): boolean {
  return body.includes(TOKEN_MARK) || body.includes("\\");
}

/**
 * The body of an update, apply, or merge patch with its tokens replaced. Each must stand, as the whole
 * of its string, where the live object shows the same string: at the same keys, in a list at the element
 * of the same name, among scalars at the same index.
 *
 * The configuration that `kubectl apply` keeps in an annotation is the object's once more, as JSON: its
 * tokens stand for the object's own fields.
 *
 * @param live left out where there is none: every token is refused
 * @param whole the object that `live` is a part of
 * @throws {PolicyError} naming the path
 */
export function restore(body: unknown, live: Live | undefined, path = "", whole = live): unknown {
  if (typeof body === "string") {
    if (!TOKEN.test(body)) return body;
    if (live !== undefined && live.shown === body) return live.raw;
    const configuration = path === LAST_APPLIED ? parseJson(body) : undefined;
    if (!isRecord(configuration)) throw misplaced(path);
    return stringifyExact(restore(configuration, whole, `${path}: `));
  }
  if (Array.isArray(body)) {
    const counts = new Map<string, number>();
    return body.map((one, at) => {
      const name = nameOf(one);
      if (name === undefined) return restore(one, elementAt(live, at), `${path}[${at}]`, whole);
      const count = counts.get(name) ?? 0;
      counts.set(name, count + 1);
      return restore(one, elementNamed(live, name, count), `${path}[name=${name}]`, whole);
    });
  }
  if (!isRecord(body)) return body;
  return Object.fromEntries(
    Object.entries(body).map(([key, child]) => {
      const place = path === "" || path.endsWith(": ") ? `${path}${key}` : `${path}.${key}`;
      return [restoredKey(key, live, place), restore(child, fieldOf(live, key), place, whole)];
    }),
  );
}

/**
 * A JSON patch with the tokens of its values replaced, each by what stands at the operation's path.
 * Operations that would move a hidden value, or ask for it, are refused.
 *
 * @throws {PolicyError} naming the path
 * @see {@link https://www.rfc-editor.org/rfc/rfc6902}
 */
export function restoreJsonPatch(patch: unknown, live: Live | undefined): unknown {
  if (!Array.isArray(patch)) {
    if (holdsTokens(patch)) throw misplaced("the patch");
    return patch;
  }
  const hides = hidesSomething(live);
  let changed = false;
  return patch.map((operation) => {
    if (!isRecord(operation)) return restore(operation, undefined, "the patch");
    const { op, path, from, value } = operation;
    if (hides && op === "test" && changed) {
      // Where what is tested stood before, nobody has looked at.
      throw new PolicyError(
        `Cannot test "${String(path)}" after a change: the object holds redacted values`,
        { hint: "Put all tests at the beginning of the patch." },
      );
    }
    changed ||= op !== "test";
    if (hides && [path, from].some((pointer) => /\/(?:[-+]\d|0\d)/.test(String(pointer)))) {
      throw new PolicyError(
        `Cannot use "${String(path)}" in the patch: it has an index that is none`,
      );
    }
    if (holdsTokens([op, path, from])) throw misplaced(String(path));
    if ((op === "copy" || op === "move") && hidesSomething(at(live, from))) {
      throw new PolicyError(
        `Cannot ${op} "${String(from)}" by the patch: it holds redacted values`,
        { hint: "A redacted value stays in its field: read it there, or write a new one." },
      );
    }
    const target = at(live, path);
    if (op === "test" && hidesSomething(target) && !shows(target?.shown, value)) {
      throw new PolicyError(
        `Cannot test "${String(path)}" by the patch: it holds redacted values`,
        { hint: "Test for the token that was read there, or for metadata.resourceVersion." },
      );
    }
    if (!Object.hasOwn(operation, "value")) return operation;
    return { ...operation, value: restore(value, target, String(path)) };
  });
}

/** Whether a value is what is shown; ends at the first difference. */
function shows(shown: unknown, value: unknown): boolean {
  if (Array.isArray(shown) && Array.isArray(value)) {
    return shown.length === value.length && shown.every((one, at) => shows(one, value[at]));
  }
  if (!isRecord(shown) || !isRecord(value)) return shown === value;
  const [keys, others] = [Object.keys(shown), Object.keys(value)];
  return keys.length === others.length &&
    keys.every((key, at) => key === others[at] && shows(shown[key], value[key]));
}

function restoredKey(key: string, live: Live | undefined, path: string): string {
  if (!TOKEN.test(key)) return key;
  const field = fieldOf(live, key);
  if (field === undefined) throw misplaced(path);
  return field.rawKey;
}

function misplaced(path: string): PolicyError {
  return new PolicyError(
    `Cannot write the redacted value at "${path}": it is not what that field of the live object is shown as`,
    {
      hint:
        "A redacted value can only be written back to the field it was read from, unchanged. Leave the field out of a patch, or write a new value.",
    },
  );
}
