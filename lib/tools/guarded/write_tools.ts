/** `k8s_delete` and `k8s_patch`: the mutations of the guarded tools, each one request that changes. */
import { z } from "zod";
import type { Broker, Brokers, Origin } from "../../broker/types.ts";
import { InputError } from "../../errors.ts";
import { jsonAnswer } from "../support/answer.ts";
import { parseJson } from "../../std/json/unknown.ts";
import { wholeNumber } from "../support/arguments.ts";
import { askJson, toBody } from "../support/ask.ts";
import { DRY_RUN, dryRunOptions } from "../support/dry_run.ts";
import { endingNotes, endingOf } from "../support/object_metadata.ts";
import { requestOf, type Target } from "../support/target.ts";
import { defineTool } from "../support/define_tool.ts";
import type { Tool } from "../types.ts";
import { GATED, gatedArguments, gateResource, guardedFailure } from "./gate.ts";
import { imagePatch, OPERATIONS, type Patch, patchOf } from "../support/workload_patches.ts";

/** Characters of a reason. */
const REASON_CHARACTERS = 200;

const APPROVED = {
  approved: z.unknown().meta({ type: "boolean", description: "A person has agreed to this" }),
};

const DELETE = gatedArguments({ ...GATED, name: z.string(), ...APPROVED, ...DRY_RUN });

/** Deletes one object. */
export const deleteTool = defineTool({
  kind: "write",
  name: "k8s_delete",
  title: "Delete an object",
  description: "Delete one object.",
  input: DELETE,
  asks: true,
  failure: guardedFailure,
  async run(given, { broker, origin, signal }) {
    const target = await gateResource(given, broker, signal);
    const answer = await askJson(broker, {
      ...requestOf(target),
      verb: "delete",
      name: given.name,
      options: dryRunOptions(given.dry_run, origin),
    }, { signal });
    const ending = endingOf(answer);
    const place = placeOf(target, given.name);
    return jsonAnswer({
      ...dryRunMark(given),
      ...(ending ? { deleting: { ...place, ...ending } } : { deleted: place }),
    }, { notes: ending ? endingNotes(ending) : [] });
  },
});

/**
 * Labels or annotations. Shown as JSON text, which is taken as well as an object: what has keys that no
 * schema can name is an object without properties, which some hosts refuse.
 */
const VALUES = z.preprocess(
  (given) => typeof given === "string" ? parseJson(given) ?? given : given,
  z.record(z.string().min(1).max(317), z.union([z.string(), z.null()])),
).meta({
  type: "string",
  propertyNames: undefined,
  additionalProperties: undefined,
  description: '{"key": "value"}; null removes',
});

const PATCH = gatedArguments({
  ...GATED,
  name: z.string(),
  operation: z.enum(Object.keys(OPERATIONS) as [string, ...string[]]),
  replicas: wholeNumber(0).optional(),
  container: z.string().optional(),
  image: z.string().optional(),
  labels: VALUES.optional(),
  annotations: VALUES.optional(),
  reason: z.string()
    .refine(
      (reason) => reason.length <= REASON_CHARACTERS,
      `must have at most ${REASON_CHARACTERS} characters`,
    ).refine((reason) => !/\p{Cc}/u.test(reason), "must be one line").optional(),
  ...APPROVED,
  ...DRY_RUN,
}, { aliases: { action: "operation" } });

/** Changes one object in one of a few ways. */
export function patchTool(
  brokers: Brokers,
  { maxReplicas }: { readonly maxReplicas: number },
): Tool<z.output<typeof PATCH>> {
  return defineTool({
    kind: "write",
    name: "k8s_patch",
    title: "Change an object",
    description: `Change one object: scale (replicas, at most ${maxReplicas}), update_image ` +
      "(container, image), rollout_restart, labels, annotations.",
    input: PATCH,
    asks: true,
    hints: { idempotentHint: false },
    failure: guardedFailure,
    async run(given, { broker, origin, signal }) {
      checkParameters(given);
      const target = await gateResource(given, broker, signal);
      const { patch, change } = await prepare(given, target, {
        broker,
        signal,
        maxReplicas,
        now: timeOf(origin),
      });
      await askJson(broker, {
        ...requestOf(target),
        verb: "patch",
        name: given.name,
        ...(patch.subresource ? { subresource: patch.subresource } : {}),
        contentType: patch.contentType,
        options: dryRunOptions(given.dry_run, origin),
      }, { body: toBody(patch.body), signal });
      return jsonAnswer({
        ...dryRunMark(given),
        patched: placeOf(target, given.name),
        operation: given.operation,
        ...change,
        reason: given.reason,
      });
    },
  })(brokers);
}

/** The patch of a call, with what it changes. A new image needs a look at the object first. */
async function prepare(
  given: z.output<typeof PATCH>,
  target: Target,
  { broker, signal, maxReplicas, now }: {
    readonly broker: Broker;
    readonly signal: AbortSignal;
    readonly maxReplicas: number;
    readonly now: Date;
  },
): Promise<{ readonly patch: Patch; readonly change: Readonly<Record<string, unknown>> }> {
  if (given.operation !== "update_image") {
    const { replicas, labels, annotations } = given;
    const patch = patchOf(given, target, { maxReplicas, now });
    return { patch, change: { replicas, labels, annotations } };
  }
  const call = { ...requestOf(target), verb: "get", name: given.name } as const;
  const { container, from, ...patch } = imagePatch(given, await askJson(broker, call, { signal }));
  return { patch, change: { container, from, to: given.image } };
}

/** A parameter of another operation is a misunderstanding, not something to pass over. */
function checkParameters(given: z.output<typeof PATCH>): void {
  const own = OPERATIONS[given.operation] ?? [];
  const names = ["replicas", "container", "image", "labels", "annotations"] as const;
  for (const name of names) {
    if (given[name] === undefined || own.includes(name)) continue;
    throw new InputError(
      `Cannot ${given.operation} with ${name}: it belongs to another operation`,
      {
        hint: "One call makes one change.",
      },
    );
  }
}

/** The time of a change; that of its plan where there is one, so that it stays the same change. */
function timeOf({ plan, approval }: Origin): Date {
  return new Date(approval?.startedAt ?? plan?.startedAt ?? Date.now());
}

function dryRunMark({ dry_run }: { readonly dry_run?: boolean }) {
  return dry_run ? { dryRun: true } : {};
}

function placeOf({ resource, namespace }: Target, name: string) {
  return { resource: resource.resource, name, namespace };
}
