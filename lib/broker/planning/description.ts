/** A change in words, and the mark by which the same change is known again. Pure. */
import type { KubeObject } from "../../kube/types.ts";
import { PATCH_TYPES } from "../../names/requests.ts";
import type { ResourceRequest } from "../../kube/wire/request.ts";
import { type ChangeSubject, fingerprintOf } from "../../policy/plan.ts";
import { shown } from "../../std/shown.ts";
import { type Authorized, bodyOf, type Change } from "../change.ts";
import type { Scope } from "../scope.ts";
import { withoutMoments } from "./moments.ts";
import { FIELD_MANAGER } from "../stages/resolve.ts";

/** By which the same change is known again. */
export function changeFingerprint(change: Change, context?: string): string {
  const { verb, resource, subresource, namespace, name, contentType, options } = change.request;
  const { group, version } = resource;
  return fingerprintOf({
    verb,
    group,
    version,
    resource: resource.resource,
    subresource,
    namespace,
    name,
    contentType,
    context,
    options,
    body: withoutMoments(bodyOf(change)),
  });
}

/** Which object a request changes; undefined for one that names none. */
export function objectOf(request: ResourceRequest, context?: string): string | undefined {
  const { resource: { group, resource }, namespace, name } = request;
  return name && JSON.stringify([context, group, resource, namespace, name]);
}

/**
 * `delete pods shop/web-0`, `update deployments.apps/scale shop/web (context "staging")`.
 *
 * @param does what the change amounts to, where that is not its verb
 */
export function describeChange(change: Change, context?: string, does?: string): string {
  const { verb, namespace, options } = change.request;
  const metadata = (bodyOf(change) as KubeObject | undefined)?.metadata;
  const name = change.request.name ?? metadata?.name;
  const start = metadata?.generateName;
  const object = name
    ? plain(name)
    : start
    ? `${plain(start)}…`
    : verb === "deletecollection"
    ? selectorOf(options)
    : "";
  const path = [namespace && plain(namespace), object].filter((part) => part).join("/");
  return shown(
    `${verbOf(change, does)} ${resourceOf(change)}${path && ` ${path}`}${optionsText(change)}${
      context === undefined ? "" : ` (context ${JSON.stringify(context)})`
    }`,
  );
}

/** What a change does, where, and how grave it is. @param does as of {@linkcode describeChange} */
export function subjectOf(change: Authorized, { kube }: Pick<Scope, "kube">, does?: string) {
  const { context, cluster } = kube.access;
  const { namespace } = change.request;
  return {
    context,
    cluster,
    ...(namespace ? { namespace } : {}),
    verb: verbOf(change, does),
    resource: resourceOf(change),
    gravity: gravityOf(change),
  } satisfies ChangeSubject;
}

function gravityOf({ request, action, effect }: Authorized): ChangeSubject["gravity"] {
  const verbs = [request.verb, ...(action.implies ?? []).map(({ verb }) => verb)];
  if (verbs.includes("deletecollection")) return 3;
  const isGrave = ["delete", "bind", "escalate"].some((verb) => verbs.some((one) => one === verb));
  if (isGrave || effect === "at once") return 2;
  return request.verb === "create" ? 0 : 1;
}

function verbOf({ request: { verb, contentType } }: Change, does?: string): string {
  return does ?? (contentType === PATCH_TYPES.apply ? "apply" : verb);
}

function resourceOf({ request: { resource: { resource, group }, subresource } }: Change): string {
  return `${resource}${group && `.${group}`}${subresource ? `/${subresource}` : ""}`;
}

/** Text as it is; as JSON where it could be taken for more than one word of a line. */
function plain(text: unknown): string {
  const words = String(text);
  return /^[\w.:@%-]+$/.test(words) ? words : JSON.stringify(words);
}

/** What makes a change another one than its verb says, from the query and the body of a deletion. */
function optionsText(change: Change): string {
  const { verb, options } = change.request;
  const deletes = verb === "delete" || verb === "deletecollection";
  const body = Object(bodyOf(change)) as Record<string, unknown>;
  // An eviction carries the options of its deletion.
  const evicts = change.request.subresource === "eviction";
  const given = {
    ...(deletes ? body : evicts ? Object(body.deleteOptions) : {}),
    ...options,
  } as Record<string, unknown>;
  const listed = (deletes || evicts ? DELETE_OPTIONS : WRITE_OPTIONS).filter((name) =>
    given[name] !== undefined && !DEFAULTS.includes(given[name])
  );
  return listed.length === 0
    ? ""
    : ` (${listed.map((name) => `${name} ${plain(given[name])}`).join(", ")})`;
}

const DELETE_OPTIONS = [
  "propagationPolicy",
  "gracePeriodSeconds",
  "orphanDependents",
  "ignoreStoreReadErrorWithClusterBreakingPotential",
];
const WRITE_OPTIONS = ["force", "fieldManager"];

/** What goes without saying. */
const DEFAULTS: readonly unknown[] = [FIELD_MANAGER, "Background"];

function selectorOf(options: ResourceRequest["options"]): string {
  const selectors = [options?.labelSelector, options?.fieldSelector].filter((one) => one)
    .map((selector) => /^[\w.:/=!,-]+$/.test(`${selector}`) ? selector : JSON.stringify(selector));
  return selectors.length > 0 ? `(${selectors.join(", ")})` : "(all)";
}
