/** `k8s_list`, `k8s_get`, `k8s_list_events`, `k8s_pod_logs`: what the guarded tools read. */
import { PAGE_SIZE } from "../../names/requests.ts";
import { z } from "zod";
import { ANSWER_CHARACTERS, jsonAnswer, listAnswer } from "../support/answer.ts";
import { wholeNumber } from "../support/arguments.ts";
import { askJson } from "../support/ask.ts";
import { readLog } from "../support/pod_logs.ts";
import { eventTime, listPage } from "../support/events.ts";
import { findServed, requestOf } from "../support/target.ts";
import { defineTool } from "../support/define_tool.ts";
import { GATED, gatedArguments, gateResource, guardedFailure } from "./gate.ts";
import { prune } from "../support/object_metadata.ts";

/** The most lines of a log; the newest are kept. */
const LOG_LINES = 500;

const PAGE = { limit: wholeNumber(0, PAGE_SIZE).optional(), continue: z.string().optional() };

const LIST = gatedArguments({ ...GATED, ...PAGE });

/** Lists a namespace's objects of one resource. */
export const listTool = defineTool({
  kind: "read",
  name: "k8s_list",
  title: "List objects",
  description: "List a namespace's objects of one resource.",
  input: LIST,
  failure: guardedFailure,
  async run(given, { broker, signal }) {
    const target = await gateResource(given, broker, signal);
    const list = await listPage(target, {}, given, broker, signal);
    return listAnswer({ ...list, items: list.items.map(prune) }, { less: "k8s_get reads one." });
  },
});

const GET = gatedArguments({ ...GATED, name: z.string() });

/** Reads one object. */
export const getTool = defineTool({
  kind: "read",
  name: "k8s_get",
  title: "Read an object",
  description: "Read one object.",
  input: GET,
  failure: guardedFailure,
  async run(given, { broker, signal }) {
    const target = await gateResource(given, broker, signal);
    const object = await askJson(broker, {
      ...requestOf(target),
      verb: "get",
      name: given.name,
    }, { signal });
    return jsonAnswer(prune(object), { less: "" });
  },
});

const EVENTS = gatedArguments({ namespace: z.string(), ...PAGE });

/** Lists a namespace's events, the latest first. */
export const eventsTool = defineTool({
  kind: "read",
  name: "k8s_list_events",
  title: "List events",
  description: "List a namespace's events, the latest first.",
  input: EVENTS,
  failure: guardedFailure,
  async run(given, { broker, signal }) {
    const reference = { group: "", version: "v1", resource: "events" };
    const target = { ...await findServed(reference, broker, signal), namespace: given.namespace };
    const list = await listPage(target, {}, given, broker, signal);
    const { continue: after, remainingItemCount } = list.metadata ?? {};
    const metadata = { ...(after ? { continue: after, remainingItemCount } : {}) };
    const { incomplete } = list;
    return listAnswer({ incomplete, metadata, items: list.items.map(eventRow) }, { less: "" });
  },
});

const LOGS = gatedArguments({
  namespace: z.string(),
  pod: z.string(),
  container: z.string().optional(),
  tail_lines: wholeNumber(1).optional().describe(`Default and max ${LOG_LINES}`),
});

/** Reads the end of a pod's log. */
export const logsTool = defineTool({
  kind: "read",
  name: "k8s_pod_logs",
  title: "Read logs",
  description: "Read the newest lines of a pod's log.",
  input: LOGS,
  failure: guardedFailure,
  async run({ namespace, pod, container, tail_lines }, { broker, signal }) {
    const tailLines = Math.min(tail_lines ?? LOG_LINES, LOG_LINES);
    const { text, lines, linesLeftOut } = await readLog(broker, {
      namespace,
      pod,
      tailLines,
      limitBytes: ANSWER_CHARACTERS,
      options: container ? { container } : {},
    }, signal);
    const cut = linesLeftOut > 0 || (lines >= LOG_LINES && tail_lines !== LOG_LINES);
    return { text: cut ? [text, `The newest ${lines} lines are shown.`] : [text] };
  },
});

/** What there is to read in an event (core/v1 Event). */
function eventRow(event: unknown) {
  const { type, reason, message, count, series, involvedObject, source, reportingComponent } =
    event as {
      readonly type?: string;
      readonly reason?: string;
      readonly message?: string;
      readonly count?: number;
      readonly series?: { readonly count?: number } | null;
      readonly involvedObject?: { readonly kind?: string; readonly name?: string };
      readonly source?: { readonly component?: string };
      readonly reportingComponent?: string;
    };
  return {
    time: eventTime(event).text,
    type,
    reason,
    object: `${involvedObject?.kind ?? ""}/${involvedObject?.name ?? ""}`,
    message,
    count: series?.count ?? count,
    from: source?.component || reportingComponent || undefined,
  };
}
