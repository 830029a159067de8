import assert from "node:assert/strict";
import type { AuditEntry } from "../../lib/audit.ts";
import { audited } from "../../lib/broker/audit_trail.ts";
import { createRedactor } from "../../lib/redact/redactor.ts";

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
