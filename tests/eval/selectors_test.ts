/** Label selectors, from the forms that scripts write. */
import assert from "node:assert/strict";
import { selector } from "../../lib/eval/realm/input/selectors.ts";

Deno.test("selector() says exactly what it was given", () => {
  const cases: readonly (readonly [given: unknown, text: string])[] = [
    ["app=web,tier in (a,b)", "app=web,tier in (a,b)"],
    [{ app: "web", tier: "front" }, "app=web,tier=front"],
    [{ app: "web", replicas: 3, canary: true }, "app=web,replicas=3,canary=true"],
    [{ matchLabels: { app: "web" } }, "app=web"],
    [{ matchExpressions: [{ key: "tier", operator: "Exists" }] }, "tier"],
    [
      {
        matchLabels: { app: "web" },
        matchExpressions: [
          { key: "tier", operator: "In", values: ["", "front"] },
          { key: "env", operator: "NotIn", values: ["prod"] },
          { key: "old", operator: "DoesNotExist" },
        ],
      },
      "app=web,tier in (,front),env notin (prod),!old",
    ],
  ];
  for (const [given, text] of cases) assert.equal(selector(given), text);
});

Deno.test("selector() refuses what it cannot say", () => {
  const bad: unknown[] = [
    undefined,
    null,
    5,
    ["app=web"],
    { app: null },
    { app: ["web"] },
    { matchLabels: { app: {} } },
    { matchLabels: { app: "web" }, app: "web" },
    { matchExpressions: {} },
    { matchExpressions: [{ key: "a", operator: "In", values: [] }] },
    { matchExpressions: [{ key: "a", operator: "Gt", values: ["1"] }] },
    { matchExpressions: [{ operator: "Exists" }] },
  ];
  for (const given of bad) {
    assert.throws(() => selector(given), { name: "InputError", message: /selector/ });
  }
});

Deno.test("selector() reads a list by its members, whatever methods the list has", () => {
  const values = Object.assign(["a", "b"], {
    map: () => ["c"],
    join: () => "c",
    [Symbol.iterator]: () => ["c"][Symbol.iterator](),
    constructor: { [Symbol.species]: () => ["c"] },
  });
  const given = { matchExpressions: [{ key: "tier", operator: "In", values }] };
  assert.equal(selector(given), "tier in (a,b)");
});
