/** Objects whose members are found whatever the case of the name asked for. */
import { tellAs, tellerOf } from "./descriptions.ts";

/** The members of a caseless object. */
export interface Members {
  /** The member of a lower-case name; undefined for none. */
  find(lower: string): unknown;
  /** Names to show to `Object.keys` and `for…in`. */
  names(): readonly string[];
  /** What to write in place of a name that is not there, where that is known. */
  hint?(name: string): string | undefined;
  /** How a member that is a function is called; `name()`, where this is left out. */
  usage?(name: string): string | undefined;
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
  const names = Object.keys(members);
  const byName = new Map(names.map((name) => [name.toLowerCase(), members[name]]));
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
    const value = members.find(key.toLowerCase());
    if (value === undefined && key !== "then" && key !== "toJSON") {
      const hint = () => members.hint?.(key);
      missed = { object: label, name: key, near: members.names(), hint };
    }
    return typeof value === "function"
      ? callable(value, `${label}.${key}`, members.usage?.(key))
      : value;
  };
  const object = new Proxy<object>({}, {
    get: (_, key) => find(key),
    has: (_, key) => typeof key === "string" && members.find(key.toLowerCase()) !== undefined,
    set: () => false,
    defineProperty: () => false,
    deleteProperty: () => false,
    ownKeys: () => [...members.names()],
    getOwnPropertyDescriptor: (_, key) => {
      const value = typeof key === "string" ? members.find(key.toLowerCase()) : undefined;
      return value === undefined
        ? undefined
        : { value, enumerable: true, configurable: true, writable: false };
    },
    getPrototypeOf: () => null,
    preventExtensions: () => false,
  });
  return tellAs(object, () => members.tell?.() ?? `${label}: ${members.names()}`);
}

const givers = new WeakMap<object, () => object>();

/**
 * A function whose members are those of what it gives: `k8s.coreV1.pods` is `k8s.coreV1().pods`, and
 * `new k8s.CoreV1Api()` is `k8s.coreV1()`.
 */
export function giving(give: (...args: unknown[]) => object): object {
  // An arrow function is no constructor.
  const giver = function (...args: unknown[]) {
    return give(...args);
  };
  givers.set(giver, () => give());
  return giver;
}

/** Members of every function that verbs have too: `deployments.apply(object)` is the verb. */
const VERBS = ["apply", "bind"];

/** A function of the SDK that can tell; a member that neither it nor what it gives has is a miss. */
export function callable(value: object, path: string, usage?: string): object {
  if (tellerOf(value)) return value;
  tellAs(value, () => `${path} is a function: write ${usage ? `.${usage}` : `${path}()`}.`);
  const give = givers.get(value);
  const prototype = new Proxy<object>({}, {
    get(_, key, receiver) {
      if (typeof key !== "string" || key === "then" || key === "toJSON") {
        return Reflect.get(Function.prototype, key, receiver);
      }
      const isOwn = Reflect.has(Function.prototype, key) && !VERBS.includes(key);
      if (give && !isOwn) {
        const found = Reflect.get(give(), key);
        if (found !== undefined) return found;
      }
      if (Reflect.has(Function.prototype, key)) {
        return Reflect.get(Function.prototype, key, receiver);
      }
      if (!give) {
        const hint = () => `${path} is a function: write ${path}().${key}.`;
        missed = { object: path, name: key, near: [], hint };
      }
      return undefined;
    },
    has: (_, key) => Reflect.has(Function.prototype, key),
    getPrototypeOf: () => Function.prototype,
  });
  Object.setPrototypeOf(value, prototype);
  return value;
}
