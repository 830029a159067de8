/** Answers in the form that the client asked for: whole objects, metadata alone, or a table. */
import { apiVersionOf } from "../../names/groups.ts";
import type { KubeObject } from "../../kube/types.ts";
import { type Call, type Outcome, typed, type WatchEvent } from "../base/cluster.ts";
import { without } from "../base/json.ts";
import { type JsonObject } from "../../std/json/at.ts";
import { StatusError } from "../base/status.ts";
import { stringifyExact } from "../../std/json/exact.ts";
import { toYaml } from "../../yaml/yaml.ts";
import { tableOf } from "../tables/table.ts";

/** The form of an answer. */
export interface Form {
  readonly format: "json" | "yaml";
  readonly as: "" | "Table" | "PartialObjectMetadata" | "PartialObjectMetadataList" | "discovery";
  /** Indented: for people. */
  readonly pretty: boolean;
}

/**
 * The form that a request asks for.
 * @throws {StatusError} 406 when none is served
 */
export function formOf(headers: Headers, query: URLSearchParams): Form {
  const agent = headers.get("user-agent") ?? "";
  const asked = query.get("pretty");
  const pretty = asked === null
    ? /^(curl|Wget|Mozilla\/5\.0)/.test(agent)
    : /^(1|true|)$/i.test(asked);
  const accept = headers.get("accept") || "*/*";
  for (const part of accept.split(",")) {
    const [media = "", ...rest] = part.trim().split(";").map((word) => word.trim());
    const parameters = new Map(rest.map((word) => word.split("=") as [string, string]));
    const as = parameters.get("as") ?? "";
    const format = media === "application/yaml" ? "yaml" : "json";
    if (!/^(application\/(json|yaml|\*)|\*\/\*)$/.test(media)) continue;
    if (!as) return { format, as: "", pretty };
    if (as === "APIGroupDiscoveryList" && parameters.get("v") === "v2") {
      return { format, as: "discovery", pretty };
    }
    const served = as === "Table" || as === "PartialObjectMetadata" ||
      as === "PartialObjectMetadataList";
    if (served && parameters.get("g") === "meta.k8s.io" && parameters.get("v") === "v1") {
      return { format, as, pretty };
    }
  }
  throw new StatusError(
    406,
    "NotAcceptable",
    "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, " +
      "application/vnd.kubernetes.protobuf, application/json;stream=watch, " +
      "application/vnd.kubernetes.protobuf;stream=watch",
    {},
  );
}

/** Headers of every answer. */
export function commonHeaders(): Headers {
  return new Headers({
    "audit-id": crypto.randomUUID(),
    "cache-control": "no-cache, private",
  });
}

/** A value as the body of an answer. */
export function respond(
  value: JsonObject,
  code: number,
  form: Form,
  headers: Headers = commonHeaders(),
): Response {
  const isYaml = form.format === "yaml";
  headers.set("content-type", isYaml ? "application/yaml" : "application/json");
  const text = isYaml ? toYaml(value) : `${stringifyExact(value, form.pretty ? 2 : undefined)}\n`;
  return new Response(text, { status: code, headers });
}

/** Metadata alone. */
function partial(object: KubeObject): KubeObject {
  return {
    kind: "PartialObjectMetadata",
    apiVersion: "meta.k8s.io/v1",
    metadata: object.metadata,
  };
}

/** One object in the form asked for: what a `get` answers, and each event of a watch. */
function renderObject(object: KubeObject, call: Call, form: Form): JsonObject {
  if (form.as === "Table") return tableOf([object], {}, call);
  if (form.as === "PartialObjectMetadata") return partial(object);
  return typed(object, call.type);
}

/** The answer to a request. */
export function render(outcome: Outcome, call: Call, form: Form): Response {
  const headers = commonHeaders();
  for (const warning of call.warnings) {
    headers.append("warning", `299 - ${JSON.stringify(warning)}`);
  }
  if ("other" in outcome) return respond(outcome.other, outcome.code ?? 200, form, headers);
  if ("object" in outcome) {
    const { object, code = 200 } = outcome;
    return respond(renderObject(object, call, form), code, form, headers);
  }
  if ("events" in outcome) {
    headers.set("content-type", "application/json");
    return new Response(outcome.events.pipeThrough(eventLines(call, form)), { headers });
  }
  const { items, metadata } = outcome;
  if (form.as === "Table") return respond(tableOf(items, metadata, call), 200, form, headers);
  const isPartial = form.as.startsWith("Partial");
  const list = {
    kind: isPartial ? "PartialObjectMetadataList" : `${call.type.kind}List`,
    apiVersion: isPartial ? "meta.k8s.io/v1" : apiVersionOf(call.type),
    metadata,
    items: items.map((item) => {
      if (isPartial) return partial(item);
      return call.type.custom ? typed(item, call.type) : without(item, "kind", "apiVersion");
    }),
  };
  return respond(list, 200, form, headers);
}

/** Events of a watch to one JSON document a line. */
function eventLines(call: Call, form: Form): TransformStream<WatchEvent, Uint8Array> {
  const encoder = new TextEncoder();
  return new TransformStream({
    transform(event, controller) {
      const object = event.type === "ERROR"
        ? event.status
        : event.type === "BOOKMARK"
        ? bookmark(event.metadata, call, form)
        : renderObject(event.object, call, form);
      controller.enqueue(encoder.encode(`${stringifyExact({ type: event.type, object })}\n`));
    },
  });
}

function bookmark(metadata: KubeObject["metadata"], call: Call, form: Form): JsonObject {
  if (form.as === "") return renderObject({ metadata } as KubeObject, call, form);
  return form.as === "Table"
    ? { kind: "Table", apiVersion: "meta.k8s.io/v1", metadata, columnDefinitions: [], rows: [] }
    : { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata };
}
