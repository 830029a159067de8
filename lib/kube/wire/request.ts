/**
 * From a resolved request to what goes over the wire: path, query, headers. Pure. Every name becomes
 * one percent-encoded path segment or is refused: no name can change which resource is asked for.
 */
import { InputError } from "../../errors.ts";
import { DELETE_OPTIONS, optionsOf } from "../../names/requests.ts";
import { PROTOBUF_MEDIA_TYPE } from "../../protobuf/media_type.ts";
import { nearestNames } from "../../std/nearest.ts";
import type { Verb } from "../../names/requests.ts";
import type { ApiResource, HttpRequest } from "../types.ts";

/** A request for one resource, in the terms of Kubernetes' authorization. */
export interface ResourceRequest {
  readonly verb: Verb;
  readonly resource: ApiResource;
  readonly subresource?: string;
  /** Left out or "": all namespaces for a list, none for a resource of the cluster. */
  readonly namespace?: string;
  /** Left out for list, watch, create and deletecollection. */
  readonly name?: string;
  /** Query parameters by their API name (`labelSelector`, `dryRun`, …). */
  readonly options?: RequestOptions;
  /** JSON of the object, or the patch. */
  readonly body?: Uint8Array<ArrayBuffer>;
  /** Content type of the body; for a patch it says which kind. */
  readonly contentType?: string;
  /** The form wanted back; `object` is the default. */
  readonly form?: "object" | "table" | "metadata";
  /**
   * Nobody wants the managed fields of a list's items. They may be there all the same; where they are not, the
   * list can come in a form that is cheaper for the API server and for us.
   */
  readonly withoutManagedFields?: true;
}

/** A query parameter's value. */
export type OptionValue = string | number | boolean;

/** Query parameters by name; one that is undefined is left out. */
export type RequestOptions = Readonly<Record<string, OptionValue | undefined>>;

const METHODS: Readonly<Record<Verb, HttpRequest["method"]>> = {
  get: "GET",
  list: "GET",
  watch: "GET",
  create: "POST",
  update: "PUT",
  patch: "PATCH",
  delete: "DELETE",
  deletecollection: "DELETE",
};

/** Lists of custom resources come as JSON whatever is asked for; both are always named. */
const ACCEPT_PROTOBUF = `${PROTOBUF_MEDIA_TYPE},application/json`;

const ACCEPT = {
  object: "application/json",
  table: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json",
  metadata: {
    one: "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json",
    many: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json",
  },
} as const;

/**
 * The HTTP request for a resource request.
 *
 * @param options.protobuf an answer in protobuf is understood as well
 * @throws {InputError} a name, namespace or option that cannot be used, or a verb the resource has not
 */
export function buildRequest(
  request: ResourceRequest,
  { protobuf = false }: { readonly protobuf?: boolean } = {},
): HttpRequest {
  checkVerb(request);
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(checkOptions(request))) {
    if (value !== undefined) query.append(name, String(value));
  }
  if (request.verb === "watch") query.set("watch", "true");
  const search = query.toString();
  const headers: Record<string, string> = {
    accept: protobuf ? acceptProtobuf(request) : acceptHeader(request),
  };
  if (request.body) headers["content-type"] = request.contentType ?? "application/json";
  return {
    method: METHODS[request.verb],
    path: search === "" ? resourcePath(request) : `${resourcePath(request)}?${search}`,
    headers,
    ...(request.body ? { body: request.body } : {}),
  };
}

/** Metadata in protobuf are asked for by who takes nothing else: see `Answers.versions`. */
function acceptProtobuf({ form }: ResourceRequest): string {
  return form === "metadata"
    ? `${PROTOBUF_MEDIA_TYPE};as=PartialObjectMetadataList;v=v1;g=meta.k8s.io`
    : ACCEPT_PROTOBUF;
}

function acceptHeader({ form = "object", verb, subresource }: ResourceRequest): string {
  if (subresource === "log") return "*/*";
  if (form === "metadata") {
    // The events of a watch hold one object each.
    return verb === "list" ? ACCEPT.metadata.many : ACCEPT.metadata.one;
  }
  return ACCEPT[form];
}

/**
 * The path of a request: `/api/v1/namespaces/shop/pods/web-0/log`.
 *
 * @throws {InputError} a name or namespace that is missing or cannot be one
 */
export function resourcePath(request: ResourceRequest): string {
  const { resource } = request;
  const path = resource.group === ""
    ? ["api", resource.version]
    : ["apis", resource.group, resource.version];
  if (request.namespace) {
    if (!resource.namespaced) {
      throw new InputError(
        `Cannot ${request.verb} ${resource.resource} in namespace "${request.namespace}": the resource belongs to the cluster, not to a namespace`,
        { hint: "Leave the namespace out." },
      );
    }
    path.push("namespaces", namespaceSegment(request.namespace));
  } else if (resource.namespaced && needsNamespace(request)) {
    throw new InputError(
      `Cannot ${request.verb} ${resource.resource}${
        request.name ? ` "${request.name}" over all namespaces` : ""
      }: no namespace given`,
      { hint: `Name it: ${resource.resource}("<namespace>").` },
    );
  }
  path.push(resource.resource);
  if (request.name !== undefined) path.push(segment("name", request.name));
  if (request.subresource) path.push(segment("subresource", request.subresource));
  return `/${path.join("/")}`;
}

