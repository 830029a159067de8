/** Permissions of Deno's that this program lacks, as its user is told. Pure. */
import { ConfigError } from "./errors.ts";
import { missingFlag } from "./std/files.ts";

/** What kubecode does with a permission. */
const PURPOSES: Readonly<Record<string, string>> = {
  "--allow-env": "settings, the place of the kubeconfig, and proxies",
  "--allow-net": "the API server",
  "--allow-read": "the kubeconfig, and the files that it and the settings name",
  "--allow-run": "the sandbox, which is a process of its own, credential plugins and programs",
  "--allow-write": "the audit, renewed tokens, and the folders of programs",
};

/** The error that a user sees where a permission is missing; undefined for any other error. */
export function permissionError(error: unknown): ConfigError | undefined {
  const flag = missingFlag(error);
  if (flag === undefined) return undefined;
  const about = /access to ("[^"]*")/.exec((error as Error).message)?.[1];
  const purpose = PURPOSES[flag];
  return new ConfigError(
    `Cannot go on: Deno was started without ${flag}${about === undefined ? "" : `, for ${about}`}`,
    {
      ...(purpose === undefined
        ? {}
        : { hint: `Start it with \`deno run ${flag} …\`: kubecode needs that for ${purpose}.` }),
      cause: error,
    },
  );
}
