/** What a plan says of who owns fields. */
import assert from "node:assert/strict";
import { diffOwners } from "../../lib/policy/diff.ts";

Deno.test("a plan tells who owns fields only now or no longer, but not whom it names itself", () => {
  const object = (...managers: string[]) => ({
    metadata: { managedFields: managers.map((manager) => ({ manager, operation: "Update" })) },
  });
  const line = (sign: string, manager: string) =>
    `${sign} metadata.managedFields: {"manager":"${manager}","operation":"Update"}`;
  const before = object("team", "kubecode");
  assert.deepEqual(diffOwners(before, object("kubectl-rollout"), "kubecode"), [
    line("-", "team"),
    line("+", "kubectl-rollout"),
  ]);
  const named = (after: ReturnType<typeof object>) =>
    diffOwners(before, after, "kubecode", "kubectl-rollout");
  assert.deepEqual(named(object("team", "kubectl-rollout")), []);
  assert.deepEqual(named(object("other", "kubectl-rollout")), [
    line("-", "team"),
    line("+", "other"),
  ]);
  assert.deepEqual(diffOwners(before, object(), "kubecode", "team"), [line("-", "team")]);
});
