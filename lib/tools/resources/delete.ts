/** `delete_k8s_entity`: one object, by name. */
import { z } from "zod";
import { jsonAnswer } from "../support/answer.ts";
import { argumentsOf, queryParameters } from "../support/arguments.ts";
import { askJson } from "../support/ask.ts";
import { DRY_RUN, dryRunOptions } from "../support/dry_run.ts";
import { defineTool } from "../support/define_tool.ts";
import { endingNotes, endingOf, identityOf } from "../support/object_metadata.ts";
import { requestOf, resolveTarget, TARGET, TARGET_ALIASES } from "../support/target.ts";

const INPUT = argumentsOf({
  ...TARGET,
  entity_name: z.string(),
  request_options: queryParameters({
    propagationPolicy: { type: "string" },
    gracePeriodSeconds: { type: "integer" },
  }).optional(),
  ...DRY_RUN,
}, { aliases: { ...TARGET_ALIASES, parameters: "request_options" } });

/** The tool that deletes. */
export const deleteTool = defineTool({
  kind: "write",
  name: "delete_k8s_entity",
  title: "Delete an object",
  description: "Delete an object.",
  input: INPUT,
  async run(given, { broker, origin, signal }) {
    const target = await resolveTarget(given, broker, signal, { writes: true });
    const answer = await askJson(broker, {
      ...requestOf(target),
      verb: "delete",
      name: given.entity_name,
      options: { ...given.request_options, ...dryRunOptions(given.dry_run, origin) },
    }, { signal });
    const { resource, namespace } = requestOf(target);
    const ending = endingOf(answer);
    return jsonAnswer({
      ...(given.dry_run ? { dryRun: true } : {}),
      ...(ending
        ? { deleting: { ...identityOf(answer), ...ending } }
        : { deleted: { resource, name: given.entity_name, namespace } }),
    }, { notes: ending ? endingNotes(ending) : [] });
  },
});
