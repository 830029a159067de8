/**
 * What a cluster serves, by aggregated discovery (KEP-3352) with the older per-version documents as
 * fallback, parsed into {@linkcode ApiIndex}. Parsing is pure; {@linkcode discover} asks.
 */
import { ApiError, LimitError, ResolveError } from "../../errors.ts";
import { apiVersionOf } from "../../names/groups.ts";
import type { ServedVersion } from "../../names/resolve.ts";
import type { ApiResource, ApiSubresource } from "../types.ts";

/** All that a cluster serves. */
export interface ApiIndex {
  /** In the server's order: the core group first, each group's preferred version first. */
  readonly versions: readonly ApiVersion[];
  /** Groups whose aggregated server did not answer, with what was said. */
  readonly broken: readonly { readonly groupVersion: string; readonly message: string }[];
}

/** One group and version. */
export type ApiVersion = ServedVersion<ApiResource>;

const AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList," +
  "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

/** Sends a GET and gives the JSON of a good answer; throws {@linkcode ApiError} otherwise. */
export type GetJson = (
  path: string,
  accept: string,
  options?: {
    /** One document of many: it has a share of the time, so that the others have theirs. */
    readonly apart?: boolean;
  },
) => Promise<unknown>;

/**
 * Asks the cluster what it serves: two requests where the server aggregates, one for each group and
 * version where it does not. A part that does not answer as it should is broken, and nothing else is:
 * kubectl goes on without it too.
 *
 * @throws {ApiError} as `get` does
 * @throws {ResolveError} answers that are not Kubernetes'
 */
export async function discover(get: GetJson): Promise<ApiIndex> {
  const parts = await Promise.all([readRoot("/api", get), readRoot("/apis", get)]);
  const [failed] = parts.flatMap(({ failure }) => failure ? [failure] : []);
  if (failed && parts.every(({ versions }) => versions.length === 0)) throw failed;
  return {
    versions: parts.flatMap((part) => part.versions).flatMap(withSafeNames),
    broken: parts.flatMap((part) => part.broken),
  };
}

/** One of the two roots, or why there is nothing below it. */
interface Root extends ApiIndex {
  readonly failure?: ApiError;
}

/**
 * A root that is not there (404: a server without the core group) or is not for this user (403) leaves
 * the other one; a server that does not know the newer form of the answer (406) has the older one.
 */
async function readRoot(path: "/api" | "/apis", get: GetJson): Promise<Root> {
  try {
    const document = await get(path, AGGREGATED).catch((error) => {
      if (!(error instanceof ApiError) || error.status !== 406) throw error;
      return get(path, "application/json");
    });
    return await expand(document, path, get);
  } catch (error) {
    if (!(error instanceof ApiError) || (error.status !== 404 && error.status !== 403)) throw error;
    const groupVersion = path === "/api" ? "v1" : "apis/*";
    return {
      versions: [],
      broken: error.status === 403 ? [{ groupVersion, message: error.message }] : [],
      failure: error,
    };
  }
}

/** What groups, versions and resources are called (RFC 1123 subdomains). */
const SAFE_NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

/**
 * Names of discovery become segments of paths. A server of an aggregated API could put others there:
 * what is not named as Kubernetes names things is left out.
 */
function withSafeNames(entry: ApiVersion): ApiVersion[] {
  if ((entry.group !== "" && !SAFE_NAME.test(entry.group)) || !SAFE_NAME.test(entry.version)) {
    return [];
  }
  const resources = entry.resources.filter(({ resource }) => SAFE_NAME.test(resource)).map((
    one,
  ) => ({
    ...one,
    subresources: one.subresources.filter(({ name }) =>
      name.split("/").every((step) => SAFE_NAME.test(step))
    ),
  }));
  return [{ ...entry, resources }];
}

/** Groups and versions that are asked one by one; clusters have a few dozen. */
const VERSIONS_LIMIT = 2_000;

