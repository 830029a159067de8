/** RBAC grants most people some namespaces: a refused list over all of them says that one may be allowed. */
import assert from "node:assert/strict";
import { makePolicy } from "../../lib/policy/profiles.ts";
import { testEvaluator } from "../support/evaluator.ts";
import { createRecorder } from "../support/recorder.ts";

const SERVED = [
  { group: "", resource: "pods", kind: "Pod", namespaced: true },
  { group: "", resource: "nodes", kind: "Node", namespaced: false },
];

/** A cluster that answers with a status to whatever is asked. */
function refusing(code: number, reason: string) {
  const status = { kind: "Status", reason, code, message: `user "jane" cannot do that` };
  const recorder = createRecorder(SERVED, {}, () => Response.json(status, { status: code }));
  return testEvaluator(recorder.brokers(() => makePolicy({ mode: "read-write" })));
}

const ALL = /This asked for all namespaces; one may be allowed: pods\("<namespace>"\)\.$/;

Deno.test("every way to mean all namespaces is told that one may be allowed", async () => {
  await using evaluator = refusing(403, "Forbidden");
  for (
    const call of [
      'pods("").list()',
      'pods("*").list()',
      "pods(undefined).list()",
      'pods("").pages().toArray()',
      'pods("").each().toArray()',
    ]
  ) {
    const { message, hint } = await evaluator.failure(`k8s.coreV1().${call}`);
    assert.match(message, /cannot do that/, call);
    assert.match(hint ?? "", ALL, call);
  }
});

Deno.test("it is not said of one namespace, nor of what belongs to the cluster", async () => {
  await using evaluator = refusing(403, "Forbidden");
  for (
    const call of [
      // The default namespace.
      "pods().list()",
      'pods("shop").list()',
      'pods("shop").get("a")',
      "nodes().list()",
      'nodes().get("a")',
    ]
  ) {
    const { hint = "" } = await evaluator.failure(`k8s.coreV1().${call}`);
    assert.doesNotMatch(hint, /all namespaces/, call);
  }
});

Deno.test("nor of any other failure", async () => {
  await using evaluator = refusing(401, "Unauthorized");
  const { hint = "" } = await evaluator.failure("k8s.coreV1().pods().list()");
  assert.doesNotMatch(hint, /all namespaces/);
});
