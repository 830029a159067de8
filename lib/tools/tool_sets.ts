/** The sets of tools by name, and what is offered of them. */
import type { Brokers } from "../broker/types.ts";
import type { Evaluator } from "../eval/types.ts";
import { codeTools } from "./code/code_tools.ts";
import { guardedTools } from "./guarded/guarded_tools.ts";
import { resourceTools } from "./resources/resource_tools.ts";
import type { ToolSetName } from "../policy/rules/known_tools.ts";
import type { Tool } from "./types.ts";

/** What tools are made of. */
export interface ToolParts {
  readonly evaluator: Evaluator;
  readonly brokers: Brokers;
  /** The set `cli`, which is made only where it is offered: see lib/tools/cli/. */
  readonly cli?: readonly Tool[];
}

/** Settings of the server that tools depend on. */
export interface ToolOptions {
  /** Whether the cluster refuses every write. */
  readonly readOnly: boolean;
  /** Whether scripts may use other contexts. */
  readonly contexts: boolean;
  /** The program's version, for `ping`. */
  readonly version: string;
  /** The most replicas that `k8s_patch` scales to. */
  readonly maxReplicas: number;
}

/** The tools of some sets; those that write are there in read-only mode too, but not listed. */
export function toolsOf(
  sets: readonly ToolSetName[],
  parts: ToolParts,
  options: ToolOptions,
): readonly Tool[] {
  const make: Readonly<Record<ToolSetName, () => readonly Tool[]>> = {
    code: () => codeTools(parts, options),
    resources: () => resourceTools(parts, { scripts: sets.includes("code") }),
    guarded: () => guardedTools(parts, options),
    cli: () => parts.cli ?? [],
  };
  return sets.flatMap((name) => make[name]())
    .map((tool) => options.readOnly && tool.writes ? { ...tool, listed: false } : tool);
}

/** The instructions that a client gives to its model. */
export function instructionsFor(sets: readonly ToolSetName[]): string {
  return sets.includes("code")
    ? "Answer questions about the Kubernetes cluster with short scripts that return only what is " +
      "needed."
    : "Tools for one Kubernetes cluster; ask for no more than is needed.";
}
