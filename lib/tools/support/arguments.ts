/**
 * How tools read arguments: under the names that are shown or under others that mean the same, from
 * models that quote numbers and send null for nothing. What is not known is refused, never ignored.
 */
import { z } from "zod";
import { nearestNames } from "../../std/nearest.ts";

/** How {@linkcode argumentsOf} reads beside the fields themselves. */
export interface ArgumentNames {
  /** Other names of fields, which `tools/list` does not show. */
  readonly aliases?: Readonly<Record<string, string>>;
}

/**
 * The schema of a tool's arguments. Its JSON schema is that of the fields alone.
 *
 * @param shape fields under the names that are shown
 */
export function argumentsOf<Shape extends z.ZodRawShape>(
  shape: Shape,
  { aliases = {} }: ArgumentNames = {},
): z.ZodType<z.output<z.ZodObject<Shape>>> {
  return z.preprocess((input, context) => {
    if (typeof input !== "object" || input === null || Array.isArray(input)) return input;
    const read = new Map<string, { readonly given: string; readonly value: unknown }>();
    for (const [given, value] of Object.entries(input)) {
      const name = Object.hasOwn(aliases, given) ? aliases[given]! : given;
      if (!Object.hasOwn(shape, name)) {
        const near = nearestNames(given, [...Object.keys(shape), ...Object.keys(aliases)]);
        context.addIssue(
          `there is no parameter "${given.slice(0, 60)}"${
            near.length > 0 ? `; did you mean ${near.join(" or ")}?` : ""
          }`,
        );
      } else if (value !== null) {
        const before = read.get(name);
        if (before !== undefined && JSON.stringify(before.value) !== JSON.stringify(value)) {
          context.addIssue(`${before.given} and ${given} mean the same and differ: give one`);
        }
        read.set(name, { given, value });
      }
    }
    return Object.fromEntries([...read].map(([name, { value }]) => [name, value]));
  }, z.object(shape)) as unknown as z.ZodType<z.output<z.ZodObject<Shape>>>;
}

/** A whole number of at least `least`, as a number or as decimal text. */
export function wholeNumber(least: number, most = 2 ** 31 - 1): z.ZodType<number, number> {
  return z.unknown().transform((value, context) => {
    const number = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
    if (Number.isInteger(number) && Number(number) >= least && Number(number) <= most) {
      return Number(number);
    }
    context.addIssue(
      most === 2 ** 31 - 1
        ? `must be a whole number of at least ${least}`
        : `must be a whole number from ${least} to ${most}`,
    );
    return z.NEVER;
  }).meta({ type: "integer" }) as unknown as z.ZodType<number, number>;
}

/** True or false, as a boolean or as text. */
export function flag(): z.ZodType<boolean, boolean> {
  return z.unknown().transform((value, context) => {
    if (value === true || value === "true") return true;
    if (value === false || value === "false") return false;
    context.addIssue("must be true or false");
    return z.NEVER;
  }).meta({ type: "boolean" }) as unknown as z.ZodType<boolean, boolean>;
}

/** Query parameters by their API name. */
export function queryParameters(): z.ZodType<Record<string, string | number | boolean>> {
  return z.record(
    z.string().max(100),
    z.union([z.string().max(32 * 1024), z.number(), z.boolean()]),
  ).refine((given) => Object.keys(given).length <= 32, "more than 32 parameters")
    .meta({ type: "object", propertyNames: undefined, additionalProperties: undefined });
}
