/** `structuredClone` (https://html.spec.whatwg.org/, "safe passing of structured data"). */
import { usageError } from "../base/errors.ts";
import { carryDigits } from "../base/exact_numbers.ts";
import { tellerOf } from "../base/descriptions.ts";
import { entriesOf, membersOf } from "../base/script_values.ts";
import { dataViewOf, isBuffer, typedArrayOf, viewKind } from "./bytes.ts";

/** The typed arrays by their names. */
const ARRAYS: Readonly<Record<string, new (b: ArrayBuffer, at: number, n: number) => object>> = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
};

const ERRORS: Readonly<Record<string, ErrorConstructor>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/** A deep copy of data: what refers to itself does so in the copy, prototypes of a script's own go. */
export function structuredClone(value: unknown, options?: unknown): unknown {
  const { transfer } = Object(options ?? {}) as { transfer?: ArrayLike<unknown> };
  if (transfer !== undefined && transfer.length > 0) {
    throw cloneError("nothing can be transferred: there is nobody to take it");
  }
  return copy(value, new Map());
}

function copy(value: unknown, seen: Map<object, unknown>): unknown {
  if (typeof value === "symbol") throw cloneError("a symbol is no data");
  if (typeof value === "function") throw cloneError("a function is no data");
  if (typeof value !== "object" || value === null) return value;
  if (seen.has(value)) return seen.get(value);
  if (tellerOf(value)) throw cloneError("it is a part of the SDK, not data");
  const keep = <Copy extends object>(made: Copy): Copy => {
    seen.set(value, made);
    return made;
  };
  const simple = copyOfSimple(value);
  if (simple !== undefined) return keep(simple);
  const bytes = copyOfBytes(value, seen);
  if (bytes !== undefined) return keep(bytes);
  if (value instanceof Map) {
    const made = keep(new Map<unknown, unknown>());
    for (const [key, member] of entriesOf(value)) made.set(copy(key, seen), copy(member, seen));
    return made;
  }
  if (value instanceof Set) {
    const made = keep(new Set<unknown>());
    for (const member of membersOf(value)) made.add(copy(member, seen));
    return made;
  }
  if (value instanceof Error) return copyOfError(value, seen, keep);
  for (const kind of [Promise, WeakMap, WeakSet]) {
    if (value instanceof kind) throw cloneError(`a ${kind.name} is no data`);
  }
  const made = keep(Array.isArray(value) ? new Array(value.length) as object : {});
  carryDigits(value, made);
  for (const key of Object.keys(value)) {
    define(made, key, copy((value as Record<string, unknown>)[key], seen));
  }
  return made;
}

function copyOfSimple(value: object): object | undefined {
  if (value instanceof Date) return new Date(Reflect.apply(Date.prototype.getTime, value, []));
  if (value instanceof RegExp) {
    // Its members may be a script's: what they give is made into text.
    return new RegExp(`${value.source}`, `${value.flags}`);
  }
  for (const kind of [String, Number, Boolean, BigInt]) {
    if (value instanceof kind) return Object(Reflect.apply(kind.prototype.valueOf, value, []));
  }
  return undefined;
}

function copyOfBytes(value: object, seen: Map<object, unknown>): object | undefined {
  if (isBuffer(value)) return new Uint8Array(new Uint8Array(value)).buffer;
  const kind = viewKind(value);
  const place = kind === undefined ? dataViewOf(value) : typedArrayOf(value);
  if (place === undefined) return undefined;
  const buffer = copy(place.buffer, seen) as ArrayBuffer;
  if (kind === undefined) return new DataView(buffer, place.byteOffset, place.byteLength);
  const made = ARRAYS[kind];
  if (made === undefined) throw cloneError(`a ${kind} cannot be copied`);
  const each = (made as unknown as { BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT;
  return new made(buffer, place.byteOffset, place.byteLength / each);
}

function copyOfError(
  error: Error,
  seen: Map<object, unknown>,
  keep: <Copy extends object>(made: Copy) => Copy,
): Error {
  const name = `${error.name}`;
  const made = keep(new (ERRORS[name] ?? Error)(`${error.message}`));
  define(made, "stack", `${error.stack}`, false);
  if (Object.hasOwn(error, "cause")) define(made, "cause", copy(error.cause, seen), false);
  return made;
}

function define(object: object, key: string, value: unknown, enumerable = true): void {
  Object.defineProperty(object, key, { value, enumerable, writable: true, configurable: true });
}

function cloneError(why: string): Error {
  return usageError("DataCloneError", `Cannot clone: ${why}`);
}
