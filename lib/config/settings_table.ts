/**
 * All settings of a run, one row each: flags, environment variables, help, the README's table and
 * the type {@linkcode Settings} (settings.ts) are made from it. A new setting is a new row.
 */
import { z } from "zod";
import { LOG_LEVELS } from "../log.ts";
import { TOOL_SETS, type ToolSetName } from "../policy/rules/known_tools.ts";
import { type Mode, PROFILE_NAMES } from "../policy/types.ts";
import { parseDuration } from "./duration.ts";

/** One setting. */
export interface Setting {
  /** As `--help` shows it: `-n, --namespace <NAME>`; `[BOOL]` makes a switch. */
  readonly flag: string;
  /** The environment variable that is read where the flag is not given. */
  readonly variable?: string;
  /** Read where that one is not set: its name in k8s-mcp-server. Empty is not set. */
  readonly otherVariable?: string;
  /** Another part of the program reads the variable, in another syntax. */
  readonly variableReadElsewhere?: true;
  /** Its name in the config file (`audit.file`), which counts after flag and variable. */
  readonly key?: string;
  /** From the text of the flag or variable to its value. */
  readonly schema: z.ZodType;
  /** What the flag is by default, as text. */
  readonly default?: string;
  /** What it does, for `--help` and the README; words in double quotes are to be typed. */
  readonly help: string;
  /** The other commands do not take it. */
  readonly serverOnly?: true;
  /** The mode that the switch turns on. */
  readonly mode?: Mode;
}

/** As whom the cluster is asked. */
export const CLUSTER_IDENTITIES = ["own", "impersonate", "token-exchange"] as const;

const text = z.string().min(1, "must not be empty");

const names = z.string().transform(namesOf);

const someNames = names.refine((all) => all.length > 0, "must name one at least");

const url = z.string().refine(
  (value) => URL.canParse(value) && /^https?:\/\/[^?#]+$/.test(value),
  "must be a URL such as https://kubecode.example.com/mcp, without ? and #",
);

const duration = z.string().transform((value, context) => {
  const milliseconds = parseDuration(value);
  if (milliseconds !== undefined) return milliseconds;
  context.addIssue('must be a duration such as "10s", "500ms" or "2m"');
  return z.NEVER;
});

/** A time as the command-line tools take it: bare numbers are seconds. */
const seconds = z.string().transform((value, context) => {
  const milliseconds = /^\d{1,6}$/.test(value) ? Number(value) * 1000 : parseDuration(value);
  if (milliseconds !== undefined && milliseconds > 0) return milliseconds;
  context.addIssue('must be a number of seconds, or a duration such as "90s" or "5m"');
  return z.NEVER;
});

const count = z.string().regex(/^[1-9]\d{0,4}$/, "must be a whole number from 1 to 99999")
  .transform(Number);

const onOff = z.string().transform((value, context) => {
  if (/^(true|1|yes|on)$/i.test(value)) return true;
  if (/^(false|0|no|off|)$/i.test(value)) return false;
  context.addIssue("must be true or false");
  return z.NEVER;
});

const toolsets = z.string().transform((value, context) => {
  const names = namesOf(value.toLowerCase());
  const unknown = names.find((name) => !Object.hasOwn(TOOL_SETS, name));
  if (names.length > 0 && unknown === undefined) return [...new Set(names)] as ToolSetName[];
  const fault = unknown === undefined ? "no set is named" : `there is no set "${unknown}"`;
  context.addIssue(`${fault}; there are ${Object.keys(TOOL_SETS).join(", ")}`);
  return z.NEVER;
});

/** What kubernetes-mcp-servers call it, and ours. */
const transport = z.string().toLowerCase()
  .transform((name) => ["http", "streaming-http"].includes(name) ? "streamable-http" : name)
  .pipe(z.enum(["stdio", "streamable-http", "sse", "all"], {
    error: 'must be "stdio", "streamable-http", "sse" or "all" (of HTTP)',
  }));

const port = z.string().transform((value, context) => {
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value);
  context.addIssue(
    value.startsWith("tcp://")
      // Kubernetes makes MCP_PORT of a Service that is called "mcp".
      ? 'must be a port number; a Service of the name "mcp" sets it otherwise: set enableServiceLinks to false'
      : "must be a port number from 0 (any) to 65535",
  );
  return z.NEVER;
});

