/** Options of the SDK's own, apart from those that the API server is told. Pure. */
import { usageError } from "../base/errors.ts";

/** Options taken out of what a script gave, and the others as they are. */
export interface TakenOptions {
  readonly taken: Readonly<Record<string, unknown>>;
  readonly rest: unknown;
}

/** Takes the options of these names, whatever their case; those given as null or undefined are none. */
export function takeOptions(given: unknown, names: readonly string[]): TakenOptions {
  const taken = Object.create(null) as Record<string, unknown>;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    return { taken, rest: given };
  }
  const byLower = new Map(names.map((name) => [name.toLowerCase(), name]));
  const rest = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(given)) {
    const name = byLower.get(key.toLowerCase());
    const value = (given as Record<string, unknown>)[key];
    if (name === undefined) rest[key] = value;
    else if (value !== undefined && value !== null) taken[name] = value;
  }
  return { taken, rest };
}

/** Refuses what a function leaves of the options it was given. */
export function refuseRest(query: object, method: string, known: string): void {
  const [name] = Object.keys(query);
  if (name === undefined) return;
  throw usageError(
    "InputError",
    `Cannot ${method} with option "${name}": there is no such option`,
    `Options: ${known}.`,
  );
}
