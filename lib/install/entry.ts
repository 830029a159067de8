/** The entry of a server in a client's configuration: written, read, compared and shown. Pure. */

/** How a client wants an entry. */
export type EntryShape = "plain" | "typed" | "zed" | "copilot" | "opencode" | "goose";

/** What is started. */
export interface ServerStart {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** An entry, as a value of the configuration. */
export type Entry = Readonly<Record<string, unknown>>;

/** The entry for a server. @param name what the server is called in the configuration */
export function entryFor(shape: EntryShape, name: string, start: ServerStart): Entry {
  const { command, args } = start;
  const environment = (key: string) =>
    Object.keys(start.env).length > 0 ? { [key]: start.env } : {};
  switch (shape) {
    case "plain":
      return { command, args, ...environment("env") };
    case "typed":
      return { type: "stdio", command, args, ...environment("env") };
    case "zed":
      return { source: "custom", command, args, ...environment("env") };
    case "copilot":
      return { type: "local", command, args, tools: ["*"], ...environment("env") };
    case "opencode":
      return {
        type: "local",
        command: [command, ...args],
        enabled: true,
        ...environment("environment"),
      };
    case "goose":
      return {
        name,
        description: "Kubernetes, by short scripts",
        type: "stdio",
        cmd: command,
        args,
        ...environment("envs"),
        enabled: true,
        timeout: 300,
      };
  }
}

/** Keys that hold variables of the environment. */
const ENVIRONMENTS: readonly string[] = ["env", "envs", "environment"];

/** Keys that a person may have set otherwise, and that are left so. */
const SETTINGS: ReadonlySet<string> = new Set(["enabled", "timeout", "tools", "description"]);

/** The entry that is wanted, with what a person has added to the one that is there. */
export function mergeEntry(there: Entry, wanted: Entry): Entry {
  const merged: Record<string, unknown> = { ...there };
  for (const [key, value] of Object.entries(wanted)) {
    const old = there[key];
    if (SETTINGS.has(key) && old !== undefined) continue;
    merged[key] = ENVIRONMENTS.includes(key) && isRecord(old)
      ? { ...old, ...value as Entry }
      : value;
  }
  return merged;
}

/** Names of variables of settings that an entry has beside those that are wanted. */
export function keptVariables(entry: Entry, wanted: Entry): string[] {
  return ENVIRONMENTS.flatMap((key) =>
    isRecord(entry[key])
      ? Object.keys(entry[key]).filter((name) =>
        /^(?:KUBECODE|K8S)_/.test(name) && !Object.hasOwn(Object(wanted[key]), name)
      )
      : []
  );
}

/**
 * Whether an entry starts kubecode, however it was installed.
 *
 * @param start the words that start this very program
 */
export function startsKubecode(entry: unknown, start: readonly string[]): boolean {
  const words = wordsOf(entry);
  if (start.every((word, at) => words[at] === word)) return true;
  const [command = "", ...args] = words;
  if (isKubecode(command)) return true;
  // npx, deno and cmd: what they run comes before flags of its own.
  return /(?:^|[\\/])(?:npx|deno|cmd|bunx|pnpm|yarn)(?:\.\w+)?$/.test(command) &&
    args.some((word) =>
      /^kubecode(?:@.*)?$|[\\/]kubecode(?:@[^\\/]*)?(?:\.js|[\\/]main\.ts)$/.test(word)
    );
}

function isKubecode(command: string): boolean {
  return /(?:^|[\\/])(?:kubecode|kubectl-code)(?:\.exe)?$/.test(command);
}

function wordsOf(entry: unknown): string[] {
  if (!isRecord(entry)) return [];
  const command = entry.command ?? entry.cmd;
  const words = [command, entry.args].flat();
  return words.filter((word) => typeof word === "string");
}

/**
 * An entry as it may be shown: without the values of variables, which may be secrets; of somebody
 * else's, with none at all.
 */
export function shownEntry(entry: Entry, { foreign = false } = {}): Entry {
  if (foreign) return Object.fromEntries(Object.keys(entry).map((key) => [key, HIDDEN]));
  return Object.fromEntries(
    Object.entries(entry).map(([key, value]) => [
      key,
      KNOWN.has(key) ? value : ENVIRONMENTS.includes(key) && isRecord(value)
        ? Object.fromEntries(
          Object.entries(value).map(([name, text]) => [
            name,
            SHOWN_VARIABLES.test(name) ? text : HIDDEN,
          ]),
        )
        : HIDDEN,
    ]),
  );
}

/** Keys that we write ourselves, and whose values are no secrets. */
const KNOWN: ReadonlySet<string> = new Set([
  "command",
  "cmd",
  "args",
  "type",
  "source",
  "name",
  "description",
  "enabled",
  "timeout",
  "tools",
]);

/**
 * Variables that we write ourselves, and settings, of which one alone is a secret: a project's file
 * may have come with one that allows changes.
 */
const SHOWN_VARIABLES =
  /^(?:KUBECONFIG|PATH|K8S_CONTEXT|K8S_NAMESPACE|(?!KUBECODE_STATE_KEY$)(?:KUBECODE|K8S_MCP)_\w+)$/;

const HIDDEN = "…";

/** Whether a value is an object of keys. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
