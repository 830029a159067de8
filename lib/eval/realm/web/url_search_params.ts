/** URLSearchParams (https://url.spec.whatwg.org/#interface-urlsearchparams). */
import { usageError } from "../base/errors.ts";
import { copyOf } from "../base/script_values.ts";
import { replaceAll } from "../../../std/regexp.ts";
import { formEncode, percentDecode } from "./percent.ts";

/** A name and its value. */
export type Pair = [name: string, value: string];

/** The names and values of a query. */
export function readQuery(query: string): Pair[] {
  return query.split("&").filter((part) => part !== "").map((part) => {
    const at = part.indexOf("=");
    const [name, value] = at < 0 ? [part, ""] : [part.slice(0, at), part.slice(at + 1)];
    return [decode(name), decode(value)];
  });
}

function decode(text: string): string {
  return percentDecode(replaceAll(text, /\+/g, " "));
}

/** The query that they make. */
export function queryText(pairs: readonly Pair[]): string {
  return pairs.map(([name, value]) => `${formEncode(name)}=${formEncode(value)}`).join("&");
}

/** Ties parameters to the URL that they are of: what no script can do. */
let bind: (params: URLSearchParams, query: string, changed: (query: string) => void) => void;

/** Those of a URL's query. @param changed told of each change to them */
export function bindParams(
  params: URLSearchParams,
  query: string,
  changed: (query: string) => void,
): URLSearchParams {
  bind(params, query, changed);
  return params;
}

/** Names and values, in order. */
export class URLSearchParams {
  #pairs: Pair[];
  #changed: ((query: string) => void) | undefined;

  static {
    bind = (params, query, changed) => {
      params.#pairs = readQuery(query);
      params.#changed = changed;
    };
  }

  constructor(given: unknown = "") {
    this.#pairs = pairsOf(given);
  }

  get size(): number {
    return this.#pairs.length;
  }

  append(name: unknown, value: unknown): void {
    this.#pairs.push([`${name}`, `${value}`]);
    this.#tell();
  }

  delete(name: unknown, value?: unknown): void {
    const wanted = `${name}`;
    const only = value === undefined ? undefined : `${value}`;
    this.#pairs = this.#pairs.filter(([name, value]) =>
      name !== wanted || (only !== undefined && value !== only)
    );
    this.#tell();
  }

  get(name: unknown): string | null {
    const wanted = `${name}`;
    return this.#pairs.find(([name]) => name === wanted)?.[1] ?? null;
  }

  getAll(name: unknown): string[] {
    const wanted = `${name}`;
    return this.#pairs.filter(([name]) => name === wanted).map(([, value]) => value);
  }

  has(name: unknown, value?: unknown): boolean {
    const wanted = `${name}`;
    const only = value === undefined ? undefined : `${value}`;
    return this.#pairs.some(([name, value]) =>
      name === wanted && (only === undefined || value === only)
    );
  }

  set(name: unknown, value: unknown): void {
    const pair: Pair = [`${name}`, `${value}`];
    const at = this.#pairs.findIndex(([name]) => name === pair[0]);
    if (at < 0) this.#pairs.push(pair);
    else {
      this.#pairs = this.#pairs.filter(([name], place) => name !== pair[0] || place === at);
      this.#pairs[at] = pair;
    }
    this.#tell();
  }

  sort(): void {
    this.#pairs.sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
    this.#tell();
  }

  forEach(callback: (value: string, name: string, params: URLSearchParams) => void, on?: unknown) {
    for (const [name, value] of this.#pairs) Reflect.apply(callback, on, [value, name, this]);
  }

  *entries(): Generator<Pair> {
    for (const [name, value] of this.#pairs) yield [name, value];
  }

  *keys(): Generator<string> {
    for (const [name] of this.#pairs) yield name;
  }

  *values(): Generator<string> {
    for (const [, value] of this.#pairs) yield value;
  }

  [Symbol.iterator](): Generator<Pair> {
    return this.entries();
  }

  toString(): string {
    return queryText(this.#pairs);
  }

  #tell(): void {
    this.#changed?.(queryText(this.#pairs));
  }
}

/** Pairs from a query, a list of pairs, or an object. */
function pairsOf(given: unknown): Pair[] {
  if (typeof given !== "object" || given === null) {
    const text = `${given}`;
    return readQuery(text.startsWith("?") ? text.slice(1) : text);
  }
  const { [Symbol.iterator]: iterate } = given as { [Symbol.iterator]?: unknown };
  if (typeof iterate === "function") {
    return [...given as Iterable<unknown>].map((pair) => {
      const parts = copyOf(Object(pair) as ArrayLike<unknown>);
      if (parts.length === 2) return [`${parts[0]}`, `${parts[1]}`];
      throw usageError("TypeError", "URLSearchParams takes pairs of a name and a value");
    });
  }
  return Object.keys(given).map((
    key,
  ) => [key, `${(given as Record<string, unknown>)[key]}`]);
}
