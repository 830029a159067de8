/**
 * Redaction of parsed values: the plain form of what json_bytes.ts does to large answers in one pass.
 * A value in which nothing is hidden is returned itself. Pure.
 */
import { Buffer } from "node:buffer";
import { envStrength } from "../detect/fragments.ts";
import { type NameStrength, nameStrength } from "../detect/names.ts";
import { flagStrength, redactOptions } from "./arguments.ts";
import { DEPTH_LIMIT, isDeep, isJson } from "./nested_json.ts";
import { patternSpans } from "../detect/patterns.ts";
import { replaceSpans } from "../detect/spans.ts";
import { redactText } from "../detect/text.ts";
import type { Tokens } from "../tokens.ts";
import { areCertificates, CONTINUE, isCredentialValue } from "../detect/values.ts";
import { isRecord } from "../../std/json.ts";

/** What is known of the place where a value stands. */
export interface Place {
  /** The answer is of Secrets, whose lists do not say so of each item. */
  readonly secrets: boolean;
  /** It is in an array under `managedFields` that is no record of managers: nothing in it is one. */
  readonly unmanaged?: true;
}

/** What the byte pass has found out about an object: parsing keeps only the last of repeated keys. */
interface Known {
  readonly secret: boolean;
  readonly pair: NameStrength;
}

const UNKNOWN: Known = { secret: false, pair: "none" };

/** Redacts values. */
export interface Tree {
  value(value: unknown, place: Place, known?: Known): unknown;
  /** A string under a key of this strength. */
  leaf(strength: NameStrength, text: string): string;
  key(key: string): string;
  array(values: readonly unknown[], strength: NameStrength, place: Place): readonly unknown[];
}

type JsonObject = Readonly<Record<string, unknown>>;

/** JSON in strings in JSON: deeper than that it is text. */
const NESTING_LIMIT = 8;
const LEAF_CACHE_ENTRIES = 20_000;
const LEAF_CACHE_LENGTH = 256;
/** Fields whose content is secret in any object. */
export const SEALED = new Set(["stringData", "secureJsonData"]);

/** Makes the functions over one process's tokens. */
export function createTree(tokens: Tokens): Tree {
  const walk: Walk = { tokens, leaves: new Map(), nesting: 0, depth: 0 };
  return {
    value: (value, place, known) => valueOf(walk, value, place, known),
    leaf: (strength, text) => leafOf(walk, strength, text),
    key: (key) => keyName(walk, key),
    array: (values, strength, place) => arrayOf(walk, values, strength, place),
  };
}

/** Where a walk through a value is, and what it has seen. */
interface Walk {
  readonly tokens: Tokens;
  /** What became of short strings. */
  readonly leaves: Map<string, string>;
  /** How many strings of JSON it is in. */
  nesting: number;
  depth: number;
}

/** A step down, where there is one. */
function below<Value>(walk: Walk, work: () => Value): Value | string {
  if (walk.depth >= DEPTH_LIMIT) return walk.tokens.of("nested too deep");
  walk.depth += 1;
  try {
    return work();
  } finally {
    walk.depth -= 1;
  }
}

function valueOf(walk: Walk, given: unknown, place: Place, known = UNKNOWN): unknown {
  if (typeof given === "string") return leafOf(walk, "none", given);
  if (Array.isArray(given)) return below(walk, () => arrayOf(walk, given, "none", place));
  return isRecord(given) ? below(walk, () => objectOf(walk, given, place, known)) : given;
}

function objectOf(walk: Walk, given: JsonObject, place: Place, known = UNKNOWN): JsonObject {
  if (given.kind === "Table" && Array.isArray(given.columnDefinitions)) {
    given = tableOf(walk, given);
  }
  const secret = place.secrets || known.secret || given.kind === "Secret";
  const pair = typeof given.value === "string" || typeof given.value === "number"
    ? known.pair === "none" ? strongest(given.name, given.key) : known.pair
    : "none";
  let changed = false;
  const entries = Object.entries(given).map(([name, was]): [string, unknown] => {
    let now: unknown;
    if (SEALED.has(name) && isContainer(was)) now = seal(walk, was, false);
    else if (secret && name === "data" && isContainer(was)) now = seal(walk, was, true);
    else if (name === "value" && pair !== "none" && isCredentialValue(pair, String(was))) {
      now = typeof was === "number" && pair !== "password" ? was : walk.tokens.of(String(was));
    } else now = member(walk, name, was, place);
    const shown = keyName(walk, name);
    if (now !== was || shown !== name) changed = true;
    return [shown, now];
  });
  if (Array.isArray(given.command) && Array.isArray(given.args)) {
    const args = redactOptions(given.args, given.command, walk.tokens);
    if (args !== given.args) {
      changed = true;
      const own = entries.find(([name]) => name === "args")!;
      own[1] = args.map((one, at) =>
        one === (given.args as unknown[])[at] ? (own[1] as unknown[])[at] : one
      );
    }
  }
  return changed ? Object.fromEntries(entries) : given;
}

