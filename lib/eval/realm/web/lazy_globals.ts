/**
 * Globals of the web platform that scripts are used to: written for the realm, so that no object of
 * the worker is reached by them, and made when a script first asks for one. They are frozen like the
 * built-ins, and the SDK uses none of them.
 */
import type { Host } from "../base/host.ts";
import { abortClasses, type StartTimer } from "./abort.ts";
import { createCrypto } from "./crypto.ts";
import { structuredClone } from "./structured_clone.ts";
import { TextDecoder, TextEncoder } from "./text_encoding.ts";
import { URL } from "./url.ts";
import { URLSearchParams } from "./url_search_params.ts";

/** Makes each of them, by its name. */
export function webGlobals(
  host: Host,
  setTimeout: StartTimer,
): Readonly<Record<WebName, () => unknown>> {
  // Those that lead to each other are made together: what is not frozen yet is never in reach.
  const aborts = once(() => named(abortClasses(setTimeout)));
  const encodings = once(() => named({ TextDecoder, TextEncoder }));
  const urls = once(() => named({ URL, URLSearchParams }));
  return {
    AbortController: () => aborts().AbortController,
    AbortSignal: () => aborts().AbortSignal,
    TextDecoder: () => encodings().TextDecoder,
    TextEncoder: () => encodings().TextEncoder,
    URL: () => urls().URL,
    URLSearchParams: () => urls().URLSearchParams,
    crypto: () => frozen(createCrypto(host)),
    structuredClone: () => frozen(structuredClone),
  };
}

/** Their names. */
export type WebName =
  | "AbortController"
  | "AbortSignal"
  | "TextDecoder"
  | "TextEncoder"
  | "URL"
  | "URLSearchParams"
  | "crypto"
  | "structuredClone";

/** Defines globals that are made once they are read; a script may put others in their place. */
export function defineLazily(globals: Readonly<Record<string, () => unknown>>): void {
  for (const [name, make] of Object.entries(globals)) {
    const get = once(make);
    const set = (value: unknown) =>
      void Object.defineProperty(globalThis, name, {
        value,
        writable: true,
        configurable: true,
        enumerable: false,
      });
    Object.defineProperty(globalThis, name, {
      get: Object.freeze(get),
      set: Object.freeze(set),
      configurable: true,
      enumerable: false,
    });
  }
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Classes, frozen, under the names that scripts know: the bundle's own are letters. */
function named<Classes extends Readonly<Record<string, { readonly prototype: object }>>>(
  classes: Classes,
): Classes {
  for (const [name, made] of Object.entries(classes)) {
    Object.defineProperty(made, "name", { value: name });
    Object.defineProperty(made.prototype, Symbol.toStringTag, { value: name });
    frozen(made);
  }
  return classes;
}

/** Freezes what is ours, all that it is made of too; what that inherits is frozen already. */
function frozen<Value extends object>(made: Value): Value {
  Object.freeze(made);
  for (const key of Reflect.ownKeys(made)) {
    const { value, get, set } = Reflect.getOwnPropertyDescriptor(made, key)!;
    for (const part of [value, get, set]) {
      const isObject = typeof part === "function" || (typeof part === "object" && part !== null);
      if (isObject && !Object.isFrozen(part)) frozen(part);
    }
  }
  return made;
}
