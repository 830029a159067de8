/** The set `cli`: command lines of the installed programs, each behind a door of its own. */
import { PROGRAM_NAMES } from "../../programs/types.ts";
import type { Tool } from "../types.ts";
import { describeTool } from "./describe.ts";
import { executeTool } from "./execute.ts";
import type { CliParts } from "./parts.ts";

/** Makes the set, for the programs that are installed. */
export function cliTools(parts: CliParts): readonly Tool[] {
  return PROGRAM_NAMES.filter((program) => parts.programs.has(program)).flatMap((program) => [
    describeTool(program, parts) as Tool,
    executeTool(program, parts) as Tool,
  ]);
}
