/**
 * What an HTTP request asks of a Kubernetes API: a document, or a request for a resource in the broker's
 * terms. Pure. What is not understood is refused: what the policy decides about must be what was asked.
 *
 * @see {@link https://kubernetes.io/docs/reference/using-api/api-concepts/}
 */
import type { BrokerCall, RequestCall, TunnelCall } from "../broker/types.ts";
import { ApiError } from "../errors.ts";
import { PATCH_TYPES } from "../names/requests.ts";

/** A document of the cluster that is no resource. */
export type DocumentCall = Extract<BrokerCall, { readonly op: "document" }>;

/** A method, a path below the door's key, and the headers that matter. */
export interface HttpQuestion {
  readonly method: string;
  /** Percent-encoded; begins with "/". */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
}

const DOCUMENTS =
  /^\/(?:version|(?:healthz|livez|readyz)(?:\/.*)?|api(?:\/[^/]+)?|apis(?:\/[^/]+){0,2}|openapi\/v[23](?:\/.*)?)\/?$/;

/** The document that is asked for; undefined for a request for a resource. */
export function documentAsked(
  { method, path, query, headers }: HttpQuestion,
): DocumentCall | undefined {
  if (!DOCUMENTS.test(path)) return undefined;
  if (method !== "GET") throw methodNotAllowed();
  const hash = query.get("hash");
  const search = hash !== null
    ? `?hash=${encodeURIComponent(hash)}`
    : query.has("verbose")
    ? "?verbose"
    : "";
  return {
    op: "document",
    path: `${path.replace(/\/$/, "")}${search}`,
    accept: headers.get("accept") ?? "*/*",
  };
}

/** A session with a pod that is asked for. */
export type SessionAsked = Omit<TunnelCall, "context" | "protocols">;

/**
 * The session that is asked for.
 *
 * @throws {ApiError} what is asked for is none
 */
export function sessionAsked({ method, path, query }: HttpQuestion): SessionAsked {
  if (method !== "GET" && method !== "POST") throw methodNotAllowed();
  const { group, version, resource, namespace, name, subresource } = placeAt(path);
  const isPod = group === "" && version === "v1" && resource === "pods";
  const isSession = subresource === "exec" || subresource === "attach" ||
    subresource === "portforward";
  if (!isPod || !isSession || namespace === undefined || name === undefined) {
    throw badRequest(`Cannot speak another protocol at "${shortened(path)}"`);
  }
  return { subresource, namespace, name, query };
}

/** A resource's path taken apart. */
interface Place {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

/**
 * The request for a resource.
 *
 * @throws {ApiError} what an API server would not take either, or what cannot be understood
 */
export function requestAsked(question: HttpQuestion): RequestCall {
  const place = placeAt(question.path);
  const { group, version, resource, namespace, name, subresource } = place;
  const verb = verbOf(question, place);
  const form = verb === "get" || verb === "list" || verb === "watch"
    ? formOf(question.headers, subresource)
    : undefined;
  const contentType = verb === "patch" ? patchType(question.headers) : undefined;
  return {
    op: "request",
    direct: true,
    // Nobody reads them in the rows of a table, of which they are the largest part.
    managedFields: form !== "table",
    verb,
    group,
    version,
    resource,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
    ...(form === undefined ? {} : { form }),
    ...(contentType === undefined ? {} : { contentType }),
    options: optionsOf(question, verb, contentType),
  };
}

/** Subresources of a namespace, which its path would have taken for a resource in it. */
const OF_NAMESPACE = ["status", "finalize"];

function placeAt(path: string): Place {
  const steps = path.split("/").slice(1).map(decoded);
  if (steps.at(-1) === "") steps.pop();
  const root = steps.shift();
  const group = root === "apis" ? steps.shift() : "";
  const version = steps.shift();
  const [first = "", second, third = ""] = steps;
  if (!["api", "apis"].includes(root ?? "") || group === undefined || !version || first === "") {
    throw notServed();
  }
  const isScoped = first === "namespaces" && steps.length > 2 && !OF_NAMESPACE.includes(third);
  const [resource = "", name, subresource, ...more] = isScoped ? steps.slice(2) : steps;
  if (resource === "watch" || resource === "proxy") {
    throw refused(`Cannot use the old path "${shortened(path)}": ask with ?watch=true`);
  }
  if (more.length > 0) {
    throw refused(
      `Cannot use the path "${shortened(path)}": what is behind a subresource is not offered`,
    );
  }
  if (steps.includes("")) throw notServed();
  return {
    group,
    version,
    resource,
    name,
    subresource,
    ...(isScoped ? { namespace: second } : {}),
  };
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    throw badRequest(`Cannot use "${shortened(step)}" in a path: it is not percent-encoded UTF-8`);
  }
}

