/** From any value of a script to what JSON has. */
import { base64 } from "./base64.ts";
import { copyOf, entriesOf, membersOf } from "../base/script_values.ts";
import { usageError } from "../base/errors.ts";
import { exactNumber } from "../base/exact_numbers.ts";
import { tellerOf } from "../base/descriptions.ts";

/** Members of an iteration that are taken. */
const COLLECTED = 10_000;

/** What a value of a script stands for, on the way through it. */
interface Walk {
  /** Objects on the way down to here, each with its path. */
  readonly seen: Map<object, string>;
  /** Iterations are run to their end: nobody else wants them. */
  readonly collect: boolean;
}

/** Where a value stands, by which an integer beyond 2^53 is known. */
interface Place {
  readonly holder?: object;
  readonly key?: string;
}

/**
 * A copy made of what JSON has. Maps become objects (lists of pairs where a key is no string), Sets
 * and iterators lists, BigInts numbers where that is exact, integers beyond 2^53 BigInts, bytes
 * base64, errors `{name, message}`; what refers back to itself is named by its path; of the SDK's own
 * objects it is told what they are.
 *
 * @param collect whether iterators are run, which leaves nothing in them
 * @throws {InputError} what holds no data: a promise, an asynchronous iteration, a watch
 */
export function toPlain(value: unknown, collect = false): unknown {
  return plainOf(value, "$", { seen: new Map(), collect });
}

function plainOf(given: unknown, path: string, walk: Walk, place: Place = {}): unknown {
  const value = exactNumber(given, place.holder, place.key);
  if (typeof value === "bigint") {
    return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
  }
  if (typeof value === "function") return tellerOf(value)?.();
  if (typeof value === "symbol") return undefined;
  if (typeof value !== "object" || value === null) return value;
  const tell = tellerOf(value);
  if (tell) return tell();
  const known = walk.seen.get(value);
  if (known !== undefined) return `[Circular ${known}]`;
  walk.seen.set(value, path);
  try {
    return objectToPlain(value, path, walk);
  } finally {
    // Only what lies on the way down refers back; an object met twice side by side is written twice.
    walk.seen.delete(value);
  }
}

function objectToPlain(value: object, path: string, walk: Walk): unknown {
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === "function") return plainOf(Reflect.apply(toJSON, value, []), path, walk);
  if (value instanceof String || value instanceof Number || value instanceof Boolean) {
    return plainOf(value.valueOf(), path, walk);
  }
  if (value instanceof Error) {
    const { name, message } = value;
    const about = [plainOf(name, `${path}.name`, walk), plainOf(message, `${path}.message`, walk)];
    return { name: about[0], message: about[1], ...entriesToPlain(value, path, walk) };
  }
  if (value instanceof Map) return mapToPlain(value, path, walk);
  if (value instanceof Set) {
    return membersOf(value).map((member) => plainOf(member, path, walk) ?? null);
  }
  if (value instanceof Uint8Array) return base64(value);
  if (value instanceof ArrayBuffer) return base64(new Uint8Array(value));
  if (Array.isArray(value)) {
    return copyOf(value).map((member, at) =>
      plainOf(member, `${path}[${at}]`, walk, { holder: value, key: `${at}` }) ?? null
    );
  }
  if (value instanceof RegExp) return `${value}`;
  if (value instanceof Promise) {
    throw usageError(
      "InputError",
      `Cannot return ${path}: it is a promise that nobody has awaited`,
      "Write await in front of it, for a list of promises await Promise.all(list).",
    );
  }
  if (isIterator(value)) return iteratorToPlain(value, path, walk);
  return entriesToPlain(value, path, walk);
}

function entriesToPlain(value: object, path: string, walk: Walk) {
  // No prototype: a key named __proto__ is data like any other.
  const plain = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(value)) {
    const own = (value as Record<string, unknown>)[key];
    const member = plainOf(own, `${path}.${key}`, walk, { holder: value, key });
    if (member !== undefined) plain[key] = member;
  }
  return plain;
}

function mapToPlain(map: Map<unknown, unknown>, path: string, walk: Walk) {
  const entries = entriesOf(map);
  if (!entries.every(([key]) => typeof key === "string")) {
    return entries.map(([key, member]) => [
      plainOf(key, path, walk) ?? null,
      plainOf(member, `${path}.entries`, walk) ?? null,
    ]);
  }
  const object = Object.create(null) as Record<string, unknown>;
  for (const [key, member] of entries as [string, unknown][]) {
    object[key] = plainOf(member, `${path}.${key}`, walk) ?? null;
  }
  return object;
}

/** Whether a value is what `for (const x of …)` or `for await` runs once: a generator, an iterator's helper. */
export function isIterator(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const it = value as Record<PropertyKey, unknown>;
  return typeof it.next === "function" &&
    (typeof it[Symbol.iterator] === "function" || typeof it[Symbol.asyncIterator] === "function");
}

function iteratorToPlain(value: object, path: string, walk: Walk): unknown {
  if (!walk.collect) return "[iterator]";
  return collected(value, path).map((member, at) =>
    plainOf(member, `${path}[${at}]`, walk) ?? null
  );
}

/** The members of an iterator, so many at most. */
export function collected(value: object, path = "$"): unknown[] {
  const begin = (value as Record<PropertyKey, unknown>)[Symbol.iterator];
  if (typeof begin !== "function") {
    throw usageError(
      "InputError",
      `Cannot return ${path}: it is an asynchronous iteration`,
      "Run it: const list = []; for await (const x of it) list.push(x); list",
    );
  }
  const members: unknown[] = [];
  const iterator = Reflect.apply(begin as (this: unknown) => Iterator<unknown>, value, []);
  for (;;) {
    const step = iterator.next();
    if (step.done) return members;
    if (members.length >= COLLECTED) {
      members.push(`…[only the first ${COLLECTED} were taken]`);
      iterator.return?.();
      return members;
    }
    members.push(step.value);
  }
}
