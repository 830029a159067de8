/** `tools/call`: from a request of a connection to its answer, counted, watched and written to the audit. */
import {
  type CallToolRequest,
  ProtocolError,
  ProtocolErrorCode,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { type Audit, type AuditPlace, scriptHash } from "../audit.ts";
import { describeError, LimitError } from "../errors.ts";
import type { Logger } from "../log.ts";
import { createRateLimiter, type RateLimiter, type RateLimits } from "../policy/rate_limit.ts";
import { isRecord } from "../std/json/unknown.ts";
import type { Notices } from "../std/notices.ts";
import { createNotes, createWarnings } from "../std/warnings.ts";
import type { Tool, ToolResult } from "../tools/types.ts";
import type { Approved, createApprovals } from "./approval.ts";
import { callTool } from "./call.ts";
import { clientInfo } from "./client_info.ts";
import { withNotes } from "./notes.ts";
import { createProgressReporter } from "./progress.ts";

/** A call that is watched. */
export interface WatchedCall {
  readonly tool: string;
  /** The `traceparent` of the request's `_meta`, or else of its HTTP headers; untrusted. */
  readonly traceparent: unknown;
}

/** Runs a call of a tool, and watches it. */
export type AroundCall = <Result extends object>(
  call: WatchedCall,
  run: () => Promise<Result>,
) => Promise<Result>;

/** Lines of notices that the answer of one call repeats at most. */
const NOTICES_KEPT = 10;

/** Commands of one call that the audit names at most. */
const COMMANDS_KEPT = 50;

/** What is counted for one client. */
export interface Session {
  readonly id: string;
  readonly limiter: RateLimiter | undefined;
  /** Calls that run now. */
  running: number;
}

/** Makes a session, with nothing counted yet. */
export function createSession(rateLimits: RateLimits | undefined): Session {
  return {
    id: crypto.randomUUID(),
    limiter: rateLimits && createRateLimiter(rateLimits),
    running: 0,
  };
}

/** What the calls of one connection share. */
export interface Connection {
  readonly tools: ReadonlyMap<string, Tool>;
  readonly approvals: ReturnType<typeof createApprovals>;
  readonly server: Server;
  readonly session: Session;
  /** Aborts when the connection closes. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly audit: Audit;
  readonly place: () => AuditPlace;
  readonly notices: Pick<Notices, "follow">;
  readonly maxCalls: number;
  readonly progressIntervalMs: number;
}

/** Answers `tools/call`, and writes each call to the audit. */
export function callHandler(connection: Connection) {
  const { tools, approvals, server, session, logger, audit, notices, maxCalls } = connection;
  return async (params: CallToolRequest["params"], context: ServerContext) => {
    const tool = tools.get(params.name);
    if (!tool) throw unknownTool(params.name, tools);
    if (session.running >= maxCalls) return content(tooManyCalls(tool.name, maxCalls));

    const progress = progressOf(context, connection.progressIntervalMs);
    const started = performance.now();
    const heard: string[] = [];
    using _ = notices.follow((line) => {
      if (heard.length < NOTICES_KEPT) heard.push(line);
      if (progress.wanted) progress.note(line);
    });
    session.running++;
    try {
      // The SDK forgets a request whose id is used again; the connection's own signal does not.
      const signal = AbortSignal.any([context.mcpReq.signal, connection.signal]);
      const onProgress = progress.wanted ? { onProgress: progress.report } : {};
      const origin = { tool: tool.name, session: session.id, client: clientInfo(server, context) };
      const told: string[] = [];
      const commands = new Set<string>();
      const heardBeside = {
        onWarning: createWarnings((text) => told.push(text)),
        onNote: createNotes((text) => told.push(text)),
      };
      let failed = "error";
      // As it is run, so that its hash is the same here and in the lines of its requests.
      let read: unknown = params.arguments;
      const result = await callTool(tool, params.arguments, (input) => {
        read = input;
        session.limiter?.take(tool.name, tool.rate);
        return approvals.run({
          tool,
          input,
          context,
          server,
          run: (mode) =>
            tool.run(input, {
              origin: { ...origin, ...mode, ...heardBeside },
              signal,
              onCommand: (command) => commands.add(command),
              ...onProgress,
            }),
        });
      }, { signal, logger, onError: (name) => failed = name });
      audit.record({
        kind: "call",
        ...origin,
        ...connection.place(),
        ...scriptOf(read),
        ...(commands.size > 0 ? { commands: [...commands].slice(0, COMMANDS_KEPT) } : {}),
        ...outcomeOf(result, failed),
        durationMs: performance.now() - started,
      });
      if ("resultType" in result) return result;
      return content(withNotes(withNotices(result, heard), told));
    } finally {
      session.running--;
      progress.stop();
    }
  };
}

/** The trace that a request says it is part of. */
export function traceparentOf({ mcpReq, http }: ServerContext): unknown {
  return mcpReq._meta?.traceparent ?? http?.req?.headers.get("traceparent");
}

/** What came of a call: a person's no is a decision, and no failure. */
function outcomeOf(
  result: Approved,
  failed: string,
): { readonly status: string; readonly decision?: string } {
  if ("resultType" in result) return { status: "asked" };
  const { decision, isError } = result;
  if (decision === "declined") return { decision, status: "ok" };
  return { ...(decision ? { decision } : {}), status: isError ? failed : "ok" };
}

/** A failure with what was said to a person while the call ran: a login that nobody has seen. */
function withNotices(result: ToolResult, heard: readonly string[]): ToolResult {
  const missing = heard.filter((line) => !result.text.some((text) => text.includes(line)));
  if (!result.isError || missing.length === 0) return result;
  return withNotes(result, [`Meanwhile, for a person: ${missing.join("\n")}`]);
}

/** Progress notifications of a call; wanted where its client named a token for them. */
function progressOf({ mcpReq }: ServerContext, intervalMs: number) {
  const token = mcpReq._meta?.progressToken;
  const reporter = createProgressReporter(
    (update) =>
      mcpReq.notify({
        method: "notifications/progress",
        params: { progressToken: token ?? mcpReq.id, ...update },
      }),
    intervalMs,
  );
  return { ...reporter, wanted: token !== undefined };
}

function scriptOf(input: unknown): { script?: string } {
  const script = isRecord(input) ? input.script : undefined;
  return typeof script === "string" ? { script: scriptHash(script) } : {};
}

function content({ text, structured, isError }: ToolResult) {
  return {
    content: text.map((text) => ({ type: "text" as const, text })),
    ...(structured && { structuredContent: { ...structured } }),
    ...(isError && { isError }),
  };
}

function unknownTool(name: string, tools: Connection["tools"]): ProtocolError {
  const listed = [...tools.values()].filter((tool) => tool.listed !== false);
  const known = listed.map((tool) => tool.name);
  return new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `Cannot call tool "${name.slice(0, 100)}": there is no such tool; there ${
      known.length === 1 ? "is" : "are"
    } ${known.join(", ") || "none"}`,
  );
}

function tooManyCalls(tool: string, limit: number): ToolResult {
  const error = new LimitError(
    `Cannot run "${tool}": ${limit} calls of this client are running already`,
    { hint: "Wait for some of them to end, or cancel them." },
  );
  return { text: [describeError(error)], isError: true };
}
