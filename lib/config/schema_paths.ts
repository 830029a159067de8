/** Finds settings in a schema by their path. Pure. */
import { z } from "zod";

/** The path to a value: names, and a number for an entry of a list. */
export type Place = readonly PropertyKey[];

/** The schema of the value at a path; `never` where there is none. */
export function schemaAt(schema: z.core.$ZodType, place: Place): z.core.$ZodType {
  return place.reduce((outer, step) => {
    const inner = bare(outer);
    if (inner instanceof z.ZodArray) return inner.element;
    return inner instanceof z.ZodObject ? inner.shape[String(step)] ?? z.never() : z.never();
  }, schema);
}

/** The names of the settings at a path. */
export function settingsAt(schema: z.core.$ZodType, place: Place): string[] {
  const inner = bare(schemaAt(schema, place));
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

/** The paths of all sections that have a setting of this name. */
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

/** The schema without wrappers such as "optional". */
function bare(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ||
      schema instanceof z.ZodReadonly
    ? bare(schema.unwrap())
    : schema;
}
