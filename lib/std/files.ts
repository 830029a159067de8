/** Why a file could not be read. Pure. */

/** The code of an error of `node:fs`, such as `ENOENT`. */
export function fileErrorCode(error: unknown): string | undefined {
  return (error as { code?: string } | undefined)?.code;
}

/** Why a file could not be read, in words. */
export function describeFileError(error: unknown): string {
  const code = fileErrorCode(error);
  const words: Readonly<Record<string, string>> = {
    ENOENT: "no such file",
    EACCES: "permission denied",
    EPERM: "permission denied",
    EISDIR: "it is a directory",
    ENOTDIR: "a part of its path is not a directory",
    EFBIG: "it is larger than 16 MiB",
    ELOOP: "its symbolic links go round in a circle",
  };
  return words[code ?? ""] ??
    (error instanceof Error && error.name === "NotCapable"
      ? "this program was started without permission to read it"
      : code ?? "it cannot be read");
}
