/** Takes from a worker what it does not need once it runs. */

/** Built-ins of the language, and what the runtime itself goes on using. */
const LANGUAGE: ReadonlySet<string> = new Set((
  "Object Array Number String Boolean Symbol BigInt Date RegExp Math JSON Promise Proxy Reflect Map Set " +
  "WeakMap WeakSet Atomics Error TypeError RangeError SyntaxError ReferenceError URIError EvalError " +
  "AggregateError ArrayBuffer SharedArrayBuffer DataView Uint8Array Int32Array TextEncoder TextDecoder " +
  "Infinity NaN undefined isNaN parseInt DOMException Event EventTarget MessageEvent " +
  "PromiseRejectionEvent MessagePort ErrorEvent Iterator WeakRef FinalizationRegistry Temporal Intl"
).split(" "));

/** What this worker's own code goes on using; all else of its global object goes. */
const KEPT: ReadonlySet<string> = new Set((
  "postMessage onmessage addEventListener dispatchEvent setTimeout setInterval clearTimeout " +
  "clearInterval queueMicrotask globalThis self"
).split(" "));

/**
 * A second wall behind the realm: whoever got into this context would find no `Deno`, no way to start
 * a worker, and no way to make code from text.
 *
 * @param also names of what else of the global object stays, separated by spaces
 */
export function giveUpPowers(also = ""): void {
  const kept = new Set([...KEPT, ...also.split(" ")]);
  const global = globalThis as unknown as Record<string, unknown>;
  for (const name of Object.getOwnPropertyNames(global)) {
    // Built-ins of the language stay: they have no powers, but for those that make code.
    const power = !LANGUAGE.has(name) && !kept.has(name);
    if (!power) continue;
    try {
      delete global[name];
    } catch {
      // Not configurable: Infinity, NaN, undefined.
    }
  }
  for (const make of [() => {}, async () => {}, function* () {}, async function* () {}]) {
    const prototype = Object.getPrototypeOf(make) as object;
    Object.defineProperty(prototype, "constructor", { value: undefined, configurable: false });
  }
}
