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
  createRequestStateCodec,
  inputRequired,
  inputResponse,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { createHash, randomUUID } from "node:crypto";
import { planAndRun, runApproved, type RunMode, type Runnable } from "../approval/planned_run.ts";
import type { Plan } from "../policy/plan.ts";
import { planText, questionText } from "../policy/plan_text.ts";
import { withNotes } from "./notes.ts";
import type { Tool, ToolResult } from "../tools/types.ts";
import { stringifyExact } from "../std/exact_json.ts";

/** How long a person has, in seconds. */
const PATIENCE_S = 600;
/** Plans that wait for a person at the same time, and what they hold together; the oldest goes first. */
const PENDING_PLANS = 100;
const PENDING_BYTES = 8 * 1024 * 1024;
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
export function createApprovals(options: { readonly needed: () => boolean }) {
  const pending = createPendingPlans();
  const codec = createRequestStateCodec<{ id: string }>({
    key: crypto.getRandomValues(new Uint8Array(32)),
    ttlSeconds: PATIENCE_S,
    bind: ({ mcpReq, http }) => `${mcpReq.method} ${http?.authInfo?.clientId ?? ""}`,
  });

  async function ask(call: ApprovableCall, plan: Plan): Promise<Approved> {
    if (!canAsk(call)) {
      return refused(
        call.tool,
        "these changes need a person's approval, and this client cannot ask for it (MCP " +
          `elicitation). The person can make them with kubectl. ${planText(plan)}`,
      );
    }
    const id = pending.add(plan, callHash(call));
    return question(call.tool, plan, await codec.mint({ id }, call.context));
  }

  /** The run that a person has answered about; each answer counts once. */
  async function resume(call: ApprovableCall, id: string): Promise<Approved> {
    const asked = pending.take(id);
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
    verify: codec.verify,

    /** Runs a call, as a plan first where a person may have to be asked. */
    async run(call: ApprovableCall): Promise<Approved> {
      const state = call.context.mcpReq.requestState<{ id: string }>();
      if (state !== undefined) return await resume(call, state.id);
      // `approved=true` of a guarded tool is the model's word, not a person's.
      const asksAnyway = call.tool.asks === true && canAsk(call);
      return await planAndRun<ToolResult, Approved>({
        ...runnable(call),
        dryRun: (call.input as { dry_run?: unknown }).dry_run === true,
        asks: asksAnyway ? "all" : options.needed() ? "policy" : "nothing",
        isFailure: ({ isError }) => isError === true,
        ask: (plan) => ask(call, plan),
      });
    },
  };
}

/** A plan that waits for an answer. */
interface Pending {
  readonly plan: Plan;
  /** Hash of the call that it is the plan of. */
  readonly call: string;
  readonly until: number;
}

/** The plans that wait for an answer, by the id of the question. */
function createPendingPlans() {
  const pending = new Map<string, Pending>();
  return {
    add(plan: Plan, call: string): string {
      let bytes = plan.bytes;
      for (const { plan } of pending.values()) bytes += plan.bytes;
      for (const [id, { plan, until }] of pending) {
        const isFull = pending.size >= PENDING_PLANS || bytes > PENDING_BYTES;
        if (until >= Date.now() && !isFull) continue;
        pending.delete(id);
        bytes -= plan.bytes;
      }
      const id = randomUUID();
      pending.set(id, { plan, call, until: Date.now() + PATIENCE_S * 1000 });
      return id;
    },
    /** The plan of a question; nobody gets it again. */
    take(id: string): Pending | undefined {
      const found = pending.get(id);
      pending.delete(id);
      return found !== undefined && found.until >= Date.now() ? found : undefined;
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
