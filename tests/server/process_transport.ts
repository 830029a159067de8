import type { JSONRPCMessage, Transport } from "npm:@modelcontextprotocol/client@2.4.0";
import { serverTestFile } from "./paths.ts";

/**
 * A client's transport to a server in a process of its own. The SDK's leaves timers behind when it
 * is closed; this one ends with its process, which `close()` waits for.
 */
export function processTransport(): Transport {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", serverTestFile("serve_fake.ts")],
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
  const transport: Transport = {
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
