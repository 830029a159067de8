/** The web's globals as a way out: nothing that they give or call leads out of the realm. */
import assert from "node:assert/strict";
import { CONFIG_MAPS } from "../support/config_maps.ts";
import { testEvaluator } from "../support/evaluator.ts";
import { js } from "../support/script.ts";

/** Text of a script: looks for what is not of this realm in all that a value leads to. */
const WALK = js`
  const own = new Set([Object.prototype, Function.prototype]);
  const escapes = [];
  const makesCode = (f) => {
    try {
      return typeof f.constructor("return 1") === "function";
    } catch {
      return false;
    }
  };
  const seen = new Set();
  const look = (value, path) => {
    if (Object(value) !== value || seen.has(value)) return;
    seen.add(value);
    if (typeof value === "function" && makesCode(value)) escapes.push(path + " makes code");
    let end = value;
    for (let p = value; p; p = Object.getPrototypeOf(p)) end = p;
    if (end !== value && end !== Object.prototype) {
      if (Object.getPrototypeOf(end) === null && !own.has(end)) escapes.push(path + " has a root of its own");
    }
    look(Object.getPrototypeOf(value), path + ".__proto__");
    for (const key of Reflect.ownKeys(value)) {
      const { value: v, get, set } = Object.getOwnPropertyDescriptor(value, key);
      for (const part of [v, get, set]) look(part, path + "." + String(key));
    }
  };
`;

const NAMES =
  "structuredClone crypto TextEncoder TextDecoder URL URLSearchParams AbortController AbortSignal";

async function values(...scripts: string[]): Promise<unknown[]> {
  await using evaluator = testEvaluator(CONFIG_MAPS);
  const all: unknown[] = [];
  for (const script of scripts) all.push(await evaluator.value(`${WALK}\n${script}`));
  return all;
}

Deno.test("abuse: the web's globals, what they make and what they throw are of the realm", async () => {
  const [found] = await values(js`
    const things = "${NAMES}".split(" ").map((name) => globalThis[name]);
    const controller = new AbortController();
    const caught = [];
    const attempt = (f) => {
      try {
        things.push(f());
      } catch (e) {
        caught.push(e);
      }
    };
    const hostile = { toString() { throw { made: "by the script" }; } };
    const deep = () => {
      let value = 1;
      for (let n = 0; n < 1e5; n++) value = [value];
      return value;
    };
    for (
      const f of [
        () => new URL("http://x/?a=1").searchParams.entries(),
        () => new URL("http://x"),
        () => new URL("nope"),
        () => new URL(hostile),
        () => URL.prototype.href,
        () => new TextEncoder().encode("x"),
        () => new TextEncoder().encodeInto("x", {}),
        () => new TextDecoder("latin1"),
        () => new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([255])),
        () => new TextDecoder().decode(hostile),
        () => TextDecoder.prototype.decode.call({}),
        () => structuredClone(() => {}),
        () => structuredClone(deep()),
        () => structuredClone(new Proxy({}, { ownKeys() { throw { made: "by the script" }; } })),
        () => structuredClone({ a: new Map([[1, new Error("x")]]), b: new Uint8Array(2), c: /x/ }),
        () => structuredClone(k8s),
        () => crypto.getRandomValues({}),
        () => crypto.getRandomValues(new Uint8Array(4)),
        () => crypto.randomUUID.call(null),
        () => controller.signal,
        () => new AbortSignal(),
        () => AbortSignal.any({ length: 1, 0: {} }),
        () => AbortSignal.timeout({ valueOf: () => NaN }),
        () => AbortSignal.abort(),
        () => AbortSignal.abort().throwIfAborted(),
        () => new URLSearchParams([[1]]),
        () => Object.getOwnPropertyDescriptor(globalThis, "URL").get,
        () => Object.getOwnPropertyDescriptor(globalThis, "crypto").set,
      ]
    ) attempt(f);
    let event;
    controller.signal.addEventListener("abort", (e) => event = e);
    controller.abort();
    for (const thing of [...things, ...caught, event]) look(thing, String(thing?.name ?? typeof thing));
    [caught.length > 12, event.type, seen.size > 100, escapes];
  `);
  assert.deepEqual(found, [true, "abort", true, []]);
});

