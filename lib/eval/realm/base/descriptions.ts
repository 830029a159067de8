/** What is told of the SDK's own objects, where a script prints or returns one of them. */

const tellers = new WeakMap<object, () => string>();

/**
 * Sets what is told of an object.
 *
 * @param tell its text; may throw what a script that returns it is to be told instead
 */
export function tellAs<Value extends object>(object: Value, tell: () => string): Value {
  tellers.set(object, tell);
  return object;
}

/** What tells of an object; undefined where it is none of ours. */
export function tellerOf(object: object): (() => string) | undefined {
  return tellers.get(object);
}
