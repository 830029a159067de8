/**
 * Manifests as callers give them: an object, or text in JSON or YAML, with one document or several.
 * Each says by itself what it is and where it belongs; what it leaves out the call may say. Pure.
 */
import { InputError } from "../../errors.ts";
import { apiVersionOf, splitApiVersion } from "../../names/groups.ts";
import { resolve, type ResourceReference } from "../../names/resolve.ts";
import { parseYamlDocuments } from "../../yaml/yaml.ts";
import { isNumber, isRecord } from "../../std/json/unknown.ts";
import { withoutFence } from "./fences.ts";
import { readNamespace, readScope, type Target, type TargetArguments } from "./target.ts";
import { parseExact } from "../../std/json/exact.ts";

/** One object of a manifest, with what it says of itself. */
export interface ManifestDocument {
  /** How errors name it. */
  readonly what: string;
  readonly object: Readonly<Record<string, unknown>>;
  readonly apiVersion: string | undefined;
  readonly kind: string | undefined;
  readonly name: string;
  readonly namespace: string | undefined;
}

/** A document that fits the call, with all that identifies it filled in. */
export interface Manifest {
  /** How errors name it. */
  readonly what: string;
  readonly name: string;
  readonly target: Target;
  readonly object: Readonly<Record<string, unknown>>;
  /** The cluster serves its kind only once a definition of the same manifest is there. */
  readonly awaited?: boolean;
}

/** Objects of one call; more are a matter for a script. */
const MOST = 50;

/**
 * The objects of a manifest.
 *
 * @throws {InputError} text that is no YAML, a value that is no object, no name
 */
export function readDocuments(given: unknown): readonly ManifestDocument[] {
  const documents = (typeof given === "string" ? parseText(given) : [given]).flatMap(membersOf);
  if (documents.length === 0) throw new InputError("Cannot apply the manifest: it is empty");
  if (documents.length > MOST) {
    throw new InputError(
      `Cannot apply the manifest: it has ${documents.length} objects, at most ${MOST} are taken`,
      { hint: "Split it, or use a script." },
    );
  }
  return documents.map((document, position) =>
    readDocument(
      document,
      documents.length === 1
        ? "the manifest"
        : `object ${position + 1} of ${documents.length} of the manifest`,
    )
  );
}

function parseText(text: string): readonly unknown[] {
  try {
    return [parseExact(text)];
  } catch {
    return parseYamlDocuments(withoutFence(text), "payload_manifest");
  }
}

/** The items of a `List`, as kubectl takes one; else the document itself. */
function membersOf(document: unknown): readonly unknown[] {
  if (!isRecord(document) || document.kind !== "List" || !Array.isArray(document.items)) {
    return [document];
  }
  return document.items;
}

function readDocument(document: unknown, what: string): ManifestDocument {
  if (!isRecord(document)) throw unfit(what, `it is ${typeName(document)}, not an object`);
  const { apiVersion, kind, metadata } = document;
  const texts = { apiVersion, kind };
  for (const [field, value] of Object.entries(texts)) {
    if (value === undefined || value === null || typeof value === "string") continue;
    throw unfit(what, `its ${field} is ${typeName(value)}`);
  }
  if (!isRecord(metadata)) throw unfit(what, "it has no metadata");
  const { name, namespace, generateName } = metadata;
  if (typeof name !== "string" || name === "") {
    throw unfit(
      what,
      "metadata.name is missing",
      generateName === undefined
        ? undefined
        : "Apply needs a name; generateName works in a script's create().",
    );
  }
  if (namespace !== undefined && namespace !== null && typeof namespace !== "string") {
    throw unfit(what, `metadata.namespace is ${typeName(namespace)}`);
  }
  return {
    what,
    object: document,
    apiVersion: apiVersion as string | undefined || undefined,
    kind: kind as string | undefined || undefined,
    name,
    namespace: namespace || undefined,
  };
}

/**
 * What to look a document's resource up by: what it says itself, and for the rest the call.
 *
 * @param call what the call says of the resource
 * @throws {InputError} neither says enough
 */
export function referenceOf(
  { what, apiVersion, kind }: ManifestDocument,
  call: Partial<ResourceReference>,
): ResourceReference {
  const resource = kind ?? call.resource;
  if (resource === undefined) throw unfit(what, "it has no kind", "Write apiVersion and kind.");
  if (apiVersion === undefined) {
    if (call.version === undefined) {
      throw unfit(what, "it has no apiVersion", "Write apiVersion and kind, as in apps/v1.");
    }
    return { ...call, resource };
  }
  const written = splitApiVersion(apiVersion);
  if (written === undefined) throw unfit(what, `its apiVersion is ${shown(apiVersion)}`);
  return { ...written, resource };
}

/**
 * A document as the object of a resource.
 *
 * @param given what the call says besides
 * @throws {InputError} another kind than the resource's, no namespace or another one than the call's
 */
