/** All tools as they are described, without what they would run on. */
import { PROGRAM_NAMES } from "../../lib/programs/types.ts";
import { TOOL_SETS, type ToolSetName } from "../../lib/policy/rules/known_tools.ts";
import { cliTools } from "../../lib/tools/cli/cli_tools.ts";
import type { CliParts } from "../../lib/tools/cli/parts.ts";
import { type ToolOptions, type ToolParts, toolsOf } from "../../lib/tools/tool_sets.ts";
import type { Tool } from "../../lib/tools/types.ts";

/** The names of the sets. */
export const ALL_SETS = Object.keys(TOOL_SETS) as readonly ToolSetName[];

/** The tools of some sets, as on a machine with every program; none of them can be run. */
export function describedTools(
  sets: readonly ToolSetName[],
  options: ToolOptions,
): readonly Tool[] {
  const cli = {
    programs: new Map(PROGRAM_NAMES.map((name) => [name, `/usr/bin/${name}`])),
    readOnly: options.readOnly,
    timeoutMs: 300_000,
  } as Partial<CliParts> as CliParts;
  return toolsOf(sets, { cli: cliTools(cli) } as Partial<ToolParts> as ToolParts, options);
}
