/**
 * Which requests only read, which are everyday changes, and which must be allowed by name. Pure.
 * What is not in these tables must be allowed by name.
 */
import type { Permission } from "./types.ts";

type What = Pick<Permission, "verb" | "group" | "resource" | "subresource">;

const READ_VERBS: ReadonlySet<string> = new Set(["get", "list", "watch"]);

/** Subresources of any resource whose `get` reads state and does nothing else. */
const READ_SUBRESOURCES: ReadonlySet<string> = new Set(["status", "scale", "log"]);

/** Subresources of pods through which everyday changes go; a `get` of exec acts. */
const POD_SUBRESOURCES: ReadonlySet<string> = new Set([
  "ephemeralcontainers",
  "eviction",
  "exec",
  "resize",
]);

/** Resources whose `create` asks a question and stores nothing. */
const QUESTIONS: ReadonlySet<string> = new Set([
  "authentication.k8s.io/selfsubjectreviews",
  "authorization.k8s.io/selfsubjectaccessreviews",
  "authorization.k8s.io/selfsubjectrulesreviews",
  "authorization.k8s.io/subjectaccessreviews",
  "authorization.k8s.io/localsubjectaccessreviews",
]);

/** Whether a request leaves the cluster as it was. */
export function isRead({ verb, group, resource, subresource }: What): boolean {
  if (verb === "create") return subresource === undefined && QUESTIONS.has(`${group}/${resource}`);
  if (!READ_VERBS.has(verb)) return false;
  return subresource === undefined || READ_SUBRESOURCES.has(subresource) ||
    (verb === "get" && group === "" && resource === "pods" &&
      (subresource === "ephemeralcontainers" || subresource === "resize"));
}

/** A question about what the asker itself is and may: part of discovery. */
export function isAboutSelf({ verb, group, resource, subresource }: What): boolean {
  return verb === "create" && subresource === undefined && resource.startsWith("selfsubject") &&
    QUESTIONS.has(`${group}/${resource}`);
}

/** Groups whose objects run in the API server or stand before it: they see, and change, all requests. */
const CONTROLS: ReadonlySet<string> = new Set([
  "admissionregistration.k8s.io",
  "apiregistration.k8s.io",
]);

/** Whether a resource without a subresource must be allowed by name. */
export function mustBeNamed({ verb, group, resource }: What): boolean {
  // The old way to bind pods to nodes.
  if (group === "" && resource === "bindings") return true;
  return CONTROLS.has(group) && !READ_VERBS.has(verb);
}

/** Whether a rule that allows `*` allows this: see {@linkcode Rule.resources}. */
export function isEveryday({ verb, group, resource, subresource }: What): boolean {
  if (verb === "bind" || verb === "escalate") return false;
  if (subresource === undefined) return !mustBeNamed({ verb, group, resource });
  if (group === "" && resource === "pods" && POD_SUBRESOURCES.has(subresource)) return true;
  // A certificate is issued by writing it there.
  if (resource === "certificatesigningrequests" && !READ_VERBS.has(verb)) return false;
  return READ_SUBRESOURCES.has(subresource);
}

/**
 * The verbs by which a rule can mean this request. A command in a pod, or a stream to it, is begun
 * by `get` or `create` depending on the protocol: a rule that denies one denies both.
 */
export function verbsOf({ verb, subresource }: What): readonly string[] {
  return subresource === "exec" || subresource === "attach" || subresource === "portforward"
    ? ["get", "create"]
    : [verb];
}
