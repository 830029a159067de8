/** `deploy_k8s_entity`: server-side apply of one object, or of several of one kind. */
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
import { type Manifest, readManifests } from "../support/manifests.ts";
import {
  describeTarget,
  requestOf,
  resolveTarget,
  TARGET,
  type Target,
  TARGET_ALIASES,
} from "../support/target.ts";

const INPUT = argumentsOf({
  ...TARGET,
  payload_manifest: z.unknown().refine((given) => given !== undefined, "is required")
    .meta({ type: "string", description: "YAML or JSON, several objects too" }),
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
    const target = await resolveTarget(given, broker, signal);
    const manifests = readManifests(given.payload_manifest, target);
    const force = given.force ?? false;
    const dryRun = given.dry_run ?? false;
    const send = (manifest: Manifest, dryRun: boolean) =>
      apply(broker, target, manifest, { force, ...dryRunOptions(dryRun, origin) }, signal);
    // A plan tells the changes by itself.
    const triedOut = (what: object) => jsonAnswer({ dryRun: true, ...(origin.plan ? {} : what) });
    const [only, ...others] = manifests as [Manifest, ...Manifest[]];
    if (others.length === 0) {
      const object = await send(only, dryRun);
      return dryRun ? triedOut({ object }) : jsonAnswer({ applied: identityOf(object) });
    }
    // All are tried before any is stored; to plan them is to try them.
    if (origin.plan && !dryRun) {
      return await applyInOrder(manifests, (manifest) => send(manifest, false));
    }
    const tried: unknown[] = [];
    for (const [position, manifest] of manifests.entries()) {
      try {
        tried.push(await send(manifest, true));
      } catch (error) {
        throw inFront(
          `Nothing was applied: object ${position + 1} of ${manifests.length}`,
          error,
        );
      }
    }
    if (dryRun) return triedOut({ objects: tried });
    return await applyInOrder(manifests, (manifest) => send(manifest, false));
  },
});

async function apply(
  broker: Broker,
  target: Target,
  { name, object }: Manifest,
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

function inFront(words: string, error: unknown): unknown {
  if (!(error instanceof KubecodeError)) return error;
  return new InputError(`${words}: ${error.message}`, {
    cause: error,
    ...(error.hint ? { hint: error.hint } : {}),
  });
}
