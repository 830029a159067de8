/** One call of a tool, from its arguments to its answer, whatever goes wrong on the way. */
import type { z } from "npm:zod@4.6.7";
import { describeError, InputError, KubecodeError } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { Tool, ToolCall, ToolResult } from "../tools/types.ts";

/**
 * Validates the arguments and runs the tool. Never rejects: what goes wrong becomes an answer that
 * the model can read. Errors of the family are shown as they are; any other is a fault of this
 * program, whose details go to the log only.
 */
export async function callTool(
  tool: Tool,
  input: unknown,
  call: ToolCall,
  logger: Logger,
): Promise<ToolResult> {
  try {
    const parsed = await tool.input.safeParseAsync(input ?? {});
    if (!parsed.success) throw invalidArguments(tool.name, parsed.error);
    return await tool.run(parsed.data, call);
  } catch (error) {
    if (error instanceof KubecodeError) return { text: [describeError(error)], isError: true };
    if (!call.signal.aborted) {
      logger.error("tool failed unexpectedly", {
        tool: tool.name,
        error: error instanceof Error ? error.stack ?? String(error) : String(error),
      });
    }
    return {
      text: [`Cannot run "${tool.name}": internal error; the server's log says more`],
      isError: true,
    };
  }
}

/** What is wrong with a tool's arguments, every fault in one message. */
export function invalidArguments(tool: string, error: z.ZodError): InputError {
  const faults = error.issues.map(({ path, message }) => {
    const name = path.map(String).join(".");
    return name === "" || message.startsWith(name) ? message : `${name}: ${message}`;
  });
  return new InputError(`Cannot run "${tool}": ${faults.join("; ")}`);
}
