/** Paths of fields, as the columns of a table name them. */
import { execOf } from "../../../std/regexp.ts";
import { exactField } from "../base/exact_numbers.ts";
import { copyOf } from "../base/script_values.ts";

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
  if (Object.hasOwn(object, path)) return exactField(object, path);
  const bracket = execOf(/^\[(?:(-?\d+)|"([^"]*)"|'([^']*)'|\*?)\]\.?/, path);
  if (bracket) {
    const rest = path.slice(bracket[0].length);
    const key = keyOf(bracket, value);
    if (key === undefined) return pick(value, rest, textOf);
    if (Object.hasOwn(object, key)) return pick(exactField(object, key), rest, textOf);
    if (bracket[1] !== undefined) return undefined;
  }
  for (let at = 0; at < path.length; at++) {
    if (path[at] !== "." && path[at] !== "[") continue;
    const rest = path.slice(path[at] === "." ? at + 1 : at);
    if (at === 0 && rest !== path) return pick(value, rest, textOf);
    const key = path.slice(0, at);
    if (Object.hasOwn(object, key)) return pick(exactField(object, key), rest, textOf);
  }
  if (!Array.isArray(value)) return undefined;
  return copyOf(value).map((member) => textOf(pick(member, path, textOf))).join(",");
}

/** The key in brackets, counted from the end where it is negative; undefined for all. */
function keyOf(bracket: RegExpExecArray, value: object): string | undefined {
  const index = bracket[1];
  if (index === undefined) return bracket[2] ?? bracket[3];
  return `${Array.isArray(value) && +index < 0 ? value.length + +index : +index}`;
}

/** The last key of a path, which stands for it as a heading. */
export function lastOf(path: string): string {
  const quoted = execOf(/\[(?:"([^"]*)"|'([^']*)')\]$/, path);
  if (quoted) return (quoted[1] ?? quoted[2])!;
  return path.slice(path.lastIndexOf(".") + 1) || path;
}
