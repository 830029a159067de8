/** Groups of the cluster that do not answer: what they serve is not known. Pure. */
import { apiVersionOf } from "../../../names/groups.ts";
import type { Version } from "./served_names.ts";

/** What to say of resources that are not there because their API server is not. */
export function brokenHint(
  entry: Pick<Version, "group" | "version" | "broken"> | undefined,
): string | undefined {
  return entry?.broken === undefined
    ? undefined
    : `${
      apiVersionOf(entry)
    } is broken: ${entry.broken}. What other groups serve works; apiservices of apiregistration.k8s.io tell more.`;
}
