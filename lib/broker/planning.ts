/**
 * Trying changes out: a request goes to the API server with dryRun=All, where admission and
 * validation see it and nothing is stored, and what it would change is written into a plan.
 *
 * @see {@link https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run}
 */
import { createHash } from "node:crypto";
import { ApiError, LimitError, PolicyError } from "../errors.ts";
import type { KubeClient } from "../kube/client.ts";
import { PATCH_TYPES, type ResourceRequest } from "../kube/wire/request.ts";
import type { KubeObject } from "../kube/types.ts";
import { diffObjects, shown } from "../policy/diff.ts";
import { withStringData } from "../redact/writes/string_data.ts";
import { withWritten, writtenBy, writtenByJsonPatch } from "../redact/writes/own_words.ts";
import { FIELD_MANAGER } from "./resolved.ts";
import { fingerprintOf, type Plan, PLAN_CHANGES } from "../policy/plan.ts";

/** What the planning of one request takes. */
export interface PlanningParts {
  readonly kube: KubeClient;
  readonly request: ResourceRequest;
  /** The request before tokens became values: its body is what its sender knows. */
  readonly given: ResourceRequest;
  /** The context, where it is not the server's own. */
  readonly context: string | undefined;
  readonly plan: Plan;
  /** An object as it may be shown: without what is secret. */
  readonly readable: (body: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;
  /** Whether the policy lets the object be read; without that only what is sent is shown. */
  readonly mayRead: boolean;
  /** Whether the policy wants a person's yes. */
  readonly asks: boolean;
  readonly signal: AbortSignal;
}

/** Subresources that change what is stored, and nothing where dryRun says so. */
const STORED = new Set([
  "approval",
  "binding",
  "ephemeralcontainers",
  "eviction",
  "finalize",
  "resize",
  "scale",
  "status",
]);

/** Whether a request does something at once, whatever dryRun says: exec, proxy, token, the unknown. */
export function actsAtOnce({ subresource }: Pick<ResourceRequest, "subresource">): boolean {
  return subresource !== undefined && !STORED.has(subresource);
}

/** Whether a request asks for a dry run by itself: it changes nothing. */
export function isDryRun(request: ResourceRequest): boolean {
  if (actsAtOnce(request)) return false;
  if (request.options?.dryRun === "All") return true;
  if (request.verb !== "delete" && request.verb !== "deletecollection") return false;
  const { dryRun } = (bodyOf(request) ?? {}) as { dryRun?: unknown };
  return Array.isArray(dryRun) && dryRun.length === 1 && dryRun[0] === "All";
}

/**
 * Tries a change out and adds it to the plan.
 *
 * @returns what the API server answered, as if it had been made
 * @throws {PolicyError} what cannot be tried out; the plan has it as its last change
 */
export async function tryChange(parts: PlanningParts): Promise<Uint8Array<ArrayBuffer>> {
  const { kube, request, plan, asks, signal } = parts;
  if (plan.changes.length >= PLAN_CHANGES) {
    throw new LimitError(`Cannot plan more than ${PLAN_CHANGES} changes at once`, {
      hint: "Do it in several runs.",
    });
  }
  const fingerprint = changeFingerprint(request, parts.context);
  const live = await liveObject(parts);
  const creates = live === undefined && request.contentType === PATCH_TYPES.apply;
  const what = describeChange(request, parts.context, creates ? "create" : undefined);
  if (actsAtOnce(request)) {
    const lines = [
      shown(JSON.stringify(bodyOf(request) ?? null)),
      "(not tried out: it acts at once, and what comes after it is not known)",
    ];
    plan.add({ what, lines, fingerprint, asks, untried: true, ...seenOf(request, live) });
    throw new PolicyError(
      `Cannot try out ${request.resource.resource}/${request.subresource}: it acts at once`,
      { hint: "The plan ends here: what comes after it is not known." },
    );
  }
  const answer = await kube.send(asDryRun(request), signal);
  const seen = request.verb === "deletecollection"
    ? { seen: uidsOf(answer) }
    : seenOf(request, live);
  plan.add({ what, lines: linesOf(parts, live, answer), fingerprint, asks, ...seen });
  return answer;
}

/**
 * Makes sure that an approved change meets the object that was looked at.
 *
 * @throws {PolicyError} it has changed since
 */
export async function checkSeen(
  parts: Pick<PlanningParts, "kube" | "request" | "context" | "signal">,
  seen: string | undefined,
): Promise<void> {
  const { kube, request, signal } = parts;
  const ofMany = request.verb === "deletecollection";
  const now = ofMany
    ? uidsOf(await kube.send(asDryRun(request), signal))
    : seenOf(request, await liveObject(parts)).seen;
  if (now === seen) return;
  const about = ofMany ? "what it deletes" : "the object";
  throw new PolicyError(
    `Cannot ${
      describeChange(request, parts.context)
    }: ${about} has changed since the plan was made`,
    { hint: "Call the tool again: what differs now is shown, and asked about, anew." },
  );
}

/** By which the same change is known again. */
export function changeFingerprint(request: ResourceRequest, context?: string): string {
  const { verb, resource, subresource, namespace, name, contentType } = request;
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
    options: request.options,
    body: bodyOf(request),
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
 * @param does what the request comes to, where that is not its verb
 */
export function describeChange(request: ResourceRequest, context?: string, does?: string): string {
  const { verb, resource: { resource, group }, subresource, namespace, contentType } = request;
  const metadata = (bodyOf(request) as KubeObject | undefined)?.metadata;
  const name = request.name ?? metadata?.name ??
    (metadata?.generateName ? `${metadata.generateName}…` : undefined);
  const path = [namespace, name ?? (verb === "deletecollection" ? selectorOf(request) : undefined)]
    .filter((part) => part).join("/");
  return shown(
    `${does ?? (contentType === PATCH_TYPES.apply ? "apply" : verb)} ${resource}${
      group && `.${group}`
    }${subresource ? `/${subresource}` : ""}${path && ` ${path}`}${toldOptions(request)}${
      context === undefined ? "" : ` (context "${context}")`
    }`,
  );
}

/** What makes a change another one than its verb says, from the query and the body of a deletion. */
function toldOptions(request: ResourceRequest): string {
  const deletes = request.verb === "delete" || request.verb === "deletecollection";
  const given = { ...(deletes ? bodyOf(request) as object : {}), ...request.options } as Record<
    string,
    unknown
  >;
  const told = (deletes ? DELETE_OPTIONS : WRITE_OPTIONS).filter((name) =>
    given[name] !== undefined && given[name] !== FIELD_MANAGER
  );
  return told.length === 0 ? "" : ` (${told.map((name) => `${name} ${given[name]}`).join(", ")})`;
}

const DELETE_OPTIONS = ["propagationPolicy", "gracePeriodSeconds", "orphanDependents"];
const WRITE_OPTIONS = ["force", "fieldManager"];

function selectorOf({ options }: ResourceRequest): string {
  const selectors = [options?.labelSelector, options?.fieldSelector].filter((one) => one);
  return selectors.length > 0 ? `(${selectors.join(", ")})` : "(all)";
}

/** The object that a request is about, or its subresource where that can be read; undefined: none. */
async function liveObject(
  { kube, request, signal }: Pick<PlanningParts, "kube" | "request" | "signal">,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (request.name === undefined) return undefined;
  const own = request.resource.subresources.find(({ name }) => name === request.subresource);
  const subresource = own?.verbs.includes("get") && !actsAtOnce(request) ? own.name : undefined;
  const { resource, namespace, name } = request;
  try {
    return await kube.send({
      verb: "get",
      resource,
      name,
      ...(namespace ? { namespace } : {}),
      ...(subresource ? { subresource } : {}),
    }, signal);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

/**
 * Which state of an object it is: its generation where it has one, else its content. What controllers
 * report meanwhile, its status, is no other state.
 */
function seenOf(request: ResourceRequest, live: Uint8Array | undefined): { seen?: string } {
  const object = live && parse(live) as KubeObject | undefined;
  if (object?.metadata === undefined) return {};
  const { uid, generation } = object.metadata;
  if (generation) return { seen: JSON.stringify([uid, generation]) };
  const { resourceVersion: _, managedFields: __, ...metadata } = object.metadata;
  const { status, ...content } = object;
  const state = { ...content, metadata, ...(storesStatus(request) ? { status } : {}) };
  return { seen: createHash("sha256").update(JSON.stringify(state)).digest("hex") };
}

/** Whether a request writes the status: by its name, or because it is stored like all else. */
function storesStatus({ subresource, resource }: ResourceRequest): boolean {
  return subresource === "status" || !resource.subresources.some(({ name }) => name === "status");
}

/** Which objects a deletion of many would meet. */
function uidsOf(answer: Uint8Array): string {
  const { items = [] } = (parse(answer) ?? {}) as { items?: readonly KubeObject[] };
  return JSON.stringify(items.map(({ metadata }) => metadata?.uid).sort());
}

function asDryRun(request: ResourceRequest): ResourceRequest {
  const deletes = request.verb === "delete" || request.verb === "deletecollection";
  if (!deletes || request.body === undefined) {
    return { ...request, options: { ...request.options, dryRun: "All" } };
  }
  // The API server ignores the query of a deletion that has a body.
  const options = { ...bodyOf(request) as object, dryRun: ["All"] };
  return { ...request, body: new TextEncoder().encode(JSON.stringify(options)) };
}

function linesOf(
  { request, given, readable, mayRead }: PlanningParts,
  live: Uint8Array<ArrayBuffer> | undefined,
  answer: Uint8Array<ArrayBuffer>,
): readonly string[] {
  const { verb, subresource, resource } = request;
  if (verb === "delete" || (verb === "create" && subresource === "eviction")) return [];
  const after = parse(readable(answer)) as KubeObject & { items?: KubeObject[] } | undefined;
  if (verb === "deletecollection") {
    return (after?.items ?? []).map(({ metadata }) =>
      shown([metadata?.namespace, metadata?.name].filter((part) => part).join("/"))
    );
  }
  if (!mayRead) return diffObjects(undefined, bodyOf(given) as KubeObject | undefined);
  const before = live && parse(readable(live)) as KubeObject | undefined;
  // Who agrees is to see the very words that are written.
  const written = request.contentType === PATCH_TYPES.json
    ? writtenByJsonPatch(bodyOf(given), live && parse(live))
    : writtenBy(bodyOf(given));
  const [raw, body] = [parse(answer), bodyOf(given)];
  const own = withWritten(raw, after, written) as KubeObject | undefined;
  const isSecret = resource.group === "" && resource.resource === "secrets";
  const sides = isSecret ? withStringData(before, own, { raw, body, written }) : [before, own];
  const lines = diffObjects(sides[0], sides[1], { status: storesStatus(request) });
  return lines.length > 0 ? lines : ["(no difference)"];
}

function bodyOf({ body }: ResourceRequest): unknown {
  return body && (parse(body) ?? new TextDecoder().decode(body));
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
