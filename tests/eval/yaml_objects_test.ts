/** Objects that scripts write as YAML text. */
import assert from "node:assert/strict";
import { connect, TARGETS, uniqueName } from "../support/clusters.ts";
import { testEvaluator } from "../support/evaluator.ts";
import { needs } from "../support/needs.ts";

const MAPS = `k8s.coreV1().configMaps("default")`;

for (const target of TARGETS) {
  Deno.test(
    needs(target, `yaml objects, ${target.name}: create, update and apply take text`),
    async () => {
      await using cluster = await connect(target, { readWrite: true });
      await using evaluator = testEvaluator(cluster.broker);
      for (const wait of ["", "await "]) {
        const name = uniqueName("yaml");
        const script = `const text = (value) => \`
apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}, labels: {on: "yes"}}
data:
  # kept as it is
  value: "\${value}"
\`;
const created = ${wait}${MAPS}.create(text(1));
const updated = ${wait}${MAPS}.update(text(2));
const applied = ${wait}${MAPS}.apply(text(3), {force: true});
${wait}${MAPS}.delete("${name}");
[created, updated, applied].map((map) => [map.data.value, map.metadata.name])`;
        assert.deepEqual(await evaluator.value(script), [["1", name], ["2", name], ["3", name]]);
      }
    },
  );

  Deno.test(
    needs(target, `yaml objects, ${target.name}: what is too much is refused`),
    async () => {
      await using cluster = await connect(target, { readWrite: true });
      await using evaluator = testEvaluator(cluster.broker);
      const bomb = `["a: &a [x, x, x, x, x, x, x, x, x]", ...Array.from({length: 9}, (_, n) =>
  String.fromCharCode(98 + n) + ": &" + String.fromCharCode(98 + n) + " [" +
  Array(9).fill("*" + String.fromCharCode(97 + n)).join() + "]")].join("\\n")`;
      const cases = [
        [bomb, /aliases expand to too much/],
        [`"a: " + "x".repeat(2e6)`, /it has 20000\d\d bytes, at most 1048576 are read/],
      ] as const;
      for (const [text, words] of cases) {
        const failure = await evaluator.failure(`\n${MAPS}.create(${text})`);
        assert.match(failure.message, words, text);
        assert.equal(failure.line, 2);
      }
    },
  );
}
