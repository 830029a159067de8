/**
 * URIs of the cluster's objects. They are parsed here: a URL parser would follow `..` to another
 * resource than the one that is written. Pure.
 */
import { InputError } from "../../errors.ts";
import { groupName, groupOf } from "../../names/groups.ts";

/** What a URI names. */
export interface ClusterUri {
  /** "" is the core group. */
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly namespace?: string;
  /** Left out: the whole collection. */
  readonly name?: string;
}

/** The forms of URIs of objects; `clustered` and `namespaced` are taken as well. */
export const TEMPLATES = [
  {
    uriTemplate: "k8s://cluster/{group}/{version}/{resource}/{name}",
    name: "cluster object",
    description: "An object of the cluster; group core for the core group.",
    mimeType: "application/json",
  },
  {
    uriTemplate: "k8s://namespace/{namespace}/{group}/{version}/{resource}/{name}",
    name: "namespaced object",
    description: "An object in a namespace; group core for the core group.",
    mimeType: "application/json",
  },
] as const;

/**
 * Parses a URI.
 *
 * @throws {InputError} what is no such URI; a segment that holds a slash, "..", or a percent sign
 */
export function parseUri(uri: string): ClusterUri {
  const fail = (state: string): never => {
    throw new InputError(`Cannot read "${uri.slice(0, 300)}": ${state}`, {
      hint: `URIs are ${TEMPLATES.map(({ uriTemplate }) => uriTemplate).join(" and ")}.`,
    });
  };
  const [, path] = /^k8s:\/\/([^?#]*)$/i.exec(uri) ?? [];
  if (path === undefined) return fail("it is no URI of the cluster");
  const [scope = "", ...segments] = path.split("/").map((text) => {
    try {
      const segment = decodeURIComponent(text);
      if (/[/%\\\p{Cc}]|^\.{1,2}$/u.test(segment)) fail(`"${segment}" is no name`);
      return segment;
    } catch (error) {
      if (error instanceof InputError) throw error;
      return fail(`"${text}" is not percent-encoded`);
    }
  });
  const namespaced = /^namespaced?$/.test(scope);
  if (!namespaced && !/^cluster(ed)?$/.test(scope)) return fail(`"${scope}" is no scope`);
  const [namespace] = namespaced ? segments.splice(0, 1) : [];
  const [group = "", version = "", resource = "", name] = segments;
  if (namespaced && !namespace) return fail("its namespace is empty");
  if (version === "" || resource === "" || name === "") return fail("a part of it is empty");
  if (segments.length > 4) return fail("it has too many parts");
  return {
    group: groupOf(group),
    version: version.toLowerCase(),
    resource: resource.toLowerCase(),
    ...(namespace ? { namespace } : {}),
    ...(name === undefined ? {} : { name }),
  };
}

/** Writes a URI. */
export function formatUri({ group, version, resource, namespace, name }: ClusterUri): string {
  const parts = [
    ...(namespace === undefined ? ["cluster"] : ["namespace", namespace]),
    groupName(group),
    version,
    resource,
    ...(name === undefined ? [] : [name]),
  ];
  return `k8s://${parts.map(encodeURIComponent).join("/")}`;
}
