/** From an HTTP request to its answer: who asks, what for, and where that is done. */
import { type Call, type Cluster, findType, type Outcome, servedTypes } from "../base/cluster.ts";
import { deleteCollection, deleteObject } from "../verbs/delete.ts";
import {
  AGGREGATED,
  aggregated,
  apiGroup,
  apiGroupList,
  apiResourceList,
  coreVersions,
} from "../documents/discovery.ts";
import { serveExec } from "./exec_endpoint.ts";
import type { JsonObject } from "../../std/json/at.ts";
import { openApiDocument, openApiIndex } from "../documents/openapi.ts";
import { getObject, listObjects } from "../verbs/read.ts";
import { isWatch, watchObjects } from "../verbs/watch.ts";
import { commonHeaders, formOf, render, respond } from "../answers/render.ts";
import { BUILT_IN } from "../base/api_resources.ts";
import { badRequest, methodNotAllowed, StatusError } from "../base/status.ts";
import { connect, evict, log, refuseInSession, review, scale } from "../verbs/subresources.ts";
import { createObject, patchObject, replaceObject } from "../verbs/write.ts";
import { concatBytes } from "../../std/bytes.ts";
import { InputError } from "../../errors.ts";
import { PROTOBUF_MEDIA_TYPE } from "../../protobuf/media_type.ts";
import { objectFromProtobuf } from "../../protobuf/protobuf.ts";
import { stringifyExact } from "../../std/json/exact.ts";

/** What the demo cluster says it is. */
export const VERSION = {
  major: "1",
  minor: "36",
  emulationMajor: "1",
  emulationMinor: "36",
  minCompatibilityMajor: "1",
  minCompatibilityMinor: "35",
  gitVersion: "v1.36.3",
  gitCommit: "0000000000000000000000000000000000000000",
  gitTreeState: "clean",
  buildDate: "2026-01-01T00:00:00Z",
  goVersion: "go1.26.0",
  compiler: "gc",
  platform: "linux/amd64",
};

/** Most bytes of a request's body. */
const BODY_LIMIT_BYTES = 3 * 2 ** 20;

/** What a path names among the resources. */
interface Place {
  readonly group: string;
  readonly version: string;
  readonly namespace?: string;
  readonly resource: string;
  readonly name?: string;
  readonly subresource?: string;
}

/** A resource's path taken apart; undefined for one that names none. */
function parsePath(path: string): Place | undefined {
  const steps = path.split("/").slice(1).map(decodeURIComponent);
  if (steps.at(-1) === "") steps.pop();
  const root = steps.shift();
  const group = root === "apis" ? steps.shift() : "";
  const version = steps.shift();
  if ((root !== "api" && root !== "apis") || group === undefined || !version || !steps.length) {
    return undefined;
  }
  const [first = "", second, third] = steps;
  const scoped = first === "namespaces" && second !== undefined && third !== undefined &&
    third !== "status" && third !== "finalize";
  const [resource = "", name, subresource, ...more] = scoped ? steps.slice(2) : steps;
  if (more.length) return undefined;
  return { group, version, resource, name, subresource, namespace: scoped ? second : undefined };
}

/** 404 for a path that no group serves in text, within a served group as a Status. */
function missing(path: string): Response {
  const [, root, group] = path.split("/");
  if (root === "api" || (root === "apis" && BUILT_IN.some((type) => type.group === group))) {
    throw new StatusError(404, "NotFound", "the server could not find the requested resource", {});
  }
  const headers = commonHeaders();
  headers.set("content-type", "text/plain; charset=utf-8");
  headers.set("x-content-type-options", "nosniff");
  return new Response("404 page not found\n", { status: 404, headers });
}

function plain(text: string): Response {
  const headers = commonHeaders();
  headers.set("content-type", "text/plain; charset=utf-8");
  return new Response(text, { headers });
}

/** Answers for what is no resource: discovery, version, health, OpenAPI; undefined for the rest. */
function document(
  cluster: Cluster,
  request: Request,
  url: URL,
  prefix: string,
): Response | undefined {
  const path = url.pathname.replace(/(.)\/+$/, "$1");
  if (/^\/(healthz|livez|readyz)(\/|$)/.test(path)) return plain("ok");
  const form = formOf(request.headers, url.searchParams);
  const types = servedTypes(cluster);
  const answer = (value: JsonObject | undefined) => value && respond(value, 200, form);
  if ((path === "/api" || path === "/apis") && form.as === "discovery") {
    const response = respond(aggregated(types, path === "/api"), 200, form);
    response.headers.set("content-type", AGGREGATED);
    return response;
  }
  if (path === "/version") return answer(VERSION);
  if (path === "/api") return answer(coreVersions(url.host));
  if (path === "/apis") return answer(apiGroupList(types));
  if (path === "/openapi/v3") return answer(openApiIndex(types, prefix));
  if (path.startsWith("/openapi/v3/")) {
    return answer(openApiDocument(types, path.slice("/openapi/v3/".length)));
  }
  if (path === "/") {
    const paths = ["/api", "/api/v1", "/apis", "/healthz", "/livez", "/openapi/v3", "/readyz"];
    return answer({ paths: [...paths, "/version"] });
  }
  const [, root, ...rest] = path.split("/");
  if (root === "api" && rest.length === 1) return answer(apiResourceList(types, "", rest[0] ?? ""));
  if (root !== "apis") return undefined;
  if (rest.length === 2) return answer(apiResourceList(types, rest[0] ?? "", rest[1] ?? ""));
  const group = rest.length === 1 ? apiGroup(types, rest[0] ?? "") : undefined;
  return group && answer({ kind: "APIGroup", apiVersion: "v1", ...group });
}

