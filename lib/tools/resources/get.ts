/** `get_k8s_entity`: one object, one of its subresources, or a pod's log. */
import { z } from "zod";
import type { Broker } from "../../broker/types.ts";
import { jsonAnswer } from "../support/answer.ts";
import { argumentsOf, queryParameters } from "../support/arguments.ts";
import { askJson } from "../support/ask.ts";
import { MAX_LOG_LINES, readLog, readLogOptions } from "../support/pod_logs.ts";
import { defineTool } from "../support/define_tool.ts";
import type { ToolResult } from "../types.ts";
import {
  groupNotes,
  requestOf,
  resolveTarget,
  TARGET,
  type Target,
  TARGET_ALIASES,
} from "../support/target.ts";

const INPUT = argumentsOf({
  ...TARGET,
  entity_name: z.string(),
  sub_path: z.string().optional().describe("status, scale, logs"),
  query_params: queryParameters({
    container: { type: "string", description: "This and the rest: logs" },
    tailLines: { type: "integer" },
    sinceSeconds: { type: "integer" },
    previous: { type: "boolean" },
    sinceTime: { type: "string" },
    timestamps: { type: "boolean" },
    limitBytes: { type: "integer" },
  }).optional(),
}, { aliases: { ...TARGET_ALIASES, subresource: "sub_path", parameters: "query_params" } });

/** The tool that reads one object. */
export const getTool = defineTool({
  kind: "read",
  name: "get_k8s_entity",
  title: "Read an object",
  description: "Read an object, its subresource, or a pod's logs (default 100 lines, 32 KiB).",
  input: INPUT,
  async run(given, { broker, signal, less }) {
    const target = await resolveTarget(given, broker, signal);
    const subresource = given.sub_path === "logs" ? "log" : given.sub_path;
    const options = given.query_params ?? {};
    if (subresource === "log" && target.namespace !== undefined) {
      const from = { namespace: target.namespace, pod: podOf(target, given.entity_name) };
      return await logAnswer(broker, from, options, signal);
    }
    const call = {
      ...requestOf(target),
      verb: "get",
      name: given.entity_name,
      ...(subresource ? { subresource } : {}),
      options,
    } as const;
    return jsonAnswer(await askJson(broker, call, { signal }), { notes: groupNotes(target), less });
  },
});

/** The pod that an object is, or has: `deployments.apps/cart`. */
function podOf({ group, resource: { resource } }: Target, name: string): string {
  if (group === "" && resource === "pods") return name;
  return `${resource}${group && `.${group}`}/${name}`;
}

async function logAnswer(
  broker: Broker,
  from: { readonly namespace: string; readonly pod: string },
  given: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<ToolResult> {
  const { ownTail, ...options } = readLogOptions(given);
  const { text, lines, linesLeftOut } = await readLog(broker, { ...from, ...options }, signal);
  if (linesLeftOut > 0) {
    return {
      text: [
        text,
        `truncated: true. The last ${lines} of ${lines + linesLeftOut} lines are shown; more: ` +
        `query_params limitBytes (${options.limitBytes}).`,
      ],
    };
  }
  if (!ownTail && lines >= options.tailLines) {
    const more = options.tailLines < MAX_LOG_LINES
      ? "more: query_params tailLines"
      : "no answer has more; sinceTime chooses others";
    return { text: [text, `The last ${lines} lines are shown; ${more}.`] };
  }
  return { text: [text] };
}
