/** `k8s_list`, `k8s_get`, `k8s_list_events`, `k8s_pod_logs`: what the guarded tools read. */
import { PAGE_SIZE } from "../../names/requests.ts";
import { z } from "zod";
import { ANSWER_CHARACTERS, jsonAnswer, listAnswer, type ObjectList } from "../support/answer.ts";
import { wholeNumber } from "../support/arguments.ts";
import { askJson } from "../support/ask.ts";
import { readLog } from "../support/pod_logs.ts";
import { requestOf } from "../support/target.ts";
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
    const list = await askJson(broker, {
      ...requestOf(target),
      verb: "list",
      options: pageOptions(given),
    }, { signal }) as ObjectList;
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
    const list = await askJson(broker, {
      op: "request",
      verb: "list",
      group: "",
      version: "v1",
      resource: "events",
      namespace: given.namespace,
      options: pageOptions(given),
    }, { signal }) as ObjectList;
    const items = list.items.map(eventRow).sort((a, b) => a.time < b.time ? 1 : -1);
    return listAnswer({ metadata: list.metadata, items }, { less: "" });
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

function pageOptions(given: { readonly limit?: number; readonly continue?: string }) {
  return {
    limit: given.limit || PAGE_SIZE,
    ...(given.continue ? { continue: given.continue } : {}),
  };
}

/** What there is to read in an event (core/v1 Event). */
function eventRow(event: unknown) {
  const {
    type,
    reason,
    message,
    count,
    series,
    involvedObject,
    source,
    reportingComponent,
    ...at
  } = event as {
    readonly type?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly count?: number;
    readonly series?: { readonly count?: number; readonly lastObservedTime?: string };
    readonly involvedObject?: { readonly kind?: string; readonly name?: string };
    readonly source?: { readonly component?: string };
    readonly reportingComponent?: string;
    readonly lastTimestamp?: string | null;
    readonly eventTime?: string | null;
    readonly metadata?: { readonly creationTimestamp?: string };
  };
  return {
    time: series?.lastObservedTime ?? at.lastTimestamp ?? at.eventTime ??
      at.metadata?.creationTimestamp ?? "",
    type,
    reason,
    object: `${involvedObject?.kind ?? ""}/${involvedObject?.name ?? ""}`,
    message,
    count: series?.count ?? count,
    from: source?.component || reportingComponent || undefined,
  };
}
