/** `interact_k8s_endpoint`: a POST to a subresource of an object, a command in a pod above all. */
import { SUBRESOURCE_KINDS } from "../../names/well_known.ts";
import { z } from "zod";
import type { Broker, RequestCall } from "../../broker/types.ts";
import { InputError } from "../../errors.ts";
import { jsonAnswer } from "../support/answer.ts";
import { argumentsOf, queryParameters, shownObject } from "../support/arguments.ts";
import { askJson, toBody } from "../support/ask.ts";
import { DRY_RUN, dryRunOptions } from "../support/dry_run.ts";
import { defineTool } from "../support/define_tool.ts";
import type { ToolResult } from "../types.ts";
import { runInPod } from "../support/pod_command.ts";
import {
  requestOf,
  resolveTarget,
  TARGET,
  type Target,
  TARGET_ALIASES,
} from "../support/target.ts";

const INPUT = argumentsOf({
  ...TARGET,
  entity_name: z.string(),
  action_path: z.string().optional().describe("Subresource: exec, eviction"),
  request_payload: z.record(z.string(), z.unknown()).meta({
    ...shownObject({
      command: { type: "array", items: { type: "string" } },
      container: { type: "string" },
      timeout: { type: "integer", description: "Seconds; 15, max 60" },
    }),
    description: "exec: these; else the subresource's object",
  }),
  request_options: queryParameters({ fieldManager: { type: "string" } }).optional(),
  ...DRY_RUN,
}, {
  aliases: {
    ...TARGET_ALIASES,
    subresource: "action_path",
    body: "request_payload",
    parameters: "request_options",
  },
});

/** Kinds that are filled in where the payload leaves them out. */
const KINDS: Readonly<Record<string, { readonly apiVersion: string; readonly kind: string }>> =
  SUBRESOURCE_KINDS;

/** The tool that posts. */
export const interactTool = defineTool({
  kind: "write",
  name: "interact_k8s_endpoint",
  title: "Run a command, or post to a subresource",
  description: "POST to an object's subresource: run a command in a pod, evict it.",
  input: INPUT,
  hints: { idempotentHint: false },
  async run(given, { broker, origin, signal }) {
    const target = await resolveTarget(given, broker, signal, { writes: true });
    const subresource = given.action_path;
    if (!subresource) {
      throw new InputError(`Cannot post to ${target.resource.resource}: no action_path given`, {
        hint: subresourcesHint(target, "deploy_k8s_entity creates objects."),
      });
    }
    if (subresource === "exec" && target.resource.resource === "pods" && target.group === "") {
      if (given.dry_run && !origin.plan) {
        throw new InputError("Cannot try out exec: a command has no dry run");
      }
      const pod = { namespace: target.namespace ?? "", name: given.entity_name };
      return await runInPod(broker, pod, given, signal);
    }
    const options = { ...given.request_options, ...dryRunOptions(given.dry_run, origin) };
    return await post(broker, target, { ...given, subresource, options }, signal);
  },
});

async function post(
  broker: Broker,
  target: Target,
  given: Pick<z.output<typeof INPUT>, "entity_name" | "request_payload"> & {
    readonly subresource: string;
    readonly options: NonNullable<RequestCall["options"]>;
  },
  signal: AbortSignal,
): Promise<ToolResult> {
  const { entity_name: name, subresource, options } = given;
  const call = {
    ...requestOf(target),
    verb: "create",
    name,
    subresource,
    options,
  } as const;
  const body = toBody(objectOf(given.request_payload, target, given));
  return jsonAnswer(await askJson(broker, call, { body, signal }));
}

/** The payload as the object that the subresource takes. */
function objectOf(
  payload: Readonly<Record<string, unknown>>,
  { namespace }: Target,
  { entity_name: name, subresource }: {
    readonly entity_name: string;
    readonly subresource: string;
  },
): Readonly<Record<string, unknown>> {
  const kind = Object.hasOwn(KINDS, subresource) ? KINDS[subresource] : undefined;
  if (kind === undefined) return payload;
  const metadata = (payload.metadata ?? {}) as Readonly<Record<string, unknown>>;
  for (const [field, wanted] of Object.entries({ name, namespace })) {
    const said = metadata[field];
    if (said !== undefined && said !== wanted) {
      throw new InputError(
        `Cannot post to ${subresource} of "${name}": metadata.${field} of the payload differs`,
      );
    }
  }
  return { ...kind, ...payload, metadata: { ...metadata, name, namespace } };
}

function subresourcesHint({ resource }: Target, other: string): string {
  const { subresources } = resource;
  return subresources.length === 0
    ? other
    : `${resource.resource} have ${subresources.join(", ")}. ${other}`;
}
