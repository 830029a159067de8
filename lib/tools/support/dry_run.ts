/** The one parameter by which tools that write try out what they would do. */
import type { Origin } from "../../broker/types.ts";
import { flag } from "./arguments.ts";

/** `dry_run`, as tools take it. */
export const DRY_RUN = { dry_run: flag().optional() };

/**
 * The query parameters of a write: the API server does all of it but storing. None where the call
 * has a plan: there the broker tries each change out, and writes down what it would change.
 */
export function dryRunOptions(
  dryRun: boolean | undefined,
  { plan }: Pick<Origin, "plan">,
): { readonly dryRun?: "All" } {
  return dryRun === true && !plan ? { dryRun: "All" } : {};
}
