/** Ways round a policy that worked in other servers: none may reach the API server here. */
import assert from "node:assert/strict";
import type { RequestCall } from "../../lib/broker/types.ts";
import { KubecodeError } from "../../lib/errors.ts";
import { VERBS } from "../../lib/names/requests.ts";
import { makePolicy } from "../../lib/policy/profiles.ts";
import { HOLES, SERVED } from "../support/holes.ts";
import { createRecorder } from "../support/recorder.ts";

for (const [hole, policy, call] of HOLES) {
  Deno.test(`hole: ${hole}`, async () => {
    const recorder = createRecorder(SERVED);
    const broker = recorder.brokers(() => policy).as({ tool: "test", session: "test" });
    const whole = { op: "request", namespace: "shop", ...call } as RequestCall;
    assert.ok(VERBS.includes(whole.verb));
    await assert.rejects(async () => {
      const body = new TextEncoder().encode("{}");
      for await (const _ of broker.call(whole, body, new AbortController().signal));
    }, KubecodeError);
    assert.deepEqual(recorder.sent, []);
  });
}

Deno.test("no header of a request names somebody else", async () => {
  const recorder = createRecorder(SERVED);
  const broker = recorder.brokers(() => makePolicy({ mode: "read-write" })).as({
    tool: "test",
    session: "test",
  });
  const call = { op: "request", verb: "list", resource: "pods", namespace: "shop" } as const;
  for await (const _ of broker.call(call, undefined, new AbortController().signal));
  assert.equal(recorder.sent.length, 1);
  for (const { headers } of recorder.sent) {
    assert.ok(!Object.keys(headers ?? {}).some((name) => /impersonate|authorization/i.test(name)));
  }
});
