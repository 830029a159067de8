/** The tools for any resource, by group, version and resource. */
import type { Brokers } from "../../broker/types.ts";
import type { Tool } from "../types.ts";
import { deleteTool } from "./delete.ts";
import { deployTool } from "./deploy.ts";
import { getTool } from "./get.ts";
import { interactTool } from "./interact.ts";
import { scanTool } from "./scan.ts";

/** Makes the set. */
export function resourceTools({ brokers }: { readonly brokers: Brokers }): readonly Tool[] {
  return [
    getTool(brokers),
    scanTool(brokers),
    deployTool(brokers),
    interactTool(brokers),
    deleteTool(brokers),
  ] as Tool[];
}
