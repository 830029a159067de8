/** Where files are, and why one could not be read or written. Pure. */

/** The code of an error of `node:fs`, such as `ENOENT`. */
export function fileErrorCode(error: unknown): string | undefined {
  return (error as { code?: string } | undefined)?.code;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of its path is not a directory",
  EFBIG: "it is larger than 16 MiB",
  ELOOP: "its symbolic links go round in a circle",
  ENAMETOOLONG: "its path is too long",
  EIO: "the disk has an error",
  ENOSPC: "no space is left on the disk",
  EDQUOT: "the quota of the disk is used up",
  EROFS: "the disk is read-only",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
};

/** Why a file could not be read, in words. */
export function describeFileError(error: unknown): string {
  const code = fileErrorCode(error);
  return REASONS[code ?? ""] ?? describeNotCapable(error) ?? code ?? "the system refuses";
}

/** Why a file could not be written, where it may be a new one. */
export function describeWriteError(error: unknown): string {
  return fileErrorCode(error) === "ENOENT" ? "there is no such folder" : describeFileError(error);
}

/** The flag of the permission that an error is about; undefined for any other error. */
export function missingFlag(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== "NotCapable") return undefined;
  return /--allow-\w+/.exec(error.message)?.[0] ?? "--allow-all";
}

/**
 * Why Deno does not let this program at a file, in words; undefined for any other error. Below /proc,
 * /dev and /sys it opens files only for a program with all permissions there are, which the binary has
 * not; pipes that a shell makes (`<(…)`) it opens.
 */
export function describeNotCapable(error: unknown): string | undefined {
  const flag = missingFlag(error);
  if (flag === undefined) return undefined;
  return flag === "--allow-all"
    ? "nothing below /dev, /proc and /sys is opened but pipes"
    : `this program was started without permission for it (${flag})`;
}

/**
 * The home folder, as far as there can be files in it: accounts of services have /dev/null, below which
 * Deno opens nothing, not even to say that nothing is there.
 */
export function homeOf(env: (name: string) => string | undefined): string | undefined {
  const home = env("HOME") || env("USERPROFILE");
  return home && !/^\/(dev|proc|sys)(\/|$)/.test(home) ? home : undefined;
}