function member(walk: Walk, name: string, was: unknown, place: Place): unknown {
  if (name === "continue" && typeof was === "string" && CONTINUE.test(was)) return was;
  const strength = nameStrength(name);
  if (typeof was === "string") return leafOf(walk, strength, was);
  if (typeof was === "number") {
    return strength === "password" && isCredentialValue(strength, String(was))
      ? walk.tokens.of(String(was))
      : was;
  }
  if (Array.isArray(was)) {
    const claims = name === "managedFields" && !place.unmanaged;
    if (claims && isManagedFields(JSON.stringify(was))) return was;
    const around: Place = claims ? { ...place, unmanaged: true } : place;
    return below(walk, () => arrayOf(walk, was, strength, around));
  }
  return valueOf(walk, was, place);
}

function arrayOf(
  walk: Walk,
  given: readonly unknown[],
  strength: NameStrength,
  place: Place,
): readonly unknown[] {
  let changed = false;
  const options = redactOptions(given, [], walk.tokens);
  const now = given.map((one, at) => {
    let redacted: unknown;
    if (Array.isArray(one)) redacted = below(walk, () => arrayOf(walk, one, strength, place));
    else if (typeof one !== "string") redacted = valueOf(walk, one, place);
    else if (options[at] !== one) redacted = options[at];
    else {
      const flag = flagStrength(given[at - 1]);
      redacted = flag !== "none" && !one.startsWith("-") && isCredentialValue(flag, one)
        ? walk.tokens.of(one)
        : leafOf(walk, strength, one);
    }
    if (redacted !== one) changed = true;
    return redacted;
  });
  return changed ? now : given;
}

function leafOf(walk: Walk, strength: NameStrength, text: string): string {
  if (text === "") return text;
  if (strength !== "none" && isCredentialValue(strength, text)) {
    if (strength !== "reference" || !(isUrl(text) || isJson(text))) return walk.tokens.of(text);
  }
  if (text.length < 5) return text;
  if (text.length > LEAF_CACHE_LENGTH || walk.nesting > 0) return content(walk, text);
  let known = walk.leaves.get(text);
  if (known === undefined) {
    known = content(walk, text);
    if (walk.leaves.size >= LEAF_CACHE_ENTRIES) walk.leaves.clear();
    walk.leaves.set(text, known);
  }
  return known;
}

/** A string by what is in it. */
function content(walk: Walk, text: string): string {
  if (isJson(text)) {
    if (isDeep(text)) return walk.tokens.of(text);
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      return redactText(text, walk.tokens.of);
    }
    if (walk.nesting >= NESTING_LIMIT) return walk.tokens.of(text);
    walk.nesting += 1;
    try {
      const redacted = valueOf(walk, parsed, { secrets: false });
      // Searched as text too: parsing kept only the last of repeated keys.
      if (redacted === parsed) return redactText(text, walk.tokens.of);
      const indent = /^\s*[[{]\r?\n([ \t]+)/.exec(text)?.[1];
      return JSON.stringify(redacted, null, indent) + (text.endsWith("\n") ? "\n" : "");
    } finally {
      walk.nesting -= 1;
    }
  }
  return redactText(text, walk.tokens.of);
}

/** All that is in a Secret's data; in base64 the bytes count, so that `stringData` is equal to it. */
function seal(walk: Walk, was: unknown, base64: boolean): unknown {
  if (was === null || was === "") return was;
  if (Array.isArray(was)) return below(walk, () => was.map((one) => seal(walk, one, base64)));
  if (isRecord(was)) {
    return below(
      walk,
      () =>
        Object.fromEntries(
          Object.entries(was).map(([k, v]) => [keyName(walk, k), seal(walk, v, base64)]),
        ),
    );
  }
  const text = String(was);
  const bytes = base64 ? Buffer.from(text, "base64") : Buffer.from(text);
  // A server shows its certificate to everybody, and scripts need its expiry date.
  if (areCertificates(bytes.toString("latin1"))) return was;
  if (!base64) return walk.tokens.of(text);
  return walk.tokens.of(bytes.toString("base64") === text ? bytes : text);
}

/** The cells of columns that are named as credentials are. */
function tableOf(walk: Walk, given: JsonObject): JsonObject {
  const strengths = (given.columnDefinitions as { name?: unknown }[]).map((column) =>
    nameStrength(String(column?.name ?? ""))
  );
  if (!strengths.some((strength) => strength !== "none") || !Array.isArray(given.rows)) {
    return given;
  }
  return {
    ...given,
    rows: given.rows.map((row) => ({
      ...row,
      cells: Array.isArray(row?.cells)
        ? row.cells.map((cell: unknown, at: number) =>
          typeof cell === "string" ? leafOf(walk, strengths[at] ?? "none", cell) : cell
        )
        : row?.cells,
    })),
  };
}

function keyName(walk: Walk, name: string): string {
  return name.length < 12 ? name : replaceSpans(name, patternSpans(name), walk.tokens.of);
}

/** Whether the entries are the API server's record of field managers: names of fields, no values. */
export function isManagedFields(json: string): boolean {
  return json.includes('"fieldsType":"FieldsV1"') && !json.includes('"v:');
}

/** What the name of a pair of name and value says. */
function strongest(name: unknown, key: unknown): NameStrength {
  const first = typeof name === "string" ? envStrength(name) : "none";
  return first === "none" && typeof key === "string" ? envStrength(key) : first;
}

function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/\S*$/i.test(text);
}

function isContainer(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
