/**
 * A request as the broker understands it: read once, and passed from stage to stage. What a stage
 * has checked is what is sent: the body on the wire is written from the content that was looked at.
 */
import { Buffer } from "node:buffer";
import { ApiError, InputError } from "../errors.ts";
import type { KubeClient } from "../kube/client.ts";
import type { KubeObject } from "../kube/types.ts";
import { PATCH_TYPES } from "../names/requests.ts";
import type { ResourceRequest } from "../kube/wire/request.ts";
import { isRead } from "../policy/classify.ts";
import type { Content as PolicyContent } from "../policy/escalation.ts";
import type { Decision, ResourceAction } from "../policy/types.ts";
import type { Live } from "../redact/writes/live.ts";
import { parseYaml } from "../yaml/yaml.ts";
import { holdsNonFinite, parseExact, stringifyExact } from "../std/json/exact.ts";

/**
 * What a request does to the cluster. `at once` takes effect whatever dryRun says: exec, proxy,
 * token, and subresources that are not known here.
 */
export type Effect = "read" | "dry run" | "at once" | "change";

/**
 * The body of a request, parsed once. One that cannot be read goes as it is, and counts as the worst
 * that it could be.
 */
export type Content =
  & { readonly form: PolicyContent["form"] }
  & ({ readonly isReadable: true; readonly value: unknown } | {
    readonly isReadable: false;
    readonly value?: undefined;
  });

/** The object that a request is about, before it. */
export interface LiveObject {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly value: KubeObject;
}

/** One request on its way. */
export interface Change {
  /** What is sent. */
  readonly request: ResourceRequest;
  /** What is sent as its body. */
  readonly content?: Content;
  /** The body as its sender wrote it: with tokens where values are redacted. */
  readonly given?: Content & { readonly text: string };
  readonly effect: Effect;
  /** The resourceVersion to which we have tied it; undefined where its sender named one, or none is needed. */
  readonly pinned?: string;
  /**
   * The object that it names, or its subresource where that can be read; undefined where there is
   * none. Asked for once in each attempt.
   */
  live(): Promise<LiveObject | undefined>;
}

/** A change that the policy does not refuse. */
export interface Authorized extends Change {
  readonly action: ResourceAction;
  /** `allow` or `approve`. */
  readonly decision: Decision;
  /** What the policy says of a `get` of the same object: whether its state may be shown. */
  readonly look: Decision;
}

/** Values of the object that a change is about, each with its token. */
export type Hidden = ReadonlyMap<string, string>;

/** A change with values in place of its tokens. */
export interface Prepared extends Authorized {
  readonly hidden: Hidden;
  /** The live object, where the change could bring its hidden values to light. */
  readonly exposable?: Live;
}

