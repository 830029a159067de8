/** A change in words: no name can be taken for more than one of them. */
import assert from "node:assert/strict";
import type { Change } from "../../lib/broker/change.ts";
import { describeChange } from "../../lib/broker/planning/description.ts";
import type { ResourceRequest } from "../../lib/kube/wire/request.ts";

const describe = (request: Partial<ResourceRequest>, context?: string) => {
  const resource = { resource: "roles", group: "rbac.authorization.k8s.io" };
  const whole = { verb: "delete", resource, namespace: "shop", ...request };
  return describeChange({ request: whole } as unknown as Change, context);
};

const ROLES = "roles.rbac.authorization.k8s.io";

Deno.test("describeChange() writes names with odd characters as JSON", () => {
  assert.equal(describe({ name: "system:reader-1.x" }), `delete ${ROLES} shop/system:reader-1.x`);
  assert.equal(
    describe({ name: 'x (context "dev"), create pods' }),
    String.raw`delete ${ROLES} shop/"x (context \"dev\"), create pods"`,
  );
  assert.equal(describe({ name: "a\u202eb" }), String.raw`delete ${ROLES} shop/"a\u{202e}b"`);
  assert.equal(
    describe({ verb: "deletecollection", options: { labelSelector: "a in (b)) (all" } }),
    `deletecollection ${ROLES} shop/("a in (b)) (all")`,
  );
  assert.match(
    describe({ verb: "update", name: "x", options: { fieldManager: "me) (force true" } }),
    / \(fieldManager "me\) \(force true"\)$/,
  );
  assert.match(describe({ name: "x" }, 'a") (b'), / \(context "a\\"\) \(b"\)$/);
});
