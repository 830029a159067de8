/** Manifests as callers give them: an object, or text in JSON or YAML, with one document or several. */
import { InputError } from "../../errors.ts";
import { apiVersionOf } from "../../names/groups.ts";
import { parseYamlDocuments } from "../../yaml/yaml.ts";
import type { Target } from "./target.ts";
import { isRecord } from "../../std/json.ts";

/** A manifest that fits the call, with the fields that the call says filled in. */
export interface Manifest {
  readonly name: string;
  readonly object: Readonly<Record<string, unknown>>;
}

/** Objects of one call; more are a matter for a script. */
const MOST = 50;

/**
 * The objects of a manifest, each checked against what the call names.
 *
 * @throws {InputError} text that is no YAML, a value that is no object, another kind, no name,
 *   another namespace
 */
export function readManifests(given: unknown, target: Target): readonly Manifest[] {
  const documents = (typeof given === "string" ? parseText(given) : [given]).flatMap(membersOf);
  if (documents.length === 0) throw new InputError("Cannot apply the manifest: it is empty");
  if (documents.length > MOST) {
    throw new InputError(
      `Cannot apply the manifest: it has ${documents.length} objects, at most ${MOST} are taken`,
      { hint: "Split it, or use a script." },
    );
  }
  const read = documents.map((document, position) =>
    readManifest(
      document,
      target,
      documents.length === 1
        ? "the manifest"
        : `object ${position + 1} of ${documents.length} of the manifest`,
    )
  );
  const names = new Set<string>();
  for (const { name } of read) {
    if (names.has(name)) {
      throw new InputError(`Cannot apply the manifest: it has "${name}" twice`);
    }
    names.add(name);
  }
  return read;
}

function parseText(text: string): readonly unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return parseYamlDocuments(text, "payload_manifest");
  }
}

/** The items of a `List`, as kubectl takes one; else the document itself. */
function membersOf(document: unknown): readonly unknown[] {
  if (!isRecord(document) || document.kind !== "List" || !Array.isArray(document.items)) {
    return [document];
  }
  return document.items;
}

function readManifest(document: unknown, target: Target, what: string): Manifest {
  const fail = (state: string, hint?: string): never => {
    throw new InputError(`Cannot apply ${what}: ${state}`, hint === undefined ? {} : { hint });
  };
  if (!isRecord(document)) return fail(`it is ${typeName(document)}, not an object`);
  const { kind, resource } = target.resource;
  const apiVersion = apiVersionOf(target);
  if (document.kind !== undefined && document.kind !== kind) {
    return fail(
      `its kind is ${shown(document.kind)}, but resource_kind "${resource}" means ${kind}`,
      "Make one call for each kind.",
    );
  }
  if (document.apiVersion !== undefined && document.apiVersion !== apiVersion) {
    return fail(
      `its apiVersion is ${shown(document.apiVersion)}, but the call names ${apiVersion}`,
    );
  }
  if (!isRecord(document.metadata)) return fail("it has no metadata");
  const { name, namespace, generateName } = document.metadata;
  if (typeof name !== "string" || name === "") {
    return fail(
      "metadata.name is missing",
      generateName === undefined
        ? undefined
        : "Apply needs a name; generateName works in a script's create().",
    );
  }
  if (namespace !== undefined && namespace !== (target.namespace ?? "")) {
    return fail(
      target.namespace === undefined
        ? `metadata.namespace is ${shown(namespace)}, but ${resource} belong to the cluster`
        : `metadata.namespace is ${shown(namespace)}, but target_ns is "${target.namespace}"`,
    );
  }
  const { managedFields: _, ...metadata } = document.metadata;
  return { name, object: { ...document, apiVersion, kind, metadata } };
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}

function shown(value: unknown): string {
  return typeof value === "string" ? `"${value.slice(0, 100)}"` : typeName(value);
}
