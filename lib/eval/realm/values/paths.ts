/** Paths of fields, as the columns of a table name them. */
import { execOf, hasOwn, indexOf, isArray, slice } from "../base/primordials.ts";

/**
 * What lies at a path within a value: `spec.nodeName`, `metadata.labels.app.kubernetes.io/name` or
 * `metadata.labels["…"]`, `spec.containers[0].image`, `spec.containers.image` or `[*].image` (of each).
 *
 * @param textOf what those of each become, which are joined
 */
export function pick(value: unknown, path: string, textOf: (value: unknown) => string): unknown {
  if (path === "") return value;
  if (typeof value !== "object" || value === null) return undefined;
  const object = value as Record<string, unknown>;
  if (hasOwn(object, path)) return object[path];
  const bracket = execOf(/^\[(?:(-?\d+)|"([^"]*)"|'([^']*)'|\*?)\]\.?/, path);
  if (bracket) {
    const rest = slice(path, bracket[0].length);
    const key = keyOf(bracket, value);
    if (key === undefined) return pick(value, rest, textOf);
    if (hasOwn(object, key)) return pick(object[key], rest, textOf);
    if (bracket[1] !== undefined) return undefined;
  }
  for (let at = 0; at < path.length; at++) {
    if (path[at] !== "." && path[at] !== "[") continue;
    const rest = slice(path, path[at] === "." ? at + 1 : at);
    if (at === 0 && rest !== path) return pick(value, rest, textOf);
    const key = slice(path, 0, at);
    if (hasOwn(object, key)) return pick(object[key], rest, textOf);
  }
  if (!isArray(value)) return undefined;
  let text = "";
  for (let at = 0; at < value.length; at++) {
    text += `${at > 0 ? "," : ""}${textOf(pick(value[at], path, textOf))}`;
  }
  return text;
}

/** The key in brackets, counted from the end where it is negative; undefined for all. */
function keyOf(bracket: RegExpExecArray, value: object): string | undefined {
  const index = bracket[1];
  if (index === undefined) return bracket[2] ?? bracket[3];
  return `${isArray(value) && +index < 0 ? value.length + +index : +index}`;
}

/** The last key of a path, which stands for it as a heading. */
export function lastOf(path: string): string {
  const quoted = execOf(/\[(?:"([^"]*)"|'([^']*)')\]$/, path);
  if (quoted) return (quoted[1] ?? quoted[2])!;
  let from = 0;
  for (let dot = indexOf(path, "."); dot >= 0; dot = indexOf(path, ".", from)) from = dot + 1;
  return from < path.length ? slice(path, from) : path;
}
