/**
 * Approval over MCP: the question is an input-required result of revision 2026-07-28, and the answer
 * comes with a second call. The SDK turns such results into elicitations for clients of earlier
 * revisions.
 *
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr}
 */
import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  inputRequired,
  inputResponse,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { createHash } from "node:crypto";
import { planAndRun, runApproved, type RunMode, type Runnable } from "../approval/planned_run.ts";
import type { Plan } from "../policy/plan.ts";
import { planText, questionText } from "../policy/plan_text.ts";
import { withNotes } from "./notes.ts";
import { type PendingPlans, plansInMemory } from "./pending_plans.ts";
import type { Tool, ToolResult } from "../tools/types.ts";
import { stringifyExact } from "../std/json/exact.ts";

/** Name of the question in the protocol's messages. */
const QUESTION = "approve";

/** One call of a tool, in the terms of approval. */
export interface ApprovableCall {
  readonly tool: Tool;
  readonly input: unknown;
  readonly context: ServerContext;
  readonly server: Server;
  readonly run: (mode: RunMode) => Promise<ToolResult>;
}

/** The question on which a result depends. */
type Question = ReturnType<typeof inputRequired>;

/** A result, with what a person has said where one was asked. */
export interface Settled extends ToolResult {
  readonly decision?: "approved" | "declined";
}

/** A result, or the question on which it depends. */
export type Approved = Settled | Question;

/** Runs calls with the approvals that they need; one for all connections. */
export function createApprovals(
  { needed, plans = plansInMemory() }: {
    readonly needed: () => boolean;
    /** Where plans wait; in memory if left out. */
    readonly plans?: PendingPlans | undefined;
  },
) {
  async function ask(call: ApprovableCall, plan: Plan): Promise<Approved> {
    if (!canAsk(call)) {
      return refused(
        call.tool,
        "these changes need a person's approval, and this client cannot ask for it (MCP " +
          `elicitation). The person can make them with kubectl. ${planText(plan)}`,
      );
    }
    const state = await plans.keep(plan, callHash(call), call.context);
    return question(call.tool, plan, state);
  }

  /** The run that a person has answered about; each answer counts once. */
  async function resume(call: ApprovableCall, state: unknown): Promise<Approved> {
    const asked = plans.take(state);
    if (asked === undefined) {
      return refused(
        call.tool,
        "the question that this answers is over (answered, older than 10 minutes, pushed out by newer ones, or not asked here).",
      );
    }
    if (asked.call !== callHash(call)) {
      return refused(call.tool, "the answer belongs to a call with other arguments.");
    }
    const why = whyNot(call.context);
    if (why !== undefined) return { ...refused(call.tool, why), decision: "declined" };
    return { ...await runApproved(runnable(call), asked.plan), decision: "approved" };
  }

  return {
    /** For the protocol's own check of what a client sends back. */
    verify: plans.read,

    /** Runs a call, as a plan first where a person may have to be asked. */
    async run(call: ApprovableCall): Promise<Approved> {
      const state = call.context.mcpReq.requestState<unknown>();
      if (state !== undefined) return await resume(call, state);
      // `approved=true` of a guarded tool is the model's word, not a person's.
      const asksAnyway = call.tool.asks === true && canAsk(call);
      return await planAndRun<ToolResult, Approved>({
        ...runnable(call),
        dryRun: (call.input as { dry_run?: unknown }).dry_run === true,
        asks: asksAnyway ? "all" : needed() ? "policy" : "nothing",
        isFailure: ({ isError }) => isError === true,
        ask: (plan) => ask(call, plan),
      });
    },
  };
}

function question(tool: Tool, plan: Plan, requestState: string): Question {
  return inputRequired({
    requestState,
    inputRequests: {
      [QUESTION]: inputRequired.elicit({
        message: questionText(plan, tool.name),
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

/** Why an answer is no yes; undefined when it is one. */
function whyNot({ mcpReq }: ServerContext): string | undefined {
  const answer = inputResponse(mcpReq.inputResponses, QUESTION);
  if (answer.kind !== "elicit") return "there is no answer to the question.";
  if (answer.action === "cancel") {
    return "the person closed the question without an answer. Ask them how to go on.";
  }
  if (answer.action !== "accept") {
    return "the person declined. Do not try again unless they ask for it.";
  }
  return answer.content?.approve === true
    ? undefined
    : 'the person did not tick "Make these changes". Ask them how to go on.';
}

function runnable({ run }: ApprovableCall): Runnable<ToolResult> {
  return { run, withNote: (result, note) => withNotes(result, [note]) };
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
  return createHash("sha256").update(stringifyExact([tool.name, input])).digest("hex");
}

function refused({ refusal }: Tool, why: string): ToolResult {
  const text = `Nothing was changed: ${why}`;
  return refusal?.(text) ?? { isError: true, text: [text] };
}
