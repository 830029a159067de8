/** The set `cli`, put together: programs, the rules for their words, doors to the cluster, shells. */
import type { App } from "./app.ts";
import { readTextFile } from "./text_file.ts";
import type { WordRules } from "./programs/words/check.ts";
import type { SecurityRules } from "./programs/words/security/rules.ts";
import type { ProgramName } from "./programs/types.ts";
import type { Shell } from "./shell/types.ts";
import type { ArgocdServer } from "./tools/cli/argocd.ts";
import type { Tool } from "./tools/types.ts";

/** The set, and what it has opened. */
export interface CliSet {
  readonly tools: readonly Tool[];
  close(): Promise<void>;
}

/**
 * Makes the tools for the programs that are installed. Nothing is started before the first call.
 *
 * @throws {ConfigError} a program or a security file that cannot be used
 */
export async function openCliSet(app: App): Promise<CliSet> {
  const [{ cliTools }, { openDoor }, { installed, runner }, rulesFor] = await Promise.all([
    import("./tools/cli/cli_tools.ts"),
    import("./door/door.ts"),
    app.programs(),
    wordRules(app),
  ]);
  if (installed.size === 0) app.logger.warn("tool set cli: none of its programs is installed");
  const { brokers, logger, settings } = app;
  let shell: Promise<Shell> | undefined;
  return {
    tools: cliTools({
      programs: installed,
      runner,
      rulesFor,
      ...argocdServer(app),
      openDoor: (call) => openDoor({ brokers, logger, ...call }),
      hide: brokers.hide,
      readOnly: app.policy().mode === "read-only",
      shell: () => shell ??= startShell(app),
      timeoutMs: settings.cliTimeoutMs,
      outputCharacters: settings.cliMaxOutput,
    }),
    close: async () => await (await shell)?.close(),
  };
}

function argocdServer({ config }: App): { argocd?: ArgocdServer } {
  const { server, tokenFile, verbs } = config.programs?.argocd ?? {};
  if (server === undefined || tokenFile === undefined || verbs === undefined) return {};
  return { argocd: { server, tokenFile, verbs } };
}

async function startShell({ logger, children }: App): Promise<Shell> {
  const [{ createShell }, { childCommand }] = await Promise.all([
    import("./shell/parent/shell.ts"),
    import("./sandbox/parent/command.ts"),
  ]);
  return createShell({ command: childCommand("shell"), logger, ...children });
}

/** What the words of each program are held against, by settings and config file. */
async function wordRules({ settings, config }: App): Promise<(program: ProgramName) => WordRules> {
  const security = await securityRules(settings.securityConfig);
  return (program) => ({
    mode: settings.securityMode,
    security,
    allow: config.programs?.[program]?.allow ?? [],
    // The kubeconfig of a door has those that may be used, and no others.
    allowsContext: () => true,
  });
}

async function securityRules(path: string | undefined): Promise<SecurityRules> {
  if (path === undefined) {
    return (await import("./programs/words/security/built_in.ts")).builtInRules();
  }
  const { readSecurityFile } = await import("./programs/words/security_file.ts");
  return readSecurityFile(await readTextFile("security file", path), path);
}
