/** What the API server warns of, in scripts on both clusters. */
import assert from "node:assert/strict";
import { connect, TARGETS, uniqueName } from "../support/clusters.ts";
import { testEvaluator } from "../support/evaluator.ts";
import { needs } from "../support/needs.ts";

for (const target of TARGETS) {
  Deno.test(
    needs(target, `warnings in scripts, ${target.name}: each is printed once`),
    async () => {
      await using cluster = await connect(target, { readWrite: true });
      await using evaluator = testEvaluator(cluster.brokers);
      const name = uniqueName("warned");
      const evaluation = await evaluator.run(`const maps = k8s.coreV1().configMaps("default");
      const odd = n => maps.create({metadata: {name: "${name}-" + n}, oddField: n}, {fieldValidation: "Warn"});
      odd(1); odd(2); "made"`);
      assert.ok(evaluation.ok, JSON.stringify(evaluation));
      assert.deepEqual(evaluation.console, [{
        level: "warn",
        text: 'the API server warns: unknown field "oddField"',
      }]);
    },
  );
}
