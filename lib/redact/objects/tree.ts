/**
 * Redaction of parsed values: what json.ts does to the text of large answers in one pass, said plainly.
 * A value in which nothing is hidden is given back itself. Pure.
 */
import { Buffer } from "node:buffer";
import { envStrength, programOptions } from "../detect/fragments.ts";
import { type NameStrength, nameStrength } from "../detect/names.ts";
import { DEPTH_LIMIT, isDeep, isJson } from "./nested_json.ts";
import { patternSpans } from "../detect/patterns.ts";
import { replaceSpans, type Span, union } from "../detect/spans.ts";
import { redactText } from "../detect/text.ts";
import type { Tokens } from "../tokens.ts";
import { areCertificates, CONTINUE, isCredentialValue } from "../detect/values.ts";
import { isRecord } from "../../std/json.ts";

/** What is known of the place where a value stands. */
export interface Place {
  /** The answer is of Secrets, whose lists do not say so of each item. */
  readonly secrets: boolean;
}

/** What is known of an object beside its fields: a key given twice is parsed once. */
export interface Known {
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
  const leaves = new Map<string, string>();
  let nesting = 0;
  let depth = 0;

  /** A step down, where there is one. */
  function below<Value>(work: () => Value): Value | string {
    if (depth >= DEPTH_LIMIT) return tokens.of("nested too deep");
    depth += 1;
    try {
      return work();
    } finally {
      depth -= 1;
    }
  }

  function value(given: unknown, place: Place, known = UNKNOWN): unknown {
    if (typeof given === "string") return leaf("none", given);
    if (Array.isArray(given)) return below(() => array(given, "none", place));
    return isRecord(given) ? below(() => object(given, place, known)) : given;
  }

