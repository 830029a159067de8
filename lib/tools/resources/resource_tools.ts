/** The tools for any resource, by group, version and resource. */
import type { Brokers } from "../../broker/types.ts";
import type { Tool } from "../types.ts";
import { deleteTool } from "./delete.ts";
import { deployTool } from "./deploy.ts";
import { getTool } from "./get.ts";
import { interactTool } from "./interact.ts";
import { scanTool } from "./scan.ts";

/** Makes the set. @param options.scripts whether scripts are offered beside it */
export function resourceTools(
  { brokers }: { readonly brokers: Brokers },
  options: { readonly scripts: boolean },
): readonly Tool[] {
  return [getTool, scanTool, deployTool, interactTool, deleteTool]
    .map((make) => make(brokers, options) as Tool);
}
