/** What a command in a pod is asked of the broker as. */
import assert from "node:assert/strict";
import type { Broker, BrokerCall } from "../../../lib/broker/types.ts";
import { InputError } from "../../../lib/errors.ts";
import { runInPod } from "../../../lib/tools/support/pod_command.ts";

const POD = { namespace: "shop", name: "web-0" };
const ANSWER = { stdout: "out", stderr: "err", exitCode: 3 };

/** A broker that answers each call alike, and what it has been asked. */
function recorder() {
  const asked: BrokerCall[] = [];
  const broker: Broker = {
    namespace: () => Promise.resolve("shop"),
    isRead: () => false,
    async *call(call) {
      asked.push(call);
      yield await Promise.resolve({
        form: "json" as const,
        more: false,
        body: new TextEncoder().encode(JSON.stringify(ANSWER)),
      });
    },
  };
  return { broker, asked };
}

Deno.test("runInPod() takes 15 s by default and 60 s at most", async () => {
  for (
    const [timeout, timeoutMs] of [[undefined, 15_000], [45, 45_000], ["7", 7_000], [600, 60_000]]
  ) {
    const { broker, asked } = recorder();
    const payload = { command: ["ls", "-l"], container: "main", timeout };
    const { text } = await runInPod(
      broker,
      POD,
      { request_payload: JSON.parse(JSON.stringify(payload)) },
      new AbortController().signal,
    );
    assert.deepEqual(asked as unknown[], [
      { op: "exec", ...POD, command: ["ls", "-l"], container: "main", timeoutMs },
    ]);
    assert.deepEqual(text, [JSON.stringify(ANSWER)]);
  }
});

Deno.test("runInPod() refuses what is no command", async () => {
  for (
    const request_payload of [
      {},
      { command: "ls" },
      { command: [] },
      { command: [1] },
      { command: ["ls"], timeout: "soon" },
      { command: ["ls"], timeout: 0 },
      { command: ["ls"], tty: true },
      { command: ["ls"], container: 5 },
      null,
    ]
  ) {
    const { broker, asked } = recorder();
    const run = runInPod(broker, POD, { request_payload }, new AbortController().signal);
    await assert.rejects(run, InputError, JSON.stringify(request_payload));
    assert.deepEqual(asked, []);
  }
});
