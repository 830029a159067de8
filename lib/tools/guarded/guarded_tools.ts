/** The guarded set: a few tools with a gate before each, for clusters where little may be done. */
import { z } from "zod";
import type { Brokers } from "../../broker/types.ts";
import { READS } from "../support/define_tool.ts";
import type { Tool } from "../types.ts";
import { gatedArguments, guardedFailure } from "./gate.ts";
import { eventsTool, getTool, listTool, logsTool } from "./read_tools.ts";
import { deleteTool, patchTool } from "./write_tools.ts";

/** Makes the set. */
export function guardedTools(
  { brokers }: { readonly brokers: Brokers },
  options: { readonly version: string; readonly maxReplicas: number },
): readonly Tool[] {
  return [
    listTool(brokers),
    getTool(brokers),
    eventsTool(brokers),
    logsTool(brokers),
    deleteTool(brokers),
    patchTool(brokers, options),
    pingTool(options),
  ] as Tool[];
}

const NOTHING = gatedArguments({});

/** Says that the server is there; asks the cluster nothing. */
function pingTool({ version }: { readonly version: string }): Tool<z.output<typeof NOTHING>> {
  return {
    name: "ping",
    description: "Whether the server answers, and its version.",
    input: NOTHING,
    rate: "other",
    annotations: { title: "Ping", ...READS, openWorldHint: false },
    failure: guardedFailure,
    run: () => Promise.resolve({ text: [JSON.stringify({ status: "ok", version })] }),
  };
}
