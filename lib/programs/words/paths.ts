/** Which words name what is outside of a call's folder. Pure: links are the business of who makes it. */

/** Why a program must not have a path: it is somewhere else, or it is the network's. */
export type Outside = "files" | "remote";

/** `https:`, `oci:`; also a drive of Windows. */
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

/** What no plain name has: quotes and backslashes are escapes somewhere, controls are never meant. */
const UNPLAIN = /[\\"\p{Cc}]/u;

/** Where a path is; undefined for a plain relative one, and for `-` (stdin). */
export function outsideOf(text: string): Outside | undefined {
  const path = text.trim();
  if (SCHEME.test(path)) return /^([a-z]|file):/i.test(path) ? "files" : "remote";
  const isPlain = !/^[/~]/.test(path) && !UNPLAIN.test(path) && !path.split("/").includes("..");
  return isPlain ? undefined : "files";
}

/** Where the worst of several paths is, as a flag has them: `a.yaml,b.yaml`. */
export function outsideOfList(paths: string): Outside | undefined {
  return worst(paths.split(","));
}

/** Where the worst of `key=path,key=path` is. */
export function outsideOfPairs(pairs: string): Outside | undefined {
  return worst(pairs.replaceAll(/[{}]/g, "").split(/[,=]/));
}

function worst(paths: readonly string[]): Outside | undefined {
  const found = paths.map(outsideOf);
  return found.find((outside) => outside === "files") ?? found.find(Boolean);
}
