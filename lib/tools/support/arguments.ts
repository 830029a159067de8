/**
 * How tools read arguments: under the names that are shown, in whatever style they are written, or
 * under others that mean the same; from models that quote numbers and whole objects, and send null
 * for nothing. What is not known is refused, never ignored: a misspelt `dry_run` must not write.
 */
import { z } from "zod";
import { isRecord, parseJson } from "../../std/json/unknown.ts";
import { once } from "../../std/async.ts";
import { nearestNames } from "../../std/nearest.ts";
import { stringifyExact } from "../../std/json/exact.ts";

/** How {@linkcode argumentsOf} reads beside the fields themselves. */
export interface ArgumentNames {
  /** Other names of fields, which `tools/list` does not show. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Fields that are taken and not shown. */
  readonly unlisted?: z.ZodRawShape;
  /** Called with what was given, as it was given, before anything else is looked at. */
  readonly before?: (given: Readonly<Record<string, unknown>>) => void;
  /** Called with the arguments under their own names, before their values are checked; may fill in. */
  readonly gate?: (read: Record<string, unknown>) => void;
}

/** What other tools and kubectl call parameters that several tools have. */
const OTHER_NAMES: Readonly<Record<string, string>> = { preview: "dry_run" };

/**
 * The schema of a tool's arguments. Its JSON schema is that of the fields alone.
 *
 * @param shape fields under the names that are shown
 */
export function argumentsOf<Shape extends z.ZodRawShape>(
  shape: Shape,
  names: ArgumentNames = {},
): z.ZodType<z.output<z.ZodObject<Shape>>> {
  const { unlisted = {}, before, gate } = names;
  const reader = once(() => readerOf({ ...shape, ...unlisted }, names));
  // Loose for the unlisted ones alone: what else is not known has been refused by then.
  const object = z.looseObject(shape).meta({ additionalProperties: undefined });
  return z.preprocess((input, context) => {
    if (!isRecord(input)) return input;
    before?.(input);
    const { values, faults } = reader()(input);
    for (const fault of faults) context.addIssue(fault);
    gate?.(values);
    for (const [name, schema] of Object.entries(unlisted)) {
      if (!Object.hasOwn(values, name)) continue;
      const parsed = z.safeParse(schema, values[name]);
      if (parsed.success) Object.assign(values, { [name]: parsed.data });
      else for (const { message } of parsed.error.issues) context.addIssue(`${name}: ${message}`);
    }
    return values;
  }, object) as unknown as z.ZodType<z.output<z.ZodObject<Shape>>>;
}

/** A name as it is in every style of writing: `dry_run`, `dryRun`, `dryrun` and `dry-run` are one. */
function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_\s]/g, "");
}

/** Finds the fields that given names mean, and says what is wrong with the names. */
function readerOf(shape: z.ZodRawShape, { aliases = {} }: ArgumentNames) {
  const fields = Object.keys(shape);
  const others = Object.entries({ ...OTHER_NAMES, ...aliases })
    .filter(([, field]) => Object.hasOwn(shape, field));
  const byName = new Map([
    ...others.map(([other, field]) => [plainName(other), field] as const),
    ...fields.map((field) => [plainName(field), field] as const),
  ]);
  const wanted = new Map(
    Object.entries(shape).map(([name, schema]) => [name, jsonTypeOf(schema as z.ZodType)]),
  );
  const known = [...fields, ...others.map(([other]) => other)];
  return (given: Readonly<Record<string, unknown>>) => {
    const faults: string[] = [];
    const read = new Map<string, { readonly as: string; readonly value: unknown }>();
    for (const [as, said] of Object.entries(given)) {
      const name = byName.get(plainName(as));
      if (name === undefined) {
        faults.push(unknownName(as, known, fields));
        continue;
      }
      if (said === null || said === undefined) continue;
      const value = unquoted(said, wanted.get(name));
      const earlier = read.get(name);
      if (earlier !== undefined && stringifyExact(earlier.value) !== stringifyExact(value)) {
        faults.push(`${earlier.as} and ${as.slice(0, 60)} mean the same and differ: give one`);
      }
      read.set(name, { as: as.slice(0, 60), value });
    }
    const values: Record<string, unknown> = {};
    for (const [name, { value }] of read) values[name] = value;
    return { values, faults };
  };
}

function unknownName(given: string, known: readonly string[], fields: readonly string[]): string {
  const near = nearestNames(given, known);
  const way = near.length > 0
    ? `did you mean ${near.join(" or ")}?`
    : fields.length > 0
    ? `there are ${fields.join(", ")}`
    : "there are none";
  return `there is no parameter "${given.slice(0, 60)}"; ${way}`;
}

function jsonTypeOf(schema: z.ZodType): unknown {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }).type;
}

/** JSON text where an object or a list is wanted, as its value. */
function unquoted(value: unknown, type: unknown): unknown {
  if (typeof value !== "string") return value;
  const parsed = type === "object" || type === "array" ? parseJson(value) : undefined;
  return (type === "object" ? isRecord(parsed) : Array.isArray(parsed)) ? parsed : value;
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
    const word = typeof value === "string" ? value.trim().toLowerCase() : value;
    if (word === true || word === "true") return true;
    if (word === false || word === "false") return false;
    context.addIssue("must be true or false");
    return z.NEVER;
  }).meta({ type: "boolean" }) as unknown as z.ZodType<boolean, boolean>;
}

/** Properties of an object, as its JSON schema names them for a model. */
export type ShownProperties = Readonly<
  Record<string, { readonly type: string; readonly [key: string]: unknown }>
>;

/**
 * What `tools/list` says of an object that takes more than it names. Each has properties and no other
 * keywords, since there are hosts that refuse any other object, and with it all tools.
 */
export function shownObject(properties: ShownProperties) {
  return {
    type: "object",
    properties,
    propertyNames: undefined,
    additionalProperties: undefined,
  } as const;
}

/** Query parameters by their API name; null is none. */
export function queryParameters(
  shown: ShownProperties,
): z.ZodType<Record<string, string | number | boolean>> {
  return z.record(
    z.string().max(100),
    z.union([z.string().max(32 * 1024), z.number(), z.boolean(), z.null()]),
  ).refine((given) => Object.keys(given).length <= 32, "more than 32 parameters")
    .transform(withoutNulls)
    .meta(shownObject(shown));
}

function withoutNulls(given: Readonly<Record<string, string | number | boolean | null>>) {
  const entries = Object.entries(given).flatMap(([name, value]) =>
    value === null ? [] : [[name, value] as const]
  );
  return Object.fromEntries(entries);
}
