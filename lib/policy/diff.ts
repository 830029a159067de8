/** What differs between two states of an object, one line a field. Pure. */
import type { KubeObject } from "../kube/types.ts";
import { shown } from "../std/shown.ts";
import { shortPath } from "../std/paths.ts";
import { stringifyExact } from "../std/json/exact.ts";

/** What the server itself writes at each change: no difference that anybody asked for. */
const SERVER_FIELDS = [
  "creationTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "selfLink",
  "uid",
];

/** Longest value that is written out. */
const VALUE_CHARACTERS = 200;
/** The same of the part of a long text in which it changes. */
const CHANGE_CHARACTERS = 1_500;
/** What is shown of a long text on both sides of that part. */
const BESIDE_CHARACTERS = 40;

/**
 * The fields that differ, each as `spec.replicas: 2 → 5`; a field that comes or goes as `+ …` or
 * `- …`. Members of a list are identified by name where all have one, else by position.
 * What the server writes by itself is left out: most of metadata's own fields, and the status
 * unless it is what is changed.
 *
 * @param before left out: the object is made
 * @param after left out: the object goes
 */
export function diffObjects(
  before: KubeObject | undefined,
  after: KubeObject | undefined,
  options: { readonly status?: boolean } = {},
): string[] {
  const old = fieldsOf(comparable(before, options.status ?? false));
  const young = fieldsOf(comparable(after, options.status ?? false));
  const lines: string[] = [];
  for (const [path, value] of old.values) {
    const now = young.values.get(path);
    if (now === undefined) lines.push(`- ${path}: ${shorten(value)}`);
    else if (now !== value) lines.push(`${path}: ${changeOf(value, now)}`);
  }
  for (const [path, value] of young.values) {
    if (!old.values.has(path)) {
      lines.push(`${before === undefined ? "" : "+ "}${path}: ${shorten(value)}`);
    }
  }
  for (const [path, names] of old.orders) {
    const [mine, theirs] = [new Set(names), new Set(young.orders.get(path))];
    const now = young.orders.get(path)?.filter((name) => mine.has(name));
    const were = names.filter((name) => theirs.has(name));
    if (now === undefined || now.join("\0") === were.join("\0")) continue;
    lines.push(`${path}: order ${shorten(were.join(", "))} → ${shorten(now.join(", "))}`);
  }
  return lines;
}

/**
 * Who owns fields by another name than our own and would not do so any more, or only now: ownership
 * decides which fields a later apply takes away (KEP-555).
 *
 * @param manager our own field manager, whose entries change with each write
 * @param named the one that the plan names beside the change: that it owns fields now is no news
 */
export function diffOwners(
  before: KubeObject | undefined,
  after: KubeObject | undefined,
  manager: string,
  named: unknown = manager,
): string[] {
  const [old, young] = [ownersOf(before), ownersOf(after)];
  const lines = (owners: typeof old, known: typeof old, sign: string) =>
    [...owners].filter(([owner]) => !known.has(owner))
      .map(([owner]) => `${sign} metadata.managedFields: ${owner}`);
  const news = new Map([...young].filter(([, name]) => name !== named));
  return [...lines(old, young, "-"), ...lines(news, old, "+")];

  /** Entries as they are shown, each with its manager. */
  function ownersOf(object: KubeObject | undefined): Map<string, unknown> {
    const entries = object?.metadata?.managedFields;
    return new Map(
      (Array.isArray(entries) ? entries as Record<string, unknown>[] : [])
        .filter((entry) => entry.manager !== manager)
        .map(({ manager, operation, subresource }) =>
          [shown(JSON.stringify({ manager, operation, subresource })), manager] as const
        ),
    );
  }
}

function comparable(object: KubeObject | undefined, status: boolean): unknown {
  if (object === undefined) return undefined;
  const { apiVersion, kind, status: shown, metadata, ...rest } = object;
  // The API server leaves out a count of 0, which a reader of the plan is to see.
  const isScale = kind === "Scale" && apiVersion === "autoscaling/v1";
  if (isScale) rest.spec = { replicas: 0, ...rest.spec as object };
  const fields = Object.entries(metadata ?? {}).filter(([name]) => !SERVER_FIELDS.includes(name));
  return { metadata: Object.fromEntries(fields), ...rest, ...(status ? { status: shown } : {}) };
}

/** What an object holds, by path. */
interface Fields {
  /** Each leaf; an empty list or object is one. */
  readonly values: Map<string, string>;
  /** The names in lists whose members are identified by name. */
  readonly orders: Map<string, readonly string[]>;
}

function fieldsOf(value: unknown): Fields {
  const values = new Map<string, string>();
  const orders = new Map<string, readonly string[]>();
  const visit = (value: unknown, whole: string) => {
    const path = shortPath(whole);
    if (Array.isArray(value) && value.length > 0) {
      const names = value.map(nameOf);
      const named = names.every((name) => name !== undefined) &&
        new Set(names).size === names.length;
      if (named) orders.set(path, names.map((name) => shown(name ?? "")));
      for (const [at, member] of value.entries()) {
        visit(member, `${path}[${named ? stepOf(names[at] ?? "", /^(?!\d+$)[\w./:-]+$/) : at}]`);
      }
    } else if (typeof value === "object" && value !== null && Object.keys(value).length > 0) {
      for (const [key, member] of Object.entries(value)) {
        const step = stepOf(key, /^[\w-]+$/);
        visit(member, path === "" ? step : `${path}.${step}`);
      }
    } else if (value !== undefined && path !== "") {
      values.set(path, shown(stringifyExact(value)));
    }
  };
  visit(value, "");
  return { values, orders };
}

/** A key as a step of a path; as JSON where it could be taken for more than one step, or a number. */
function stepOf(key: string, plain: RegExp): string {
  return shortPath(plain.test(key) ? key : shown(JSON.stringify(key)));
}

/** By what a member of a list goes in the API: names of containers, ports and variables, keys, types. */
function nameOf(member: unknown): string | undefined {
  if (typeof member !== "object" || member === null) return undefined;
  const { name } = member as { name?: unknown };
  return typeof name === "string" ? name : undefined;
}

/** `a → b`; of long texts all between the first and the last difference. */
function changeOf(old: string, young: string): string {
  if (old.length <= VALUE_CHARACTERS && young.length <= VALUE_CHARACTERS) {
    return `${old} → ${young}`;
  }
  const shorter = Math.min(old.length, young.length);
  let head = 0;
  while (head < shorter && old[head] === young[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && old.at(-1 - tail) === young.at(-1 - tail)) tail += 1;
  const from = Math.max(head - BESIDE_CHARACTERS, 0);
  const kept = Math.max(tail - BESIDE_CHARACTERS, 0);
  const part = (text: string) =>
    `${from > 0 ? "…" : ""}${shorten(text.slice(from, text.length - kept), CHANGE_CHARACTERS)}${
      kept > 0 ? "…" : ""
    }`;
  return `${part(old)} → ${part(young)}`;
}

function shorten(text: string, characters = VALUE_CHARACTERS): string {
  if (text.length <= characters) return text;
  return `${text.slice(0, characters)}… (${text.length - characters}${CUT}`;
}

const CUT = " characters more)";

/** Whether a value of a line was too long to be written out. */
export function isCut(line: string): boolean {
  return line.includes(CUT);
}
