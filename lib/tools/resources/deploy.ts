/** `deploy_k8s_entity`: server-side apply of what a manifest holds, one object or several. */
import { PATCH_TYPES } from "../../names/requests.ts";
import { z } from "zod";
import type { Broker } from "../../broker/types.ts";
import { ApiError, describeError, InputError, KubecodeError } from "../../errors.ts";
import { jsonAnswer } from "../support/answer.ts";
import { argumentsOf, flag } from "../support/arguments.ts";
import { askJson, toBody } from "../support/ask.ts";
import { DRY_RUN, dryRunOptions } from "../support/dry_run.ts";
import { identityOf } from "../support/object_metadata.ts";
import { defineTool } from "../support/define_tool.ts";
import type { ToolResult } from "../types.ts";
import { isNamespace, type Manifest } from "../support/manifests.ts";
import { inFront, resolveManifests, untilServed } from "./served_manifests.ts";
import { describeTarget, requestOf, TARGET, TARGET_ALIASES } from "../support/target.ts";

const INPUT = argumentsOf({
  ...TARGET,
  // The manifest says both.
  api_version: TARGET.api_version.optional(),
  resource_kind: z.string().optional(),
  payload_manifest: z.unknown().refine((given) => given !== undefined, "is required")
    .meta({ type: "string", description: "YAML or JSON; any number of objects and kinds" }),
  force: flag().optional().describe("Take over conflicting fields"),
  ...DRY_RUN,
}, { aliases: { ...TARGET_ALIASES, manifest: "payload_manifest" } });

/** How an apply is sent. */
interface ApplyOptions {
  readonly force: boolean;
  readonly dryRun?: "All";
}

/** The tool that applies. */
export const deployTool = defineTool({
  kind: "write",
  name: "deploy_k8s_entity",
  title: "Apply a manifest",
  description: "Create or change objects by server-side apply.",
  input: INPUT,
  async run(given, { broker, origin, signal }) {
    const manifests = await resolveManifests(given, broker, signal);
    const dryRun = given.dry_run ?? false;
    const send: Send = (manifest, dryRun) =>
      apply(broker, manifest, {
        force: given.force ?? false,
        ...dryRunOptions(dryRun, origin),
      }, signal);
    const [only, ...others] = manifests as [Manifest, ...Manifest[]];
    // A plan tells the changes by itself.
    const triedOut = (what: object) => jsonAnswer({ dryRun: true, ...(origin.plan ? {} : what) });
    if (others.length === 0) {
      const object = await send(only, dryRun);
      return dryRun ? triedOut({ object }) : jsonAnswer({ applied: identityOf(object) });
    }
    // All are tried before any is stored; to plan them is to try them.
    if (origin.plan && !dryRun) {
      return await applyInOrder(manifests, (manifest) => {
        if (manifest.awaited) throw notYet(manifest, "its definition");
        return send(manifest, false);
      });
    }
    const { objects, notTried } = await tryAll(manifests, send);
    if (dryRun) {
      return notTried.length === 0
        ? triedOut({ objects })
        : jsonAnswer({ dryRun: true, ...(origin.plan ? {} : { objects }), notTried });
    }
    return await applyInOrder(manifests, async (manifest) => {
      if (manifest.awaited) await untilServed(manifest, broker, signal);
      return await send(manifest, false);
    });
  },
});

/** Sends one object. */
type Send = (manifest: Manifest, dryRun: boolean) => Promise<unknown>;

/**
 * Tries all objects out. What needs a definition or a namespace that comes with it cannot be, and is
 * named.
 *
 * @throws {InputError} one that would not be stored
 */
async function tryAll(manifests: readonly Manifest[], send: Send) {
  const namespaces = new Set(manifests.filter(isNamespace).map(({ name }) => name));
  const objects: unknown[] = [];
  const notTried: string[] = [];
  for (const manifest of manifests) {
    const { what, name, target: { namespace }, awaited = false } = manifest;
    try {
      if (awaited) notTried.push(name);
      else objects.push(await send(manifest, true));
    } catch (error) {
      const missing = error instanceof ApiError && error.status === 404;
      if (!missing || namespace === undefined || !namespaces.has(namespace)) {
        throw inFront(`Nothing was applied: ${what}`, error);
      }
      notTried.push(name);
    }
  }
  return { objects, notTried };
}

function notYet({ target, name }: Manifest, what: string): InputError {
  return new InputError(
    `Cannot try out ${describeTarget(target, name)}: ${what} is not there yet`,
    { hint: `Apply ${what} first, in a call of its own.` },
  );
}

async function apply(
  broker: Broker,
  { name, target, object }: Manifest,
  { force, ...options }: ApplyOptions,
  signal: AbortSignal,
): Promise<unknown> {
  try {
    return await askJson(broker, {
      ...requestOf(target),
      verb: "patch",
      name,
      contentType: PATCH_TYPES.apply,
      options: { ...(force ? { force } : {}), ...options },
    }, { body: toBody(object), signal });
  } catch (error) {
    throw conflictOf(error, describeTarget(target, name));
  }
}

/** Applies one after another; what fails ends it, and the answer says how far it came. */
async function applyInOrder(
  manifests: readonly Manifest[],
  send: (manifest: Manifest) => Promise<unknown>,
): Promise<ToolResult> {
  const applied: unknown[] = [];
  for (const [position, manifest] of manifests.entries()) {
    try {
      applied.push(identityOf(await send(manifest)));
    } catch (error) {
      if (!(error instanceof KubecodeError)) throw error;
      const unknown = error instanceof ApiError && error.status === 0;
      const rest = manifests.slice(position + 1).map(({ name }) => name);
      const { text } = jsonAnswer({
        applied,
        [unknown ? "unknown" : "failed"]: manifest.name,
        notApplied: rest,
      });
      return { text: [...text, describeError(error)], isError: true };
    }
  }
  return jsonAnswer({ applied });
}

/** A conflict of field managers, with each field and its manager; another error as it is. */
function conflictOf(error: unknown, what: string): unknown {
  if (!(error instanceof ApiError) || error.status !== 409 || error.causes.length === 0) {
    return error;
  }
  const fields = error.causes.map(({ field, message }) => {
    const [, manager] = /conflict with ("[^"]*"(?: with subresource "[^"]*")?)/.exec(message) ?? [];
    return `${field ?? "a field"} (${manager ?? message})`;
  });
  const shown = fields.slice(0, 20).join(", ");
  const left = fields.length > 20 ? ` and ${fields.length - 20} more` : "";
  return error.with({
    message: `Cannot apply ${what}: other managers own ${shown}${left}`,
    hint: "Leave these fields out, or take them over with force: true.",
  });
}
