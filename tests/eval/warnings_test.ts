/** What the API server and the SDK warn of, in scripts on both clusters. */
import assert from "node:assert/strict";
import type { Host } from "../../lib/eval/realm/base/host.ts";
import { listDecoder } from "../../lib/eval/realm/calls/decoders.ts";
import { connect, TARGETS, uniqueName } from "../support/clusters.ts";
import { testEvaluator } from "../support/evaluator.ts";
import { needs } from "../support/needs.ts";

Deno.test("a list that is empty for want of its namespace is not told of twice", () => {
  const told = (header: { readonly nowhere?: boolean }) => {
    let empty = 0;
    const decoder = listDecoder(undefined, () => empty += 1);
    decoder.add({ text: () => '{"items": []}' } as Host, header);
    decoder.end();
    return empty;
  };
  assert.deepEqual([told({}), told({ nowhere: true })], [1, 0]);
});

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

  Deno.test(
    needs(
      target,
      `warnings in scripts, ${target.name}: nothing in the default namespace is told apart from nothing at all`,
    ),
    async () => {
      await using cluster = await connect(target);
      await using evaluator = testEvaluator(cluster.brokers);
      const told = async (script: string) => {
        const evaluation = await evaluator.run(script);
        assert.ok(evaluation.ok, JSON.stringify(evaluation));
        return evaluation.console.map(({ text }) => text);
      };
      const sets = "k8s.coreV1().replicationControllers";
      const [word, ...more] = await told(`${sets}().list(); ${sets}().list().items.length`);
      assert.match(
        word ?? "",
        /^No replicationcontrollers in ".+", the default namespace; replicationcontrollers\(""\) is all\.$/,
      );
      assert.deepEqual(more, []);
      assert.match(
        (await told(`${sets}().list({labelSelector: "a=b"}).items.length`)).join(),
        /^No replicationcontrollers match in ".+", the default namespace; [^;]* is all\.$/,
      );
      assert.deepEqual(
        await told(`${sets}("").list().items.length + ${sets}(namespace).list().items.length`),
        [],
      );
    },
  );
}
