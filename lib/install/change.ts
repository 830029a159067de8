/**
 * From the text of a configuration to the text that it is to have. The result is parsed, and must be
 * what was there with our entry added or taken out, and nothing else. Pure.
 */
import { isDeepStrictEqual } from "node:util";
import { type Entry, isRecord, keptVariables, mergeEntry, startsKubecode } from "./entry.ts";
import { ConfigFault, type Format } from "./formats/format.ts";
import { JSON_FORMAT } from "./formats/json.ts";
import { TOML_FORMAT } from "./formats/toml.ts";
import { YAML_FORMAT } from "./formats/yaml.ts";
import type { FormatName } from "./clients.ts";

const FORMATS: Readonly<Record<FormatName, Format>> = {
  json: JSON_FORMAT,
  yaml: YAML_FORMAT,
  toml: TOML_FORMAT,
};

/** Where an entry stands in a configuration, and what it is to be. */
export interface Target {
  readonly format: FormatName;
  /** The key of the map of servers. */
  readonly key: string;
  /** The name of the entry in it. */
  readonly name: string;
  /** The words that start this program: an entry that begins with them is ours. */
  readonly start: readonly string[];
  /** Somebody else's entry of that name may be replaced or removed. */
  readonly force: boolean;
}

/** What is to be done to a text. */
export type TextChange =
  /** It is as it is to be, with variables of settings that an earlier change or a person has set. */
  | { readonly kind: "none"; readonly kept?: readonly string[] }
  | {
    readonly kind: "change";
    readonly text: string;
    /** The entry that was there, and the one that is there then. */
    readonly before?: Entry;
    readonly after?: Entry;
    /** The one that was there is not ours. */
    readonly foreign: boolean;
  };

/** @throws {ConfigFault} the text cannot be read or edited, or somebody else's entry has the name */
export function addEntry(text: string, target: Target, wanted: Entry): TextChange {
  const format = FORMATS[target.format];
  const { root, servers, before } = look(text, target);
  const foreign = before !== undefined && !startsKubecode(before, target.start);
  if (foreign && !target.force) throw foreignFault(target);
  const after = isRecord(before) && !foreign ? mergeEntry(before, wanted) : wanted;
  if (isSame(before, after)) return { kind: "none", kept: keptVariables(after, wanted) };
  const changed = format.set(text, target.key, target.name, after);
  const expected = { ...root, [target.key]: { ...servers, [target.name]: after } };
  verify(format, changed, expected, target);
  return {
    kind: "change",
    text: changed,
    ...(isRecord(before) ? { before } : {}),
    after,
    foreign,
  };
}

/** @throws {ConfigFault} the text cannot be read or edited, or somebody else's entry has the name */
export function removeEntry(text: string, target: Target): TextChange {
  const format = FORMATS[target.format];
  const { root, servers, before } = look(text, target);
  if (before === undefined) return { kind: "none" };
  const foreign = !startsKubecode(before, target.start);
  if (foreign && !target.force) throw foreignFault(target);
  const changed = format.remove(text, target.key, target.name);
  const { [target.name]: _, ...others } = servers ?? {};
  const { [target.key]: __, ...rest } = root;
  const isEmpty = Object.keys(others).length === 0;
  const expected = { ...root, [target.key]: others };
  if (!(isEmpty && isSame(format.parse(changed), rest))) {
    verify(format, changed, expected, target);
  }
  return { kind: "change", text: changed, ...(isRecord(before) ? { before } : {}), foreign };
}

/** An entry as lines for a person. */
export function showEntry({ format, key, name }: Target, entry: Entry): string[] {
  return FORMATS[format].show(key, name, entry).split("\n");
}

/** The whole text of a configuration that has nothing but an entry. */
export function entryAlone({ format, key, name }: Target, entry: Entry): string {
  return FORMATS[format].set("", key, name, entry);
}

function look(text: string, { format, key, name }: Target) {
  const root = FORMATS[format].parse(text);
  if (!isRecord(root)) throw new ConfigFault("the file must be an object");
  const servers = Object.hasOwn(root, key) ? root[key] : undefined;
  if (servers !== undefined && !isRecord(servers)) {
    // YAML: a key with nothing behind it.
    if (!(format === "yaml" && servers === null)) {
      throw new ConfigFault(`"${key}" must be an object`);
    }
  }
  const map = isRecord(servers) ? servers : undefined;
  return { root, servers: map, before: map && Object.hasOwn(map, name) ? map[name] : undefined };
}

/** What was changed must be what was meant, whatever the text was like. */
function verify(format: Format, text: string, expected: unknown, { key, name }: Target): void {
  let value: unknown;
  try {
    value = format.parse(text);
  } catch (error) {
    if (!(error instanceof ConfigFault)) throw error;
  }
  if (isSame(value, expected)) return;
  throw new ConfigFault(
    `it is written in a way in which "${key}.${name}" cannot be changed: do it by hand`,
  );
}

/** Whether two values are the same, whatever the order of keys and the prototypes of objects. */
function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((member, at) => isSame(member, b[at]));
  }
  // Dates are compared by what they are.
  if (!isRecord(a) || !isRecord(b) || a instanceof Date) return isDeepStrictEqual(a, b);
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]));
}

function foreignFault({ key, name }: Target): ConfigFault {
  return new ConfigFault(`"${key}.${name}" is there already, and does not start kubecode`, {
    hint: "Choose another name by --name, or replace it by --force.",
  });
}
