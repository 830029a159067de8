import assert from "node:assert/strict";
import type { AuditEntry } from "../../lib/audit.ts";
import { audited } from "../../lib/broker/audit_trail.ts";
import { parseConfig } from "../../lib/config/file.ts";
import { policyOf } from "../../lib/config/policy_source.ts";
import { createRedactor } from "../../lib/redact/redactor.ts";
import { createRecorder } from "../support/recorder.ts";

Deno.test("audited() writes one line, without a credential that was given as a name", async () => {
  const lines: AuditEntry[] = [];
  const audit = {
    record: (entry: AuditEntry) => void lines.push(entry),
    flush: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  const token = "ghp_aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5";
  const facts = { verb: "get", resource: "pods", namespace: "shop", name: token };
  const origin = { tool: "get_k8s_entity", session: "s" };
  const parts = (async function* () {
    yield 1;
  })();
  const hide = createRedactor().text;
  for await (const _ of audited({ audit, hide }, origin, facts, parts));
  assert.equal(lines.length, 1);
  const [{ name, namespace, resource, status }] = lines as [AuditEntry];
  assert.match(name ?? "", /^\[redacted:[0-9a-f]{12}\]$/);
  assert.deepEqual([namespace, resource, status], ["shop", "pods", "ok"]);
});

Deno.test("a line tells who asked, where, as whom, and which rule of which file decided", async () => {
  const lines: AuditEntry[] = [];
  const recorder = createRecorder(
    [
      { group: "", resource: "pods", kind: "Pod", namespaced: true },
    ],
    {},
    () => undefined,
    { record: (entry) => void lines.push(entry) },
  );
  const file = parseConfig(
    "policy:\n  rules:\n    - {name: closed, effect: deny, resources: [pods], names: [x]}\n",
    "/etc/kubecode/config.yaml",
  );
  const client = { name: "claude", version: "1.2" };
  const broker = recorder.brokers(() => policyOf(file, undefined))
    .as({ tool: "test", session: "s", client });
  const read = (name: string) =>
    Array.fromAsync(broker.call(
      { op: "request", verb: "get", resource: "pods", namespace: "shop", name },
      undefined,
      new AbortController().signal,
    ));
  await read("y");
  await assert.rejects(read("x"));
  const told = lines.map(({ context, cluster, user, client, decision, rule }) => ({
    ...{ context, cluster, user, client, decision, rule },
  }));
  const where = { context: "test", cluster: "test", user: "tester", client };
  assert.deepEqual(JSON.parse(JSON.stringify(told)), [
    { ...where, decision: "allow", rule: { name: "everyday", profile: "standard" } },
    {
      ...where,
      decision: "refuse",
      rule: { name: "closed", file: "/etc/kubecode/config.yaml", line: 3 },
    },
  ]);
});
