/** One call of a tool, from its arguments to its answer, whatever goes wrong on the way. */
import type { z } from "zod";
import { describeError, InputError, InternalError, KubecodeError } from "../errors.ts";
import { surroundingsError } from "../surroundings.ts";
import type { Logger } from "../log.ts";
import type { Tool, ToolResult } from "../tools/types.ts";

/**
 * Validates the arguments and hands them to `run`. Never rejects: what goes wrong becomes an answer
 * that the model can read. Errors of the family are shown as they are; any other is a fault of this
 * program, whose details go to the log only.
 */
export async function callTool<Answer>(
  tool: Tool,
  input: unknown,
  run: (input: unknown) => Promise<Answer>,
  { signal, logger, onError }: {
    readonly signal: AbortSignal;
    readonly logger: Logger;
    /** Called with the name of the error by which the call ended. */
    readonly onError?: (name: string) => void;
  },
): Promise<Answer | ToolResult> {
  try {
    const parsed = await tool.input.safeParseAsync(input ?? {});
    if (!parsed.success) throw invalidArguments(tool.name, parsed.error);
    return await run(parsed.data);
  } catch (cause) {
    const error = surroundingsError(cause) ?? cause;
    if (error instanceof KubecodeError) {
      onError?.(error.name);
      return tool.failure?.(error) ?? { text: [describeError(error)], isError: true };
    }
    if (!signal.aborted) {
      logger.error("tool failed unexpectedly", {
        tool: tool.name,
        error: error instanceof Error ? error.stack ?? String(error) : String(error),
      });
    }
    onError?.(signal.aborted ? "Cancelled" : "InternalError");
    const fault = new InternalError(
      `Cannot run "${tool.name}": internal error; the server's log says more`,
    );
    return tool.failure?.(fault) ?? { text: [fault.message], isError: true };
  }
}

/** What is wrong with a tool's arguments, every fault in one message. */
function invalidArguments(tool: string, error: z.ZodError): InputError {
  const faults = error.issues.map(({ path, message }) => {
    const name = path.map(String).join(".");
    const words = message
      .replace(/^Invalid input: expected \w+, received undefined$/, "is required")
      // How integers beyond 2^53 are read is nothing to whoever wrote them.
      .replace(/received bigint$/, "received number")
      .replace(/^Invalid input: expected (\w+), received (\w+)$/, "must be of type $1, not $2");
    return name === "" || words.startsWith(name) ? words : `${name}: ${words}`;
  });
  return new InputError(`Cannot run "${tool}": ${faults.join("; ")}`);
}
