/** `scan_k8s_collection`: the objects of a resource. */
import { PAGE_SIZE } from "../../names/requests.ts";
import { z } from "zod";
import { jsonAnswer, listAnswer, type ObjectList } from "../support/answer.ts";
import { argumentsOf, flag, queryParameters, wholeNumber } from "../support/arguments.ts";
import { askJson } from "../support/ask.ts";
import { defineTool } from "../support/define_tool.ts";
import { filterAnnotations } from "../support/object_metadata.ts";
import { groupNotes, requestOf, resolveTarget, TARGET, TARGET_ALIASES } from "../support/target.ts";

const INPUT = argumentsOf({
  ...TARGET,
  label_filter: z.string().optional(),
  field_selector: z.string().optional(),
  detail_annotations: flag().optional().describe("Default true"),
  omit_annotation_keys: z.array(z.string()).optional().describe("x.io/* works"),
  include_only_annotation_keys: z.array(z.string()).optional(),
  // 0 is no limit to the API; here it is one page, as none is.
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
  description: 'List objects of a resource. target_ns "*" is all namespaces.',
  input: INPUT,
  async run(given, { broker, signal }) {
    const target = await resolveTarget(given, broker, signal, { allNamespaces: true });
    const list = await askJson(broker, {
      ...requestOf(target),
      verb: "list",
      options: {
        ...given.query_params,
        limit: given.limit || wantedOf(given.query_params?.limit) || PAGE_SIZE,
        ...(given.continue ? { continue: given.continue } : {}),
        ...(given.label_filter ? { labelSelector: given.label_filter } : {}),
        ...(given.field_selector ? { fieldSelector: given.field_selector } : {}),
      },
    }, { signal }) as ObjectList;
    if (!Array.isArray(list?.items)) return jsonAnswer(list);
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
    return listAnswer({ ...list, items }, { notes });
  },
});

/** A limit by its API name; 0 is none there. What is no number the API server refuses. */
function wantedOf(limit: string | number | boolean | undefined) {
  return Number(limit) === 0 ? undefined : limit;
}
