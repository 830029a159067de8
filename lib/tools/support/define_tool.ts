/** Tools that ask a cluster, from what is particular to each. */
import type { Broker, Brokers } from "../../broker/types.ts";
import type { Tool, ToolCall, ToolResult } from "../types.ts";

/** Hints of a tool that only reads (MCP `ToolAnnotations`). */
export const READS = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: true,
} as const;

/** Hints of a tool that may change or delete, and for which twice is the same as once. */
const CHANGES = {
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: true,
  openWorldHint: true,
} as const;

/** What is particular to a tool; the rest follows from whether it reads or changes. */
export interface ToolDefinition<Input>
  extends Pick<Tool<Input>, "name" | "description" | "input" | "asks" | "failure"> {
  /** By it go the rate limit, the hints for clients, and whether a read-only server lists it. */
  readonly kind: "read" | "write";
  /** For people, in lists of tools. */
  readonly title: string;
  /** Hints other than those of its kind. */
  readonly hints?: Partial<Tool["annotations"]>;
  run(
    input: Input,
    call: ToolCall & {
      /** The way to the cluster, for whoever calls. */
      readonly broker: Broker;
    },
  ): Promise<ToolResult>;
}

/** What makes the tool of a definition, for the clusters that it asks. */
export function defineTool<Input>(
  { kind, title, hints, run, ...tool }: ToolDefinition<Input>,
): (brokers: Brokers) => Tool<Input> {
  const writes = kind === "write";
  return (brokers) => ({
    ...tool,
    rate: kind,
    writes,
    annotations: { title, ...(writes ? CHANGES : READS), ...hints },
    run: (input, call) => run(input, { ...call, broker: brokers.as(call.origin) }),
  });
}
