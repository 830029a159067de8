/** The realm's own wall: scripts cannot change built-ins, and can do all else that they are used to. */
import assert from "node:assert/strict";
import vm from "node:vm";
import { CONFIG_MAPS } from "../support/config_maps.ts";
import { testEvaluator } from "../support/evaluator.ts";
import { js } from "../support/script.ts";

/** Runs each script in a realm of its own: what it gives, as a value; its failure as text. */
async function outcomes(...scripts: string[]): Promise<unknown[]> {
  await using evaluator = testEvaluator(CONFIG_MAPS);
  const all: unknown[] = [];
  for (const script of scripts) {
    const one = await evaluator.run(script);
    if (!one.ok) all.push(`${one.failure.name}: ${one.failure.message}`);
    else all.push(one.result.type === "json" ? JSON.parse(one.result.text) : one.result.text);
  }
  return all;
}

/** What a realm has before there is an SDK, but for what is left open or is the SDK's own there. */
const BUILT_INS: readonly string[] = vm.runInNewContext("Object.getOwnPropertyNames(globalThis)")
  .filter((name: string) => !["Intl", "Temporal", "console", "queueMicrotask"].includes(name));

Deno.test("built-ins: none that a script can reach can be changed, but for RegExp.prototype, Intl and Temporal", async () => {
  const look = `const open = [], seen = new Set([globalThis]), names = new Map();
const look = (value, name) => {
  if (Object(value) !== value || seen.has(value)) return;
  seen.add(value);
  names.set(value, name);
  if (!Object.isFrozen(value)) open.push(name);
  look(Object.getPrototypeOf(value), name + ".__proto__");
  for (const key of Reflect.ownKeys(value)) {
    const {value: v, get, set} = Object.getOwnPropertyDescriptor(value, key);
    for (const part of [v, get, set]) look(part, name + "." + String(key));
  }
};
for (const name of ${JSON.stringify(BUILT_INS)}) look(globalThis[name], name);
[open, seen.size > 740]`;
  // The first realm of a worker looks at more than those after it.
  const [first, hidden, next] = await outcomes(
    look,
    `const made = [function* () {}, async function* () {}, async () => {}, (function* () {}).prototype, (async function* () {}).prototype,
  [][Symbol.iterator](), [].entries(), "x"[Symbol.iterator](), "x".matchAll(/x/g), new Map().entries(), new Set().values(),
  Iterator.from({next() {}}), [].values().map(x => x), [].values().flatMap(x => [x]), (function () { return arguments })(),
  new Proxy([], {}), Promise.resolve(1)];
made.flatMap((value, at) => {
  const found = [];
  for (let p = Object.getPrototypeOf(value); p; p = Object.getPrototypeOf(p)) if (!Object.isFrozen(p)) found.push(at);
  return found;
})`,
    look,
  );
  for (const open of [first, next]) assert.deepEqual(open, [["RegExp.prototype"], true]);
  assert.deepEqual(hidden, []);
});

Deno.test("built-ins: an attempt is ignored in sloppy code, and a TypeError in strict code", async () => {
  const attempts = [
    "Array.prototype.map = () => 1",
    "Object.prototype.get = () => 1",
    "Promise.prototype.then = () => 1",
    "Symbol.iterator = 1",
    "Array.prototype[Symbol.iterator] = 1",
    "JSON.parse = () => 1",
    "Reflect.apply = () => 1",
    "Function.prototype.call = () => 1",
    "(function* () {}).constructor.prototype.prototype.next = () => 1",
    "Object.getPrototypeOf(new Map().keys()).next = () => 1",
    "Object.getPrototypeOf(Uint8Array.prototype).set = () => 1",
    "Error.prepareStackTrace = () => 1",
    "Error.stackTraceLimit = 0",
  ];
  const reshaping = [
    "Object.defineProperty(Object.prototype, '0', {set() {}})",
    "Object.setPrototypeOf(Array.prototype, {})",
    "Object.prototype.__proto__ = {}",
    "delete Array.prototype.map || (() => { throw new TypeError('sloppy') })()",
    "Object.prototype.toString = () => 1",
    "Error.prototype.name = 'x'",
  ];
  const all = await outcomes(
    attempts.map((attempt) => `${attempt};`).join("\n") + "\n[1].map(x => x + 1)",
    `[${
      [...attempts, ...reshaping].map((one) =>
        `() => { "use strict"; ${one.startsWith("delete") ? "delete Array.prototype.map" : one} }`
      )
    }].map(f => { try { f(); return "done" } catch (e) { return e.name } }).filter(name => name !== "TypeError")`,
    `[${
      reshaping.map((one) => `() => { ${one} }`)
    }].map(f => { try { f(); return "done" } catch (e) { return e.name } }).filter(name => name !== "TypeError")`,
    `"use strict"; Error.prototype.name = "x"`,
  );
  assert.deepEqual(all, [
    [2],
    [],
    [],
    "TypeError: Cannot assign to read only property 'name' of a built-in",
  ]);
});

