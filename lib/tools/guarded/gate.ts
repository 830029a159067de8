/**
 * The gate of the guarded tools: what this set promises whatever the policy of the server allows
 * beyond it. No Secrets, no ConfigMaps, one namespace and one object at a time, nothing of the
 * cluster, no selectors, no mutation without approval; there is no tool to run commands. Pure but for
 * the look-up of a name.
 */
import { z } from "zod";
import type { Broker, NamedResource } from "../../broker/types.ts";
import { InputError, KubecodeError, PolicyError } from "../../errors.ts";
import { type ArgumentNames, argumentsOf } from "../support/arguments.ts";
import { readDryRun } from "../support/dry_run.ts";
import { findServed, type Target } from "../support/target.ts";
import type { ToolResult } from "../types.ts";

/** Kinds that are out of reach, in whatever group, by the names that they go by. */
const OUT_OF_REACH: ReadonlyMap<string, string> = new Map([
  ["secret", "Secret"],
  ["secrets", "Secret"],
  ["configmap", "ConfigMap"],
  ["configmaps", "ConfigMap"],
  ["cm", "ConfigMap"],
]);

/** Parameters by which other tools mean many objects at once. */
const BULK = /^(all|a|all_?namespaces|(label_?|field_?)?selectors?|label_?filter)$/i;

/** RFC 1123 label. */
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** What a name may be: one segment of a path, and one name only. */
const NAME = /^[A-Za-z0-9]([-A-Za-z0-9._:]{0,251}[A-Za-z0-9])?$/;

/** Words that stand for all there is. */
const ALL: ReadonlySet<string> = new Set(["all", "*", "_all"]);

/** The parameters that say which resource is meant. */
export const GATED = {
  namespace: z.string(),
  group: z.string().describe('"" is core'),
  version: z.string(),
  plural: z.string(),
  kind: z.string().optional(),
};

/** The schema of a guarded tool's arguments: the gate stands before it. */
export function gatedArguments<Shape extends z.ZodRawShape>(
  shape: Shape,
  { aliases = {} }: Pick<ArgumentNames, "aliases"> = {},
): z.ZodType<z.output<z.ZodObject<Shape>>> {
  const named = Object.hasOwn(shape, "namespace");
  return argumentsOf(shape, {
    aliases,
    before: (given) => {
      if (named) gateBulk(given);
    },
    gate: (read) => {
      if (named) gateNames(read, shape);
      if (!Object.hasOwn(shape, "approved")) return;
      gateApproval(read);
      read.approved ??= false;
    },
  });
}

function gateBulk(given: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(given)) {
    if (BULK.test(name)) block("selectors and bulk operations are not allowed: name one object");
  }
}

/** What is said, under whichever name of a parameter and in whatever style it was given. */
function gateNames(given: Readonly<Record<string, unknown>>, shape: z.ZodRawShape): void {
  gateKind(given.kind);
  gateKind(given.plural);
  const { namespace } = given;
  if (typeof namespace !== "string" || namespace === "" || ALL.has(namespace)) {
    block("a namespace is required: cluster-wide operations are not allowed");
  }
  if (!NAMESPACE.test(namespace as string)) block("namespace is not the name of a namespace");
  for (const name of ["name", "pod"]) {
    if (!Object.hasOwn(shape, name) || given[name] === undefined) continue;
    const value = given[name];
    if (typeof value !== "string") continue;
    if (ALL.has(value)) block("bulk operations are not allowed: name one object");
    if (!NAME.test(value) || value.includes("..")) block(`${name} is not the name of an object`);
  }
}

/**
 * The resource that a call names.
 *
 * @throws {PolicyError} one that is out of reach
 * @throws {ResolveError} one that the cluster does not serve
 */
export async function gateResource(
  given: {
    readonly namespace: string;
    readonly group: string;
    readonly version: string;
    readonly plural: string;
    readonly kind?: string;
  },
  broker: Broker,
  signal: AbortSignal,
): Promise<Target> {
  const { group, version, plural: resource } = given;
  const target = await findServed({ group, version, resource }, broker, signal);
  gateKind(target.resource.resource);
  gateKind(target.resource.kind);
  if (!target.resource.namespaced) {
    block(
      `${target.resource.resource} belong to the cluster: cluster-wide operations are not allowed`,
    );
  }
  if (given.kind && !isNameOf(given.kind, target.resource)) {
    throw new InputError(
      `Cannot use kind "${given.kind.slice(0, 100)}": ${target.resource.resource} are of kind ` +
        target.resource.kind,
    );
  }
  return { ...target, namespace: given.namespace };
}

/** Whether the gate refuses a resource by its kind. */
export function isOutOfReach({ resource, kind }: NamedResource): boolean {
  return [resource, kind].some((name) => OUT_OF_REACH.has(name.toLowerCase()));
}

/** Whether it is the kind, or another of the resource's names. */
function isNameOf(given: string, { kind, resource, singular, shortNames }: NamedResource): boolean {
  const name = given.trim().toLowerCase();
  return [kind, resource, singular, ...shortNames].some((one) => one.toLowerCase() === name);
}

/**
 * Refuses what names a kind that is out of reach, however it is written: `Secrets`, `v1/secret`,
 * `secrets.v1`, ` SECRET `. What is no such name and means one all the same is known once it is found.
 */
function gateKind(written: unknown): void {
  if (typeof written !== "string") return;
  for (const part of written.toLowerCase().split(/[^a-z0-9.-]+/)) {
    const kind = OUT_OF_REACH.get(part.replace(/\..*/, ""));
    if (kind !== undefined) block(`Access to kind '${kind}' is forbidden`);
  }
}

/** Trying a change out needs no approval. */
function gateApproval(
  { approved, dry_run }: { readonly approved?: unknown; readonly dry_run?: unknown },
): void {
  if (approved === true || readDryRun(dry_run) === true) return;
  block("this changes the cluster: approved=true is required, once a person has agreed");
}

function block(reason: string): never {
  throw new PolicyError(reason);
}

/** How the guarded tools tell a failure: what was refused, or its type and message; never a stack. */
export function guardedFailure(error: KubecodeError): ToolResult {
  const told = error.hint ? `${error.message}\n${error.hint}` : error.message;
  return {
    text: [error instanceof PolicyError ? `BLOCKED: ${told}` : `ERROR: ${error.name}: ${told}`],
    isError: true,
  };
}
