/** Objects whose members are found whatever the case of the name asked for. */
import {
  append,
  functionPrototype,
  ProxyClass,
  reflectGet,
  reflectHas,
  safeMap,
  setPrototypeOf,
  toLower,
} from "./primordials.ts";
import { tellAs, tellerOf } from "./descriptions.ts";

/** The members of a caseless object. */
export interface Members {
  /** The member of a lower-case name; undefined for none. */
  find(lower: string): unknown;
  /** Names to show to `Object.keys` and `for…in`. */
  names(): readonly string[];
  /** What to write in place of a name that is not there, where that is known. */
  hint?(name: string): string | undefined;
  /** What is told of the object where it is printed; its names, where this is left out. */
  tell?(): string;
}

/** The member that was last asked for and not there: what a `TypeError` is about. */
export interface Miss {
  readonly object: string;
  readonly name: string;
  readonly near: readonly string[];
  hint?(): string | undefined;
}

let missed: Miss | undefined;

/** The last miss of that name, for the hint of an error that it led to. */
export function missOf(name: string): Miss | undefined {
  return missed?.name === name ? missed : undefined;
}

/** The last miss of all: what was read from it came out undefined. */
export function lastMiss(): Miss | undefined {
  return missed;
}

/** Members of a plain object. */
export function fixedMembers(members: Readonly<Record<string, unknown>>): Members {
  const byName = safeMap<string, unknown>();
  const names: string[] = [];
  for (const name in members) {
    append(names, name);
    byName.set(toLower(name), members[name]);
  }
  return { find: (lower) => byName.get(lower), names: () => names };
}

/**
 * An object with caseless members. What is not there is `undefined`, as `typeof` expects; the miss
 * is noted, so that the error of a script which then calls it can say what is there.
 *
 * @param label how a script reaches it, such as `k8s.coreV1()`
 */
export function caseless(label: string, members: Members): object {
  const find = (key: string | symbol) => {
    if (typeof key !== "string") return undefined;
    const value = members.find(toLower(key));
    if (value === undefined && key !== "then" && key !== "toJSON") {
      const hint = () => members.hint?.(key);
      missed = { object: label, name: key, near: members.names(), hint };
    }
    return typeof value === "function" ? callable(value, `${label}.${key}`) : value;
  };
  const object = new ProxyClass({ __proto__: null } as object, {
    __proto__: null,
    get: (_, key) => find(key),
    has: (_, key) => typeof key === "string" && members.find(toLower(key)) !== undefined,
    set: () => false,
    defineProperty: () => false,
    deleteProperty: () => false,
    ownKeys: () => {
      const keys: string[] = [];
      const names = members.names();
      for (let at = 0; at < names.length; at++) append(keys, names[at]!);
      return keys;
    },
    getOwnPropertyDescriptor: (_, key) => {
      const value = typeof key === "string" ? members.find(toLower(key)) : undefined;
      return value === undefined
        ? undefined
        : { value, enumerable: true, configurable: true, writable: false };
    },
    getPrototypeOf: () => null,
    preventExtensions: () => false,
  } as ProxyHandler<object>);
  return tellAs(object, () => members.tell?.() ?? `${label}: ${members.names()}`);
}

/**
 * A function of the SDK that can tell, and whose members are misses: `k8s.coreV1.pods` is a call of
 * `coreV1` forgotten.
 */
function callable(value: object, path: string): object {
  if (tellerOf(value)) return value;
  tellAs(value, () => `${path} is a function: write ${path}().`);
  const prototype = new ProxyClass({ __proto__: null } as object, {
    __proto__: null,
    get(_, key, receiver) {
      if (reflectHas(functionPrototype, key)) return reflectGet(functionPrototype, key, receiver);
      if (typeof key === "string" && key !== "then" && key !== "toJSON") {
        const hint = () => `${path} is a function: write ${path}().${key}.`;
        missed = { object: path, name: key, near: [], hint };
      }
      return undefined;
    },
    has: (_, key) => reflectHas(functionPrototype, key),
    getPrototypeOf: () => functionPrototype,
  } as ProxyHandler<object>);
  setPrototypeOf(value, prototype);
  return value;
}
