/** Functions of yq. */
import { isMap, isScalar, isSeq, type Node, Scalar, visit, YAMLMap, YAMLSeq } from "yaml";
import {
  apart,
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
  tagOf,
  textOf,
  valueOf,
} from "./nodes.ts";
import { compare, type Env, type Filter, single } from "./operators.ts";
import { jsonOf, yamlOf } from "./output.ts";
import { YqError } from "./tokens.ts";

/** A function over its arguments, which are not evaluated yet. */
type Function = (place: Place, args: readonly Filter[], env: Env) => Place[];

/** A call. @throws {YqError} no such function */
export function call(name: string, args: readonly Filter[]): Filter {
  const plainName = name.replaceAll("_", "").toLowerCase();
  const found = FUNCTIONS.get(plainName);
  if (!found) throw new YqError(`unknown function ${name}`);
  return (env, place) => found(place, args, env);
}

function value(make: (place: Place, given: unknown[]) => unknown): Function {
  return (place, args, env) => {
    const given = args.flatMap((arg) => arg(env, place)).map(valueOf);
    return [loose(nodeOf(make(place, given)), place)];
  };
}

function text(make: (text: string, given: unknown[]) => unknown): Function {
  return value((place, given) => {
    const node = real(place);
    if (!isScalar(node)) throw new YqError(`cannot read ${tagOf(place)} as text`);
    return make(textOf(node), given);
  });
}

function list(make: (items: Place[], by: (item: Place) => Place) => readonly Place[]): Function {
  return (place, args, env) => {
    const by = (item: Place) => args[0] ? single(args[0](env, item)) : item;
    return [listOf(make(childrenOf(place), by), place)];
  };
}

function listOf(places: readonly Place[], near: Place): Place {
  const made = new YAMLSeq();
  made.items.push(...places.map(({ node }) => node));
  return loose(made, near);
}

/** Regular expressions of Go, as far as JavaScript writes them otherwise. */
function expression(source: unknown, flags: string): RegExp {
  const inline = /^\(\?([ims]+)\)/.exec(String(source));
  const rest = String(source).slice(inline?.[0].length ?? 0).replaceAll("(?P<", "(?<");
  try {
    return new RegExp(rest, `${flags}${inline?.[1] ?? ""}`);
  } catch {
    throw new YqError(`invalid regular expression: ${source}`);
  }
}

function base64(bytes: Uint8Array): string {
  return bytes.toBase64();
}

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

function documentIndex(place: Place): Place[] {
  return [apart(nodeOf(place.document.index), place)];
}

/** A property of a node that can be read and set. */
function property(
  read: (node: Node) => string,
  write: (node: Node, value: string) => void,
): Function {
  return (place) => {
    const found = loose(new Scalar(read(place.node)), place);
    return [{ ...found, set: (node) => write(place.node, textOf(node)) }];
  };
}

const STYLES: Readonly<Record<string, string>> = {
  double: "QUOTE_DOUBLE",
  single: "QUOTE_SINGLE",
  literal: "BLOCK_LITERAL",
  folded: "BLOCK_FOLDED",
  "": "PLAIN",
};

function setStyle(node: Node, style: string): void {
  visit(node, {
    Collection: (_, collection) => void (collection.flow = style === "flow"),
    Scalar(key, scalar) {
      if (key === "key" || style === "flow") return;
      // A number that is quoted is a text.
      if (style !== "") scalar.value = textOf(scalar);
      scalar.type = STYLES[style] as Scalar.Type;
    },
  });
}

