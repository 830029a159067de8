/** Nodes of YAML as yq's expressions see them: where they stand, what they are, how they are made. */
import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  Scalar,
  visit,
  YAMLMap,
  YAMLSeq,
} from "yaml";
import { YqError } from "./tokens.ts";

/** A place in a document: its node, and how that is replaced or removed. */
export interface Place {
  readonly node: Node;
  readonly document: Source;
  readonly path: readonly (string | number)[];
  set(node: Node): void;
  remove(): void;
}

/** Where a document comes from. */
export interface Source {
  readonly file: string;
  readonly fileIndex: number;
  readonly index: number;
  /** Finds what an alias stands for. */
  resolve(alias: Alias): Node | undefined;
}

/** What stands nowhere cannot be removed. */
const NO_PARENT = () => {};

/** A value that is no document's any more: what is made of it is not kept apart by documents. */
export function apart(node: Node, { document }: Pick<Place, "document">): Place {
  return loose(node, { document: { ...document, index: 0 } });
}

/** A node that stands nowhere: a value that an expression has made. */
export function loose(node: Node, { document }: Pick<Place, "document">): Place {
  const place = { node, document, path: [] as string[], remove: NO_PARENT };
  return {
    ...place,
    set(made) {
      (this as { node: Node }).node = made;
    },
  };
}

/** What an alias stands for; any other node itself. @throws {YqError} an anchor that is not there */
export function real({ node, document }: Pick<Place, "node" | "document">): Node {
  if (!isAlias(node)) return node;
  const found = document.resolve(node);
  if (found === undefined) throw new YqError(`unknown anchor ${node.source}`);
  return found;
}

/** A node for a value of JavaScript. */
export function nodeOf(value: unknown): Node {
  if (Array.isArray(value)) {
    const list = new YAMLSeq();
    list.items.push(...value.map(nodeOf));
    return list;
  }
  if (typeof value === "object" && value !== null) {
    const map = new YAMLMap();
    for (const [key, item] of Object.entries(value)) map.set(new Scalar(key), nodeOf(item));
    return map;
  }
  return new Scalar(value);
}

/** The value of a node, as JavaScript has it; integers beyond 2^53 stay whole. */
export function valueOf(place: Pick<Place, "node" | "document">): unknown {
  const node = real(place);
  const { document } = place;
  if (isScalar(node)) return node.value;
  if (isSeq(node)) return node.items.map((item) => valueOf({ node: item as Node, document }));
  if (!isMap(node)) return null;
  const entries = entriesOf({ ...place, node, path: [] } as unknown as Place);
  return Object.fromEntries(entries.map(({ key, place }) => [key, valueOf(place)]));
}

/** Whether a node counts as true: all but false and null. */
export function isTrue(place: Place): boolean {
  const node = real(place);
  return !isScalar(node) || node.value !== false && node.value !== null;
}

/** Text of a scalar, as it is printed by itself. */
export function textOf(node: Node): string {
  if (!isScalar(node)) return "";
  if (node.value === null) return node.source === "~" ? "~" : "null";
  if (typeof node.value === "string") return node.value;
  return node.source ?? String(node.value);
}

/** The kind of a node, as tags name it. */
export function tagOf(place: Place): string {
  const node = real(place);
  if (isMap(node)) return "!!map";
  if (isSeq(node)) return "!!seq";
  const value = isScalar(node) ? node.value : null;
  if (value === null) return "!!null";
  if (typeof value === "boolean") return "!!bool";
  if (typeof value === "bigint") return "!!int";
  if (typeof value === "number") return /[.eE]/.test(textOf(node)) ? "!!float" : "!!int";
  return "!!str";
}

function keyText(pair: Pair): string {
  return isScalar(pair.key) ? textOf(pair.key) : String(pair.key);
}

/** The entries of a map, with those that it merges (`<<`). */
export function entriesOf(place: Place): { key: string; place: Place; keyNode: Node }[] {
  const node = real(place);
  if (!isMap(node)) return [];
  const entries: { key: string; place: Place; keyNode: Node }[] = [];
  for (const pair of node.items) {
    const key = keyText(pair);
    const entry = { key, keyNode: pair.key as Node, place: inMap(place, node, pair) };
    entries.push(entry);
  }
  return entries;
}