/** A change that may be sent, or that has been tried out instead. */
export interface Admitted extends Prepared {
  /** What the API server answered to the trial. */
  readonly trial?: Uint8Array<ArrayBuffer>;
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

/** Reads a request. @param reader asks for the live object */
export function changeOf(
  request: ResourceRequest,
  reader: { readonly kube: KubeClient; readonly signal: AbortSignal },
): Change {
  const content = contentOf(request);
  const effect = effectOf(request, content);
  return {
    // A stream, a command or a proxied body is passed on byte for byte.
    request: content?.isReadable && effect !== "at once"
      ? encoded(request, content.value)
      : request,
    content,
    given: content,
    effect,
    live: liveReader(request, effect, reader),
  };
}

/** The same change, to be looked at and sent anew. */
export function again<Kind extends Change>(
  change: Kind,
  reader: { readonly kube: KubeClient; readonly signal: AbortSignal },
): Kind {
  return { ...change, live: liveReader(change.request, change.effect, reader) };
}

/** The change with another body. */
export function withContent<Kind extends Change>(change: Kind, value: unknown): Kind {
  const { form } = change.content ?? { form: "object" };
  const request = encoded(change.request, value);
  return { ...change, request, content: { form, value, isReadable: true } };
}

/** The body as the policy looks at it; undefined for one that cannot be read. */
export function readableContent({ content }: Change): PolicyContent | undefined {
  return content?.isReadable ? content : undefined;
}

/** The parsed body, or its text where it cannot be read; undefined without one. */
export function bodyOf({ content, given }: Change): unknown {
  return content?.isReadable ? content.value : given?.text;
}

/** The same request for a trial: nothing is stored. */
export function asDryRun(change: Change): ResourceRequest {
  const { request, content } = change;
  const deletes = request.verb === "delete" || request.verb === "deletecollection";
  if (!deletes || content === undefined) {
    return { ...request, options: { ...request.options, dryRun: "All" } };
  }
  // The API server ignores the query of a deletion that has a body.
  return encoded(request, { ...content.value as object, dryRun: ["All"] });
}

function encoded(request: ResourceRequest, value: unknown): ResourceRequest {
  const text = stringifyExact(value);
  if (text.includes("null") && holdsNonFinite(value)) {
    throw new InputError("Cannot send the body: a number in it is larger than JSON readers take");
  }
  return { ...request, body: new TextEncoder().encode(text) };
}

function contentOf({ verb, body, contentType }: ResourceRequest): Change["given"] {
  if (body === undefined) return undefined;
  const form = verb !== "patch" || contentType === PATCH_TYPES.apply
    ? "object"
    : contentType === PATCH_TYPES.json
    ? "operations"
    : "patch";
  const text = textOf(body);
  try {
    const strict = new TextDecoder("utf-8", { fatal: true }).decode(body);
    const value: unknown = contentType === PATCH_TYPES.apply
      ? readYaml(strict)
      : parseExact(strict);
    return { form, text, value, isReadable: true };
  } catch {
    return { form, text, isReadable: false };
  }
}

/** The text; of bytes that are none, words that no others have. */
function textOf(body: Uint8Array<ArrayBuffer>): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return `(bytes) ${Buffer.from(body).toString("latin1")}`;
  }
}

function readYaml(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    return parseYaml(text, "manifest");
  }
}

function effectOf(request: ResourceRequest, content: Content | undefined): Effect {
  const { verb, resource: { group, resource }, subresource, options } = request;
  if (isRead({ verb, group, resource, subresource })) return "read";
  if (subresource !== undefined && !STORED.has(subresource)) return "at once";
  if (options?.dryRun === "All") return "dry run";
  if (verb !== "delete" && verb !== "deletecollection") return "change";
  const { dryRun } = (content?.value ?? {}) as { readonly dryRun?: unknown };
  return Array.isArray(dryRun) && dryRun.length === 1 && dryRun[0] === "All" ? "dry run" : "change";
}

function liveReader(
  { resource, subresource, namespace, name }: ResourceRequest,
  effect: Effect,
  { kube, signal }: { readonly kube: KubeClient; readonly signal: AbortSignal },
): () => Promise<LiveObject | undefined> {
  const own = resource.subresources.find((one) => one.name === subresource);
  const readable = own?.verbs.includes("get") && effect !== "at once" ? own.name : undefined;
  const read = async (): Promise<LiveObject | undefined> => {
    if (name === undefined) return undefined;
    try {
      const bytes = await kube.send({
        verb: "get",
        resource,
        name,
        ...(namespace ? { namespace } : {}),
        ...(readable ? { subresource: readable } : {}),
      }, signal);
      return { bytes, value: parseExact(new TextDecoder().decode(bytes)) as KubeObject };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 404) return undefined;
      if (error.status !== 403) throw error;
      throw error.with({
        hint: `The object is looked at before it is changed, so that no redacted value comes to ` +
          `light: the user of the kubeconfig needs the right to get ${resource.resource} too.`,
      });
    }
  };
  let asked: Promise<LiveObject | undefined> | undefined;
  return () => asked ??= read();
}
