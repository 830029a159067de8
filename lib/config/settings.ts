/** What a run is set to, from flags and environment; read once, at the edge. */
import { z } from "zod";
import { ConfigError } from "../errors.ts";
import type { Mode } from "../policy/types.ts";

/** The sets of tools, by name. */
const TOOL_SETS = ["code", "resources", "guarded"] as const;

/** A set of tools. */
export type ToolSet = (typeof TOOL_SETS)[number];

/** Settings that all commands share. */
export interface Settings {
  /** The config file; "" for none; left out: the one at its usual place, where there is one. */
  readonly config?: string;
  /** The one kubeconfig to read; left out: as kubectl finds it. */
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Patterns of other contexts that scripts may name; left out: those of the config file. */
  readonly contexts?: readonly string[];
  readonly namespace?: string;
  /** The embedded demo cluster instead of a real one. */
  readonly demo: boolean;
  /** What is allowed at most; left out: what the config file says, or else reads only. */
  readonly mode?: Mode;
  /** Where the audit goes: a path, or "stderr"; left out: what the config file says, or nowhere. */
  readonly audit?: string;
  /** Whether calls are limited; left out: what the config file says, or else they are. */
  readonly rateLimiting?: boolean;
  /** How long a server that does not answer is waited for, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** The sets of tools that are offered. */
  readonly toolsets: readonly ToolSet[];
  /** Whether what the cluster serves is told in `resources/list`. */
  readonly serveResources: boolean;
  /** The most replicas that `k8s_patch` scales to. */
  readonly maxReplicas: number;
  readonly logLevel: "debug" | "info" | "warn" | "error" | "silent";
}

const duration = z.string().transform((value, context) => {
  const milliseconds = parseDuration(value);
  if (milliseconds !== undefined) return milliseconds;
  context.addIssue('must be a duration such as "10s", "500ms" or "2m"');
  return z.NEVER;
});

/** A flag is true; an environment variable is a word. */
const onOff = z.union([z.boolean(), z.string()]).transform((value, context) => {
  if (typeof value === "boolean") return value;
  if (/^(true|1|yes|on)$/i.test(value)) return true;
  if (/^(false|0|no|off|)$/i.test(value)) return false;
  context.addIssue("must be true or false");
  return z.NEVER;
});

/** Names between commas; `code,resources` for none given. */
const toolsets = z.string().transform((value, context) => {
  const names = value.split(",").map((name) => name.trim().toLowerCase()).filter((name) => name);
  const known: readonly string[] = TOOL_SETS;
  const unknown = names.filter((name) => !known.includes(name));
  if (names.length > 0 && unknown.length === 0) return [...new Set(names)] as ToolSet[];
  const fault = unknown.length > 0 ? `there is no set "${unknown[0]}"` : "no set is named";
  context.addIssue(`${fault}; there are ${TOOL_SETS.join(", ")}`);
  return z.NEVER;
});

/** Standard input and output is the one transport there is. */
const transport = z.string().refine(
  (value) => value === "stdio",
  'this version speaks MCP on standard input and output only: "stdio"',
);

const count = z.string().regex(/^\d{1,9}$/, "must be a whole number").transform(Number);

const text = z.string().min(1, "must not be empty").optional();

/** Names with commas between them. */
const names = z.string().transform((value) =>
  value.split(",").map((name) => name.trim()).filter((name) => name !== "")
);

const SCHEMA = z.object({
  config: z.string().optional(),
  kubeconfig: text,
  context: text,
  contexts: names.optional(),
  namespace: text,
  demo: z.boolean().default(false),
  readWrite: onOff.optional(),
  approve: onOff.optional(),
  audit: text,
  enableRateLimiting: onOff.optional(),
  connectTimeout: duration.default(10_000),
  toolsets: toolsets.default(["code", "resources"]),
  serveResources: onOff.default(true),
  maxReplicas: count.default(100),
  transport: transport.default("stdio"),
  logLevel: z.enum(["debug", "info", "warn", "error", "silent"], {
    error: "must be debug, info, warn, error or silent",
  }).default("warn"),
});

/**
 * Reads the options as the command line gives them.
 *
 * @param variables the environment variables that options were taken from, by option
 * @throws {ConfigError} naming the flag or variable and what it takes
 */
export function readSettings(
  options: Readonly<Record<string, unknown>>,
  variables: Readonly<Record<string, string>> = {},
): Settings {
  const nameOf = (option: string) =>
    variables[option] ?? `--${option.replaceAll(/[A-Z]/g, (at) => `-${at.toLowerCase()}`)}`;
  const parsed = SCHEMA.safeParse(options);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const option = String(issue?.path[0] ?? "");
    throw new ConfigError(`Cannot use ${nameOf(option)} "${options[option]}": ${issue?.message}`, {
      hint: "kubecode --help lists the flags and their variables.",
    });
  }
  const { connectTimeout, readWrite, approve, enableRateLimiting, transport: _, ...rest } =
    parsed.data;
  if (readWrite && approve) {
    throw new ConfigError(
      `Cannot use ${nameOf("readWrite")} and ${nameOf("approve")} together`,
      { hint: "With --approve a person is asked about each change; with --read-write nobody is." },
    );
  }
  const mode = modeOf(readWrite, approve);
  return {
    ...rest,
    ...(mode ? { mode } : {}),
    ...(enableRateLimiting === undefined ? {} : { rateLimiting: enableRateLimiting }),
    connectTimeoutMs: connectTimeout,
  };
}

function modeOf(readWrite: boolean | undefined, approve: boolean | undefined): Mode | undefined {
  if (readWrite) return "read-write";
  if (approve) return "approve";
  return readWrite === false || approve === false ? "read-only" : undefined;
}

/** `500ms`, `30s`, `2m` as milliseconds; undefined for what has no unit or is no duration. */
export function parseDuration(value: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m)\s*$/.exec(value);
  if (!match) return undefined;
  const unit = { ms: 1, s: 1000, m: 60_000 }[match[2] ?? ""] ?? 1;
  return Math.round(Number(match[1]) * unit);
}
