/**
 * The way back: a token that is written to the very field it was read from becomes that field's value
 * again; anywhere else the write is refused. Pure.
 */
import { InputError, PolicyError } from "../../errors.ts";
import { TOKEN, TOKEN_MARK } from "../tokens.ts";
import { isRecord } from "../../std/json.ts";

/** An object, and its redacted form. */
export interface Live {
  readonly raw: unknown;
  readonly shown: unknown;
}

type JsonObject = Readonly<Record<string, unknown>>;

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
 * @param live left out where there is none: every token is refused
 * @throws {PolicyError} naming the path
 */
export function restore(body: unknown, live: Live | undefined, path = ""): unknown {
  if (typeof body === "string") {
    if (!TOKEN.test(body)) return body;
    if (live === undefined || live.shown !== body) throw misplaced(path);
    return live.raw;
  }
  if (Array.isArray(body)) {
    const counts = new Map<string, number>();
    return body.map((one, at) => {
      const name = nameOf(one);
      if (name === undefined) return restore(one, elementAt(live, at), `${path}[${at}]`);
      const count = counts.get(name) ?? 0;
      counts.set(name, count + 1);
      return restore(one, elementNamed(live, name, count), `${path}[name=${name}]`);
    });
  }
  if (!isRecord(body)) return body;
  return Object.fromEntries(
    Object.entries(body).map(([key, child]) => {
      const place = path === "" ? key : `${path}.${key}`;
      return [restoredKey(key, live, place), restore(child, childOf(live, key), place)];
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
    if (op === "test" && hidesSomething(target) && !shows(target, value)) {
      throw new PolicyError(
        `Cannot test "${String(path)}" by the patch: it holds redacted values`,
        { hint: "Test for the token that was read there, or for metadata.resourceVersion." },
      );
    }
    if (!Object.hasOwn(operation, "value")) return operation;
    return { ...operation, value: restore(value, target, String(path)) };
  });
}

/** The strings of a value that are shown otherwise than they are, with what is shown. */
export function hiddenStrings(live: Live, found = new Map<string, string>()): Map<string, string> {
  const { raw, shown } = live;
  if (raw === shown) return found;
  if (Array.isArray(raw) && Array.isArray(shown)) {
    raw.forEach((one, index) => hiddenStrings({ raw: one, shown: shown[index] }, found));
  } else if (isRecord(raw) && isRecord(shown)) {
    const [was, now] = [Object.entries(raw), Object.entries(shown)];
    was.forEach(([key, child], index) => {
      const pair = now[index];
      if (pair === undefined) return;
      if (pair[0] !== key) hiddenParts(key, pair[0], found);
      hiddenStrings({ raw: child, shown: pair[1] }, found);
    });
  } else if (typeof shown === "string") hiddenParts(String(raw), shown, found);
  return found;
}

/** What stood in a text where now tokens stand. */
function hiddenParts(raw: string, shown: string, found: Map<string, string>): void {
  const kept = shown.split(new RegExp(TOKEN, "g"));
  const tokens = shown.match(new RegExp(TOKEN, "g")) ?? [];
  let from = 0;
  kept.forEach((text, index) => {
    if (index === 0) {
      from = raw.startsWith(text) ? text.length : from;
      return;
    }
    const end = index === kept.length - 1 && text === "" ? raw.length : raw.indexOf(text, from);
    // JSON in a string was written anew: it is hidden as a whole.
    const part = end < 0 ? raw : raw.slice(from, end);
    if (part !== "") found.set(part, tokens[index - 1]!);
    from = end < 0 ? from : end + text.length;
  });
}

function hidesSomething(live: Live | undefined): boolean {
  return live !== undefined && live.raw !== live.shown && hiddenStrings(live).size > 0;
}

function shows({ shown }: Live = { raw: undefined, shown: undefined }, value: unknown): boolean {
  return JSON.stringify(shown) === JSON.stringify(value);
}

/** What a JSON pointer (RFC 6901) names; undefined where there is nothing. */
function at(live: Live | undefined, pointer: unknown): Live | undefined {
  if (typeof pointer !== "string" || live === undefined) return undefined;
  let found: Live | undefined = live;
  for (const part of pointer.split("/").slice(1)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    // Signs and leading zeros are no index, but a lenient server might take them for one.
    found = Array.isArray(found?.raw)
      ? /^[-+]?\d+$/.test(key) ? elementAt(found, Number(key)) : undefined
      : childOf(found, key);
    if (found === undefined) return undefined;
  }
  return found;
}

function childOf(live: Live | undefined, key: string): Live | undefined {
  if (live === undefined || !isRecord(live.raw) || !isRecord(live.shown)) return undefined;
  // Keys are in the same order on both sides; one that holds a credential is shown as its token.
  const index = Object.keys(live.shown).indexOf(key);
  if (index < 0) return undefined;
  const raw = Object.entries(live.raw)[index];
  return raw && { raw: raw[1], shown: live.shown[key] };
}

function restoredKey(key: string, live: Live | undefined, path: string): string {
  if (!TOKEN.test(key)) return key;
  const shown = live && isRecord(live.shown) ? Object.keys(live.shown).indexOf(key) : -1;
  if (shown < 0) throw misplaced(path);
  return Object.keys(live?.raw as JsonObject)[shown]!;
}

function elementAt(live: Live | undefined, index: number): Live | undefined {
  if (!Array.isArray(live?.raw) || !Array.isArray(live.shown)) return undefined;
  return index >= 0 && index < live.raw.length
    ? { raw: live.raw[index], shown: live.shown[index] }
    : undefined;
}

/** The element of that name; where several have it, the one that comes as late among them. */
function elementNamed(live: Live | undefined, name: string, count: number): Live | undefined {
  if (!Array.isArray(live?.raw) || !Array.isArray(live.shown)) return undefined;
  const { raw, shown } = live;
  const places = [...shown.keys()].filter((index) => nameOf(shown[index]) === name);
  const index = places[count];
  return index === undefined ? undefined : { raw: raw[index], shown: shown[index] };
}

function nameOf(element: unknown): string | undefined {
  return isRecord(element) && typeof element.name === "string" ? element.name : undefined;
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