async function expand(document: unknown, path: string, get: GetJson): Promise<Root> {
  const kind = record(document).kind;
  if (kind === "APIGroupDiscoveryList") return parseAggregated(document);
  if (kind !== "APIVersions" && kind !== "APIGroupList") {
    throw new ResolveError(
      `Cannot discover the API at "${path}": the server's answer is not Kubernetes'`,
      { hint: "Check the server's address in the kubeconfig: it seems to name something else." },
    );
  }
  const listed = kind === "APIVersions"
    ? list(record(document).versions).map((version) => ({
      path: `/api/${text(version)}`,
      group: "",
      version: text(version),
      preferred: text(version) === "v1",
    }))
    : parseGroupList(document);
  if (listed.length > VERSIONS_LIMIT) {
    throw new LimitError(
      `Cannot discover the API at "${path}": the server lists ${listed.length} groups and versions, more than ${VERSIONS_LIMIT}`,
    );
  }
  const broken: { groupVersion: string; message: string }[] = [];
  let unreachable: ApiError | undefined;
  const versions = await Promise.all(listed.map(async (entry) => {
    try {
      const document = await get(entry.path, "application/json", { apart: true });
      if (record(document).kind !== "APIResourceList") throw new ResolveError("another kind");
      return [{ ...entry, resources: parseResourceList(document, entry.group, entry.version) }];
    } catch (error) {
      if (!(error instanceof ApiError) && !(error instanceof ResolveError)) throw error;
      if (error instanceof ApiError && error.status === 0) unreachable ??= error;
      broken.push({ groupVersion: apiVersionOf(entry), message: whyBroken(error) });
      return [];
    }
  }));
  // Where nothing at all answers, it is the server that does not.
  if (unreachable && versions.every((found) => found.length === 0)) throw unreachable;
  return {
    versions: versions.flat().map(({ group, version, preferred, resources }) => ({
      group,
      version,
      preferred,
      resources,
    })),
    broken,
  };
}

/** Why a part of the API is broken, in the words of its own server where it has said some. */
function whyBroken(error: ApiError | ResolveError): string {
  if (error instanceof ResolveError) return "its API server's answer is not Kubernetes'";
  return error.status === 0 ? "its API server does not answer" : error.message;
}

function parseGroupList(document: unknown) {
  return list(record(document).groups).flatMap((group) => {
    const name = text(record(group).name);
    const preferred = text(record(record(group).preferredVersion).version);
    return list(record(group).versions).map((entry) => {
      const version = text(record(entry).version);
      return {
        path: `/apis/${name}/${version}`,
        group: name,
        version,
        preferred: version === preferred,
      };
    });
  });
}

/** Reads an `APIGroupDiscoveryList` of `apidiscovery.k8s.io/v2`. */
export function parseAggregated(document: unknown): ApiIndex {
  const broken: { groupVersion: string; message: string }[] = [];
  const versions = list(record(document).items).flatMap((item) => {
    const group = text(record(record(item).metadata).name);
    return list(record(item).versions).flatMap((entry, position) => {
      const version = text(record(entry).version);
      if (record(entry).freshness === "Stale") {
        broken.push({
          groupVersion: apiVersionOf({ group, version }),
          message: "its API server does not answer",
        });
      }
      const resources = list(record(entry).resources).flatMap((resource) =>
        parseAggregatedResource(record(resource), group, version)
      );
      return [{ group, version, preferred: position === 0, resources }];
    });
  });
  return { versions, broken };
}

function parseAggregatedResource(
  entry: Record<string, unknown>,
  group: string,
  version: string,
): ApiResource[] {
  const resource = text(entry.resource);
  if (resource === "") return [];
  return [{
    group,
    version,
    resource,
    kind: text(record(entry.responseKind).kind),
    singular: text(entry.singularResource),
    shortNames: list(entry.shortNames).map(text),
    namespaced: entry.scope === "Namespaced",
    verbs: list(entry.verbs).map(text),
    subresources: list(entry.subresources).map((sub) => ({
      name: text(record(sub).subresource),
      kind: text(record(record(sub).responseKind).kind),
      verbs: list(record(sub).verbs).map(text),
    })),
  }];
}

/** Reads an `APIResourceList` (the discovery of one group and version). */
export function parseResourceList(
  document: unknown,
  group: string,
  version: string,
): readonly ApiResource[] {
  const entries = list(record(document).resources).map(record);
  const subresources = new Map<string, ApiSubresource[]>();
  for (const entry of entries) {
    const [resource = "", ...rest] = text(entry.name).split("/");
    if (rest.length === 0) continue;
    const known = subresources.get(resource) ?? [];
    known.push({
      name: rest.join("/"),
      kind: text(entry.kind),
      verbs: list(entry.verbs).map(text),
    });
    subresources.set(resource, known);
  }
  return entries.filter((entry) => !text(entry.name).includes("/")).map((entry) => ({
    group,
    version,
    resource: text(entry.name),
    kind: text(entry.kind),
    singular: text(entry.singularName),
    shortNames: list(entry.shortNames).map(text),
    namespaced: entry.namespaced === true,
    verbs: list(entry.verbs).map(text),
    subresources: subresources.get(text(entry.name)) ?? [],
  }));
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
