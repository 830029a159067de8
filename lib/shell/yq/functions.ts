/** A call of one of yq's functions, by its name. */
import { COLLECTION_FUNCTIONS } from "./collection_functions.ts";
import type { Filter } from "./operators.ts";
import { NODE_FUNCTIONS } from "./node_functions.ts";
import { TEXT_FUNCTIONS } from "./text_functions.ts";
import { YqError } from "./tokens.ts";

const FUNCTIONS = new Map(
  Object.entries({ ...COLLECTION_FUNCTIONS, ...NODE_FUNCTIONS, ...TEXT_FUNCTIONS }),
);

/** A call. @throws {YqError} no such function */
export function call(name: string, args: readonly Filter[]): Filter {
  const plainName = name.replaceAll("_", "").toLowerCase();
  const found = FUNCTIONS.get(plainName);
  if (!found) throw new YqError(`unknown function ${name}`);
  return (env, place) => found(place, args, env);
}
