// deno-lint-ignore-file kubecode/no-exit -- a second Ctrl-C ends the program at once
/** The signals by which a person or a supervisor ends the program. */
import { EXIT } from "../exit.ts";

/**
 * Runs a function with an AbortSignal that aborts on SIGINT, SIGTERM and SIGHUP (on Windows SIGINT and
 * SIGBREAK, which are all that Deno hears there), and a way to handle SIGHUP otherwise.
 */
export async function untilInterrupted<Value>(
  run: (signal: AbortSignal, onHangUp: (handle: () => void) => void) => Promise<Value>,
): Promise<Value> {
  const interrupted = new AbortController();
  const abort = () => {
    // A second Ctrl-C does not wait for a tidy end.
    if (interrupted.signal.aborted) Deno.exit(EXIT.interrupted);
    interrupted.abort();
  };
  let hangUp = abort;
  const listeners: [Deno.Signal, () => void][] = [["SIGINT", abort]];
  if (Deno.build.os === "windows") listeners.push(["SIGBREAK", abort]);
  else listeners.push(["SIGTERM", abort], ["SIGHUP", () => hangUp()]);
  for (const [name, listener] of listeners) Deno.addSignalListener(name, listener);
  try {
    return await run(interrupted.signal, (handle) => hangUp = handle);
  } finally {
    for (const [name, listener] of listeners) Deno.removeSignalListener(name, listener);
  }
}
