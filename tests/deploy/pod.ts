/**
 * A pod as the chart installs it, started the way its kubelet would: the image's files alone, the
 * pod's arguments, environment and volumes, and a token of its ServiceAccount.
 */
import {
  Client,
  type FetchLike,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import { type Container, startContainer } from "./container.ts";
import { containerOf, podTemplate } from "./kubelet.ts";
import { CHART, type Place, placeTest } from "./place.ts";

/** Installs the chart, and starts the container of one of its pods; gives its address. */
export async function startPod(
  { helm, kubectl, namespace }: Place,
  set: readonly string[],
  programs: Readonly<Record<string, string>> = {},
): Promise<{ container: Container; url: string }> {
  const values = set.flatMap((each) => ["--set", each]);
  await helm("install", "kubecode", CHART, "-n", namespace, ...values);
  const pod = await podTemplate(kubectl, namespace, "kubecode");
  const spec = { ...await containerOf(kubectl, namespace, pod), programs };
  // Nobody else has the machine's network to himself.
  const args = spec.args.map((each) => each === "--port=8080" ? "--port=0" : each);
  const container = await startContainer({ ...spec, args });
  try {
    return { container, url: await untilServing(container) };
  } catch (error) {
    await container[Symbol.asyncDispose]();
    throw error;
  }
}

async function untilServing({ output, code }: Container): Promise<string> {
  let ended = false;
  void code.then(() => ended = true);
  for (let tries = 0; tries < 600 && !ended; tries++) {
    const [, scheme, port] = /serves MCP on (https?):\/\/\S+:(\d+)\/mcp/.exec(output.stderr) ?? [];
    if (port) return `${scheme}://127.0.0.1:${port}`;
    await new Promise((wake) => setTimeout(wake, 50));
  }
  throw new Error(`the container does not serve: ${output.stderr}`);
}

/** How a caller comes in. */
export interface Way {
  readonly token?: string | undefined;
  readonly fetch?: FetchLike;
}

/** Runs a script by MCP: all text of the answer. */
export function script(url: string, text: string, way?: Way): Promise<string> {
  return call(url, "evaluate_script", { script: text }, way);
}

/** Calls a tool: all text of the answer. */
export async function call(
  url: string,
  name: string,
  args: Record<string, unknown>,
  { token, fetch }: Way = {},
): Promise<string> {
  const client = new Client({ name: "test", version: "0" });
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { fetch, requestInit: { headers } }),
  );
  try {
    const { content } = await client.callTool({ name, arguments: args });
    return (content as { text?: string }[]).map((each) => each.text ?? "").join("\n");
  } finally {
    await client.close();
  }
}

/** Declares a test of a pod; it needs the binary as well. */
export function podTest(fact: string, body: (place: Place) => Promise<void>): void {
  placeTest(`pod: ${fact}`, body, ["the binary", "time"]);
}
