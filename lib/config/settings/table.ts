/**
 * All settings of a run, one row each: flags, environment variables, help, the reference's table and
 * the type {@linkcode Settings} (settings.ts) are made from it. A new setting is a new row.
 */
import { z } from "zod";
import { LOG_LEVELS } from "../../log.ts";
import { TOOL_SETS, type ToolSetName } from "../../policy/rules/known_tools.ts";
import { MODES, PROFILE_NAMES } from "../../policy/types.ts";
import { didYouMean } from "../../std/nearest.ts";
import { parseDuration } from "../duration.ts";
import { HTTP_SETTINGS } from "./http.ts";
import { duration, names, namesOf, onOff, type Setting, text } from "./setting.ts";

/** A time as the command-line tools take it: bare numbers are seconds. */
const seconds = z.string().transform((value, context) => {
  const milliseconds = /^\d{1,6}$/.test(value) ? Number(value) * 1000 : parseDuration(value);
  if (milliseconds !== undefined && milliseconds > 0) return milliseconds;
  context.addIssue('must be a number of seconds, or a duration such as "90s" or "5m"');
  return z.NEVER;
});

const toolsets = z.string().transform((value, context) => {
  const names = namesOf(value.toLowerCase());
  const unknown = names.find((name) => !Object.hasOwn(TOOL_SETS, name));
  if (names.length > 0 && unknown === undefined) return [...new Set(names)] as ToolSetName[];
  const known = Object.keys(TOOL_SETS);
  context.addIssue(
    unknown === undefined
      ? `no set is named; there are ${known.join(", ")}`
      : `there is no set "${unknown}"; there are ${known.join(", ")}${didYouMean(unknown, known)}`,
  );
  return z.NEVER;
});

const SECURITY_MODES = ["strict", "permissive"] as const;

const logLevel = z.enum(LOG_LEVELS, {
  error: `must be ${LOG_LEVELS.slice(0, -1).join(", ")} or ${LOG_LEVELS.at(-1)}`,
});

