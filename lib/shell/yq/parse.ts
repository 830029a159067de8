/** From an expression of yq to a function of places. */
import {
  applyOperator,
  assign,
  type Filter,
  interpolate,
  single,
  spread,
  withVariable,
} from "./operators.ts";
import { call } from "./functions.ts";
import {
  apart,
  child,
  childrenOf,
  entriesOf,
  itemsOf,
  loose,
  nodeOf,
  type Place,
  real,
  valueOf,
} from "./nodes.ts";
import { type Token, tokensOf, YqError } from "./tokens.ts";
import { isMap, Scalar, YAMLMap, YAMLSeq } from "yaml";

/** How strongly operators bind, weakest first; those of one row alike. */
const ROWS: readonly (readonly string[])[] = [
  [","],
  ["|"],
  ["=", "|=", "+=", "-=", "*=", "/=", "*+="],
  ["or"],
  ["and"],
  ["==", "!=", "<", "<=", ">", ">="],
  ["//"],
  ["+", "-"],
  ["*", "*+", "*d", "*n", "*?", "/", "%"],
];

/** An expression may be nested this deep. */
const DEPTH = 200;

/** What may stand behind a value without a pipe (`.a style="double"`). */
const PROPERTIES = ["style", "tag", "anchor", "line_comment", "head_comment", "foot_comment"];

/** Reads an expression. @throws {YqError} what is none */
export function parseExpression(expression: string): Filter {
  const tokens = tokensOf(expression);
  if (tokens.length === 0) return (_, place) => [place];
  const reader = createReader(tokens);
  const filter = readRow(reader, 0);
  const rest = reader.peek();
  if (rest !== undefined) throw new YqError(`unexpected ${shown(rest)}`);
  return filter;
}

/** Goes through tokens. */
interface Reader {
  peek(): Token | undefined;
  next(): Token | undefined;
  /** Takes that sign, or word, where it is next. */
  take(sign: string): boolean;
  expect(sign: string): void;
  depth: number;
}

function createReader(tokens: readonly Token[]): Reader {
  let at = 0;
  const isSign = (token: Token | undefined, sign: string) =>
    token?.kind === "sign" && token.sign === sign || token?.kind === "name" && token.name === sign;
  return {
    depth: 0,
    peek: () => tokens[at],
    next: () => tokens[at++],
    take(sign) {
      if (!isSign(tokens[at], sign)) return false;
      at += 1;
      return true;
    },
    expect(sign) {
      if (!this.take(sign)) throw new YqError(`expected "${sign}" ${shown(tokens[at])}`);
    },
  };
}

function shown(token: Token | undefined): string {
  if (token === undefined) return "at the end of the expression";
  const [text] = Object.entries(token).filter(([key]) => key !== "kind").map(([, value]) => value);
  return `at "${text}"`;
}

function readRow(reader: Reader, row: number): Filter {
  const signs = ROWS[row];
  if (signs === undefined) return readPostfix(reader);
  reader.depth += 1;
  if (reader.depth > DEPTH * ROWS.length) throw new YqError("the expression is nested too deep");
  let left = readRow(reader, row + 1);
  for (;;) {
    const sign = signs.find((each) => reader.take(each));
    if (sign === undefined) break;
    left = joined(sign, left, readRow(reader, row + 1));
  }
  reader.depth -= 1;
  return left;
}

function joined(sign: string, left: Filter, right: Filter): Filter {
  if (sign === "|") return (env, place) => left(env, place).flatMap((each) => right(env, each));
  if (sign === ",") return (env, place) => [...left(env, place), ...right(env, place)];
  if (ROWS[2]?.includes(sign)) return assign(sign, left, right);
  return applyOperator(sign, left, right);
}

function readPostfix(reader: Reader): Filter {
  let filter = readPrimary(reader);
  for (;;) {
    const token = reader.peek();
    const before = filter;
    if (token?.kind === "path") {
      reader.next();
      const step = keyFilter(token.key);
      filter = (env, place) => before(env, place).flatMap((each) => step(env, each));
    } else if (reader.take("[")) {
      const step = readBracket(reader);
      filter = (env, place) => before(env, place).flatMap((each) => step(env, each, place));
    } else if (token?.kind === "sign" && token.sign === ".") {
      reader.next();
      reader.expect("[");
      const step = readBracket(reader);
      filter = (env, place) => before(env, place).flatMap((each) => step(env, each, place));
    } else if (reader.take("?")) {
      filter = (env, place) => {
        try {
          return before(env, place);
        } catch (error) {
          if (error instanceof YqError) return [];
          throw error;
        }
      };
    } else if (token?.kind === "name" && PROPERTIES.includes(token.name)) {
      reader.next();
      const step = call(token.name, []);
      filter = (env, place) => before(env, place).flatMap((each) => step(env, each));
    } else if (reader.take("as")) {
      const name = reader.next();
      if (name?.kind !== "variable") throw new YqError("expected a variable after as");
      if (reader.take("ireduce")) {
        reader.expect("(");
        const first = readRow(reader, 0);
        reader.expect(";");
        const step = readRow(reader, 0);
        reader.expect(")");
        return (env, place) =>
          before(env, place).reduce(
            (sum, item) => step(withVariable(env, name.name, [item]), single(sum)),
            first(env, place),
          );
      }
      reader.expect("|");
      const rest = readRow(reader, 0);
      return (env, place) =>
        before(env, place).flatMap((item) => rest(withVariable(env, name.name, [item]), place));
    } else return filter;
  }
}

