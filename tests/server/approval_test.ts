/** Answers to the question whether a plan may be carried out: in time, once, to their own call. */
import assert from "node:assert/strict";
import {
  CLIENT_CAPABILITIES_META_KEY,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { Origin } from "../../lib/broker/types.ts";
import { createApprovals } from "../../lib/server/approval.ts";
import type { Tool } from "../../lib/tools/types.ts";

const TOOL = { name: "change" } as Tool;
const YES = { approve: { action: "accept", content: { approve: true } } };
const CAPABILITIES = { [CLIENT_CAPABILITIES_META_KEY]: { elicitation: { form: {} } } };

type Asked = Parameters<ReturnType<typeof createApprovals>["run"]>[0];

/** A tool that plans one change, and counts how often it was allowed to make it. */
function desk() {
  const approvals = createApprovals({ needed: () => true });
  let made = 0;
  const subject = {
    context: "",
    cluster: "",
    verb: "delete",
    resource: "pods",
    gravity: 2,
  } as const;
  const change = { what: "delete pods shop/web", subject, lines: [], fingerprint: "f", asks: true };
  const run = ({ plan, approval }: Pick<Origin, "plan" | "approval">) => {
    plan?.add(change);
    if (approval) {
      approval.take(change);
      made += 1;
    }
    return Promise.resolve({ text: [approval ? "made" : "planned"] });
  };
  const call = async (input: unknown, state?: string, answer: unknown = YES) => {
    const mcpReq = { method: "tools/call", envelope: CAPABILITIES, inputResponses: answer };
    const bare = { mcpReq } as unknown as ServerContext;
    const payload = state === undefined ? undefined : await approvals.verify(state, bare);
    const context = {
      mcpReq: { ...mcpReq, requestState: () => payload },
    } as unknown as ServerContext;
    const asked: Asked = { tool: TOOL, input, context, server: {} as Server, run };
    return await approvals.run(asked) as {
      readonly text?: readonly string[];
      readonly isError?: boolean;
      readonly requestState?: string;
    };
  };
  return { call, made: () => made };
}

Deno.test("an approval counts once", async () => {
  const { call, made } = desk();
  const { requestState } = await call({ a: 1 });
  assert.deepEqual((await call({ a: 1 }, requestState)).text, ["made"]);
  const again = await call({ a: 1 }, requestState);
  assert.equal(again.isError, true);
  assert.match(again.text?.[0] ?? "", /is over/);
  assert.equal(made(), 1);
});

Deno.test("an approval is of its own call, and is used up by another", async () => {
  const { call, made } = desk();
  const { requestState } = await call({ a: 1 });
  assert.match((await call({ a: 2 }, requestState)).text?.[0] ?? "", /other arguments/);
  assert.match((await call({ a: 1 }, requestState)).text?.[0] ?? "", /is over/);
  assert.equal(made(), 0);
});

Deno.test("an approval that comes late counts for nothing", async () => {
  const { call, made } = desk();
  const { requestState } = await call({ a: 1 });
  const now = Date.now;
  Date.now = () => now() + 11 * 60 * 1000;
  try {
    await assert.rejects(call({ a: 1 }, requestState), /expired/);
  } finally {
    Date.now = now;
  }
  assert.equal(made(), 0);
});

Deno.test("a state that was not given out here counts for nothing", async () => {
  const { call, made } = desk();
  const { requestState = "" } = await desk().call({ a: 1 });
  await assert.rejects(call({ a: 1 }, requestState));
  await assert.rejects(call({ a: 1 }, `${requestState.slice(0, -3)}abc`));
  assert.equal(made(), 0);
});

Deno.test("what is no yes makes no change", async () => {
  for (
    const answer of [
      undefined,
      {},
      { approve: { action: "decline" } },
      { approve: { action: "accept" } },
      { approve: { action: "accept", content: { approve: "true" } } },
      { other: YES.approve },
    ]
  ) {
    const { call, made } = desk();
    const { requestState } = await call({ a: 1 });
    assert.equal((await call({ a: 1 }, requestState, answer ?? null)).isError, true);
    assert.equal(made(), 0, JSON.stringify(answer));
  }
});
