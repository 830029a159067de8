/** A plural that several groups have, named by a script that says no group. */
import assert from "node:assert/strict";
import type { Broker, BrokerCall } from "../../lib/broker/types.ts";
import { testEvaluator } from "../support/evaluator.ts";

const CONSOLES = {
  resource: "consoles",
  singular: "console",
  kind: "Console",
  shortNames: [],
  namespaced: false,
  verbs: ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"],
  subresources: ["status"],
};
const versions = ["a.example", "b.example"].map((group) => ({
  group,
  version: "v1",
  preferred: true,
  resources: [CONSOLES],
}));

function recording(asked: BrokerCall[]): Broker {
  return {
    namespace: () => Promise.resolve("default"),
    isRead: () => false,
    async *call(call) {
      await Promise.resolve();
      if (call.op === "request") asked.push(call);
      const answer = call.op === "names"
        ? { versions }
        : { metadata: { name: "x" }, items: [{ metadata: { name: "x" } }] };
      yield { form: "json", more: false, body: new TextEncoder().encode(JSON.stringify(answer)) };
    },
  };
}

Deno.test("a script that says no group does not write to the first of two, and is told what it reads", async () => {
  const asked: BrokerCall[] = [];
  await using evaluator = testEvaluator(recording(asked));
  const consoles = 'k8s.dynamicClient().resource({version: "v1", resource: "consoles"})';
  const object = '{metadata: {name: "x"}}';
  for (
    const write of [
      'delete("x")',
      "deleteCollection({}, {labelSelector: 'a=b'})",
      'patch("x", "merge", {spec: {}})',
      `create(${object})`,
      `update(${object})`,
      `updateStatus(${object})`,
      `apply(${object})`,
    ]
  ) {
    const { message, hint } = await evaluator.failure(`${consoles}.${write}`);
    assert.match(message, /Cannot tell which consoles are meant: a\.example and b\.example/, write);
    assert.match(hint ?? "", /resource\(\{group: "a\.example"/);
  }
  assert.equal(asked.length, 0);
  const read = await evaluator.run(
    `const c = ${consoles}; c.get("x"); c.get("x"); c.list().items.length`,
  );
  assert.equal(read.ok && read.result.text, "1");
  assert.equal(read.console.length, 1);
  assert.match(read.console[0]!.text, /consoles of a\.example; b\.example has them too/);
  asked.splice(0);
  // A group that is said, or an apiVersion, is no guess.
  for (const said of ['group: "b.example"', 'apiVersion: "b.example/v1"']) {
    const script = `k8s.dynamicClient().resource({${said}, resource: "consoles"}).delete("x")`;
    assert.equal((await evaluator.run(script)).console.length, 0);
    assert.deepEqual(asked.splice(0).map((call) => call.op === "request" && call.group), [
      "b.example",
    ]);
  }
});