/** The settings by name, in the order of `--help` and the reference. */
export const SETTINGS = {
  kubeconfig: {
    flag: "--kubeconfig <PATH>",
    group: "Cluster",
    variable: "KUBECONFIG",
    // It may list several files: see lib/kube/kubeconfig/load.ts.
    variableReadElsewhere: true,
    schema: text,
    help: "the kubeconfig (default: as kubectl finds it; in a pod, its service account)",
  },
  context: {
    flag: "--context <NAME>",
    group: "Cluster",
    variable: "KUBECODE_CONTEXT",
    otherVariable: "K8S_CONTEXT",
    blankIsNone: true,
    schema: text,
    values: "contexts",
    help: "the kubeconfig's context",
  },
  contexts: {
    flag: "--contexts <NAMES>",
    group: "Cluster",
    variable: "KUBECODE_CONTEXTS",
    key: "contexts",
    schema: names,
    values: "contexts",
    several: true,
    help: 'other contexts that scripts may use, such as "staging,prod-*" (default: none)',
  },
  namespace: {
    flag: "-n, --namespace <NAME>",
    group: "Cluster",
    variable: "KUBECODE_NAMESPACE",
    otherVariable: "K8S_NAMESPACE",
    blankIsNone: true,
    schema: text,
    help: "the default namespace",
  },
  allNamespaces: {
    flag: "-A, --all-namespaces [BOOL]",
    group: "Cluster",
    schema: onOff,
    default: "false",
    help: 'make all namespaces the default, in place of --namespace: "pods().list()" spans them',
  },
  mode: {
    flag: "--mode <MODE>",
    group: "Policy",
    variable: "KUBECODE_MODE",
    key: "policy.mode",
    mode: "named",
    blankIsNone: true,
    values: MODES,
    schema: z.enum(MODES, { error: `must be ${MODES.slice(0, -1).join(", ")} or ${MODES.at(-1)}` }),
    help: "what may be changed: read-only, approve or read-write, as the next two flags",
  },
  readWrite: {
    flag: "--read-write [BOOL]",
    group: "Policy",
    variable: "KUBECODE_READ_WRITE",
    key: "policy.mode",
    mode: "read-write",
    schema: onOff,
    help: "allow changes to the cluster",
  },
  approve: {
    flag: "--approve [BOOL]",
    group: "Policy",
    variable: "KUBECODE_APPROVE",
    key: "policy.mode",
    mode: "approve",
    schema: onOff,
    help: "allow changes that a person approves",
  },
  profile: {
    flag: "--profile <NAME>",
    group: "Policy",
    variable: "KUBECODE_PROFILE",
    key: "policy.profile",
    schema: z.enum(PROFILE_NAMES, {
      error: `must be ${PROFILE_NAMES.slice(0, -1).join(", ")} or ${PROFILE_NAMES.at(-1)}`,
    }),
    default: "standard",
    values: PROFILE_NAMES,
    help: `the rules of the policy to start from: ${PROFILE_NAMES.join(", ")}`,
  },
  audit: {
    flag: "--audit <PATH>",
    group: "Policy",
    variable: "KUBECODE_AUDIT",
    key: "audit.file",
    schema: text,
    help: 'write a line of JSON for each call and each request to a file, or to "stderr"',
  },
  rateLimiting: {
    flag: "--enable-rate-limiting [BOOL]",
    group: "Policy",
    variable: "KUBECODE_ENABLE_RATE_LIMITING",
    key: "rateLimits.enabled",
    schema: onOff,
    default: "true",
    help: "limit the calls of a client",
  },
  config: {
    flag: "--config <PATH>",
    group: "Configuration and logs",
    variable: "KUBECODE_CONFIG",
    schema: z.string(),
    help: "the config file, empty for none (default: ~/.config/kubecode/config.yaml)",
  },
  demo: {
    flag: "--demo [BOOL]",
    group: "Cluster",
    schema: onOff,
    default: "false",
    help: "use the embedded demo cluster",
  },
  connectTimeoutMs: {
    flag: "--connect-timeout <DURATION>",
    group: "Cluster",
    variable: "KUBECODE_CONNECT_TIMEOUT",
    schema: duration,
    default: "10s",
    help: "how long to wait for a server that does not answer",
  },
  execTimeoutMs: {
    flag: "--exec-timeout <DURATION>",
    group: "Cluster",
    variable: "KUBECODE_EXEC_TIMEOUT",
    schema: duration,
    default: "60s",
    help: "how long a kubeconfig's exec plugin may take, including a person's login",
  },
  listCacheMib: {
    flag: "--list-cache-mib <COUNT>",
    group: "Cluster",
    variable: "KUBECODE_LIST_CACHE_MIB",
    schema: z.string().regex(/^\d{1,5}$/, "must be a whole number").transform(Number),
    default: "64",
    help: "memory for large lists that may be asked for again within a minute, 0 for none",
    serverOnly: true,
  },
  logLevel: {
    flag: "--log-level <LEVEL>",
    group: "Configuration and logs",
    variable: "KUBECODE_LOG_LEVEL",
    schema: logLevel,
    values: LOG_LEVELS,
    default: "warn",
    help: "logs on standard error: debug, info, warn, error or silent",
  },
  toolsets: {
    flag: "--toolsets <NAMES>",
    group: "Tools",
    variable: "KUBECODE_TOOLSETS",
    schema: toolsets,
    values: Object.keys(TOOL_SETS),
    several: true,
    default: "code,resources",
    help: "which tools are offered: code, resources, guarded, cli",
    serverOnly: true,
  },
  serveResources: {
    flag: "--serve-resources [BOOL]",
    group: "Tools",
    variable: "KUBECODE_SERVE_RESOURCES",
    schema: onOff,
    default: "true",
    help: 'list in "resources/list" what the cluster serves',
    serverOnly: true,
  },
  servePrompts: {
    flag: "--serve-prompts [BOOL]",
    group: "Tools",
    variable: "KUBECODE_SERVE_PROMPTS",
    schema: onOff,
    default: "true",
    help: 'offer prompts for common tasks ("prompts/list")',
    serverOnly: true,
  },
  maxReplicas: {
    flag: "--max-replicas <COUNT>",
    group: "Tools",
    variable: "KUBECODE_MAX_REPLICAS",
    schema: z.string().regex(/^\d{1,9}$/, "must be a whole number").transform(Number),
    default: "100",
    help: 'the most replicas that "k8s_patch" scales to',
    serverOnly: true,
  },
  cliTimeoutMs: {
    flag: "--cli-timeout <DURATION>",
    group: "Tools",
    variable: "K8S_MCP_TIMEOUT",
    schema: seconds,
    default: "300",
    help: "how long a command of the tool set cli may take, in seconds or as 5m",
    serverOnly: true,
  },
  cliMaxOutput: {
    flag: "--cli-max-output <CHARACTERS>",
    group: "Tools",
    variable: "K8S_MCP_MAX_OUTPUT",
    schema: z.string().regex(/^[1-9]\d{0,7}$/, "must be a whole number of at least 1")
      .transform(Number),
    default: "100000",
    help: "how many characters of a command's output are shown",
    serverOnly: true,
  },
  securityMode: {
    flag: "--security-mode <MODE>",
    group: "Tools",
    variable: "K8S_MCP_SECURITY_MODE",
    schema: z.string().toLowerCase().pipe(
      z.enum(SECURITY_MODES, { error: 'must be "strict" or "permissive"' }),
    ),
    values: SECURITY_MODES,
    default: "strict",
    help:
      "refuse commands known to be dangerous (strict), or leave them to the policy (permissive)",
    serverOnly: true,
  },
  securityConfig: {
    flag: "--security-config <PATH>",
    group: "Tools",
    variable: "K8S_MCP_SECURITY_CONFIG",
    schema: text,
    help: "a YAML file with dangerous commands, safe patterns and regular expressions of your own",
    serverOnly: true,
  },
  ...HTTP_SETTINGS,
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