function inMap(parent: Place, map: YAMLMap, pair: Pair): Place {
  return {
    node: (pair.value ?? new Scalar(null)) as Node,
    document: parent.document,
    path: [...parent.path, keyText(pair)],
    set(node) {
      (this as { node: Node }).node = node;
      pair.value = node;
    },
    remove() {
      map.items.splice(map.items.indexOf(pair), 1);
    },
  };
}

/** The items of a list. */
export function itemsOf(place: Place): Place[] {
  const node = real(place);
  return isSeq(node) ? node.items.map((_, index) => inList(place, node, index)) : [];
}

function inList(parent: Place, list: YAMLSeq, index: number): Place {
  const node = list.items[index] as Node | undefined;
  return {
    node: node ?? new Scalar(null),
    document: parent.document,
    path: [...parent.path, index],
    set(made) {
      (this as { node: Node }).node = made;
      while (list.items.length < index) list.items.push(new Scalar(null));
      list.items[index] = made;
    },
    remove() {
      const at = list.items.indexOf(node);
      if (at >= 0) list.items.splice(at, 1);
    },
  };
}

/** What stands under a key, or at an index; where there is nothing, null that can be set. */
export function child(place: Place, key: string | number): Place {
  const node = real(place);
  if (typeof key === "number" && isSeq(node)) {
    return inList(place, node, key < 0 ? Math.max(0, node.items.length + key) : key);
  }
  if (isSeq(node)) throw new YqError(`cannot index array with '${key}'`);
  if (isMap(node)) {
    const found = entriesOf(place).find((entry) => entry.key === String(key));
    if (found) return found.place;
    const merged = mergedInto(place, String(key));
    if (merged) return merged;
  } else if (isScalar(node) && node.value !== null) {
    throw new YqError(`cannot index ${tagOf(place)} with '${key}'`);
  }
  return absent(place, key);
}

/** What a map takes over by `<<`. */
function mergedInto(place: Place, key: string): Place | undefined {
  const source = entriesOf(place).find((entry) => entry.key === "<<")?.place;
  if (!source) return undefined;
  const maps = isSeq(real(source)) ? itemsOf(source) : [source];
  for (const map of maps) {
    const found = entriesOf(map).find((entry) => entry.key === key);
    if (found) return found.place;
  }
  return undefined;
}

function absent(parent: Place, key: string | number): Place {
  return {
    node: new Scalar(null),
    document: parent.document,
    path: [...parent.path, key],
    set(node) {
      let into = real(parent);
      if (!isMap(into) && !isSeq(into)) {
        into = typeof key === "number" ? new YAMLSeq() : new YAMLMap();
        parent.set(into);
      }
      (this as { node: Node }).node = node;
      if (isMap(into)) into.set(new Scalar(key), node);
      else if (isSeq(into)) into.set(Number(key), node);
    },
    remove: NO_PARENT,
  };
}

/** The children of a map or list. */
export function childrenOf(place: Place): Place[] {
  return isMap(real(place)) ? entriesOf(place).map((entry) => entry.place) : itemsOf(place);
}

/** A node of its own, alike in all that it holds. */
export function copyOf(node: Node): Node {
  return node.clone() as Node;
}

/** Texts that another reader of YAML takes for something else: dates, and the booleans of YAML 1.1. */
const AMBIGUOUS = /^(\d{4}-\d\d?-\d\d?([Tt ].*)?|y|n|yes|no|on|off)$/i;

/** Forgets how collections and texts were written, as `-P` does. */
export function plain(node: Node): void {
  visit(node, {
    Collection: (_, collection) => void (collection.flow = false),
    Scalar(key, scalar) {
      if (key !== "key" && typeof scalar.value !== "string") return;
      if (scalar.type === "BLOCK_LITERAL" || scalar.type === "BLOCK_FOLDED") return;
      scalar.type = AMBIGUOUS.test(`${scalar.value}`) ? "QUOTE_DOUBLE" : "PLAIN";
    },
  });
}
