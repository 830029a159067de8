/** The program as an HTTP server in a process of its own, and clients of all kinds for it. */
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { cleanEnvironment, requireBuilt, until, type Variant } from "../e2e/program.ts";

/** A server that listens. */
export interface Served extends AsyncDisposable {
  /** Of `/mcp`, or of `/sse`. */
  readonly url: URL;
  readonly pid: number;
  /** What it has written to standard error so far. */
  log(): string;
  /** Ends it as a supervisor does. @returns the exit code */
  stop(): Promise<number>;
  /** Its exit code, once it has ended by itself or by a signal. */
  readonly ended: Promise<number>;
}

/** Starts the program on a free port of the loopback. */
export async function startHttp(
  variant: Variant,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Served> {
  requireBuilt(variant);
  const transport = args.includes("--transport") ? [] : ["--transport", "streamable-http"];
  const cluster = args.includes("--kubeconfig") ? [] : ["--demo"];
  const child = new Deno.Command(variant.command, {
    args: [
      ...variant.args,
      "--port=0",
      "--enable-rate-limiting=false",
      ...cluster,
      ...transport,
      ...args,
    ],
    clearEnv: true,
    env: cleanEnvironment(env),
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let log = "";
  const read = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) log += text;
  })();
  let code: number | undefined;
  const ended = child.status.then(async (status) => {
    await read;
    code = status.code;
    return status.code;
  });
  await until(() => / on (https?|unix):\S+/.test(log) || code !== undefined);
  const found = / on ((?:https?|unix):[^\s,]+)/.exec(log)?.[1];
  if (found === undefined) throw new Error(`it does not listen: ${log}`);
  const stop = async () => {
    if (code === undefined) child.kill("SIGTERM");
    return await ended;
  };
  return {
    url: new URL(found),
    pid: child.pid,
    log: () => log,
    stop,
    ended,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

/** A client of the 2.x SDK, connected. */
export async function connectTo(
  url: URL,
  mode: "auto" | "legacy" = "auto",
  options: {
    readonly headers?: Record<string, string>;
    readonly fetch?: typeof fetch;
    /** What a person says who is asked. */
    readonly answer?: (question: string) => { action: "accept"; content: { approve: boolean } } | {
      action: "decline";
    };
  } = {},
): Promise<Client> {
  const { headers = {}, answer, fetch } = options;
  const client = new Client({ name: "test", version: "0" }, {
    versionNegotiation: { mode },
    capabilities: answer ? { elicitation: { form: {} } } : {},
  });
  if (answer) {
    client.setRequestHandler("elicitation/create", ({ params }) => answer(params.message));
  }
  await client.connect(
    new StreamableHTTPClientTransport(url, {
      requestInit: { headers },
      ...(fetch ? { fetch } : {}),
    }),
  );
  return client;
}

/** The text of a script's answer. */
export async function runScript(
  client: { callTool: Client["callTool"] },
  script: string,
): Promise<string> {
  const { content } = await client.callTool({ name: "evaluate_script", arguments: { script } });
  return (content as { text?: string }[]).map(({ text }) => text ?? "").join("\n");
}

/** A request of revision 2026-07-28, by hand. */
export function modern(
  method: string,
  params: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): RequestInit & { headers: Record<string, string> } {
  const named = params.name ?? params.uri;
  return {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": method,
      ...(typeof named === "string" ? { "mcp-name": named } : {}),
      ...headers,
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method,
      params: {
        ...params,
        _meta: {
          "io.modelcontextprotocol/protocolVersion": "2026-07-28",
          "io.modelcontextprotocol/clientInfo": { name: "test", version: "0" },
          "io.modelcontextprotocol/clientCapabilities": {},
          ...(params._meta as Record<string, unknown> | undefined),
        },
      },
    }),
  };
}

/** Sends bytes as they are, and reads what comes until the other end closes or the time is over. */
export async function sendRaw(url: URL, text: string, waitMs = 5000): Promise<string> {
  using connection = await Deno.connect({ hostname: url.hostname, port: Number(url.port) });
  await connection.write(new TextEncoder().encode(text));
  let answer = "";
  const timer = setTimeout(() => connection.close(), waitMs);
  const decoder = new TextDecoder();
  try {
    const buffer = new Uint8Array(64 * 1024);
    for (let n; (n = await connection.read(buffer)) !== null;) {
      answer += decoder.decode(buffer.subarray(0, n));
    }
  } catch {
    // The time is over, or the connection was reset.
  } finally {
    clearTimeout(timer);
  }
  return answer;
}
