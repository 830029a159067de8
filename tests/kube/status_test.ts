import assert from "node:assert/strict";
import { ApiError } from "../../lib/errors.ts";
import { errorFromStatus, withNamespaceHint } from "../../lib/kube/wire/status.ts";

const WHERE = { server: "https://c1", context: "c1" };
const error = (status: object) =>
  errorFromStatus({ kind: "Status", ...status }, { code: 429, text: "", where: WHERE });

Deno.test("errorFromStatus() tells causes that the message does not", () => {
  const message = "Cannot evict pod as it would violate the pod's disruption budget.";
  const needs = "The disruption budget web needs 2 healthy pods and has 2 currently";
  const causes = [{ reason: "DisruptionBudget", message: needs }];
  assert.equal(error({ message, details: { causes } }).hint, needs);
  // As in errors of validation.
  const quoted = [{ field: "spec.replicas", message: "must be positive" }];
  const invalid = error({
    message: "spec.replicas: must be positive",
    details: { causes: quoted },
  });
  assert.equal(invalid.hint, undefined);
});

Deno.test("errorFromStatus() calls an object that the API server does not name the request", () => {
  const said = '"" is invalid: patch: Invalid value: "{\\"a\\":1}": strict decoding error';
  assert.equal(
    error({ code: 422, message: ` ${said}` }).message,
    "the request is invalid: patch: Invalid value: strict decoding error",
  );
});

Deno.test("withNamespaceHint() keeps what else the error says", () => {
  const cause = new Error("why");
  const missing = new ApiError("not found", {
    status: 404,
    reason: "NotFound",
    retryAfterSeconds: 3,
    cause,
  });
  const named = withNamespaceHint(missing, "shop");
  assert.ok(named instanceof ApiError);
  assert.deepEqual([named.retryAfterSeconds, named.cause], [3, cause]);
});

Deno.test("withNamespaceHint() says where an object was looked for", () => {
  const missing = error({ code: 404, reason: "NotFound", message: 'pods "x" not found' });
  const named = withNamespaceHint(missing, "shop") as typeof missing;
  assert.deepEqual([named.message, named.hint], [
    'pods "x" not found',
    'It was looked for in namespace "shop".',
  ]);
  assert.equal(withNamespaceHint(missing, undefined), missing);
});
