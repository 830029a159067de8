/**
 * Metrics in the text format of Prometheus, by prom-client. Nothing that a caller chooses is a label:
 * each label has few values, all of them known here or to the program.
 *
 * @see {@link https://prometheus.io/docs/practices/naming/}
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Audit, AuditEntry } from "../audit.ts";
import type { ClusterRequest } from "./requests.ts";

/** What is asked for when metrics are. */
export interface Gauges {
  /** Callers that something is open for. */
  readonly tenants: () => number;
  /** Sandbox children that live. */
  readonly children: () => number;
  /** Scripts and command lines that run, and that wait. */
  readonly turns: () => { readonly running: number; readonly waiting: number };
  /** Calls that are let in. */
  readonly calls: () => number;
}

/** The metrics of a server. */
export interface Metrics {
  /** The audit, with what it is told counted. */
  audit(audit: Audit): Audit;
  clusterRequest(request: ClusterRequest): void;
  httpRequest(path: string, status: number): void;
  /** Something was hidden in an answer. */
  redacted(): void;
  shed(): void;
  lag(ms: number): void;
  /** In the text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

const CALL_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const LAG_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** What calls can come to, besides `error`. */
const OUTCOMES: ReadonlySet<string> = new Set([
  "ok",
  "asked",
  "ApiError",
  "CommandError",
  "ConfigError",
  "InputError",
  "LimitError",
  "PolicyError",
  "ResolveError",
  "ScriptError",
]);
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]);

/** Makes them, in a registry of their own. */
export function createMetrics(gauges: Gauges): Metrics {
  const registry = new Registry();
  const { toolCalls, toolSeconds, denials, requests, requestSeconds, http, redactions, shed, lag } =
    countersOf(registry);
  addGauges(registry, gauges);

  function count({ kind, tool, status, decision, durationMs }: AuditEntry): void {
    if (decision === "declined") denials.inc({ by: "person" });
    if (kind === "request") {
      if (decision === "refuse") denials.inc({ by: "policy" });
      return;
    }
    const outcome = decision === "declined" ? "declined" : String(status);
    toolCalls.inc({ tool, outcome: OUTCOMES.has(outcome) || decision ? outcome : "error" });
    toolSeconds.observe({ tool }, durationMs / 1000);
  }

  return {
    audit: (audit) => ({
      ...audit,
      record(entry) {
        count(entry);
        audit.record(entry);
      },
    }),
    clusterRequest({ method, status, durationMs }) {
      const known = METHODS.has(method) ? method : "other";
      requests.inc({ method: known, code: status === undefined ? "<error>" : codeOf(status) });
      requestSeconds.observe({ method: known }, durationMs / 1000);
    },
    httpRequest: (path, status) => http.inc({ path, code: codeOf(status) }),
    redacted: () => redactions.inc(),
    shed: () => shed.inc(),
    lag: (ms) => lag.observe(ms / 1000),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

function codeOf(status: number): string {
  return Number.isInteger(status) && status >= 100 && status < 600 ? String(status) : "other";
}

function counter<Name extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: Name[] = [],
) {
  return new Counter({ name, help, labelNames, registers: [registry] });
}

function histogram<Name extends string>(
  registry: Registry,
  name: string,
  help: string,
  buckets: number[],
  labelNames: Name[] = [],
) {
  return new Histogram({ name, help, buckets, labelNames, registers: [registry] });
}

/** What is counted as it happens. */
function countersOf(registry: Registry) {
  const toolCalls = counter(
    registry,
    "kubecode_tool_calls_total",
    "Calls of tools, by what they came to.",
    [
      "tool",
      "outcome",
    ],
  );
  const toolSeconds = histogram(
    registry,
    "kubecode_tool_call_duration_seconds",
    "How long calls of tools took.",
    CALL_SECONDS,
    ["tool"],
  );
  const denials = counter(
    registry,
    "kubecode_denials_total",
    "Requests that the policy refused, and plans that a person declined.",
    ["by"],
  );
  const requests = counter(
    registry,
    "kubecode_api_requests_total",
    "Requests to API servers, by HTTP method and status; <error> where there was no answer.",
    ["method", "code"],
  );
  const requestSeconds = histogram(
    registry,
    "kubecode_api_request_duration_seconds",
    "Time until the answer of an API server began.",
    REQUEST_SECONDS,
    ["method"],
  );
  const http = counter(registry, "kubecode_http_requests_total", "Requests to this server.", [
    "path",
    "code",
  ]);
  const redactions = counter(
    registry,
    "kubecode_redacted_answers_total",
    "Answers of API servers in which a credential was hidden.",
  );
  const shed = counter(
    registry,
    "kubecode_calls_shed_total",
    "Calls refused because too many were in.",
  );
  const lag = histogram(
    registry,
    "kubecode_event_loop_lag_seconds",
    "How late the event loop was, looked at ten times a second.",
    LAG_SECONDS,
  );
  return { toolCalls, toolSeconds, denials, requests, requestSeconds, http, redactions, shed, lag };
}

/** What is looked at when metrics are asked for. */
function addGauges(registry: Registry, { tenants, children, turns, calls }: Gauges): void {
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  gauge("kubecode_tenants", "Callers that connections, caches and children are kept for.", tenants);
  gauge("kubecode_sandbox_children", "Sandbox processes that live.", children);
  gauge("kubecode_scripts_running", "Scripts and command lines that run.", () => turns().running);
  gauge("kubecode_scripts_waiting", "Those that wait for their turn.", () => turns().waiting);
  gauge("kubecode_calls_in_flight", "Calls of tools that are let in.", calls);
  gauge(
    "process_resident_memory_bytes",
    "Resident memory of the main process.",
    () => Deno.memoryUsage().rss,
  );
  gauge(
    "kubecode_heap_used_bytes",
    "JavaScript heap in use in the main process.",
    () => Deno.memoryUsage().heapUsed,
  );
  const started = Date.now() / 1000;
  gauge("process_start_time_seconds", "When it started, since the epoch.", () => started);
}
