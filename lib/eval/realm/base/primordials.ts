/**
 * Built-ins as they were before any script ran: a script that replaces them hurts only itself.
 * Methods are taken out of their prototypes as plain functions, by `uncurry`.
 */

const { apply: reflectApply, ownKeys: reflectOwnKeys } = Reflect;

/** `method.call(self, …)` as a function that no script can intercept. */
export function uncurry<Self, Args extends unknown[], Result>(
  method: (this: Self, ...args: Args) => Result,
): (self: Self, ...args: Args) => Result {
  return (self, ...args) => reflectApply(method, self, args) as Result;
}

type GeneratorStep = (
  this: Generator<unknown, unknown, unknown>,
  input: unknown,
) => IteratorResult<unknown, unknown>;
const generatorPrototype = Object.getPrototypeOf(
  Object.getPrototypeOf((function* () {})()),
) as Record<"next" | "throw", GeneratorStep>;

/** The built-ins themselves, under their own names or, for methods, as functions of what they act on. */
export const ownKeys = reflectOwnKeys;
export const stringify = JSON.stringify;
export const parse = JSON.parse;
export const isArray = Array.isArray;
export const keysOf = Object.keys;
export const create = Object.create;
export const define = Object.defineProperty;
export const getPrototypeOf = Object.getPrototypeOf;
export const setPrototypeOf = Object.setPrototypeOf;
export const functionPrototype: object = Function.prototype;
export const now = Date.now;
export const PromiseClass = Promise;
export const ProxyClass = Proxy;
export const WeakMapClass = WeakMap;
export const Uint8 = Uint8Array;
export const reflectGet = Reflect.get;
export const reflectHas = Reflect.has;
export const reflectSet = Reflect.set;
export const reflectDelete = Reflect.deleteProperty;
export const reflectDescriptor = Reflect.getOwnPropertyDescriptor;
export const hasOwn = Object.hasOwn;
export const toNumber = Number;
export const objectOf = Object;
export const decodeUri = decodeURIComponent;
export const DateClass = Date;
export const parseDate = Date.parse;
export const bytesToString = String.fromCharCode;
export const freeze = Object.freeze;
export const toLower = uncurry(String.prototype.toLowerCase);
export const slice = uncurry(String.prototype.slice);
export const then = uncurry(
  Promise.prototype.then as (
    this: Promise<unknown>,
    ok?: ((value: unknown) => unknown) | null,
    bad?: ((error: unknown) => unknown) | null,
  ) => Promise<unknown>,
);
export const catchOf = uncurry(
  Promise.prototype.catch as (
    this: Promise<unknown>,
    bad?: ((error: unknown) => unknown) | null,
  ) => Promise<unknown>,
);
export const finallyOf = uncurry(
  Promise.prototype.finally as (
    this: Promise<unknown>,
    done?: (() => void) | null,
  ) => Promise<unknown>,
);
export const execOf = uncurry(RegExp.prototype.exec);
export const apply = reflectApply;
export const generatorNext = uncurry(generatorPrototype.next);
export const generatorThrow = uncurry(generatorPrototype.throw);
export const mapEach = uncurry(Map.prototype.forEach);
export const setEach = uncurry(Set.prototype.forEach);
export const weakGet = uncurry(WeakMap.prototype.get);
export const weakSet = uncurry(WeakMap.prototype.set);
export const lastIndexOf = uncurry(
  String.prototype.lastIndexOf as (this: string, found: string, from?: number) => number,
);
export const indexOf = uncurry(
  String.prototype.indexOf as (this: string, found: string, from?: number) => number,
);

/**
 * The text with each match replaced. Made of `exec` alone: the language's own `test` and `replace`
 * look up `exec` and `flags` where a script may have put others.
 *
 * @param found a fresh expression with the flag `g`
 */
export function replaceAll(
  text: string,
  found: RegExp,
  by: string | ((match: RegExpExecArray) => string),
): string {
  let out = "";
  let from = 0;
  for (let match = execOf(found, text); match; match = execOf(found, text)) {
    out += slice(text, from, match.index) + (typeof by === "string" ? by : by(match));
    from = match.index + match[0].length;
    if (match[0] === "") found.lastIndex += 1;
  }
  return out + slice(text, from);
}

/** A map whose methods are its own, so that a script cannot reach into it by `Map.prototype`. */
export interface SafeMap<Key, Value> {
  get(key: Key): Value | undefined;
  has(key: Key): boolean;
  set(key: Key, value: Value): void;
  delete(key: Key): void;
  /** Values in order of insertion. */
  values(): Value[];
  keys(): Key[];
  size(): number;
}

const mapGet = uncurry(Map.prototype.get);
const mapHas = uncurry(Map.prototype.has);
const mapSet = uncurry(Map.prototype.set);
const mapDelete = uncurry(Map.prototype.delete);
const mapForEach = uncurry(Map.prototype.forEach);
const mapSize = uncurry(reflectDescriptor(Map.prototype, "size")!.get as (this: unknown) => number);

/** An empty {@linkcode SafeMap}. */
export function safeMap<Key, Value>(): SafeMap<Key, Value> {
  const map = new Map<Key, Value>();
  return {
    get: (key) => mapGet(map, key) as Value | undefined,
    has: (key) => mapHas(map, key),
    set: (key, value) => {
      mapSet(map, key, value);
    },
    delete: (key) => {
      mapDelete(map, key);
    },
    values: () => {
      const values: Value[] = [];
      mapForEach(map, (value) => append(values, value as Value));
      return values;
    },
    keys: () => {
      const keys: Key[] = [];
      mapForEach(map, (_, key) => append(keys, key as Key));
      return keys;
    },
    size: () => mapSize(map),
  };
}

/** `list.push(value)`; an own property is defined, so no setter of a prototype is called. */
export function append<Value>(list: Value[], value: Value): void {
  define(list, list.length, {
    // Without a prototype: a getter put on Object.prototype would be handed this descriptor.
    __proto__: null,
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  } as PropertyDescriptor);
}

/** A copy without a prototype: nothing put on Object.prototype is found on it, `toJSON` neither. */
export function bare<Value extends object>(value: Value): Value {
  const copy = create(null) as Record<string, unknown>;
  const keys = keysOf(value);
  for (let at = 0; at < keys.length; at++) {
    copy[keys[at]!] = (value as Record<string, unknown>)[keys[at]!];
  }
  return copy as Value;
}
