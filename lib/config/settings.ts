/** What a run is set to, from flags and environment; read once, at the edge. */
import { z } from "npm:zod@4.6.7";
import { ConfigError } from "../errors.ts";

/** Settings that all commands share. */
export interface Settings {
  /** The one kubeconfig to read; left out: as kubectl finds it. */
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
  /** The embedded demo cluster instead of a real one. */
  readonly demo: boolean;
  /** Changes are allowed too. */
  readonly readWrite: boolean;
  /** How long a server that does not answer is waited for, in milliseconds. */
  readonly connectTimeoutMs: number;
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

const text = z.string().min(1, "must not be empty").optional();

const SCHEMA = z.object({
  kubeconfig: text,
  context: text,
  namespace: text,
  demo: z.boolean().default(false),
  readWrite: onOff.default(false),
  connectTimeout: duration.default(10_000),
  logLevel: z.enum(["debug", "info", "warn", "error", "silent"]).default("warn"),
});

/**
 * Reads the options as the command line gives them.
 *
 * @throws {ConfigError} naming the flag and what it takes
 */
export function readSettings(options: Readonly<Record<string, unknown>>): Settings {
  const parsed = SCHEMA.safeParse(options);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const name = String(issue?.path[0] ?? "").replaceAll(/[A-Z]/g, (at) => `-${at.toLowerCase()}`);
    throw new ConfigError(
      `Cannot use --${name} "${options[String(issue?.path[0])]}": ${issue?.message}`,
      { hint: "kubecode --help lists the flags." },
    );
  }
  const { connectTimeout, ...rest } = parsed.data;
  return { ...rest, connectTimeoutMs: connectTimeout };
}

/** `500ms`, `30s`, `2m` as milliseconds; undefined for what has no unit or is no duration. */
export function parseDuration(value: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m)\s*$/.exec(value);
  if (!match) return undefined;
  const unit = { ms: 1, s: 1000, m: 60_000 }[match[2] ?? ""] ?? 1;
  return Math.round(Number(match[1]) * unit);
}
