/** An MCP client's transport to a server in a process of its own. */
import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/client";

/** The process to start. */
export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Its whole environment; the test's own when left out. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Starts the process. The SDK's own transport leaves timers behind when it is closed; this one ends
 * with its process, which `close()` waits for.
 */
export function processTransport(
  { command, args, env }: ServerCommand,
): Transport & { readonly pid: number } {
  const child = new Deno.Command(command, {
    args: [...args],
    ...(env ? { clearEnv: true, env: { ...env } } : {}),
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const stdin = child.stdin.getWriter();
  let reading: Promise<void> | undefined;
  let closing: Promise<void> | undefined;

  const read = async () => {
    let text = "";
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (text + chunk).split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) transport.onmessage?.(JSON.parse(line));
    }
  };
  const close = async () => {
    await stdin.close();
    await reading;
    await child.status;
    transport.onclose?.();
  };
  const transport: Transport & { readonly pid: number } = {
    pid: child.pid,
    start() {
      reading = read();
      return Promise.resolve();
    },
    send: (message: JSONRPCMessage) =>
      stdin.write(new TextEncoder().encode(JSON.stringify(message) + "\n")),
    close: () => closing ??= close(),
  };
  return transport;
}
