/** What a function of yq is, and the makers of the common kinds. */
import { isScalar, YAMLSeq } from "yaml";
import { childrenOf, loose, nodeOf, type Place, real, tagOf, textOf, valueOf } from "./nodes.ts";
import { type Env, type Filter, single } from "./operators.ts";
import { YqError } from "./tokens.ts";

/** A function over its arguments, which are not evaluated yet. */
export type Function = (place: Place, args: readonly Filter[], env: Env) => Place[];

/** By their names in lower case, without underscores. */
export type Functions = Readonly<Record<string, Function>>;

/** One that gives a value, of the place and the values of its arguments. */
export function value(make: (place: Place, given: unknown[]) => unknown): Function {
  return (place, args, env) => {
    const given = args.flatMap((arg) => arg(env, place)).map(valueOf);
    return [loose(nodeOf(make(place, given)), place)];
  };
}

/** One that gives a value, of a text. */
export function text(make: (text: string, given: unknown[]) => unknown): Function {
  return value((place, given) => {
    const node = real(place);
    if (!isScalar(node)) throw new YqError(`cannot read ${tagOf(place)} as text`);
    return make(textOf(node), given);
  });
}

/** One that gives a list, of the members of a collection. */
export function list(
  make: (items: Place[], by: (item: Place) => Place) => readonly Place[],
): Function {
  return (place, args, env) => {
    const by = (item: Place) => args[0] ? single(args[0](env, item)) : item;
    return [listOf(make(childrenOf(place), by), place)];
  };
}

/** A list of what stands at some places. */
export function listOf(places: readonly Place[], near: Place): Place {
  const made = new YAMLSeq();
  made.items.push(...places.map(({ node }) => node));
  return loose(made, near);
}
