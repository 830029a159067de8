/**
 * What the place lacks in which this program runs (a permission of Deno's, room on a disk, files that
 * may be open, a port), as its user is told. Pure.
 */
import { ConfigError, type KubecodeError, LimitError } from "./errors.ts";
import { describeFileError, describeWriteError, fileErrorCode, missingFlag } from "./std/files.ts";

/** What kubecode does with a permission. */
const PURPOSES: Readonly<Record<string, string>> = {
  "--allow-env": "settings, the place of the kubeconfig, and proxies",
  "--allow-net": "the API server",
  "--allow-read": "the kubeconfig, and the files that it and the settings name",
  "--allow-run": "the sandbox, which is a process of its own, credential plugins and programs",
  "--allow-write": "the audit, renewed tokens, and the folders of programs",
};

/** The flags of all permissions that any command of kubecode needs; docs/decisions/build.md says why. */
export const PERMISSION_FLAGS: readonly string[] = Object.keys(PURPOSES);

/** What the system has no more of, and what to do. */
const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: "Make room there, or name another folder for temporary files in TMPDIR.",
  EDQUOT: "Make room there, or name another folder for temporary files in TMPDIR.",
  EROFS: "Name a writable folder for temporary files in TMPDIR; in a container, mount one.",
  EMFILE: "Raise the limit of open files (`ulimit -n`).",
  ENFILE: "Raise the limit of open files (`ulimit -n`).",
};

/** The error that a user sees where the place lacks something; undefined for any other error. */
export function surroundingsError(error: unknown): KubecodeError | undefined {
  return permissionError(error) ?? shortageError(error);
}

function shortageError(error: unknown): LimitError | undefined {
  const hint = HINTS[fileErrorCode(error) ?? ""];
  if (hint === undefined) return undefined;
  const path = /: \w+ '(.*)'$/s.exec((error as Error).message)?.[1];
  const what = path === undefined ? "Cannot go on" : `Cannot write "${path}"`;
  return new LimitError(`${what}: ${describeFileError(error)}`, { hint, cause: error });
}

function permissionError(error: unknown): ConfigError | undefined {
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

/** Why nobody can listen at an address, where that is no matter of files. */
const ADDRESS_REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program listens there",
  EADDRNOTAVAIL: "this machine has no such address",
  // So it is called by Deno 2.9.6.
  EINVAL: "this machine has no such address",
  ENOTFOUND: "there is no host of that name",
};

/** The error that a user sees where nobody can listen. */
export function listenError(where: string, cause: unknown, hint: string): ConfigError {
  const why = ADDRESS_REASONS[fileErrorCode(cause) ?? ""] ?? describeWriteError(cause);
  return new ConfigError(`Cannot listen on ${where}: ${why}`, { hint, cause });
}
