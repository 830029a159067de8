import assert from "node:assert/strict";
import { withoutObjects } from "../../lib/kube/wire/quoted_objects.ts";

const CASES: readonly (readonly [what: string, given: string, left: string])[] = [
  [
    "an object as JSON in a Go string",
    String
      .raw`patch: Invalid value: "{\"data\":{\"a\":\"say \\\"hunter2\\\"\"}}": strict decoding error: unknown field "spec.replica"`,
    'patch: Invalid value: strict decoding error: unknown field "spec.replica"',
  ],
  ["a list", String.raw`Invalid value: "[{\"a\":1}]": no`, "Invalid value: no"],
  ["a Go map", 'Invalid value: "map[a:hunter2]": no', "Invalid value: no"],
  [
    "a Go value",
    `spec: Invalid value: core.Container{Env:[]core.EnvVar{{Name:"A", Value:"}hunter2"}}}: no`,
    "spec: Invalid value: no",
  ],
  ["a pointer to one", "Invalid value: &v1.X{A:hunter2}", "Invalid value: …"],
  ["what is cut off", String.raw`Invalid value: "{\"a\":\"hunter2`, "Invalid value: …"],
  ["a long value", `Invalid value: "${"x".repeat(300)}": too long`, "Invalid value: too long"],
  [
    "a short value stays",
    'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be positive',
    'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be positive',
  ],
  ["empty braces stay", 'Invalid value: {}: no "x{y}" here', 'Invalid value: {}: no "x{y}" here'],
];

for (const [what, given, left] of CASES) {
  Deno.test(`withoutObjects(): ${what}`, () => assert.equal(withoutObjects(given), left));
}

Deno.test("withoutObjects() takes time in proportion to what it reads", () => {
  const time = (text: string) => {
    const started = performance.now();
    assert.ok(withoutObjects(text).length <= text.length);
    return performance.now() - started;
  };
  for (const part of ["{", '"', "{}", '"\\', "a{", '{"', "x{a}", "x {a}", " x{a}: ", '"[" ']) {
    const [few, many] = [time(part.repeat(20_000)), time(part.repeat(400_000))];
    // Twenty times as much; what grows with its square takes four hundred times as long.
    assert.ok(many < 100 * Math.max(few, 20), `${part}: ${few} ms, then ${many} ms`);
  }
});
