/**
 * Which options the reads of the SDK take, its own before those of the API server: what they do not
 * know is refused here, since only here is known how a script writes them.
 */
import { READ_OPTIONS } from "../../../sdk_guide/options.ts";
import { nearestNames } from "../../../std/nearest.ts";
import { usageError } from "../base/errors.ts";

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
  const known: readonly string[] | undefined = Object.hasOwn(READ_OPTIONS, what)
    ? READ_OPTIONS[what]
    : undefined;
  for (const name of Object.keys(query)) {
    const isNamespace = namespaced && (name === "namespace" || name === "Namespace");
    if (known ? known.includes(name) : !isNamespace) continue;
    const hints: string[] = [];
    const [near] = known ? nearestNames(name, known) : [];
    if (isNamespace) hints.push(`The namespace goes to ${resource}("<namespace>").`);
    else if (near !== undefined) hints.push(`Did you mean ${near}?`);
    if (known) hints.push(`Options: ${known.join(", ")}.`);
    throw usageError(
      "InputError",
      `Cannot ${method} ${resource} with option "${name}": there is no such option`,
      hints.join(" "),
    );
  }
}
