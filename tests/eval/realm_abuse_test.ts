/**
 * What scripts could do to the SDK that runs beside them in their realm: by values with methods of
 * their own, by what is open of the built-ins, and by what the frozen ones are made of.
 */
import assert from "node:assert/strict";
import { js } from "../support/script.ts";
import { testEvaluator } from "../support/evaluator.ts";
import { CONFIG_MAPS } from "../support/config_maps.ts";

/** Text of a script: tries to make code by what it got hold of, and by what leads from there. */
const MAKES_CODE = js`
  const makesCode = (object) => {
    for (let at = object, n = 0; at && n < 6; at = at.constructor, n++) {
      try {
        const answer = at("return typeof Deno")();
        if (answer === "object" || answer === "undefined") return "code";
      } catch {}
    }
    return "none";
  };
  const caught = (f) => {
    try {
      return f();
    } catch (e) {
      return e.message;
    }
  };
`;

async function value(script: string): Promise<unknown> {
  await using evaluator = testEvaluator(CONFIG_MAPS);
  return await evaluator.value(MAKES_CODE + script);
}

Deno.test("abuse: a list's own methods, iterator and species are not asked", async () => {
  const script = js`
    const seen = [];
    const spy = (name) => function (...args) {
      seen.push(name, ...args.map(makesCode));
      return [];
    };
    class Evil extends Array {
      static get [Symbol.species]() {
        return spy("species");
      }
    }
    const list = Object.defineProperties([{ a: 1 }], {
      constructor: { value: Evil },
      [Symbol.iterator]: { value: spy("iterator") },
      ...Object.fromEntries(
        ["map", "slice", "filter", "flatMap", "entries", "concat", "join"].map((name) => [name, { value: spy(name) }]),
      ),
    });
    const set = Object.defineProperty(new Set([{ a: 2 }]), "forEach", { value: spy("forEach") });
    const pods = k8s.coreV1().configMaps("shop");
    const texts = [table(list), table(Evil.from([{ a: 3 }])), table(set), table([{ x: list }], ["x"]), yaml(list)];
    const sent = [pods.patch("x", list).sent, pods.create({ metadata: { name: "x" }, list }).sent.list];
    const selector = { matchExpressions: [{ key: "a", operator: "In", values: Object.assign(list, { 0: "b" }) }] };
    [texts, sent, pods.list({ labelSelector: selector }).items.length, seen];
  `;
  assert.deepEqual(await value(script), [
    ["a\n1", "a\n3", "a\n2", 'x\n[{"a":1}]', "- a: 1"],
    [[{ a: 1 }], [{ a: 1 }]],
    2,
    [],
  ]);
});

Deno.test("abuse: a script that patches RegExp.prototype, which is open, hurts only itself", async () => {
  const script = js`
    const seen = [];
    const spy = (name) => function () {
      seen.push(name);
      return [{}];
    };
    const symbols = [Symbol.replace, Symbol.split, Symbol.match, Symbol.matchAll, Symbol.search];
    for (const name of ["exec", "test", "compile", ...symbols]) {
      Object.defineProperty(RegExp.prototype, name, { value: spy(String(name)) });
    }
    Object.defineProperty(RegExp.prototype, "flags", { get: spy("flags") });
    Object.setPrototypeOf(RegExp.prototype, null);
    const failed = caught(() => k8s.coreV1().podz());
    const wrong = caught(() => k8s.coreV1().configMaps("shop").list({ limitt: 1 }));
    [
      yaml({ a: "it's: \\u0085", b: ["no", 1e21] }), table([{ a: "x\\ny" }]), quantity("2Ki"), atob("eA =="),
      help("cm").length > 50, Object.keys(k8s).includes("coreV1"), failed, wrong, seen,
    ];
  `;
  assert.deepEqual(await value(script), [
    'a: "it\'s: \\u0085"\nb:\n- "no"\n- 1.0e+21',
    "a\nx y",
    2048,
    "x",
    true,
    true,
    "k8s.coreV1(...).podz is not a function",
    'Cannot list configmaps with option "limitt": there is no such option',
    [],
  ]);
});

Deno.test("abuse: what a value says of itself is plain data before it is written", async () => {
  const script = js`
    const boxed = Object.assign(new String("x"), { valueOf: () => () => 1 });
    const error = Object.defineProperty(new Error("m"), "name", { value: { list: [() => 1, 2] } });
    const set = Object.defineProperty(new Set([1]), "forEach", { value: 1 });
    const map = Object.defineProperty(new Map([["a", 1]]), "forEach", { value: 1 });
    [[boxed], error, yaml([boxed, error]), set, map];
  `;
  assert.deepEqual(await value(script), [
    [null],
    { name: { list: [null, 2] }, message: "m" },
    "- null\n- name:\n    list:\n    - null\n    - 2\n  message: m",
    [1],
    { a: 1 },
  ]);
});

Deno.test("abuse: no function that a script gets hold of makes code", async () => {
  const script = js`
    const accessors = ["__proto__", "toString", "constructor"].flatMap((name) => {
      const { get, set } = Object.getOwnPropertyDescriptor(Object.prototype, name);
      return [get, set];
    });
    const { get, set } = Object.getOwnPropertyDescriptor(new Error("x"), "stack") ?? {};
    const kinds = [() => {}, async () => {}, function* () {}, async function* () {}].map((f) => f.constructor);
    const tag = (strings) => strings;
    const got = [];
    const take = (...args) => got.push(...args);
    await Promise.all([k8s.coreV1().configMaps("shop").get("a"), { then: (ok, bad) => (take(ok, bad), ok(1)) }]);
    const own = Promise.resolve(1);
    Object.defineProperty(own, "then", { value: (ok, bad) => (take(ok, bad), Promise.prototype.then.call(own, ok, bad)) });
    await Promise.all([own]);
    class Kept extends Promise {
      then(ok, bad) {
        take(ok, bad);
        return super.then(ok, bad);
      }
    }
    await Kept.all([k8s.coreV1().configMaps("shop").get("a"), own]);
    const ours = [Error.prepareStackTrace, Promise.all, k8s.coreV1, table, setTimeout];
    const all = [...accessors, get, set, ...kinds, tag\`a\`, ...ours, ...got];
    [all.length > 20, all.map(makesCode).filter((found) => found !== "none")];
  `;
  assert.deepEqual(await value(script), [true, []]);
});

Deno.test("abuse: the accessors that stand for frozen properties change nothing but what they are called on", async () => {
  const script = js`
    const { get, set } = Object.getOwnPropertyDescriptor(Object.prototype, "toString");
    const own = {};
    set.call(own, 5);
    const refused = [Object.prototype, Array.prototype, Error.prototype, Promise, Object.freeze({}), 5, null].map((on) =>
      caught(() => set.call(on, 1) ?? "set")
    );
    const changed = [get, set].map((on) =>
      caught(() => {
        "use strict";
        on.x = 1;
      })
    );
    [own.toString, typeof get.call(own), refused.includes("set"), String({}), "prototype" in set, ...changed];
  `;
  assert.deepEqual(await value(script), [
    5,
    "function",
    false,
    "[object Object]",
    false,
    "Cannot add property x, object is not extensible",
    "Cannot add property x, object is not extensible",
  ]);
});
