/** The default set of tools: scripts, and a look at what they can be about. */
import type { Brokers } from "../../broker/types.ts";
import type { Evaluator } from "../../eval/types.ts";
import { evaluateScriptTool } from "./evaluate_script.ts";
import { searchApiTool } from "./search_api.ts";
import type { Tool } from "../types.ts";

/**
 * Makes the set.
 *
 * @param options.readOnly whether the cluster refuses every write
 * @param options.contexts whether scripts may use other contexts
 */
export function codeTools(
  parts: { readonly evaluator: Evaluator; readonly brokers: Brokers },
  options: { readonly readOnly: boolean; readonly contexts?: boolean },
): readonly Tool[] {
  // A tool is run with what its own schema has read, so that its input's type holds.
  return [
    evaluateScriptTool(parts.evaluator, options) as Tool,
    searchApiTool(parts.brokers) as Tool,
  ];
}
