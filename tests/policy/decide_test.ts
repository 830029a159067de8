import assert from "node:assert/strict";
import { PolicyError } from "../../lib/errors.ts";
import type { Verb } from "../../lib/kube/types.ts";
import { type Action, decide, enforce } from "../../lib/policy/decide.ts";

const READ_ONLY = { readWrite: false };
const READ_WRITE = { readWrite: true };

const action = (verb: Verb, path: string): Action => {
  const [resource = "", subresource] = path.split("/");
  return { verb, group: "", resource, ...(subresource ? { subresource } : {}) };
};

const READS: readonly [Verb, string][] = [
  ["get", "pods"],
  ["list", "secrets"],
  ["watch", "pods"],
  ["get", "pods/log"],
  ["get", "deployments/status"],
  ["get", "deployments/scale"],
];
const WRITES: readonly [Verb, string][] = [
  ["create", "pods"],
  ["update", "pods"],
  ["patch", "pods"],
  ["delete", "pods"],
  ["deletecollection", "pods"],
  ["update", "deployments/status"],
  ["patch", "deployments/scale"],
  ["create", "pods/eviction"],
];
const NEVER: readonly [Verb, string][] = [
  ["get", "pods/exec"],
  ["create", "pods/exec"],
  ["get", "pods/attach"],
  ["get", "pods/portforward"],
  ["get", "pods/proxy"],
  ["get", "services/proxy"],
  ["create", "nodes/proxy"],
  ["create", "serviceaccounts/token"],
  ["update", "certificatesigningrequests/approval"],
  ["get", "things/whatever"],
];

Deno.test("decide() allows reads in either mode", () => {
  for (const [verb, path] of READS) {
    for (const mode of [READ_ONLY, READ_WRITE]) {
      assert.deepEqual(decide(action(verb, path), mode), { allow: true }, `${verb} ${path}`);
    }
  }
});

Deno.test("decide() allows everyday changes with read-write alone, and names that way out", () => {
  for (const [verb, path] of WRITES) {
    assert.equal(decide(action(verb, path), READ_WRITE).allow, true, `${verb} ${path}`);
    const refused = decide(action(verb, path), READ_ONLY);
    assert.ok(!refused.allow && refused.hint.includes("--read-write"), `${verb} ${path}`);
  }
});

Deno.test("decide() refuses subresources that act or are not known, in every mode and by every verb", () => {
  for (const [verb, path] of NEVER) {
    for (const mode of [READ_ONLY, READ_WRITE]) {
      assert.equal(decide(action(verb, path), mode).allow, false, `${verb} ${path}`);
    }
  }
});

Deno.test("decide() takes reviews, which store nothing, for reads, and by their group alone", () => {
  const review = {
    verb: "create",
    group: "authorization.k8s.io",
    resource: "selfsubjectaccessreviews",
  } as const;
  assert.equal(decide(review, READ_ONLY).allow, true);
  assert.equal(decide({ ...review, group: "evil.example" }, READ_ONLY).allow, false);
  assert.equal(decide({ ...review, resource: "tokenreviews" }, READ_ONLY).allow, false);
});

Deno.test("enforce() says what was refused, where, why, and the way out", () => {
  assert.throws(
    () => enforce({ ...action("delete", "pods"), namespace: "shop", name: "web-0" }, READ_ONLY),
    (error: PolicyError) => {
      assert.ok(error instanceof PolicyError);
      assert.equal(
        error.message,
        'Cannot delete pods "web-0" in namespace "shop": the server is read-only',
      );
      assert.match(error.hint ?? "", /--read-write/);
      return true;
    },
  );
});
