/** `scan_k8s_collection`: the objects of a resource. */
import { InputError } from "../../errors.ts";
import { z } from "zod";
import { jsonAnswer, listAnswer } from "../support/answer.ts";
import { argumentsOf, flag, queryParameters, wholeNumber } from "../support/arguments.ts";
import { listPage } from "../support/events.ts";
import { defineTool } from "../support/define_tool.ts";
import { filterAnnotations } from "../support/object_metadata.ts";
import { groupNotes, resolveTarget, TARGET, TARGET_ALIASES } from "../support/target.ts";
import { stringifyExact } from "../../std/json/exact.ts";

const INPUT = argumentsOf({
  ...TARGET,
  label_filter: z.string().optional(),
  field_selector: z.string().optional(),
  detail_annotations: flag().optional().describe("Default true"),
  omit_annotation_keys: z.array(z.string()).optional().describe("x.io/* works"),
  include_only_annotation_keys: z.array(z.string()).optional(),
  // 0 is no limit, as in the API: one page, as when it is left out.
  limit: wholeNumber(0).optional(),
  continue: z.string().optional(),
  query_params: queryParameters({ resourceVersion: { type: "string" } }).optional(),
}, {
  aliases: {
    ...TARGET_ALIASES,
    label_selector: "label_filter",
    labelSelector: "label_filter",
    fieldSelector: "field_selector",
    include_annotations: "detail_annotations",
    exclude_annotation_keys: "omit_annotation_keys",
    include_annotation_keys: "include_only_annotation_keys",
    parameters: "query_params",
  },
});

/** The tool that lists. */
export const scanTool = defineTool({
  kind: "read",
  name: "scan_k8s_collection",
  title: "List objects",
  description: 'List objects of a resource, events newest first. target_ns "*" is all namespaces.',
  input: INPUT,
  async run(given, { broker, signal, less }) {
    const target = await resolveTarget(given, broker, signal, { allNamespaces: true });
    const { limit, continue: after, ...options } = given.query_params ?? {};
    const list = await listPage(
      target,
      {
        ...options,
        ...(given.label_filter ? { labelSelector: given.label_filter } : {}),
        ...(given.field_selector ? { fieldSelector: given.field_selector } : {}),
      },
      {
        limit: given.limit || limitOf(limit),
        continue: given.continue || (after === undefined ? undefined : `${after}`),
      },
      broker,
      signal,
    );
    if (!Array.isArray(list?.items)) return jsonAnswer(list, { less });
    const filter = {
      all: given.detail_annotations ?? true,
      exclude: given.omit_annotation_keys ?? [],
      include: given.include_only_annotation_keys ?? [],
    };
    const items = list.items.map((item) => filterAnnotations(item, filter));
    const everywhere = target.resource.namespaced && target.namespace === undefined;
    const notes = groupNotes(target);
    if (everywhere) {
      notes.unshift(`${target.resource.resource} are namespaced: these are of all namespaces.`);
    }
    return listAnswer({ ...list, items }, { notes, less: `label_filter says which. ${less}` });
  },
});

/**
 * A limit by its API name.
 *
 * @throws {InputError} it is no whole number
 */
function limitOf(limit: string | number | boolean | undefined): number | undefined {
  if (limit === undefined) return undefined;
  const read = wholeNumber(0).safeParse(limit);
  if (read.success) return read.data;
  throw new InputError(`Cannot use limit ${stringifyExact(limit).slice(0, 60)}: it is a number`);
}
