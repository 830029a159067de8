/**
 * The realm's own wall: its built-ins are frozen before there is a script, so that the SDK, which
 * runs beside the script in the same realm, can be written in ordinary JavaScript. `list.map`,
 * `for (const x of list)`, `text.slice`, `promise.then`, a property that is missing from a record:
 * each of them looks up what a script could otherwise have replaced.
 *
 * What protects what:
 *
 * - **Built-ins** (every object reachable from the globals or from syntax, such as the prototypes of
 *   generators): frozen here. In sloppy code an attempt to change one is ignored, as the language has
 *   it for read-only properties; in strict code it is a TypeError.
 * - **Their global names** (`globalThis.JSON = …` stays possible): the bundle binds all of them as
 *   constants before its first line (`scripts/generators/bundle_workers.ts`), so the SDK never looks them up.
 * - **`RegExp.prototype`** is the one exception. V8 has fast ways through `replace`, `split` and
 *   `match` only as long as that object is untouched: frozen, a script's own `split(/\s+/)` takes 17
 *   times as long. Regular expressions of the SDK are therefore used by `lib/std/regexp.ts` alone, which
 *   calls the built-in `exec`, and a lint rule (`realm-regexp`) holds the realm to it.
 * - **`Intl` and `Temporal`** stay open too: the SDK uses neither (the bundler holds it to that), and
 *   to load and walk them takes longer than all the rest.
 * - **Values made by a script** stay hostile: getters, proxies, a `then`, a `map` or
 *   `Symbol.iterator` of their own, a `constructor` with a species. Whatever may be one is read by
 *   index and key, each place once, or copied first (through JSON, or `toPlain`); methods of it are
 *   not called. `Array.isArray` does not make an array of a script a list of ours.
 * - **The worker's functions** are behind `guard.ts`, whatever came of all that.
 */

/** Where V8 asks whether a `constructor` is still the original, once for each `map` or `await`. */
const SPECIES: ReadonlySet<object> = new Set<object>([
  Array.prototype,
  Promise.prototype,
  Object.getPrototypeOf(Uint8Array.prototype),
]);

/** What scripts assign on objects of their own, whose prototype has it frozen. */
const ASSIGNED: readonly PropertyKey[] = (
  "constructor toString toLocaleString valueOf toJSON name message"
).split(" ");

/** Globals that the SDK does not use. */
export const UNUSED: ReadonlySet<PropertyKey> = new Set(["Intl", "Temporal"]);

/** Functions without a `prototype` of their own that have more than a length and a name. */
const RICH: ReadonlySet<object> = new Set<object>([Proxy, Function.prototype]);

/**
 * Freezes all built-ins. Called once, after the last change to them and before any script. That is the
 * dearest part of a realm: most of it goes by to look at what functions have, and V8 makes half a
 * kilobyte of garbage for each.
 *
 * @param areMethodsBare what this gave in a realm before, in the same worker and so with the same
 * built-ins: methods, which are four in five of them, are then not looked at
 * @returns whether methods have a length and a name and nothing else
 */
export function freezeBuiltIns(areMethodsBare: boolean): boolean {
  let areBare = true;
  const builtIns = new Set<object>();
  const add = (value: unknown) => {
    if (typeof value === "function" || (typeof value === "object" && value !== null)) {
      builtIns.add(value);
    }
  };
  const addParts = (object: object, key: PropertyKey) => {
    const { value, get, set } = Object.getOwnPropertyDescriptor(object, key)!;
    // Most are functions: a call for each would have add() compiled anew in each realm.
    if (typeof value === "function") builtIns.add(value);
    else if (typeof value === "object") add(value);
    else if (value === undefined) {
      add(get);
      add(set);
    }
  };
  for (const object of hiddenBuiltIns()) add(Object.getPrototypeOf(object));
  for (const key of Reflect.ownKeys(globalThis)) if (!UNUSED.has(key)) addParts(globalThis, key);
  builtIns.delete(globalThis);
  // A Set is iterated with what is added to it on the way.
  for (const object of builtIns) {
    add(Object.getPrototypeOf(object));
    if (areMethodsBare && isMethod(object)) continue;
    const keys = Reflect.ownKeys(object);
    // A length and a name, as most functions have them.
    if (keys.length === 2 && typeof object === "function") continue;
    areBare &&= !isMethod(object);
    for (const key of keys) addParts(object, key);
    for (const key of assigned(object, keys)) allowOverride(object, key);
  }
  builtIns.delete(RegExp.prototype);
  for (const object of builtIns) Object.freeze(object);
  return areBare;
}

function isMethod(object: object): boolean {
  return typeof object === "function" && !Object.hasOwn(object, "prototype") && !RICH.has(object);
}

/** Objects whose prototypes no global leads to: what syntax and iteration make. */
function hiddenBuiltIns(): object[] {
  return [
    ...[async () => {}, function* () {}, async function* () {}],
    ...[[][Symbol.iterator](), ""[Symbol.iterator](), new Map().keys(), new Set().keys()],
    // deno-lint-ignore kubecode/realm-regexp -- before there is a script
    ...["".matchAll(/./g), [].values().map(() => {}), Iterator.from({ next: () => ({}) as never })],
  ];
}

/** Which of a built-in's properties scripts assign on what inherits from it. */
function assigned(object: object, keys: readonly PropertyKey[]): readonly PropertyKey[] {
  if (object === Object.prototype) return keys.filter((key) => typeof key === "string");
  if (!Object.hasOwn(object, "constructor")) return [];
  const own = ASSIGNED.filter((key) => Object.hasOwn(object, key));
  return SPECIES.has(object) ? own.filter((key) => key !== "constructor") : own;
}

/**
 * Makes an accessor of a property, by which an assignment to an object that inherits it works as if
 * it were not frozen: `class Problem extends Error { constructor() { super(); this.name = "…" } }`.
 */
function allowOverride(prototype: object, key: PropertyKey): void {
  const { value, writable, enumerable } = Object.getOwnPropertyDescriptor(prototype, key)!;
  if (!writable) return;
  // Methods, which have no `prototype` that would be made to be frozen.
  const { get, set } = {
    get: () => value,
    set(this: object, given: unknown) {
      const made = Object.hasOwn(this, key)
        ? { value: given }
        : { value: given, writable: true, enumerable: true, configurable: true };
      if (this === prototype || !Reflect.defineProperty(this, key, made)) {
        throw new TypeError(`Cannot assign to read only property '${String(key)}' of a built-in`);
      }
    },
  };
  for (const made of [get, set]) Object.freeze(made);
  Object.defineProperty(prototype, key, { get, set, enumerable, configurable: false });
}
