/**
 * Where in which object a value stands, as a text by which the very place is known again, in a list, a
 * watch or a table as well as alone. It is made only where a token needs it. Pure.
 *
 * Whoever may change an object must not bring a hidden value and many of his own to places of one name,
 * one after the other. Keys and the names of list members stay with their values, since a hidden value
 * can be written back nowhere else. Members without a name of their own can be moved: their place is one
 * in that very list, with all that is in it.
 */
import { createHash, randomUUID } from "node:crypto";
import { isRecord } from "../../std/json/unknown.ts";
import { stringifyExact } from "../../std/json/exact.ts";

/** What an answer is made of. */
export interface Objects {
  /** Context, group and resource: no other cluster or API may claim to speak of the same object. */
  readonly of: string;
  /** One object, a list of them, or an event of a watch. */
  readonly form: "one" | "items" | "event";
  /** Members of lists by index alone, for two states of one object that are compared. */
  readonly byIndex?: boolean;
}

/** What stands below a place, where those are objects of their own. */
type Below = "items" | "each" | "event" | "rows" | "row" | "cells";

/** A place in a document. */
export interface Spot {
  readonly above?: Spot;
  readonly step: string | number;
  readonly kind: "top" | "key" | "json" | "member";
  /** The list of which it is a member. */
  readonly list?: readonly unknown[];
  readonly below?: Below;
  readonly objects?: Objects;
  /** Kept from the first look. */
  id?: string;
  /** Whether a list around it is part of its place already. */
  tied?: boolean;
}

/** A place that is no other's, and not found again. */
export function anySpot(): Spot {
  return { kind: "top", step: randomUUID() };
}

/** The place of a whole answer. */
export function topSpot(answer: unknown, objects: Objects | undefined): Spot {
  if (objects === undefined) return anySpot();
  if (isTable(answer)) return { ...anySpot(), below: "rows", objects };
  if (objects.form === "one") return identified(answer, objects) ?? topOf([objects.of], objects);
  return { ...anySpot(), below: objects.form, objects };
}

/** The place of an object that the API server has named. */
export function objectSpot(object: unknown, objects: Objects): Spot {
  if (isTable(object)) return { ...anySpot(), below: "rows", objects };
  return identified(object, objects) ?? anySpot();
}

function identified(object: unknown, objects: Objects): Spot | undefined {
  const { metadata } = Object(object) as { readonly metadata?: unknown };
  const { uid, namespace, name } = Object(metadata) as Readonly<Record<string, unknown>>;
  if (typeof uid !== "string" && typeof name !== "string") return undefined;
  return topOf([objects.of, uid, namespace, name], objects);
}

function topOf(identity: readonly unknown[], objects: Objects): Spot {
  return { kind: "top", step: JSON.stringify(identity), objects };
}

/** The place of a field. @param value what stands there */
export function fieldSpot(above: Spot, key: string, value?: unknown): Spot {
  const { below, objects } = above;
  if (below !== undefined && objects !== undefined) {
    if (below === "items" && key === "items") return step(above, key, "each");
    if (below === "event" && key === "object") return objectSpot(value, objects);
    if (below === "rows" && key === "rows") return step(above, key, "cells");
    if (below === "row" && key === "object") return objectSpot(value, objects);
  }
  return { above, kind: "key", step: key, objects };
}

/** The place of a list's member. */
export function memberSpot(above: Spot, list: readonly unknown[], index: number): Spot {
  const { below, objects } = above;
  const member = list[index];
  if (objects !== undefined && below === "each") return objectSpot(member, objects);
  if (objects !== undefined && below === "cells") {
    const row = objectSpot(Object(member).object, objects);
    return { above: row, kind: "member", step: "row", below: "row", objects };
  }
  return { above, kind: "member", step: index, list, objects };
}

/** The place of the document that a string holds. */
export function innerSpot(above: Spot): Spot {
  return { above, kind: "json", step: "", objects: above.objects };
}

/** The text of a place: no two places have the same. */
export function idOf(spot: Spot): string {
  return spot.id ??= hash([
    spot.above === undefined ? "" : idOf(spot.above),
    spot.kind,
    ...partsOf(spot),
  ]);
}

function partsOf(spot: Spot): readonly (string | number)[] {
  const { list, step, above, objects } = spot;
  if (list === undefined) return [step];
  if (isNamed(list, step)) return ["name", String(nameOf(list[Number(step)]))];
  // One list is enough: the lists within it are a part of it.
  return objects?.byIndex || isTied(above) ? [step] : [step, known(list).content()];
}

/** Whether an enclosing list with all that is in it is a part of the place. */
function isTied(spot: Spot | undefined): boolean {
  if (spot === undefined) return false;
  return spot.tied ??= isTied(spot.above) ||
    (spot.list !== undefined && !isNamed(spot.list, spot.step));
}

function isNamed(list: readonly unknown[], index: string | number): boolean {
  const name = nameOf(list[Number(index)]);
  return name !== undefined && known(list).names.get(name) === 1;
}

/** What is known of a list. */
interface Known {
  /** How many members have a name. */
  readonly names: ReadonlyMap<string, number>;
  /** A hash of all that is in it. */
  content(): string;
}

const lists = new WeakMap<object, Known>();

function known(list: readonly unknown[]): Known {
  let found = lists.get(list);
  if (found !== undefined) return found;
  const names = new Map<string, number>();
  for (const member of list) {
    const name = nameOf(member);
    if (name !== undefined) names.set(name, (names.get(name) ?? 0) + 1);
  }
  let content: string | undefined;
  found = { names, content: () => content ??= contentOf(list) };
  lists.set(list, found);
  return found;
}

function contentOf(list: readonly unknown[]): string {
  try {
    return hash([stringifyExact(list)]);
  } catch {
    // Nested too deep: not found again then.
    return randomUUID();
  }
}

function nameOf(member: unknown): string | undefined {
  return isRecord(member) && typeof member.name === "string" ? member.name : undefined;
}

function step(above: Spot, key: string, below: Below): Spot {
  return { above, kind: "key", step: key, below, objects: above.objects };
}

function isTable(answer: unknown): boolean {
  return isRecord(answer) && answer.kind === "Table" && Array.isArray(answer.rows);
}

function hash(parts: readonly (string | number)[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64");
}