function verbOf({ method, query }: HttpQuestion, { name }: Place): RequestCall["verb"] {
  switch (method) {
    case "GET":
      if (!isTrue(query.get("watch"))) return name === undefined ? "list" : "get";
      if (name === undefined) return "watch";
      throw badRequest(
        `Cannot watch "${shortened(name)}" by its path: use fieldSelector=metadata.name=…`,
      );
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return "patch";
    case "DELETE":
      return name === undefined ? "deletecollection" : "delete";
    default:
      throw methodNotAllowed();
  }
}

function isTrue(value: string | null): boolean {
  return value !== null && !["", "0", "false", "f"].includes(value.toLowerCase());
}

/** Parameters that say how long the program waits and how the answer looks, and what the verb says already. */
const IGNORED = ["timeout", "pretty", "watch"];

function optionsOf(
  { query, headers }: HttpQuestion,
  verb: RequestCall["verb"],
  contentType: string | undefined,
): Record<string, string> {
  const options: Record<string, string> = {};
  for (const [name, value] of query) {
    if (IGNORED.includes(name) || value === "") continue;
    if (Object.hasOwn(options, name) && options[name] !== value) {
      throw badRequest(`Cannot use "${shortened(name)}" more than once in a query`);
    }
    options[name] = value;
  }
  const manager = managerOf(headers);
  const isStored = ["create", "update", "patch"].includes(verb) &&
    contentType !== PATCH_TYPES.apply;
  // As an API server names the manager of fields where the request does not (KEP-555).
  return isStored && manager !== "" && !Object.hasOwn(options, "fieldManager")
    ? { ...options, fieldManager: manager }
    : options;
}

const MANAGER_CHARACTERS = 128;

function managerOf(headers: Headers): string {
  const [program = ""] = (headers.get("user-agent") ?? "").split("/");
  return program.replaceAll(/[^\x20-\x7e]/g, "").trim().slice(0, MANAGER_CHARACTERS);
}

/** The form of the first media range that is served. @throws {ApiError} 406, none is */
function formOf(headers: Headers, subresource: string | undefined): RequestCall["form"] {
  if (subresource === "log") return undefined;
  for (const range of (headers.get("accept") || "*/*").split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    if (!["application/json", "application/*", "*/*"].includes(type)) continue;
    const as = parameters.find((parameter) => parameter.startsWith("as="))?.slice("as=".length);
    if (as === undefined) return "object";
    if (parameters.includes("v=v1") && parameters.includes("g=meta.k8s.io")) {
      if (as === "table") return "table";
      if (as.startsWith("partialobjectmetadata")) return "metadata";
    }
  }
  throw new ApiError("only the following media types are accepted: application/json", {
    status: 406,
    reason: "NotAcceptable",
  });
}

function patchType(headers: Headers): NonNullable<RequestCall["contentType"]> {
  const given = mediaType(headers);
  const known = Object.values(PATCH_TYPES).find((type) => type === given);
  if (known === undefined) throw unsupportedMedia(given, Object.values(PATCH_TYPES));
  return known;
}

/** The media type of the body, without parameters; "" where none is said. */
export function mediaType(headers: Headers): string {
  const [type = ""] = (headers.get("content-type") ?? "").split(";");
  return type.trim().toLowerCase();
}

/** 415. */
export function unsupportedMedia(given: string, taken: readonly string[]): ApiError {
  return new ApiError(
    `the body of the request was in an unknown format "${
      shortened(given)
    }" - accepted media types include: ${taken.join(", ")}`,
    { status: 415, reason: "UnsupportedMediaType" },
  );
}

/** 400. */
export function badRequest(message: string): ApiError {
  return new ApiError(message, { status: 400, reason: "BadRequest" });
}

function refused(message: string): ApiError {
  return new ApiError(message, { status: 403, reason: "Forbidden" });
}

function notServed(): ApiError {
  return new ApiError("the server could not find the requested resource", {
    status: 404,
    reason: "NotFound",
  });
}

function methodNotAllowed(): ApiError {
  return new ApiError("the server does not allow this method on the requested resource", {
    status: 405,
    reason: "MethodNotAllowed",
  });
}

function shortened(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
