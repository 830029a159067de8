/** Tools that ask a cluster, from what is particular to each. */
import { BY_SCRIPT } from "./answer.ts";
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
      /** How to get less than an answer that has to be cut; empty where nothing is offered for it. */
      readonly less: string;
    },
  ): Promise<ToolResult>;
}

/** What makes the tool of a definition, for the clusters that it asks; `scripts`: they are offered too. */
export function defineTool<Input>(
  { kind, title, hints, run, ...tool }: ToolDefinition<Input>,
): (brokers: Brokers, options?: { readonly scripts: boolean }) => Tool<Input> {
  const writes = kind === "write";
  return (brokers, { scripts } = { scripts: false }) => ({
    ...tool,
    rate: kind,
    writes,
    annotations: { title, ...(writes ? CHANGES : READS), ...hints },
    run: (input, call) =>
      run(input, {
        ...call,
        broker: brokers.as(call.origin),
        less: scripts ? BY_SCRIPT : "",
      }),
  });
}
