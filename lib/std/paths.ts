/** Paths to places in objects. Pure. */
import { createHash } from "node:crypto";

/** Longer than any path or key of an API that people have made. */
const LONG = 1_000;

/**
 * A path or one step of it, as it is; the beginning and the digest of one that is very long. A place
 * within many long keys would else cost all of them once for each value that stands there.
 */
export function shortPath(path: string): string {
  if (path.length <= LONG) return path;
  const digest = createHash("sha256").update(path).digest("hex");
  return `${path.slice(0, 100)}…(${path.length} characters, sha256 ${digest})`;
}
