/** Functions of yq over lists and maps, whose members are chosen, put in order, counted or removed. */
import { isMap, isScalar, isSeq, Scalar, YAMLMap, YAMLSeq } from "yaml";
import { type Functions, list, listOf, value } from "./function.ts";
import {
  child,
  childrenOf,
  copyOf,
  entriesOf,
  isTrue,
  itemsOf,
  loose,
  nodeOf,
  type Place,
  real,
  textOf,
  valueOf,
} from "./nodes.ts";
import { compare, single } from "./operators.ts";
import { jsonOf } from "./output.ts";

/** By name. */
export const COLLECTION_FUNCTIONS: Functions = {
  true: value(() => true),
  false: value(() => false),
  null: value(() => null),
  empty: () => [],
  select: (place, [test], env) => test?.(env, place).some(isTrue) ? [place] : [],
  map: (place, [each], env) => [
    listOf(childrenOf(place).flatMap((item) => each?.(env, item) ?? []), place),
  ],
  mapvalues: (place, [each], env) => {
    const copy = loose(copyOf(real(place)), place);
    for (const item of childrenOf(copy)) item.set(single(each?.(env, item) ?? []).node);
    return [copy];
  },
  filter: (place, [test], env) => [
    listOf(childrenOf(place).filter((item) => test?.(env, item).some(isTrue)), place),
  ],
  keys: (place) => {
    const node = real(place);
    if (isSeq(node)) return [loose(nodeOf(node.items.map((_, index) => index)), place)];
    const made = new YAMLSeq();
    made.items.push(...entriesOf(place).map(({ keyNode }) => keyNode));
    return [loose(made, place)];
  },
  length: value((place) => {
    const node = real(place);
    if (isMap(node) || isSeq(node)) return node.items.length;
    return isScalar(node) && node.value === null ? 0 : [...textOf(node)].length;
  }),
  has: value((place, [key]) => {
    const node = real(place);
    if (isSeq(node)) return Number(key) < node.items.length;
    return entriesOf(place).some((entry) => entry.key === String(key));
  }),
  not: value((place) => !isTrue(place)),
  toentries: (place) => [entryList(place)],
  fromentries: (place) => [fromEntryList(place)],
  withentries: (place, [each], env) => {
    const entries = itemsOf(entryList(place)).flatMap((entry) => each?.(env, entry) ?? []);
    return [fromEntryList(listOf(entries, place))];
  },
  sort: list((items) => [...items].sort(compare)),
  sortby: list((items, by) => [...items].sort((left, right) => compare(by(left), by(right)))),
  groupby: (place, [by], env) => [
    listOf(
      grouped(itemsOf(place), (item) => single(by?.(env, item) ?? [])).map((group) =>
        listOf(group, place)
      ),
      place,
    ),
  ],
  unique: list((items) => grouped(items, (item) => item).map(([first]) => first as Place)),
  uniqueby: list((items, by) => grouped(items, by).map(([first]) => first as Place)),
  reverse: list((items) => [...items].reverse()),
  first: (place, [test], env) =>
    childrenOf(place).filter((item) => test?.(env, item).some(isTrue) ?? true).slice(0, 1),
  last: (place) => childrenOf(place).slice(-1),
  min: (place) => [...childrenOf(place)].sort(compare).slice(0, 1),
  max: (place) => [...childrenOf(place)].sort(compare).slice(-1),
  flatten: (place, [depth], env) => {
    const most = depth ? Number(valueOf(single(depth(env, place)))) : Infinity;
    const flat = (items: readonly Place[], left: number): Place[] =>
      items.flatMap((item) =>
        isSeq(real(item)) && left > 0 ? flat(itemsOf(item), left - 1) : [item]
      );
    return [listOf(flat(itemsOf(place), most), place)];
  },
  any: value((place) => childrenOf(place).some(isTrue)),
  all: value((place) => childrenOf(place).every(isTrue)),
  anyc: (place, [test], env) => [
    loose(nodeOf(childrenOf(place).some((item) => test?.(env, item).some(isTrue))), place),
  ],
  allc: (place, [test], env) => [
    loose(nodeOf(childrenOf(place).every((item) => test?.(env, item).some(isTrue))), place),
  ],
  contains: value((place, [part]) => contains(valueOf(place), part)),
  del: (place, [what], env) => {
    remove(what?.(env, place) ?? []);
    return [place];
  },
  pick: (place, args, env) => {
    const wanted = args.flatMap((arg) => arg(env, place)).flatMap((each) => [valueOf(each)].flat());
    if (isSeq(real(place))) {
      return [listOf(wanted.map((index) => child(place, Number(index))), place)];
    }
    const map = new YAMLMap();
    for (const name of wanted) {
      const found = entriesOf(place).find(({ key }) => key === String(name));
      if (found) map.set(found.keyNode, found.place.node);
    }
    return [loose(map, place)];
  },
  omit: (place, args, env) => {
    const gone = args.flatMap((arg) => arg(env, place)).flatMap((each) =>
      [valueOf(each)].flat().map(String)
    );
    const copy = loose(copyOf(real(place)), place);
    remove(entriesOf(copy).filter(({ key }) => gone.includes(key)).map((entry) => entry.place));
    return [copy];
  },
  with: (place, [what, change], env) => {
    for (const each of what?.(env, place) ?? []) change?.(env, each);
    return [place];
  },
  add: (place) => {
    const items = childrenOf(place).map(valueOf);
    const isText = items.some((item) => typeof item === "string");
    const sum = isText
      ? items.join("")
      : items.reduce<number>((all, item) => all + Number(item), 0);
    return [loose(nodeOf(sum), place)];
  },
};

function entryList(place: Place): Place {
  const entries = isMap(real(place))
    ? entriesOf(place).map(({ keyNode, place }) => ({ key: keyNode, value: place.node }))
    : itemsOf(place).map(({ node }, index) => ({ key: nodeOf(index), value: node }));
  const made = new YAMLSeq();
  for (const { key, value } of entries) {
    const map = new YAMLMap();
    map.set(new Scalar("key"), copyOf(key));
    map.set(new Scalar("value"), value);
    made.items.push(map);
  }
  return loose(made, place);
}

function fromEntryList(place: Place): Place {
  const map = new YAMLMap();
  for (const entry of itemsOf(place)) {
    map.set(new Scalar(textOf(real(child(entry, "key")))), child(entry, "value").node);
  }
  return loose(map, place);
}

function grouped(items: readonly Place[], by: (item: Place) => Place): Place[][] {
  const groups = new Map<string, Place[]>();
  for (const item of items) {
    const key = jsonOf(by(item), 0);
    groups.set(key, [...groups.get(key) ?? [], item]);
  }
  return [...groups.values()];
}

function remove(places: readonly Place[]): void {
  // From behind: what is removed moves what follows.
  for (const place of [...places].reverse()) place.remove();
}

function contains(whole: unknown, part: unknown): boolean {
  if (typeof whole === "string") return whole.includes(String(part));
  if (Array.isArray(whole)) {
    return [part].flat().every((each) => whole.some((item) => contains(item, each)));
  }
  if (typeof whole === "object" && whole !== null && typeof part === "object" && part !== null) {
    return Object.entries(part).every(([key, each]) => contains(Object(whole)[key], each));
  }
  return whole === part;
}