export function manifestOf(
  { what, object, kind, name, namespace }: ManifestDocument,
  found: Target,
  given: Pick<TargetArguments, "target_ns">,
): Manifest {
  const { resource } = found;
  if (kind !== undefined && kind !== resource.kind) {
    throw unfit(what, `its kind is ${shown(kind)}, but ${resource.resource} are ${resource.kind}`);
  }
  const { managedFields: _, ...metadata } = object.metadata as Readonly<Record<string, unknown>>;
  const whole = { ...object, apiVersion: apiVersionOf(found), kind: resource.kind, metadata };
  if (!resource.namespaced) {
    if (namespace === undefined) return { what, name, target: found, object: whole };
    throw unfit(
      what,
      `metadata.namespace is ${shown(namespace)}, but ${resource.resource} belong to the cluster`,
    );
  }
  const called = given.target_ns === "" ? undefined : readNamespace(given.target_ns);
  if (called === "*") {
    throw unfit(what, "it goes into one namespace, not into all", "Name it in metadata.namespace.");
  }
  if (namespace !== undefined && called !== undefined && namespace !== called) {
    throw unfit(
      what,
      `metadata.namespace is ${shown(namespace)}, but target_ns is ${shown(called)}`,
      "Leave target_ns out: the manifest says it.",
    );
  }
  const into = namespace ?? called;
  if (into === undefined) {
    throw unfit(
      what,
      `it has no namespace, and ${resource.resource} are namespaced`,
      "Name it in metadata.namespace or in target_ns.",
    );
  }
  return { what, name, target: { ...found, namespace: into }, object: whole };
}

/**
 * Refuses a call that says something else than its manifest does. Of several objects one has to fit:
 * the others say themselves what they are.
 *
 * @throws {InputError} a resource, scope or namespace of the call that fits no object
 */
export function checkAgainstCall(
  manifests: readonly Manifest[],
  call: Partial<ResourceReference>,
  given: Pick<TargetArguments, "scope" | "target_ns">,
): void {
  const [first] = manifests as [Manifest, ...Manifest[]];
  const kinds = `${first.target.resource.kind} of ${apiVersionOf(first.target)}`;
  const isMeant = ({ target: { group, version, resource } }: Manifest) =>
    resolve([{ group, version, preferred: true, resources: [resource] }], {
      ...call,
      resource: call.resource ?? resource.resource,
    }) !== undefined;
  if (!manifests.some(isMeant)) {
    const { group, version, resource } = call;
    const named = [resource, version ?? "", group ?? ""].filter((part) => part).join(", ");
    throw unfit(
      "the manifest",
      `it has ${kinds}, but the call names ${named.slice(0, 200)}`,
      TWICE,
    );
  }
  const scope = readScope(given.scope);
  const namespaced = manifests.some(({ target }) => target.resource.namespaced);
  if (scope === "cluster" && manifests.every(({ target }) => target.resource.namespaced)) {
    throw unfit("the manifest", `scope is "cluster", but ${kinds} is namespaced`, TWICE);
  }
  if (scope === "namespaced" && !namespaced) {
    throw unfit(
      "the manifest",
      `scope is "namespaced", but ${kinds} belongs to the cluster`,
      TWICE,
    );
  }
  if (given.target_ns && readNamespace(given.target_ns) !== "*" && !namespaced) {
    throw unfit("the manifest", `target_ns is given, but ${kinds} belongs to the cluster`, TWICE);
  }
  const seen = new Set<string>();
  for (const { name, target: { group, resource, namespace } } of manifests) {
    const object = JSON.stringify([group, resource.kind, namespace, name]);
    if (seen.has(object)) throw unfit("the manifest", `it has "${name.slice(0, 100)}" twice`);
    seen.add(object);
  }
}

const TWICE = "Leave out of the call what the manifest says itself.";

/** Objects in the order in which they can be stored: definitions and namespaces before what needs them. */
export function inOrder(manifests: readonly Manifest[]): readonly Manifest[] {
  const early = (manifest: Manifest) => isDefinition(manifest) || isNamespace(manifest);
  return [
    ...manifests.filter(early),
    ...manifests.filter((manifest) => !early(manifest)),
  ];
}

/** Whether an object is a namespace. */
export function isNamespace({ target: { group, resource } }: Manifest): boolean {
  return group === "" && resource.resource === "namespaces";
}

function isDefinition({ target: { group, resource } }: Manifest): boolean {
  return group === "apiextensions.k8s.io" && resource.resource === "customresourcedefinitions";
}

/**
 * The resource that a definition among the documents is about to make, where it is the one that is
 * looked for; the cluster does not serve it yet.
 */
export function definedIn(
  documents: readonly ManifestDocument[],
  wanted: ResourceReference,
): Target | undefined {
  for (const { kind, object } of documents) {
    const { spec } = object;
    if (kind !== "CustomResourceDefinition" || !isRecord(spec) || !isRecord(spec.names)) continue;
    const { group, scope, names: { plural, singular = "", kind: defined } } = spec;
    if (typeof group !== "string" || typeof plural !== "string" || typeof defined !== "string") {
      continue;
    }
    const resource = {
      resource: plural,
      singular: `${singular}`,
      kind: defined,
      shortNames: [],
      namespaced: scope !== "Cluster",
      verbs: [],
      subresources: [],
    };
    const versions = (Array.isArray(spec.versions) ? spec.versions : []).filter(isRecord)
      .map(({ name }) => ({ group, version: `${name}`, preferred: true, resources: [resource] }));
    const found = resolve(versions, wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}

function unfit(what: string, state: string, hint?: string): InputError {
  return new InputError(`Cannot apply ${what}: ${state}`, hint === undefined ? {} : { hint });
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return `a ${isNumber(value) ? "number" : typeof value}`;
}

function shown(value: unknown): string {
  return typeof value === "string" ? `"${value.slice(0, 100)}"` : typeName(value);
}
