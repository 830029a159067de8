/**
 * Traces by the runtime's own support (`OTEL_DENO`): a span for each call of a tool, one for each
 * request to a cluster. Loaded only where they are asked for. Names and attributes are those of
 * OpenTelemetry's semantic conventions; no arguments and no results are in them.
 *
 * @see {@link https://www.w3.org/TR/trace-context/}
 */
import {
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { VERSION } from "../version.ts";

/** Spans round what a server does. */
export interface Traces {
  /**
   * Runs a call of a tool in a span, below the one that its client names. The runtime's own spans of
   * HTTP requests are beside it: they are not in the context of what answers (Deno 2.9.6), where
   * there may be that of an earlier request of the connection.
   */
  call<Result extends object>(
    call: { readonly tool: string; readonly traceparent: unknown },
    run: () => Promise<Result>,
  ): Promise<Result>;
  /** Sends a request to a cluster in a span. */
  request<Answer>(
    method: string,
    send: () => Promise<Answer>,
    statusOf: (answer: Answer) => number,
  ): Promise<Answer>;
}

/** Makes them. */
export function createTraces(): Traces {
  const tracer = trace.getTracer("kubecode", VERSION);

  async function within<Value>(
    span: Span,
    parent: Context,
    run: () => Promise<Value>,
    done: (value: Value) => void,
  ): Promise<Value> {
    try {
      const value = await context.with(trace.setSpan(parent, span), run);
      done(value);
      return value;
    } catch (error) {
      span.setAttribute("error.type", error instanceof Error ? error.name : "unknown");
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  }

  return {
    call({ tool, traceparent }, run) {
      const parent = parentOf(traceparent) ?? ROOT_CONTEXT;
      const span = tracer.startSpan(`tools/call ${tool}`, {
        kind: SpanKind.SERVER,
        attributes: {
          "mcp.method.name": "tools/call",
          "gen_ai.operation.name": "execute_tool",
          "gen_ai.tool.name": tool,
        },
      }, parent);
      return within(span, parent, run, (result) => {
        if (!("isError" in result) || result.isError !== true) return;
        span.setAttribute("error.type", "tool_error");
        span.setStatus({ code: SpanStatusCode.ERROR });
      });
    },
    request(method, send, statusOf) {
      const parent = context.active();
      const span = tracer.startSpan(method, {
        kind: SpanKind.CLIENT,
        attributes: { "http.request.method": method },
      }, parent);
      return within(span, parent, send, (answer) => {
        const status = statusOf(answer);
        span.setAttribute("http.response.status_code", status);
        if (status >= 400) span.setStatus({ code: SpanStatusCode.ERROR });
      });
    },
  };
}

/** `traceparent` of version 00, and what later ones may add. */
const TRACEPARENT =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/;

/** The span that a client names; undefined where it names none, or not in that form. */
function parentOf(traceparent: unknown): Context | undefined {
  if (typeof traceparent !== "string" || traceparent.length > 256) return undefined;
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: parseInt(flags, 16) & 1,
    isRemote: true,
  });
}
