/** `Promise.all` that keeps what else failed: the script is told of the first, its author of all. */

/** Failures of one `Promise.all` that are kept. */
const KEPT = 50;

const failures = new WeakMap<object, unknown[]>();
const { all: allOf, prototype: { then } } = Promise;

/** Puts it in place of the built-in one. Called once, before any script. */
export function keepFailures(): void {
  const attributes = { writable: true, configurable: true, enumerable: false };
  Object.defineProperty(Promise, "all", { value: all, ...attributes });
}

/** What failed beside an error in the same `Promise.all`, so far; undefined where it was in none. */
export function failedBeside(error: unknown): readonly unknown[] | undefined {
  return typeof error === "object" && error !== null ? failures.get(error) : undefined;
}

/** `Promise.all(given)`, and `all` of a class that extends Promise. */
export function all(this: unknown, given: Iterable<unknown>): unknown {
  if (this !== Promise) return Reflect.apply(allOf, this, [given]);
  const members: unknown[] = [];
  let others: unknown[] | undefined;
  const failed = (reason: unknown) => {
    if (others !== undefined) {
      if (others.length < KEPT) others.push(reason);
      return;
    }
    others = [];
    if (typeof reason === "object" && reason !== null) failures.set(reason, others);
  };
  try {
    for (const member of given) {
      const promise = Promise.resolve(member);
      // A promise of the script's may have a `then` of its own.
      Reflect.apply(then, promise, [undefined, failed]);
      members.push(promise);
    }
  } catch (error) {
    return Promise.reject(error);
  }
  return Reflect.apply(allOf, Promise, [members]);
}
