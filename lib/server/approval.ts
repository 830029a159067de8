/**
 * Changes that need a person's yes: a call is tried out first, its plan shown to the person, and only
 * then run, for exactly those changes. Input-required results of revision 2026-07-28; the SDK turns
 * them into elicitations for clients of earlier revisions.
 *
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr}
 */
import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  createRequestStateCodec,
  inputRequired,
  inputResponse,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { createHash, randomUUID } from "node:crypto";
import { approvalOf, createPlan, endsUntried, type Plan, planText } from "../policy/plan.ts";
import type { Tool, ToolResult } from "../tools/types.ts";
import type { Origin } from "../broker/types.ts";

/** How long a person has, in seconds. */
const PATIENCE_S = 600;
/** Plans that wait for a person at the same time; the oldest goes first. */
const PENDING_PLANS = 100;
/** Name of the question in the protocol's messages. */
const QUESTION = "approve";

/** What waits for a person's yes. */
interface Pending {
  readonly plan: Plan;
  readonly call: string;
  readonly until: number;
}

/** How a tool is run: with what its origin has besides the tool and the session. */
export type RunTool = (how: Pick<Origin, "plan" | "approval">) => Promise<ToolResult>;

/** One call of a tool, in the terms of approval. */
export interface ApprovableCall {
  readonly tool: Tool;
  readonly input: unknown;
  readonly context: ServerContext;
  readonly server: Server;
  readonly run: RunTool;
}

/** A result, or the question on which it depends. */
export type Approved = ToolResult | ReturnType<typeof inputRequired>;

/** Makes the desk over which approvals go; one for all connections. */
export function createApprovals(options: { readonly needed: () => boolean }) {
  const pending = new Map<string, Pending>();
  const codec = createRequestStateCodec<{ id: string }>({
    key: crypto.getRandomValues(new Uint8Array(32)),
    ttlSeconds: PATIENCE_S,
    bind: ({ mcpReq, http }) => `${mcpReq.method} ${http?.authInfo?.clientId ?? ""}`,
  });

  async function ask(call: ApprovableCall, plan: Plan): Promise<Approved> {
    for (const [id, { until }] of pending) {
      if (until < Date.now() || pending.size >= PENDING_PLANS) pending.delete(id);
    }
    const id = randomUUID();
    const until = Date.now() + PATIENCE_S * 1000;
    pending.set(id, { plan, call: callHash(call), until });
    return inputRequired({
      requestState: await codec.mint({ id }, call.context),
      inputRequests: {
        [QUESTION]: inputRequired.elicit({
          message: `${call.tool.name} asks to change the cluster. ${planText(plan)}`,
          requestedSchema: {
            type: "object",
            properties: {
              approve: { type: "boolean", title: "Make these changes", default: false },
            },
            required: ["approve"],
          },
        }),
      },
    });
  }

  /** The run that a person has answered about; each answer counts once. */
  async function resume(call: ApprovableCall, id: string): Promise<Approved> {
    const asked = pending.get(id);
    pending.delete(id);
    if (!asked || asked.until < Date.now()) {
      return refused(
        "the question that this answers is over (answered, too old, or not asked here)",
      );
    }
    if (asked.call !== callHash(call)) {
      return refused("the answer belongs to a call with other arguments");
    }
    const answer = inputResponse(call.context.mcpReq.inputResponses, QUESTION);
    if (answer.kind !== "elicit") return refused("there is no answer to the question");
    if (answer.action === "cancel") {
      return refused("the person closed the question without an answer. Ask them how to go on");
    }
    if (answer.action !== "accept") {
      return refused("the person declined. Do not try again unless they ask for it");
    }
    if (answer.content?.approve !== true) {
      return refused('the person did not tick "Make these changes". Ask them how to go on');
    }
    const approval = approvalOf(asked.plan);
    const result = await call.run({ approval });
    const left = approval.left();
    if (left.length === 0) return result;
    const note = `Of ${asked.plan.changes.length} approved changes ${left.length} were not made:\n${
      left.map(({ what }) => `- ${what}`).join("\n")
    }`;
    return { ...result, text: [...result.text, note] };
  }

  return {
    /** For the protocol's own check of what a client sends back. */
    verify: codec.verify,

    /** Runs a call, as a plan first where a person may have to be asked. */
    async run(call: ApprovableCall): Promise<Approved> {
      const { mcpReq } = call.context;
      const state = mcpReq.requestState<{ id: string }>();
      if (state !== undefined) return await resume(call, state.id);
      const dryRun = (call.input as { dry_run?: unknown }).dry_run === true;
      // `approved=true` of a guarded tool is the model's own word.
      const asksAnyway = call.tool.asks === true && canAsk(call);
      if (!dryRun && !options.needed() && !asksAnyway) return await call.run({});
      const plan = createPlan(Date.now());
      const tried = await call.run({ plan });
      if (dryRun) return withPlan(tried, plan, "Nothing was changed. Plan");
      if (plan.changes.length === 0) return tried;
      if (tried.isError && !endsUntried(plan)) {
        return withPlan(
          tried,
          plan,
          "Nothing was changed: a plan is approved only when all of it works. So far",
        );
      }
      if (!asksAnyway && !plan.changes.some(({ asks }) => asks)) return await call.run({});
      if (canAsk(call)) return await ask(call, plan);
      return {
        isError: true,
        text: [
          "Nothing was changed: these changes need a person's approval, and this client cannot ask " +
          `for it (MCP elicitation). The person can make them with kubectl. ${planText(plan)}`,
        ],
      };
    },
  };
}

/** Whether the client can show a question with a form. */
function canAsk({ server, context }: ApprovableCall): boolean {
  const { envelope } = context.mcpReq;
  const stated = envelope && (envelope as Record<string, unknown>)[CLIENT_CAPABILITIES_META_KEY];
  const capabilities = (stated ?? server.getClientCapabilities()) as ClientCapabilities | undefined;
  const elicitation = capabilities?.elicitation;
  // Without a mode named, forms are meant.
  return elicitation !== undefined &&
    (elicitation.form !== undefined || elicitation.url === undefined);
}

function callHash({ tool, input }: ApprovableCall): string {
  return createHash("sha256").update(JSON.stringify([tool.name, input])).digest("hex");
}

function withPlan(result: ToolResult, plan: Plan, words: string): ToolResult {
  return { ...result, text: [...result.text, `${words}: ${planText(plan)}`] };
}

function refused(why: string): ToolResult {
  return { isError: true, text: [`Nothing was changed: ${why}.`] };
}