function needsNamespace({ verb, name }: ResourceRequest): boolean {
  return name !== undefined || verb === "create" || verb === "deletecollection";
}

/** A namespace that cannot exist would be an empty list, and a wrong answer (RFC 1123, section 2.1). */
function namespaceSegment(value: string): string {
  const encoded = segment("namespace", value);
  if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(value)) return encoded;
  throw new InputError(`Cannot use "${value}" as namespace: no namespace can have that name`, {
    hint: /[*?]/.test(value)
      ? 'The empty namespace "" stands for all of them.'
      : "A name is small letters, digits and hyphens, 63 at most.",
  });
}

/** Names that `ValidatePathSegmentName` of apimachinery refuses, and the empty one, are refused here. */
function segment(what: string, value: string): string {
  if (value === "" || value === "." || value === ".." || /[/%]/.test(value)) {
    throw new InputError(
      `Cannot use "${value}" as ${what}: ${
        value === "" ? "it is empty" : 'it may not be "." or ".." nor hold "/" or "%"'
      }`,
    );
  }
  return encodeURIComponent(value);
}

/**
 * A verb of objects has a name and a verb of collections has none: the API server tells the two by the
 * path, and another verb than the policy decided about must not be what it reads there. A subresource
 * without a name would be read as one.
 */
function checkVerb({ verb, resource, subresource, name }: ResourceRequest): void {
  const isCollection = verb === "list" || verb === "watch" || verb === "deletecollection";
  if (name === undefined && (subresource || !(isCollection || verb === "create"))) {
    throw new InputError(`Cannot ${verb} ${resource.resource}: no name given`);
  }
  if (name !== undefined && isCollection) {
    const what = verb === "deletecollection" ? "delete a collection of" : verb;
    throw new InputError(`Cannot ${what} ${resource.resource}: a name was given`, {
      hint: `Select by name: fieldSelector "metadata.name=${name}".`,
    });
  }
  const served = servedVerbs({ verb, resource, subresource });
  if (!served.includes(verb)) {
    throw new InputError(
      `Cannot ${verb} ${resource.resource}${
        subresource ? `/${subresource}` : ""
      }: the cluster does not offer that verb`,
      { hint: `It offers: ${served.join(", ")}.` },
    );
  }
}

/** The resource, or its subresource where one is meant; undefined where there is no such subresource. */
export function findServed(
  { resource, subresource }: Pick<ResourceRequest, "resource" | "subresource">,
): { readonly verbs: readonly string[] } | undefined {
  return subresource === undefined
    ? resource
    : resource.subresources.find(({ name }) => name === subresource);
}

/**
 * The verbs that the cluster offers for a resource or its subresource.
 *
 * @throws {InputError} there is no such subresource
 */
export function servedVerbs(
  { verb, resource, subresource }: Pick<ResourceRequest, "verb" | "resource" | "subresource">,
): readonly string[] {
  const served = findServed({ resource, subresource });
  if (served !== undefined) return served.verbs;
  const names = resource.subresources.map(({ name }) => name);
  const near = nearestNames(subresource!, names);
  throw new InputError(
    `Cannot ${verb} ${resource.resource}/${subresource}: there is no such subresource`,
    {
      hint: near.length > 0
        ? `Did you mean ${near.join(" or ")}?`
        : names.length > 0
        ? `${resource.resource} has: ${names.join(", ")}.`
        : undefined,
    },
  );
}

function checkOptions(request: ResourceRequest): RequestOptions {
  const allowed = optionsOf(request.verb, request.subresource);
  for (const name of Object.keys(request.options ?? {})) {
    if (allowed.includes(name)) continue;
    const near = nearestNames(name, allowed);
    throw new InputError(
      `Cannot ${request.verb} ${request.resource.resource} with option "${name}": there is no such option`,
      {
        hint: near.length > 0
          ? `Did you mean ${near.join(" or ")}?`
          : `Options: ${allowed.join(", ")}.`,
      },
    );
  }
  if (
    request.body && request.options &&
    DELETE_OPTIONS.some((name) => request.options?.[name] !== undefined) &&
    (request.verb === "delete" || request.verb === "deletecollection")
  ) {
    throw new InputError(
      `Cannot ${request.verb} ${request.resource.resource} with options in both body and query: the API server would ignore those of the query`,
      { hint: "Put dryRun, propagationPolicy and the like into the DeleteOptions body." },
    );
  }
  return request.options ?? {};
}