Deno.test("abuse: the web's globals are frozen once they can be reached", async () => {
  const [open, byWay] = await values(
    js`
      const open = [];
      for (const name of "${NAMES}".split(" ")) {
        const value = globalThis[name];
        const parts = [value, value.prototype].filter((part) => Object(part) === part);
        for (const part of parts) {
          if (!Object.isFrozen(part)) open.push(name);
          for (const key of Reflect.ownKeys(part)) {
            const { value: v, get, set } = Object.getOwnPropertyDescriptor(part, key);
            for (const f of [v, get, set]) {
              if (typeof f === "function" && !Object.isFrozen(f)) open.push(name + "." + String(key));
            }
          }
        }
      }
      open;
    `,
    // What is reached by way of another.
    js`
      const made = [new URL("http://x").searchParams, new AbortController().signal];
      made.map((one) => Object.isFrozen(Object.getPrototypeOf(one)) && Object.isFrozen(one.constructor));
    `,
  );
  assert.deepEqual(open, []);
  assert.deepEqual(byWay, [true, true]);
});

Deno.test("abuse: what a script hands to the web's globals is called with nothing of the host", async () => {
  const [told] = await values(js`
    const got = [];
    const take = function (...args) {
      got.push(this, ...args);
      return 1;
    };
    const spy = () =>
      new Proxy(function () {}, {
        get: (_, key) => (got.push(key), key === Symbol.iterator ? undefined : take),
        apply: (_, on, args) => take.apply(on, args),
        ownKeys: () => [],
        getPrototypeOf: () => null,
      });
    class Bytes extends Uint8Array {
      static get [Symbol.species]() {
        return class extends Array {
          constructor(...args) {
            super();
            got.push(...args);
          }
        };
      }
      get length() {
        got.push("length");
        return 1e9;
      }
      get byteLength() {
        return 1e9;
      }
    }
    const bytes = new Bytes(4);
    Object.defineProperty(bytes, "buffer", { get: () => (got.push("buffer"), {}) });
    Object.defineProperty(bytes, "constructor", { value: class { constructor(...a) { got.push(...a); } } });
    const attempt = (f) => {
      try {
        got.push(f());
      } catch (e) {
        got.push(e);
      }
    };
    const value = { toString: take, valueOf: take, [Symbol.toPrimitive]: take };
    const listener = { get handleEvent() { return take; } };
    for (
      const f of [
        () => crypto.getRandomValues(bytes),
        () => crypto.getRandomValues(spy()),
        () => new TextDecoder().decode(bytes),
        () => new TextDecoder(value, spy()).decode(bytes, spy()),
        () => new TextEncoder().encode(value),
        () => new TextEncoder().encodeInto("abc", bytes),
        () => structuredClone(bytes),
        () => structuredClone(Object.defineProperty(new Map([[1, 2]]), "forEach", { value: take })),
        () => structuredClone({ get a() { return take(); } }, spy()),
        () => structuredClone(Object.setPrototypeOf({}, Date.prototype)),
        () => new URL(value),
        () => new URLSearchParams({ *[Symbol.iterator]() { yield [value, value]; } }).forEach(take, value),
        () => { const c = new AbortController(); c.signal.addEventListener("abort", listener); c.signal.onabort = take; c.abort(value); },
      ]
    ) attempt(f);
    for (const one of got) look(one, String(typeof one));
    [got.length > 15, escapes];
  `);
  assert.deepEqual(told, [true, []]);
});

Deno.test("abuse: a script that replaces its globals does not change what the web's are made of", async () => {
  const [made] = await values(js`
    const { URL: Url, TextEncoder: Encoder, structuredClone: clone, crypto: random } = globalThis;
    for (const name of ["Map", "Set", "Object", "Array", "String", "Uint8Array", "Reflect", "RegExp", "Error", "Number", "Date"]) {
      try {
        globalThis[name] = class { constructor() { return { evil: true }; } };
      } catch {}
    }
    [
      new Url("http://h/a?b=1").searchParams.get("b"), new Encoder().encode("é").length,
      clone({ a: [1] }).a[0], random.randomUUID().length,
    ];
  `);
  assert.deepEqual(made, ["1", 2, 1, 36]);
});
