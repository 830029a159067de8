import assert from "node:assert/strict";
import { readExit } from "../../lib/kube/wire/exec_status.ts";

const exit = (status: unknown) => readExit(JSON.stringify(status));
const RUNTIME = "error executing command in container: failed to exec in container: ";

Deno.test("readExit() takes success for 0, and the exit code that a kubelet names", () => {
  assert.deepEqual(exit({ metadata: {}, status: "Success" }), { code: 0 });
  const failed = {
    status: "Failure",
    reason: "NonZeroExitCode",
    message: "command terminated with non-zero exit code: exit status 137",
    details: {
      causes: [{ reason: "Other", message: "5" }, { reason: "ExitCode", message: "137" }],
    },
  };
  assert.deepEqual(exit(failed), { code: 137 });
});

Deno.test("readExit() takes bare words of Go for an exit code, and no others", () => {
  const internal = (message: string, reason = "InternalError") =>
    exit({ status: "Failure", reason, message, code: 500 });
  const bare = "error executing command in container: exit status 3";
  assert.deepEqual(internal(bare), { code: 3 });
  assert.deepEqual(internal(`Internal error occurred: ${bare}`), { code: 3 });
  for (
    const words of [
      `${RUNTIME}OCI runtime exec failed: exit status 1`,
      `${bare}: unknown`,
      `${RUNTIME}${bare}`,
      "error executing command in container: signal: killed",
    ]
  ) assert.deepEqual(internal(words), { message: words, reason: "InternalError" });
  assert.deepEqual(internal(bare, "Forbidden"), { message: bare, reason: "Forbidden" });
});

Deno.test("readExit() says nothing of a status that is not whole, and reads odd ones as failures", () => {
  for (const text of ["", "{", '{"status":"Succ', "null", "5"]) {
    assert.equal(readExit(text), undefined, text);
  }
  const none = { message: "the server gives no reason", reason: "InternalError" };
  assert.deepEqual(exit({}), none);
  assert.deepEqual(exit({ status: "Failure", reason: "NonZeroExitCode", details: {} }), {
    ...none,
    reason: "NonZeroExitCode",
  });
  const odd = { reason: "NonZeroExitCode", details: { causes: [{ reason: "ExitCode" }] } };
  assert.deepEqual(exit(odd), { ...none, reason: "NonZeroExitCode" });
});
