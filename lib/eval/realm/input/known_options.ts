/**
 * Which options the reads of the SDK take, its own before those of the API server: what they do not
 * know is refused here, since only here is known how a script writes them.
 */
import { READ_OPTIONS } from "../../../sdk_guide/options.ts";
import { nearestNames } from "../../../std/nearest.ts";
import { usageError } from "../base/errors.ts";
import { append, hasOwn, keysOf } from "../base/primordials.ts";

/** The options of a call, and what it acts on. */
interface Asked {
  readonly query: object;
  /** The method's name, such as `list`. */
  readonly method: string;
  /** Its plural is told, and where its namespace is written. */
  readonly resource: { readonly resource: string; readonly namespaced: boolean };
}

/** Refuses an option that a read has not; `what` of another verb is left to the broker. */
export function refuseUnknown({ query, method, resource: of }: Asked, what: string): void {
  const { resource, namespaced } = of;
  const known: readonly string[] | undefined = hasOwn(READ_OPTIONS, what)
    ? READ_OPTIONS[what]
    : undefined;
  const names = keysOf(query);
  for (let at = 0; at < names.length; at++) {
    const name = names[at]!;
    const isNamespace = namespaced && (name === "namespace" || name === "Namespace");
    if (known ? includes(known, name) : !isNamespace) continue;
    const hints: string[] = [];
    const [near] = known ? nearestNames(name, known) : [];
    if (isNamespace) append(hints, `The namespace goes to ${resource}("<namespace>").`);
    else if (near !== undefined) append(hints, `Did you mean ${near}?`);
    if (known) append(hints, `Options: ${known.join(", ")}.`);
    throw usageError(
      "InputError",
      `Cannot ${method} ${resource} with option "${name}": there is no such option`,
      hints.join(" "),
    );
  }
}

function includes(list: readonly string[], wanted: string): boolean {
  for (let at = 0; at < list.length; at++) if (list[at] === wanted) return true;
  return false;
}
