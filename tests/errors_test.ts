import assert from "node:assert/strict";
import { ApiError, errorCodeOf, InputError, PolicyError } from "../lib/errors.ts";

Deno.test("with() copies an error with other words and keeps the rest", () => {
  const cause = new Error("why");
  const causes = [{ field: "spec", message: "is wrong" }];
  const error = new ApiError("busy", {
    status: 429,
    reason: "TooManyRequests",
    causes,
    retryAfterSeconds: 2,
    hint: "Wait.",
    cause,
  });
  const copy = error.with({ hint: "Wait longer." });
  assert.ok(copy instanceof ApiError);
  assert.deepEqual({ ...copy }, { ...error, hint: "Wait longer." });
  assert.deepEqual([copy.message, copy.cause, error.hint], ["busy", cause, "Wait."]);
  assert.deepEqual({ ...error.with({ message: "no" }) }, { ...error });
  assert.equal(error.with({ message: "no" }).message, "no");
  const rule = { name: "deny" };
  assert.equal(new PolicyError("no", { rule }).with({ hint: "Ask." }).rule, rule);
});

Deno.test("errorCodeOf() reads the names of the family alone", () => {
  assert.equal(errorCodeOf(new InputError("no").name), "input");
  assert.equal(errorCodeOf("TypeError"), undefined);
  assert.equal(errorCodeOf("toString"), undefined);
});
