/** `delete_k8s_entity`: one object, by name. */
import { z } from "zod";
import type { Brokers } from "../../broker/types.ts";
import { jsonAnswer } from "../support/answer.ts";
import { argumentsOf, queryParameters } from "../support/arguments.ts";
import { askJson } from "../support/ask.ts";
import { DRY_RUN, dryRunOptions } from "../support/dry_run.ts";
import { CHANGES } from "../support/behavior_hints.ts";
import type { Tool } from "../types.ts";
import { identityOf } from "../support/object_metadata.ts";
import { requestOf, resolveTarget, TARGET, TARGET_ALIASES } from "../support/target.ts";

const INPUT = argumentsOf({
  ...TARGET,
  entity_name: z.string(),
  request_options: queryParameters().optional().describe("propagationPolicy, gracePeriodSeconds"),
  ...DRY_RUN,
}, { aliases: { ...TARGET_ALIASES, parameters: "request_options" } });

/** The tool that deletes. */
export function deleteTool(brokers: Brokers): Tool<z.output<typeof INPUT>> {
  return {
    name: "delete_k8s_entity",
    description: "Delete an object.",
    input: INPUT,
    rate: "write",
    writes: true,
    annotations: { title: "Delete an object", ...CHANGES },
    async run(given, { origin, signal }) {
      const broker = brokers.as(origin);
      const target = await resolveTarget(given, broker, signal);
      const answer = await askJson(broker, {
        ...requestOf(target),
        verb: "delete",
        name: given.entity_name,
        options: { ...given.request_options, ...dryRunOptions(given.dry_run, origin) },
      }, { signal });
      const { resource, namespace } = requestOf(target);
      const told = answer as { kind?: string; metadata?: { deletionTimestamp?: string } } | null;
      // An object that comes back is still there: it ends once its finalizers or its grace are over.
      const ending = told?.kind !== "Status" && told?.metadata?.deletionTimestamp !== undefined;
      return jsonAnswer({
        ...(given.dry_run ? { dryRun: true } : {}),
        [ending ? "deleting" : "deleted"]: ending
          ? identityOf(answer)
          : { resource, name: given.entity_name, namespace },
      });
    },
  };
}
