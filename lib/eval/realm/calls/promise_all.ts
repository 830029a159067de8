/** `Promise.all` that keeps what else failed: the script is told of the first, its author of all. */
import {
  append,
  apply,
  define,
  PromiseClass,
  then,
  weakGet,
  WeakMapClass,
  weakSet,
} from "../base/primordials.ts";

/** Failures of one `Promise.all` that are kept. */
const KEPT = 50;

const failures = new WeakMapClass<object, unknown[]>();
const { all: allOf, resolve } = PromiseClass;

/** Puts it in place of the built-in one. Called once, before any script. */
export function keepFailures(): void {
  define(PromiseClass, "all", {
    __proto__: null,
    value: together,
    writable: true,
    configurable: true,
    enumerable: false,
  } as PropertyDescriptor);
}

/** What failed beside an error in the same `Promise.all`, so far; undefined where it was in none. */
export function failedBeside(error: unknown): readonly unknown[] | undefined {
  return typeof error === "object" && error !== null
    ? weakGet(failures, error) as unknown[] | undefined
    : undefined;
}

/** `Promise.all(members)`, whatever a script has made of it. */
export function all(members: Iterable<unknown>): unknown {
  return apply(together, PromiseClass, [members]);
}

function together(this: unknown, given: Iterable<unknown>): unknown {
  if (this !== PromiseClass) return apply(allOf, this, [given]);
  const members: unknown[] = [];
  let others: unknown[] | undefined;
  const failed = (reason: unknown) => {
    if (others !== undefined) {
      if (others.length < KEPT) append(others, reason);
      return;
    }
    others = [];
    if (typeof reason === "object" && reason !== null) weakSet(failures, reason, others);
  };
  try {
    for (const member of given) {
      const promise = apply(resolve, PromiseClass, [member]) as Promise<unknown>;
      then(promise, undefined, failed);
      append(members, promise);
    }
  } catch (error) {
    return new PromiseClass((_, reject) => reject(error));
  }
  return apply(allOf, PromiseClass, [members]);
}
