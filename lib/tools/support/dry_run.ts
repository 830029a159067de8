/** The one parameter by which tools that write try out what they would do. */
import { z } from "zod";
import type { Origin } from "../../broker/types.ts";

/** How the API itself (`dryRun=All`), kubectl (`--dry-run=server`) and people say yes and no. */
const WORDS: ReadonlyMap<string, boolean> = new Map([
  ...["true", "all", "server", "client", "yes", "1"].map((word) => [word, true] as const),
  ...["false", "none", "no", "0"].map((word) => [word, false] as const),
]);

/** Whether a value asks for a dry run; undefined for what says neither yes nor no. */
export function readDryRun(value: unknown): boolean | undefined {
  const [word, ...more] = Array.isArray(value) ? value : [value];
  return more.length === 0 ? WORDS.get(`${word}`.trim().toLowerCase()) : undefined;
}

const dryRun = z.unknown().transform((value, context) => {
  const read = readDryRun(value);
  if (read !== undefined) return read;
  context.addIssue("must be true or false");
  return z.NEVER;
}).meta({ type: "boolean" }) as unknown as z.ZodType<boolean, boolean>;

/** `dry_run`, as tools take it. */
export const DRY_RUN = { dry_run: dryRun.optional() };

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