async function readBody(request: Request): Promise<Uint8Array> {
  const tooLarge = () =>
    new StatusError(
      413,
      "RequestEntityTooLarge",
      `Request entity is too large: limit is ${BODY_LIMIT_BYTES}`,
    );
  if (Number(request.headers.get("content-length")) > BODY_LIMIT_BYTES) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > BODY_LIMIT_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return concatBytes(chunks);
}

/** A request's body as text, and its headers; protobuf is read as the JSON that it stands for. */
async function textBody(request: Request): Promise<{ body: string; headers: Headers }> {
  const { headers } = request;
  if (request.method === "GET") return { body: "", headers };
  const bytes = await readBody(request);
  if (!bytes.length || !headers.get("content-type")?.startsWith(PROTOBUF_MEDIA_TYPE)) {
    return { body: new TextDecoder().decode(bytes), headers };
  }
  const json = new Headers(headers);
  json.set("content-type", "application/json");
  return { body: decoded(bytes), headers: json };
}

/** @throws {StatusError} 400 */
function decoded(bytes: Uint8Array): string {
  try {
    return stringifyExact(objectFromProtobuf(bytes));
  } catch (error) {
    if (error instanceof InputError) throw badRequest(error.message);
    // JSON in a field of it may be nested too deep to be written.
    if (error instanceof RangeError) throw badRequest("the object is nested too deep");
    throw error;
  }
}

/** Does what a request asks of a resource. */
function dispatch(call: Call, method: string): Outcome | Response {
  const { type, name, subresource } = call;
  const allow = (...verbs: string[]) => {
    const sub = type.subresources.find((one) => one.name === subresource);
    const served = subresource ? sub?.verbs ?? [] : type.verbs;
    if (!verbs.some((verb) => served.includes(verb))) throw methodNotAllowed();
  };
  switch (subresource) {
    case undefined:
    case "status":
      break;
    case "scale":
      allow(method === "GET" ? "get" : method === "PUT" ? "update" : "patch");
      return scale(call, method);
    case "log":
      allow(method === "GET" ? "get" : "");
      return log(call);
    case "eviction":
      allow(method === "POST" ? "create" : "");
      return evict(call);
    default:
      return connect(call);
  }
  switch (method) {
    case "GET":
      allow(name ? "get" : "list");
      if (name) return { object: getObject(call) };
      if (!isWatch(call)) return listObjects(call);
      allow("watch");
      return watchObjects(call);
    case "POST":
      if (name) throw methodNotAllowed();
      allow("create");
      if (/^(authentication|authorization)\.k8s\.io$/.test(type.group)) return review(call);
      return createObject(call);
    case "PUT":
      if (!name) throw methodNotAllowed();
      allow("update");
      return replaceObject(call);
    case "PATCH":
      if (!name) throw methodNotAllowed();
      allow("patch");
      return patchObject(call);
    case "DELETE":
      if (subresource) throw methodNotAllowed();
      allow(name ? "delete" : "deletecollection");
      return name ? deleteObject(call) : deleteCollection(call);
    default:
      throw methodNotAllowed();
  }
}

async function resource(cluster: Cluster, request: Request, url: URL): Promise<Response> {
  const place = parsePath(url.pathname);
  const type = place && findType(cluster, place.group, place.version, place.resource);
  if (!place || !type) return missing(url.pathname);
  const { namespace, name, subresource } = place;
  if (subresource && !type.subresources.some((one) => one.name === subresource)) {
    return missing(url.pathname);
  }
  if (type.namespaced ? name && !namespace : namespace) return missing(url.pathname);
  if (type.namespaced && !namespace && request.method !== "GET") throw methodNotAllowed();
  const call: Call = {
    cluster,
    type,
    namespace,
    name,
    subresource,
    query: url.searchParams,
    ...await textBody(request),
    warnings: [],
  };
  const form = formOf(call.headers, call.query);
  const isSession = /^(exec|attach)$/.test(subresource ?? "") &&
    request.headers.get("upgrade")?.toLowerCase() === "websocket";
  if (isSession && subresource === "exec") return serveExec(request, call, getObject(call));
  try {
    const outcome = dispatch(call, request.method);
    return outcome instanceof Response ? outcome : render(outcome, call, form);
  } catch (error) {
    if (!isSession || !(error instanceof StatusError) || error.code !== 500) throw error;
    return refuseInSession(request, error);
  }
}

/** The handler of the demo cluster's HTTP server. */
export function createHandler(
  cluster: Cluster,
  token: string,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const url = new URL(request.url);
    // kubectl sends no token over plain HTTP; its kubeconfig carries it as the first step of the path.
    const prefix = url.pathname.startsWith(`/${token}/`) ? `/${token}` : "";
    url.pathname = url.pathname.slice(prefix.length);
    try {
      if (!prefix && request.headers.get("authorization") !== `Bearer ${token}`) {
        throw new StatusError(401, "Unauthorized", "Unauthorized");
      }
      const known = request.method === "GET" ? document(cluster, request, url, prefix) : undefined;
      return known ?? await resource(cluster, request, url);
    } catch (error) {
      const failure = error instanceof StatusError ? error : internal(error);
      return respond(
        failure.status,
        failure.code,
        { format: "json", as: "", pretty: false },
        commonHeaders(),
      );
    }
  };
}

function internal(error: unknown): StatusError {
  const text = error instanceof Error ? error.message : String(error);
  return new StatusError(500, "InternalError", `Internal error occurred: ${text}`, {
    causes: [{ message: text }],
  });
}
