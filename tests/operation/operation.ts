/** Servers under test, and what they say of themselves. */
import { connectTo, modern, type Served } from "../http/served.ts";

/** A path of the server, without a client of MCP. */
export async function ask(
  { url }: Pick<Served, "url">,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ readonly status: number; readonly text: string; readonly headers: Headers }> {
  const response = await fetch(new URL(path, url), { headers });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

/** Runs a script as a client of the latest revision does. */
export async function evaluate(
  { url }: Served,
  script: string,
  headers: Record<string, string> = {},
) {
  const response = await fetch(
    url,
    modern(
      "tools/call",
      { name: "evaluate_script", arguments: { script, timeout: 60_000 } },
      headers,
    ),
  );
  return { status: response.status, text: await response.text(), headers: response.headers };
}

/** A sample of the text format: its value, or 0 where there is none. */
export function sample(text: string, name: string): number {
  const line = text.split("\n").find((line) => line.startsWith(`${name} `));
  return line === undefined ? 0 : Number(line.slice(name.length + 1));
}

/** Connected clients, which end with their block. */
export async function clients(server: Served, headers: readonly Record<string, string>[]) {
  const connected = await Promise.all(
    headers.map((headers) => connectTo(server.url, "auto", { headers })),
  );
  return {
    connected,
    async [Symbol.asyncDispose]() {
      await Promise.all(connected.map((client) => client.close()));
    },
  };
}

/** A process that is gone, or is none of this program any more. */
export function isGone(pid: number): boolean {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]?.startsWith("Z") ?? true;
  } catch {
    return true;
  }
}

/** The processes that one has started. */
export function childrenOf(pid: number): number[] {
  const found: number[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = Deno.readTextFileSync(`/proc/${name}/stat`);
      const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (Number(parent) === pid) found.push(Number(name));
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

/** Waits until a probe is answered so. */
export async function untilReadiness(served: Pick<Served, "url">, status: number): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if ((await ask(served, "/readyz")).status === status) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`readiness did not come to ${status}`);
}

/** What a process holds in memory; 0 of one that is gone. */
export function residentBytes(pid: number): number {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