/** `.key`, and `.*` or `.pre*`. */
function keyFilter(key: string): Filter {
  if (!key.endsWith("*")) return (_, place) => [child(place, key)];
  const start = key.slice(0, -1);
  return (_, place) =>
    isMap(real(place))
      ? entriesOf(place).filter((entry) => entry.key.startsWith(start)).map((entry) => entry.place)
      : childrenOf(place);
}

/** What stands in brackets behind a value: an index, a key, a slice, or nothing. */
function readBracket(
  reader: Reader,
): (env: Parameters<Filter>[0], place: Place, outer: Place) => Place[] {
  if (reader.take("]")) return (_, place) => childrenOf(place);
  const from = reader.take(":") ? undefined : readRow(reader, 0);
  const isSlice = from === undefined || reader.take(":");
  if (!isSlice) {
    reader.expect("]");
    return (env, place, outer) =>
      from(env, outer).map((key) => {
        const value = valueOf(key);
        if (typeof value === "string") return child(place, value);
        const node = real(place);
        return isMap(node) ? child(place, String(value)) : child(place, Number(value));
      });
  }
  const to = reader.take("]") ? undefined : readRow(reader, 0);
  if (to !== undefined) reader.expect("]");
  return (env, place, outer) => {
    const bound = (filter: Filter | undefined) =>
      filter === undefined ? undefined : Number(valueOf(single(filter(env, outer))));
    const [begin, end] = [bound(from) ?? 0, bound(to)];
    const value = valueOf(place);
    if (typeof value === "string") return [loose(nodeOf(value.slice(begin, end)), place)];
    const list = new YAMLSeq();
    list.items.push(...itemsOf(place).slice(begin, end).map(({ node }) => node));
    return [loose(list, place)];
  };
}

function readPrimary(reader: Reader): Filter {
  const token = reader.next();
  if (token === undefined) throw new YqError("the expression ends too early");
  switch (token.kind) {
    case "path":
      return spread(keyFilter(token.key));
    case "text":
      return interpolate(token.text, parseExpression);
    case "number":
      return made(() => numberNode(token.text));
    case "variable":
      return (env) => {
        const found = env.variables.get(token.name);
        if (!found) throw new YqError(`variable $${token.name} is not defined`);
        return [...found];
      };
    case "name":
      return spread(call(token.name, readArguments(reader)));
    case "sign":
      return readSign(token.sign, reader);
  }
}

function readSign(sign: string, reader: Reader): Filter {
  if (sign === ".") {
    if (reader.take("[")) {
      const step = readBracket(reader);
      return spread((env, place) => step(env, place, place));
    }
    return spread((_, place) => [place]);
  }
  if (sign === ".." || sign === "...") {
    const walk = (place: Place): Place[] => [place, ...childrenOf(place).flatMap(walk)];
    return spread((_, place) => walk(place));
  }
  if (sign === "(") {
    const inner = readRow(reader, 0);
    reader.expect(")");
    return inner;
  }
  if (sign === "-") {
    const number = reader.next();
    if (number?.kind === "number") return made(() => numberNode(`-${number.text}`));
  }
  if (sign === "[") {
    if (reader.take("]")) return made(() => new YAMLSeq());
    const inner = readRow(reader, 0);
    reader.expect("]");
    return (env, place) => {
      const list = new YAMLSeq();
      list.items.push(...inner(env, place).map(({ node }) => node));
      return [apart(list, place)];
    };
  }
  if (sign === "{") return readObject(reader);
  throw new YqError(`unexpected "${sign}"`);
}

function made(make: () => Place["node"]): Filter {
  return (_, place) => [loose(make(), place)];
}

function numberNode(text: string): Scalar {
  const node = new Scalar(Number(text));
  node.source = text;
  return node;
}

function readObject(reader: Reader): Filter {
  const fields: { key: Filter; value: Filter }[] = [];
  while (!reader.take("}")) {
    const token = reader.next();
    let key: Filter;
    let value: Filter | undefined;
    if (token?.kind === "name") key = made(() => new Scalar(token.name));
    else if (token?.kind === "text") key = interpolate(token.text, parseExpression);
    else if (token?.kind === "path") {
      key = made(() => new Scalar(token.key));
      value = keyFilter(token.key);
    } else if (token?.kind === "sign" && token.sign === "(") {
      key = readRow(reader, 0);
      reader.expect(")");
    } else throw new YqError(`unexpected ${shown(token)}`);
    if (reader.take(":")) value = readRow(reader, 2);
    if (value === undefined) throw new YqError(`expected ":" ${shown(reader.peek())}`);
    fields.push({ key, value });
    if (!reader.take(",")) {
      reader.expect("}");
      break;
    }
  }
  return (env, place) => {
    let maps = [new YAMLMap()];
    for (const { key, value } of fields) {
      const keys = key(env, place).map((each) => String(valueOf(each)));
      const values = value(env, place);
      maps = maps.flatMap((map) =>
        keys.flatMap((name) =>
          values.map(({ node }) => {
            const next = map.clone() as YAMLMap;
            next.set(new Scalar(name), node);
            return next;
          })
        )
      );
    }
    return maps.map((map) => loose(map, place));
  };
}

function readArguments(reader: Reader): Filter[] {
  const filters: Filter[] = [];
  if (!reader.take("(")) return filters;
  do filters.push(readRow(reader, 0)); while (reader.take(";"));
  reader.expect(")");
  return filters;
}
