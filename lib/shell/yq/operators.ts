/** Operators of yq: of values, and those that change documents. */
import { isMap, isScalar, isSeq, type Node, Scalar, YAMLMap, YAMLSeq } from "yaml";
import {
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
import { YqError } from "./tokens.ts";

/** What an expression is evaluated with. */
export interface Env {
  readonly variables: ReadonlyMap<string, readonly Place[]>;
  readonly environment: ReadonlyMap<string, string>;
  /** Where an expression sees all documents at once: a place for them together, and each of theirs. */
  readonly all?: { readonly together: Place; readonly places: readonly Place[] };
}

/** An expression: from one place to any number of them. */
export type Filter = (env: Env, place: Place) => Place[];

/** What begins at all documents at once begins at each of them. */
export function spread(filter: Filter): Filter {
  return (env, place) =>
    place === env.all?.together
      ? env.all.places.flatMap((each) => filter(env, each))
      : filter(env, place);
}

/** The first of the results. @throws {YqError} there is none */
export function single(places: readonly Place[]): Place {
  const [first] = places;
  if (first === undefined) throw new YqError("an expression gives nothing where a value is needed");
  return first;
}

/** The same with a variable more. */
export function withVariable(env: Env, name: string, places: readonly Place[]): Env {
  return { ...env, variables: new Map([...env.variables, [name, places]]) };
}

/** A text in which `\(…)` is put in. @param parse reads an expression */
export function interpolate(text: string, parse: (expression: string) => Filter): Filter {
  const parts = text.split(/\\\(((?:[^()]|\([^()]*\))*)\)/);
  const filters = parts.map((part, index) => index % 2 === 1 ? parse(part) : undefined);
  return (env, place) => {
    const made = parts.map((part, index) => {
      const filter = filters[index];
      return filter ? filter(env, place).map((each) => textOf(real(each))).join("") : part;
    });
    return [loose(new Scalar(made.join("")), place)];
  };
}

/** An operator between each of the left and each of the right. */
export function applyOperator(sign: string, left: Filter, right: Filter): Filter {
  if (sign === "//") {
    return (env, place) => {
      const found = left(env, place).filter(isTrue);
      return found.length > 0 ? found : right(env, place);
    };
  }
  return (env, place) => {
    const others = right(env, place);
    return left(env, place).flatMap((one) =>
      others.map((other) => loose(calculate(sign, one, other), place))
    );
  };
}

/** `=`, `|=` and `+=`: changes what the left finds, and gives the whole. */
export function assign(sign: string, left: Filter, right: Filter): Filter {
  return (env, place) => {
    const value = sign === "|=" ? undefined : right(env, place)[0];
    for (const target of left(env, place)) {
      const given = value ?? right(env, target)[0];
      if (given === undefined) continue;
      const node = sign === "=" || sign === "|="
        ? copyOf(real(given))
        : calculate(sign.slice(0, -1), target, given);
      node.comment ??= target.node.comment;
      target.set(node);
    }
    return [place];
  };
}

function calculate(sign: string, left: Place, right: Place): Node {
  switch (sign) {
    case "and":
      return new Scalar(isTrue(left) && isTrue(right));
    case "or":
      return new Scalar(isTrue(left) || isTrue(right));
    case "==":
      return new Scalar(isAlike(left, right));
    case "!=":
      return new Scalar(!isAlike(left, right));
    case "<":
    case "<=":
    case ">":
    case ">=":
      return new Scalar(isInOrder(sign, left, right));
    case "+":
      return sum(left, right);
    case "-":
      return difference(left, right);
    default:
      return product(sign, left, right);
  }
}

/** Texts on the right may hold `*`, for any characters. */
function isAlike(left: Place, right: Place): boolean {
  const [one, other] = [real(left), real(right)];
  if (isScalar(one) && isScalar(other)) {
    if ((one.value === null) !== (other.value === null)) return false;
    if (typeof other.value !== "string") {
      return textOf(one) === textOf(other) || one.value === other.value;
    }
    return matches(textOf(one), other.value);
  }
  return JSON.stringify(valueOf(left), unbig) === JSON.stringify(valueOf(right), unbig);
}

function unbig(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}` : value;
}

/** Whether a text is what a pattern with `*` and `?` says; goes back at most once for each star. */
function matches(text: string, pattern: string): boolean {
  let [at, in_, star, mark] = [0, 0, -1, 0];
  while (at < text.length) {
    const sign = pattern.charAt(in_);
    if (sign === "*") {
      star = in_++;
      mark = at;
    } else if (in_ < pattern.length && (sign === "?" || sign === text.charAt(at))) {
      at += 1;
      in_ += 1;
    } else if (star >= 0) {
      in_ = star + 1;
      at = ++mark;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(in_));
}

/** Orders two values: numbers by value, all else as texts. */
export function compare(left: Place, right: Place): number {
  const [a, b] = [valueOf(left), valueOf(right)];
  const ranks = ["!!null", "!!bool", "!!int", "!!float", "!!str", "!!seq", "!!map"];
  if (isNumber(a) && isNumber(b)) return a < b ? -1 : a > b ? 1 : 0;
  const rank = ranks.indexOf(tagOf(left)) - ranks.indexOf(tagOf(right));
  if (rank !== 0) return rank;
  const [x, y] = typeof a === "object"
    ? [JSON.stringify(a, unbig), JSON.stringify(b, unbig)]
    : [`${a}`, `${b}`];
  return x < y ? -1 : x > y ? 1 : 0;
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function isInOrder(sign: string, left: Place, right: Place): boolean {
  const order = compare(left, right);
  if (order === 0) return sign.endsWith("=");
  return sign.startsWith("<") === order < 0;
}

function sum(left: Place, right: Place): Node {
  const [one, other] = [real(left), real(right)];
  if (isScalar(one) && one.value === null) return copyOf(other);
  if (isScalar(other) && other.value === null) return copyOf(one);
  if (isSeq(one)) {
    const list = copyOf(one) as YAMLSeq;
    if (list.items.length === 0) list.flow = false;
    list.items.push(...(isSeq(other) ? other.items : [other]));
    return list;
  }
  if (isMap(one) && isMap(other)) {
    const map = copyOf(one) as YAMLMap;
    for (const { key, place } of entriesOf(right)) map.set(new Scalar(key), place.node);
    return map;
  }
  if (!isScalar(one) || !isScalar(other)) {
    throw new YqError(`${tagOf(right)} cannot be added to ${tagOf(left)}`);
  }
  if (isNumber(one.value) && isNumber(other.value)) return number(one, other, (a, b) => a + b);
  const text = new Scalar(textOf(one) + textOf(other));
  return text;
}

function difference(left: Place, right: Place): Node {
  const [one, other] = [real(left), real(right)];
  if (isSeq(one) && isSeq(other)) {
    const list = new YAMLSeq();
    const gone = itemsOf(right);
    const kept = itemsOf(left).filter((item) => !gone.some((each) => isAlike(item, each)));
    list.items.push(...kept.map(({ node }) => node));
    return list;
  }
  return number(one, other, (a, b) => a - b);
}

function product(sign: string, left: Place, right: Place): Node {
  const [one, other] = [real(left), real(right)];
  if (sign.startsWith("*") && isMap(one) && isMap(other)) return merged(left, right, sign);
  if (sign === "*+" && isSeq(one) && isSeq(other)) return sum(left, right);
  if (sign.startsWith("*") && (isMap(other) || isSeq(other))) return copyOf(other);
  if (sign.startsWith("*") && isScalar(one) && one.value === null) return copyOf(other);
  if (sign === "/" && isScalar(one) && typeof one.value === "string") {
    return nodeOf(one.value.split(textOf(other)));
  }
  return number(one, other, (a, b) => sign === "/" ? a / b : sign === "%" ? a % b : a * b);
}

/** Two maps as one: what the right has wins, maps within are merged too. */
function merged(left: Place, right: Place, sign: string): Node {
  const map = copyOf(real(left)) as YAMLMap;
  const root = loose(map, left);
  for (const { key, keyNode, place } of entriesOf(right)) {
    const existing = entriesOf(root).find((entry) => entry.key === key);
    if (existing === undefined) {
      if (sign !== "*?") map.add({ key: copyOf(keyNode), value: copyOf(place.node) } as never);
    } else if (sign !== "*n") {
      const isNested = isMap(real(existing.place)) && isMap(real(place)) ||
        sign === "*+" && isSeq(real(place));
      existing.place.set(isNested ? product(sign, existing.place, place) : copyOf(place.node));
    }
  }
  return map;
}

function number(one: Node, other: Node, how: (a: number, b: number) => number): Scalar {
  const [a, b] = [one, other].map((node) =>
    isScalar(node) && isNumber(node.value) ? node.value : undefined
  );
  if (a === undefined || b === undefined) {
    throw new YqError("cannot calculate with what is no number");
  }
  return new Scalar(how(Number(a), Number(b)));
}