const logLevel = z.enum(LOG_LEVELS, {
  error: `must be ${LOG_LEVELS.slice(0, -1).join(", ")} or ${LOG_LEVELS.at(-1)}`,
});

/** The settings by name, in the order of `--help` and the README. */
export const SETTINGS = {
  kubeconfig: {
    flag: "--kubeconfig <PATH>",
    variable: "KUBECONFIG",
    // It may list several files: see lib/kube/kubeconfig/load.ts.
    variableReadElsewhere: true,
    schema: text,
    help: "the kubeconfig; if left out as kubectl finds it, in a pod its service account",
  },
  context: {
    flag: "--context <NAME>",
    variable: "KUBECODE_CONTEXT",
    otherVariable: "K8S_CONTEXT",
    schema: text,
    help: "the kubeconfig's context",
  },
  contexts: {
    flag: "--contexts <NAMES>",
    variable: "KUBECODE_CONTEXTS",
    key: "contexts",
    schema: names,
    help: 'other contexts that scripts may use, such as "staging,prod-*"; none if left out',
  },
  namespace: {
    flag: "-n, --namespace <NAME>",
    variable: "KUBECODE_NAMESPACE",
    otherVariable: "K8S_NAMESPACE",
    schema: text,
    help: "the default namespace",
  },
  readWrite: {
    flag: "--read-write [BOOL]",
    variable: "KUBECODE_READ_WRITE",
    key: "policy.mode",
    mode: "read-write",
    schema: onOff,
    help: "allow changes to the cluster",
  },
  approve: {
    flag: "--approve [BOOL]",
    variable: "KUBECODE_APPROVE",
    key: "policy.mode",
    mode: "approve",
    schema: onOff,
    help: "allow changes that a person approves",
  },
  profile: {
    flag: "--profile <NAME>",
    variable: "KUBECODE_PROFILE",
    key: "policy.profile",
    schema: z.enum(PROFILE_NAMES, {
      error: `must be ${PROFILE_NAMES.slice(0, -1).join(", ")} or ${PROFILE_NAMES.at(-1)}`,
    }),
    default: "standard",
    help: `the rules of the policy to start from: ${PROFILE_NAMES.join(", ")}`,
  },
  audit: {
    flag: "--audit <PATH>",
    variable: "KUBECODE_AUDIT",
    key: "audit.file",
    schema: text,
    help: 'write each call and each request as a line of JSON to a file, or to "stderr"',
  },
  rateLimiting: {
    flag: "--enable-rate-limiting [BOOL]",
    variable: "KUBECODE_ENABLE_RATE_LIMITING",
    key: "rateLimits.enabled",
    schema: onOff,
    default: "true",
    help: "limit the calls of a client",
  },
  config: {
    flag: "--config <PATH>",
    variable: "KUBECODE_CONFIG",
    schema: z.string(),
    help: "the config file, empty for none (default: ~/.config/kubecode/config.yaml)",
  },
  demo: {
    flag: "--demo [BOOL]",
    schema: onOff,
    default: "false",
    help: "use the embedded demo cluster",
  },
  connectTimeoutMs: {
    flag: "--connect-timeout <DURATION>",
    variable: "KUBECODE_CONNECT_TIMEOUT",
    schema: duration,
    default: "10s",
    help: "how long to wait for a server that does not answer",
  },
  execTimeoutMs: {
    flag: "--exec-timeout <DURATION>",
    variable: "KUBECODE_EXEC_TIMEOUT",
    schema: duration,
    default: "60s",
    help: "how long a kubeconfig's exec plugin may take, a login by a person included",
  },
  logLevel: {
    flag: "--log-level <LEVEL>",
    variable: "KUBECODE_LOG_LEVEL",
    schema: logLevel,
    default: "warn",
    help: "logs on standard error: debug, info, warn, error or silent",
  },
  toolsets: {
    flag: "--toolsets <NAMES>",
    variable: "KUBECODE_TOOLSETS",
    schema: toolsets,
    default: "code,resources",
    help: "which tools are offered: code, resources, guarded, cli",
    serverOnly: true,
  },
  serveResources: {
    flag: "--serve-resources [BOOL]",
    variable: "KUBECODE_SERVE_RESOURCES",
    schema: onOff,
    default: "true",
    help: 'list in "resources/list" what the cluster serves',
    serverOnly: true,
  },
  servePrompts: {
    flag: "--serve-prompts [BOOL]",
    variable: "KUBECODE_SERVE_PROMPTS",
    schema: onOff,
    default: "true",
    help: 'offer prompts for common tasks ("prompts/list")',
    serverOnly: true,
  },
  maxReplicas: {
    flag: "--max-replicas <COUNT>",
    variable: "KUBECODE_MAX_REPLICAS",
    schema: z.string().regex(/^\d{1,9}$/, "must be a whole number").transform(Number),
    default: "100",
    help: 'the most replicas that "k8s_patch" scales to',
    serverOnly: true,
  },
  cliTimeoutMs: {
    flag: "--cli-timeout <DURATION>",
    variable: "K8S_MCP_TIMEOUT",
    schema: seconds,
    default: "300",
    help: "how long a command of the tool set cli may take, in seconds or as 5m",
    serverOnly: true,
  },
  cliMaxOutput: {
    flag: "--cli-max-output <CHARACTERS>",
    variable: "K8S_MCP_MAX_OUTPUT",
    schema: z.string().regex(/^[1-9]\d{0,7}$/, "must be a whole number of at least 1")
      .transform(Number),
    default: "100000",
    help: "characters of a command's output that are shown",
    serverOnly: true,
  },
  securityMode: {
    flag: "--security-mode <MODE>",
    variable: "K8S_MCP_SECURITY_MODE",
    schema: z.string().toLowerCase().pipe(
      z.enum(["strict", "permissive"], { error: 'must be "strict" or "permissive"' }),
    ),
    default: "strict",
    help:
      "whether commands that are known as dangerous are refused (strict) or left to the policy (permissive)",
    serverOnly: true,
  },
  securityConfig: {
    flag: "--security-config <PATH>",
    variable: "K8S_MCP_SECURITY_CONFIG",
    schema: text,
    help: "a YAML file with dangerous commands, safe patterns and regular expressions of your own",
    serverOnly: true,
  },
  transport: {
    flag: "--transport <NAME>",
    variable: "MCP_TRANSPORT",
    otherVariable: "K8S_MCP_TRANSPORT",
    schema: transport,
    default: "stdio",
    help: "how MCP is spoken: stdio, streamable-http, sse (for old clients), or all of HTTP",
    serverOnly: true,
  },
  host: {
    flag: "--host <ADDRESS>",
    variable: "MCP_HOST",
    schema: text,
    default: "127.0.0.1",
    help: "the address to listen on for HTTP",
    serverOnly: true,
  },
  port: {
    flag: "--port <PORT>",
    variable: "MCP_PORT",
    schema: port,
    default: "8080",
    help: "the port to listen on, 0 for any",
    serverOnly: true,
  },
  socket: {
    flag: "--socket <PATH>",
    variable: "KUBECODE_SOCKET",
    schema: text,
    help: "listen on a Unix socket instead, which only this user can use",
    serverOnly: true,
  },
  tlsCert: {
    flag: "--tls-cert <PATH>",
    variable: "KUBECODE_TLS_CERT",
    schema: text,
    help: "the certificate (PEM) to serve HTTPS with, read again when it changes",
    serverOnly: true,
  },
  tlsKey: {
    flag: "--tls-key <PATH>",
    variable: "KUBECODE_TLS_KEY",
    schema: text,
    help: "the key (PEM) of that certificate",
    serverOnly: true,
  },
  stateKeyFile: {
    flag: "--state-key-file <PATH>",
    variable: "KUBECODE_STATE_KEY_FILE",
    schema: text,
    help:
      "a file with the key that replicas share, or two while it is changed; the first seals (also as text in KUBECODE_STATE_KEY)",
    serverOnly: true,
  },
  allowedHosts: {
    flag: "--allowed-hosts <NAMES>",
    variable: "KUBECODE_ALLOWED_HOSTS",
    schema: names,
    help:
      'host names that the server is asked by, besides localhost and bare addresses; "*" for any',
    serverOnly: true,
  },
  allowedOrigins: {
    flag: "--allowed-origins <NAMES>",
    variable: "KUBECODE_ALLOWED_ORIGINS",
    schema: names,
    help: "hosts of web pages that may ask from a browser; none if left out",
    serverOnly: true,
  },
  publicUrl: {
    flag: "--public-url <URL>",
    variable: "KUBECODE_PUBLIC_URL",
    key: "identity.url",
    schema: url,
    help:
      'the URL by which clients reach "/mcp": what tokens are for, and where their issuer is told',
    serverOnly: true,
  },
  tokensFile: {
    flag: "--tokens-file <PATH>",
    variable: "KUBECODE_TOKENS_FILE",
    key: "identity.tokensFile",
    schema: text,
    help: 'let callers in by tokens, whose hashes are in a file ("kubecode token new" makes them)',
    serverOnly: true,
  },
  oidcIssuer: {
    flag: "--oidc-issuer-url <URL>",
    variable: "KUBECODE_OIDC_ISSUER_URL",
    key: "identity.oidc.issuer",
    schema: url,
    help: "let callers in by tokens (JWT) of this issuer",
    serverOnly: true,
  },
  oidcAudiences: {
    flag: "--oidc-audience <NAMES>",
    variable: "KUBECODE_OIDC_AUDIENCE",
    key: "identity.oidc.audiences",
    schema: someNames,
    help: "audiences, one of which those tokens must name; the public URL if left out",
    serverOnly: true,
  },
  tokenReviewAudiences: {
    flag: "--token-review-audience <NAMES>",
    variable: "KUBECODE_TOKEN_REVIEW_AUDIENCE",
    key: "identity.tokenReview.audiences",
    schema: someNames,
    help: "let callers in by tokens of the cluster that are for this audience, such as kubecode",
    serverOnly: true,
  },
  clientCa: {
    flag: "--tls-client-ca <PATH>",
    variable: "KUBECODE_TLS_CLIENT_CA",
    key: "identity.clientCaFile",
    schema: text,
    help: "let callers in by certificates of the authorities in this file (PEM)",
    serverOnly: true,
  },
  clusterIdentity: {
    flag: "--cluster-identity <NAME>",
    variable: "KUBECODE_CLUSTER_IDENTITY",
    key: "identity.cluster.as",
    schema: z.enum(CLUSTER_IDENTITIES, {
      error: 'must be "own", "impersonate" or "token-exchange"',
    }),
    help:
      "as whom the cluster is asked: the server's own user (own, the default), or the caller (impersonate, token-exchange)",
    serverOnly: true,
  },
  insecureNoAuth: {
    flag: "--insecure-no-auth [BOOL]",
    variable: "KUBECODE_INSECURE_NO_AUTH",
    schema: onOff,
    default: "false",
    help: "let everybody in who reaches the port, also from other machines",
    serverOnly: true,
  },
  drainTimeout: {
    flag: "--drain-timeout <DURATION>",
    variable: "KUBECODE_DRAIN_TIMEOUT",
    schema: duration,
    default: "25s",
    help: "how long calls under way may take to end after SIGTERM, over HTTP",
    serverOnly: true,
  },
  maxScripts: {
    flag: "--max-scripts <N>",
    variable: "KUBECODE_MAX_SCRIPTS",
    schema: count,
    default: "8",
    help: "scripts and command lines that run side by side over HTTP, half of them for one caller",
    serverOnly: true,
  },
  maxWaiting: {
    flag: "--max-waiting <N>",
    variable: "KUBECODE_MAX_WAITING",
    schema: count,
    default: "200",
    help: "calls that may wait for them over HTTP; what comes beyond gets 503 and Retry-After",
    serverOnly: true,
  },
  metricsOpen: {
    flag: "--metrics-open [BOOL]",
    variable: "KUBECODE_METRICS_OPEN",
    schema: onOff,
    default: "false",
    help: 'answer "/metrics" without asking who it is for',
    serverOnly: true,
  },
} as const satisfies Readonly<Record<string, Setting>>;

/** The name of a setting. */
export type SettingName = keyof typeof SETTINGS;

/** The rows of the table, in its order. */
export const ROWS = Object.entries(SETTINGS) as readonly (readonly [SettingName, Setting])[];

/** `--namespace` of `-n, --namespace <NAME>`. */
export function longFlag({ flag }: Setting): string {
  return /--[a-z-]+/.exec(flag)?.[0] ?? flag;
}

/** Whether a setting is on or off. */
export function isSwitch({ flag }: Setting): boolean {
  return flag.endsWith("[BOOL]");
}

/** What the help says of a setting, with its default. */
export function helpOf({ help, default: standard }: Setting): string {
  return standard === undefined || standard === "false" ? help : `${help} (default: ${standard})`;
}

/** Names with commas between them. */
function namesOf(value: string): string[] {
  return value.split(",").map((name) => name.trim()).filter((name) => name !== "");
}