  function object(given: JsonObject, place: Place, known = UNKNOWN): JsonObject {
    if (given.kind === "Table" && Array.isArray(given.columnDefinitions)) given = table(given);
    const secret = place.secrets || known.secret || given.kind === "Secret";
    const pair = typeof given.value === "string" || typeof given.value === "number"
      ? known.pair === "none" ? strongest(given.name, given.key) : known.pair
      : "none";
    let changed = false;
    const entries = Object.entries(given).map(([name, was]): [string, unknown] => {
      let now: unknown;
      if (SEALED.has(name) && isContainer(was)) now = seal(was, false);
      else if (secret && name === "data" && isContainer(was)) now = seal(was, true);
      else if (name === "value" && pair !== "none" && isCredentialValue(pair, String(was))) {
        now = typeof was === "number" && pair !== "password" ? was : tokens.of(String(was));
      } else now = member(name, was, place);
      const shown = key(name);
      if (now !== was || shown !== name) changed = true;
      return [shown, now];
    });
    if (Array.isArray(given.command) && Array.isArray(given.args)) {
      const args = optionsOf(given.args, given.command);
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

  function member(name: string, was: unknown, place: Place): unknown {
    if (name === "continue" && typeof was === "string" && CONTINUE.test(was)) return was;
    const strength = nameStrength(name);
    if (typeof was === "string") return leaf(strength, was);
    if (typeof was === "number") {
      return strength === "password" && isCredentialValue(strength, String(was))
        ? tokens.of(String(was))
        : was;
    }
    if (Array.isArray(was)) {
      return name === "managedFields" && isManagedFields(JSON.stringify(was))
        ? was
        : below(() => array(was, strength, place));
    }
    return value(was, place);
  }

  function array(
    given: readonly unknown[],
    strength: NameStrength,
    place: Place,
  ): readonly unknown[] {
    let changed = false;
    const options = optionsOf(given, []);
    const now = given.map((one, at) => {
      let redacted: unknown;
      if (Array.isArray(one)) redacted = below(() => array(one, strength, place));
      else if (typeof one !== "string") redacted = value(one, place);
      else if (options[at] !== one) redacted = options[at];
      else {
        const flag = flagStrength(given[at - 1]);
        redacted = flag !== "none" && !one.startsWith("-") && isCredentialValue(flag, one)
          ? tokens.of(one)
          : leaf(strength, one);
      }
      if (redacted !== one) changed = true;
      return redacted;
    });
    return changed ? now : given;
  }

  /** Arguments with the passwords replaced that are such by the program that they are given to. */
  function optionsOf(given: readonly unknown[], command: readonly unknown[]): readonly unknown[] {
    if (!given.some(isShortOption)) return given;
    const words = [...command, ...given].map((one) =>
      typeof one === "string" ? one.replaceAll(/\s/g, "\u0001") : ""
    );
    const spans: Span[] = [];
    programOptions(words.join(" "), spans);
    if (spans.length === 0) return given;
    let start = 0;
    let next = 0;
    const inOrder = union(spans);
    const redacted = words.map((word, at) => {
      const own: Span[] = [];
      for (; inOrder[next] && inOrder[next]!.end <= start + word.length; next++) {
        const span = inOrder[next]!;
        if (span.start >= start) own.push({ start: span.start - start, end: span.end - start });
      }
      start += word.length + 1;
      const was = at < command.length ? command[at] : given[at - command.length];
      return own.length > 0 ? replaceSpans(was as string, own, tokens.of) : was;
    });
    return redacted.slice(command.length);
  }

  function leaf(strength: NameStrength, text: string): string {
    if (text === "") return text;
    if (strength !== "none" && isCredentialValue(strength, text)) {
      if (strength !== "reference" || !(isUrl(text) || isJson(text))) return tokens.of(text);
    }
    if (text.length < 5) return text;
    if (text.length > LEAF_CACHE_LENGTH || nesting > 0) return content(text);
    let known = leaves.get(text);
    if (known === undefined) {
      known = content(text);
      if (leaves.size >= LEAF_CACHE_ENTRIES) leaves.clear();
      leaves.set(text, known);
    }
    return known;
  }

  /** A string by what is in it. */
  function content(text: string): string {
    if (isJson(text)) {
      if (isDeep(text)) return tokens.of(text);
      let parsed: unknown;
      try {
        parsed = JSON.parse(text);
      } catch {
        return redactText(text, tokens.of);
      }
      if (nesting >= NESTING_LIMIT) return tokens.of(text);
      nesting += 1;
      try {
        const redacted = value(parsed, { secrets: false });
        // As a text too: of a key given twice only the last was looked at.
        if (redacted === parsed) return redactText(text, tokens.of);
        const indent = /^\s*[[{]\r?\n([ \t]+)/.exec(text)?.[1];
        return JSON.stringify(redacted, null, indent) + (text.endsWith("\n") ? "\n" : "");
      } finally {
        nesting -= 1;
      }
    }
    return redactText(text, tokens.of);
  }

  /** All that is in a Secret's data; in base64 the bytes count, so that `stringData` is equal to it. */
  function seal(was: unknown, base64: boolean): unknown {
    if (was === null || was === "") return was;
    if (Array.isArray(was)) return below(() => was.map((one) => seal(one, base64)));
    if (isRecord(was)) {
      return below(() =>
        Object.fromEntries(Object.entries(was).map(([k, v]) => [key(k), seal(v, base64)]))
      );
    }
    const text = String(was);
    const bytes = base64 ? Buffer.from(text, "base64") : Buffer.from(text);
    // What a server shows to whoever asks; when it ends is a question that scripts answer.
    if (areCertificates(bytes.toString("latin1"))) return was;
    if (!base64) return tokens.of(text);
    return tokens.of(bytes.toString("base64") === text ? bytes : text);
  }

  /** The cells of columns that are named as credentials are. */
  function table(given: JsonObject): JsonObject {
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
            typeof cell === "string" ? leaf(strengths[at] ?? "none", cell) : cell
          )
          : row?.cells,
      })),
    };
  }

  function key(name: string): string {
    return name.length < 12 ? name : replaceSpans(name, patternSpans(name), tokens.of);
  }

  return { value, leaf, key, array };
}

/** Whether the entries are the API server's own record of who set what: names of fields, no values. */
export function isManagedFields(json: string): boolean {
  return json.includes('"fieldsType":"FieldsV1"') && !json.includes('"v:');
}

/** The strength of an argument that says what the next one is. */
export function flagStrength(argument: unknown): NameStrength {
  return typeof argument === "string" && /^--?[A-Za-z][\w.-]*$/.test(argument)
    ? nameStrength(argument)
    : "none";
}

/** Options whose meaning hangs on the program. */
export function isShortOption(argument: unknown): boolean {
  return typeof argument === "string" && /^-(?:[apuPw]|-user$|-proxy-user$)/.test(argument);
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
