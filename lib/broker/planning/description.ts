/** A change in words, and the mark by which the same change is known again. Pure. */
import type { KubeObject } from "../../kube/types.ts";
import { PATCH_TYPES } from "../../names/requests.ts";
import type { ResourceRequest } from "../../kube/wire/request.ts";
import { fingerprintOf } from "../../policy/plan.ts";
import { shown } from "../../std/shown.ts";
import { bodyOf, type Change } from "../change.ts";
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
    body: bodyOf(change),
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
  const { verb, resource: { resource, group }, subresource, namespace, contentType, options } =
    change.request;
  const metadata = (bodyOf(change) as KubeObject | undefined)?.metadata;
  const name = change.request.name ?? metadata?.name ??
    (metadata?.generateName ? `${metadata.generateName}…` : undefined);
  const path = [namespace, name ?? (verb === "deletecollection" ? selectorOf(options) : undefined)]
    .filter((part) => part).join("/");
  return shown(
    `${does ?? (contentType === PATCH_TYPES.apply ? "apply" : verb)} ${resource}${
      group && `.${group}`
    }${subresource ? `/${subresource}` : ""}${path && ` ${path}`}${optionsText(change)}${
      context === undefined ? "" : ` (context "${context}")`
    }`,
  );
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
    : ` (${listed.map((name) => `${name} ${given[name]}`).join(", ")})`;
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
  const selectors = [options?.labelSelector, options?.fieldSelector].filter((one) => one);
  return selectors.length > 0 ? `(${selectors.join(", ")})` : "(all)";
}
