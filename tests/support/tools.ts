/** Tools over a cluster, called as the server calls them. */
import type { Tool } from "../../lib/tools/types.ts";
import type { ToolSetName } from "../../lib/policy/rules/known_tools.ts";
import { toolsOf } from "../../lib/tools/tool_sets.ts";
import { callTool } from "../../lib/server/call.ts";
import type { Brokers, Origin } from "../../lib/broker/types.ts";
import { type Connected, LOGGER } from "./clusters.ts";

/** What a call answered. */
export interface Answered {
  /** The first block. */
  readonly text: string;
  /** The others, joined. */
  readonly notes: string;
  readonly isError: boolean;
}

/** Calls a tool by its name. */
export type CallTool = (name: string, input: unknown) => Promise<Answered>;

/** Tools that call no evaluator. */
export function toolCaller(
  set: ToolSetName,
  { brokers, signal }: Pick<Connected, "signal"> & { readonly brokers: Brokers },
  how: Partial<Origin> = {},
): CallTool {
  const parts = { brokers, evaluator: {} as Parameters<typeof toolsOf>[1]["evaluator"] };
  const options = { readOnly: false, contexts: false, version: "1.2.3", maxReplicas: 100 };
  const tools = new Map(toolsOf([set], parts, options).map((tool) => [tool.name, tool]));
  return async (name, input) => {
    const tool = tools.get(name) as Tool;
    const origin = { tool: name, session: "test", ...how };
    const run = (read: unknown) => tool.run(read, { origin, signal });
    const { text, isError } = await callTool(tool, input, run, { signal, logger: LOGGER });
    return { text: text[0] ?? "", notes: text.slice(1).join("\n"), isError: isError === true };
  };
}

/** The value of an answer that must be none of an error. */
export function valueOf({ text, isError }: Answered): Readonly<Record<string, unknown>> {
  if (isError) throw new Error(text);
  return JSON.parse(text) as Readonly<Record<string, unknown>>;
}
