/** The whole program as its users run it: from source, and as the compiled binary. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import type { Need, Needy } from "../support/needs.ts";
import { processTransport } from "../support/process_transport.ts";

/** One way to run the program. */
export interface Variant extends Needy {
  readonly name: "source" | "binary";
  readonly command: string;
  readonly args: readonly string[];
}

/** Both ways; the binary is the one that `deno task test` has compiled. */
export const VARIANTS: readonly Variant[] = [
  {
    name: "source",
    needs: [],
    command: Deno.execPath(),
    args: [
      "run",
      "--allow-all",
      "--quiet",
      "--no-check",
      fileURLToPath(new URL("../../main.ts", import.meta.url)),
    ],
  },
  {
    name: "binary",
    needs: ["the binary"],
    command: Deno.env.get("KUBECODE_TEST_BINARY") ?? "",
    args: [],
  },
];

/** What tests need that start a way to run the program again and again: time too. */
export function slow({ needs }: Variant): readonly Need[] {
  return [...needs, "time"];
}

/** Fails with the way out where the binary is missing. */
export function requireBuilt({ name, command }: Variant): void {
  assert.notEqual(command, "", `no ${name} to test: run the tests by \`deno task test\``);
}

/** An environment without anything of the caller's that leads to a cluster. */
export function cleanEnvironment(extra: Readonly<Record<string, string>> = {}) {
  const env: Record<string, string> = {};
  for (const name of ["PATH", "HOME", "DENO_DIR", "XDG_CACHE_HOME", "TMPDIR"]) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  // Nor a config file of theirs.
  return { ...env, KUBECODE_CONFIG: "", ...extra };
}

/** A server in a process of its own, with an MCP client connected to it. */
export interface ServerUnderTest {
  readonly client: Client;
  readonly pid: number;
  /** Runs a script: all text blocks joined, and whether it is an error. */
  script(script: string, timeout?: number): Promise<{ text: string; isError: boolean }>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts the program as an MCP server. */
export async function startServer(
  variant: Variant,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ServerUnderTest> {
  requireBuilt(variant);
  const transport = processTransport({
    command: variant.command,
    // Tests call more often than a person's assistant does.
    args: [...variant.args, "--enable-rate-limiting=false", ...args],
    env: cleanEnvironment(env),
  });
  const client = new Client({ name: "test", version: "0" });
  await client.connect(transport);
  return {
    client,
    pid: transport.pid,
    async script(script, timeout) {
      const result = await client.callTool({
        name: "evaluate_script",
        arguments: { script, ...(timeout === undefined ? {} : { timeout }) },
      }, { timeout: (timeout ?? 30_000) + 60_000 });
      const blocks = result.content as { type: string; text?: string }[];
      return {
        text: blocks.map(({ text }) => text ?? "").join("\n"),
        isError: result.isError === true,
      };
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** What a run of the program at a terminal gave. */
export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program to its end. */
export async function run(
  variant: Variant,
  args: readonly string[],
  options: { readonly stdin?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<RunResult> {
  requireBuilt(variant);
  const child = new Deno.Command(variant.command, {
    args: [...variant.args, ...args],
    clearEnv: true,
    env: cleanEnvironment(options.env),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const fed = writer.write(new TextEncoder().encode(options.stdin ?? "")).then(() => writer.close())
    .catch(() => {});
  const { code, stdout, stderr } = await child.output();
  await fed;
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Process ids of all descendants of a process (Linux). */
export function descendants(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = Deno.readTextFileSync(`/proc/${name}/stat`);
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // Ended in the meantime.
    }
  }
  const found: number[] = [];
  for (let pending = children.get(pid) ?? []; pending.length > 0;) {
    found.push(...pending);
    pending = pending.flatMap((each) => children.get(each) ?? []);
  }
  return found;
}

/** Waits for something to become true; fails after 30 s of looking. */
export async function until(fact: () => boolean): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (fact()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`still not so after 30 s: ${fact}`);
}