function rows(place: Place, separator: string): string {
  const row = (item: Place) =>
    itemsOf(item).map((cell) => {
      const written = textOf(real(cell));
      const isSpecial = separator === "," && /[",\n]/.test(written);
      return isSpecial ? `"${written.replaceAll('"', '""')}"` : written;
    }).join(separator);
  const isNested = itemsOf(place).some((item) => isSeq(real(item)));
  return isNested ? itemsOf(place).map((item) => `${row(item)}\n`).join("") : row(place);
}

const FUNCTIONS: ReadonlyMap<string, Function> = new Map<string, Function>(Object.entries({
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
  key: value(({ path }) => path.at(-1) ?? null),
  path: value(({ path }) => path),
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
  join: value((place, [joint]) =>
    itemsOf(place).map((item) => textOf(real(item))).join(String(joint))
  ),
  split: text((whole, [by]) => whole.split(String(by))),
  test: text((whole, [source]) => expression(source, "").test(whole)),
  match: text((whole, [source]) => {
    const found = expression(source, "").exec(whole);
    return { string: found?.[0] ?? "", offset: found?.index ?? -1, length: found?.[0].length ?? 0 };
  }),
  capture: text((whole, [source]) => ({ ...expression(source, "").exec(whole)?.groups })),
  sub: text((whole, [source, replacement]) =>
    whole.replace(expression(source, "g"), String(replacement).replace(/\$\{(\w+)\}/g, "$$$1"))
  ),
  upcase: text((whole) => whole.toUpperCase()),
  asciiupcase: text((whole) => whole.toUpperCase()),
  downcase: text((whole) => whole.toLowerCase()),
  asciidowncase: text((whole) => whole.toLowerCase()),
  trim: text((whole) => whole.trim()),
  tostring: value((place) =>
    isScalar(real(place)) ? textOf(real(place)) : yamlOf(place, {}).trimEnd()
  ),
  tonumber: text((whole) => {
    if (whole.trim() === "" || Number.isNaN(Number(whole))) {
      throw new YqError(`cannot read "${whole}" as a number`);
    }
    return Number(whole);
  }),
  tag: property(
    (node) => node.tag ?? tagOf({ node } as Place),
    (node, tag) => void (node.tag = tag),
  ),
  type: value((place) => tagOf(place)),
  kind: value((place) => ({ "!!map": "map", "!!seq": "seq" })[tagOf(place)] ?? "scalar"),
  style: property(() => "", setStyle),
  anchor: property((node) => "anchor" in node ? String(node.anchor ?? "") : "", () => {}),
  linecomment: property((node) => node.comment?.trim() ?? "", (node, comment) => {
    node.comment = comment === "" ? null : ` ${comment}`;
  }),
  headcomment: property((node) => node.commentBefore?.trim() ?? "", (node, comment) => {
    node.commentBefore = comment === "" ? null : ` ${comment}`;
  }),
  footcomment: property(() => "", () => {}),
  explode: (place) => [explode(place)],
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
  documentindex: documentIndex,
  di: documentIndex,
  fileindex: value(({ document }) => document.fileIndex),
  fi: value(({ document }) => document.fileIndex),
  filename: value(({ document }) => document.file),
  env: (place, args, env) => [loose(nodeOf(fromEnvironment(args, env, place)), place)],
  strenv: (place, args, env) => [loose(nodeOf(fromEnvironment(args, env, place)), place)],
  tojson: value((place) => jsonOf(place, 2)),
  "@json": value((place) => jsonOf(place, 0)),
  toyaml: value((place) => yamlOf(place, {})),
  "@yaml": value((place) => yamlOf(place, {})),
  "@csv": value((place) => rows(place, ",")),
  "@tsv": value((place) => rows(place, "\t")),
  "@base64": text((whole) => base64(new TextEncoder().encode(whole))),
  "@base64d": text((whole) => new TextDecoder().decode(Uint8Array.fromBase64(whole.trim()))),
  "@uri": text((whole) => encodeURIComponent(whole)),
  "@sh": text((whole) =>
    /^[\w@%+=:,./-]+$/.test(whole) ? whole : `'${whole.replaceAll("'", "'\\''")}'`
  ),
  error: (place, args, env) => {
    throw new YqError(args[0] ? textOf(real(single(args[0](env, place)))) : "error");
  },
}));

/** The name of a variable is written as it is: `env(NAME)`. */
function fromEnvironment(args: readonly Filter[], env: Env, place: Place): string {
  const name = textOf(real(single(args[0]?.(env, place) ?? [])));
  const found = env.environment.get(name);
  if (found === undefined) throw new YqError(`value for env variable '${name}' not provided`);
  return found;
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

/** A copy in which nothing stands for something elsewhere. */
function explode(place: Place): Place {
  const node = real(place);
  if (isSeq(node)) return listOf(itemsOf(place).map(explode), place);
  if (!isMap(node)) return place;
  const map = new YAMLMap();
  for (const { key, keyNode, place: entry } of entriesOf(place)) {
    if (key !== "<<") map.set(copyOf(keyNode), explode(entry).node);
    else {
      for (const source of isSeq(real(entry)) ? itemsOf(entry) : [entry]) {
        for (const merged of entriesOf(source)) {
          if (!map.has(merged.key)) map.set(copyOf(merged.keyNode), explode(merged.place).node);
        }
      }
    }
  }
  return loose(map, place);
}
