/**
 * A list is `{metadata, items}`, and is taken for its items by half of all scripts: it has the methods
 * of an array that look at members, and can be iterated. None of them are members of its own, so that
 * it is printed and compared as ever.
 */

const NAMES = [
  ...["map", "filter", "forEach", "find", "findIndex", "some", "every", "reduce", "flatMap"],
  ...["slice", "at", "entries", "toSorted"],
] as const;

/** Gives the list its methods. @param membersOf its objects or rows */
export function withListMethods<List extends object>(
  list: List,
  membersOf: (list: List) => unknown[],
): List {
  return Object.setPrototypeOf(list, methods(membersOf as (list: object) => unknown[])) as List;
}

let made: object | undefined;

function methods(membersOf: (list: object) => unknown[]): object {
  if (made) return made;
  const prototype = Object.create(Object.prototype) as object;
  const define = (name: PropertyKey, attributes: PropertyDescriptor) =>
    Object.defineProperty(prototype, name, attributes);
  for (const name of [...NAMES, Symbol.iterator]) {
    const method = Array.prototype[name as "map"];
    define(name, {
      value(this: object, ...args: unknown[]) {
        return Reflect.apply(method, membersOf(this), args);
      },
    });
  }
  define("length", {
    get(this: object) {
      return membersOf(this).length;
    },
  });
  return made = Object.freeze(prototype);
}