Deno.test("built-ins: objects of a script may have properties by the names that built-ins have", async () => {
  const [strict, sloppy] = [`"use strict";\n`, ""].map((mode) =>
    `${mode}class Problem extends Error { constructor(m) { super(m); this.name = "Problem"; this.message = m + "!"; this.stack = "s"; } }
class Old extends Array { constructor() { super(); this.name = "old"; this.toString = () => "old"; } }
class Names extends Map { constructor() { super([["a", 1]]); this.constructor = 5; } toString() { return "names" } }
function Cat() { this.name = "cat"; this.valueOf = () => 7 }
Cat.prototype.constructor = Cat; Cat.prototype.toString = function () { return this.name };
function Kitten() {} Kitten.prototype = Object.create(Cat.prototype); Kitten.prototype.constructor = Kitten;
const o = {}; o.constructor = 1; o.toString = () => "o"; o.hasOwnProperty = 2; o.__proto__ = null;
const f = () => 1; f.toString = () => "f";
const e = new TypeError("x"); e.message = "y"; e.name = "Z"; e.toString = () => "e";
const d = new Date(0); d.toJSON = () => "then";
const p = new Problem("no"), old = new Old(), n = new Names(), bare = Object.create({}); bare.toString = 1; bare.toString = 2;
old.push(1); const more = old.map(x => x + 1);
[p.name, p.message, p instanceof Problem, p.stack, old.name, \`\${old}\`, more instanceof Old, more[0], n.get("a"), \`\${n}\`, n.constructor,
 Object.keys(new Cat()), \`\${new Kitten()}\`, new Cat() + 1, o.constructor, String(o.toString()), o.hasOwnProperty, f + "", e.message, e.name, e + "",
 JSON.stringify({d}), bare.toString, Object.keys(bare), Object.getOwnPropertyDescriptor(bare, "toString").writable]`
  );
  const wanted = [
    ...["Problem", "no!", true, "s", "old", "old", true, 2, 1, "names", 5],
    ...[["name", "valueOf"], "undefined", 8, 1, "o", 2, "f", "y", "Z", "e"],
    ...['{"d":"then"}', 2, ["toString"], true],
  ];
  assert.deepEqual(await outcomes(strict!, sloppy!), [wanted, wanted]);
});

Deno.test("built-ins: a script that replaces their global names hurts only itself", async () => {
  const synchronous = js`
    const help_ = typeof help;
    const global = globalThis;
    const keep = ["k8s", "table", "yaml", "quantity", "btoa", "globalThis"];
    for (const name of Object.getOwnPropertyNames(global)) {
      if (keep.includes(name)) continue;
      try {
        global[name] = class {};
      } catch {}
    }
    const maps = k8s.coreV1().configMaps("shop");
    const failed = (() => {
      try {
        maps.get("");
      } catch (e) {
        return e.message;
      }
    })();
    const text = table([{ a: 1 }]) + yaml({ a: ["no"] }) + quantity("1Ki") + btoa("x") + help_ + maps.nope;
    [maps.list().items.length, maps.create({ name: "x", data: { a: "1" } }).sent, failed, text, typeof JSON.parse];
  `;
  const asynchronous = js`
    const names = ["JSON", "Promise", "Object", "Array", "Proxy", "Reflect", "Map", "Symbol", "String"];
    for (const name of names) globalThis[name] = null;
    await 0;
    const maps = k8s.coreV1().configMaps("shop");
    const [a, b] = [await maps.get("a"), maps.list()];
    [a.metadata.name, b.items.length];
  `;
  const written = {
    data: { a: "1" },
    metadata: { name: "x" },
    apiVersion: "v1",
    kind: "ConfigMap",
  };
  const text = 'a\n1a:\n- "no"1024eA==functionundefined';
  assert.deepEqual(await outcomes(synchronous, asynchronous), [
    [2, written, 'Cannot get configmaps: "" is no name', text, "undefined"],
    ["a", 2],
  ]);
});
