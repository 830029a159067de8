/** Which settings a schema has, and where they stand. Pure. */
import { z } from "zod";

/** The way to a value: names, and a number for an entry of a list. */
export type Place = readonly PropertyKey[];

/** What a schema says of a place in it; `never` where there is no such place. */
export function schemaAt(schema: z.core.$ZodType, place: Place): z.core.$ZodType {
  return place.reduce((outer, step) => {
    const inner = bare(outer);
    if (inner instanceof z.ZodArray) return inner.element;
    return inner instanceof z.ZodObject ? inner.shape[String(step)] ?? z.never() : z.never();
  }, schema);
}

/** The names of the settings at a place of a schema. */
export function settingsAt(schema: z.core.$ZodType, place: Place): string[] {
  const inner = bare(schemaAt(schema, place));
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

/** All places in a schema that have a setting of a name. */
export function placesOf(schema: z.core.$ZodType, name: string, from: Place = []): Place[] {
  const inner = bare(schema);
  if (inner instanceof z.ZodArray) return placesOf(inner.element, name, [...from, 0]);
  if (!(inner instanceof z.ZodObject)) return [];
  const settings = Object.entries<z.core.$ZodType>(inner.shape);
  return [
    ...Object.hasOwn(inner.shape, name) ? [from] : [],
    ...settings.flatMap(([each, below]) => placesOf(below, name, [...from, each])),
  ];
}

/** What is below words such as "may be left out". */
function bare(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ||
      schema instanceof z.ZodReadonly
    ? bare(schema.unwrap())
    : schema;
}
