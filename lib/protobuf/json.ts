/** From a message that was read to the JSON that Go writes of it. */
import { Buffer } from "node:buffer";
import { parseExact } from "../std/json/exact.ts";
import {
  emptyValue,
  isValue,
  type Item,
  type Items,
  type Place,
  ReadError,
  textOf,
  type Value,
  zeroOf,
} from "./read.ts";
import type { Field } from "./table.ts";

type JsonObject = Record<string, unknown>;

/**
 * The JSON of a message.
 * @throws {ReadError} where it has none
 */
export function jsonOf(value: Value, place?: Place): unknown {
  switch (value.message.form) {
    case "object":
      return objectOf(value, place);
    case "quantity":
      return quantityOf(value, place);
    case "time":
    case "microTime":
      return timeOf(value, place);
    case "intOrString":
      return intOrStringOf(value, place);
    case "json":
      return embeddedOf(value, place);
    case "items":
      return memberOf(value, "items", place);
    case "schemaOrList":
      return memberOf(value, "JSONSchemas", place) ?? memberOf(value, "Schema", place);
    case "schemaOrBoolean":
      return memberOf(value, "Schema", place) ?? memberOf(value, "Allows", place);
    case "schemaOrTexts":
      return memberOf(value, "Property", place) ?? memberOf(value, "Schema", place);
  }
}

/** The JSON of one field of a message. */
function memberOf({ message, fields }: Value, name: string, place?: Place): unknown {
  for (const field of message.fields.values()) {
    if (field.name === name) return fieldOf(field, fields.get(field), place);
  }
}

function objectOf(value: Value, place?: Place): JsonObject {
  const object: JsonObject = {};
  write(value, object, place);
  return object;
}

function write({ message, fields }: Value, into: JsonObject, place?: Place): void {
  for (const field of message.fields.values()) {
    const own = fields.get(field);
    if (field.shape === "inline" && typeof field.type === "object") {
      write((own ?? emptyValue(field.type)) as Value, into, place);
      continue;
    }
    const json = fieldOf(field, own, { name: field.name, parent: place });
    if (field.omitEmpty && isEmpty(field, own, json)) continue;
    if (field.omitNull && json === null) continue;
    into[field.name] = json;
  }
}

/** What Go's `omitempty` leaves out: never a struct, and a pointer only where there is none. */
function isEmpty(field: Field, own: unknown, json: unknown): boolean {
  if (field.shape !== "one") return own === undefined;
  return !json && typeof field.type !== "object";
}

/** The JSON of a field, whether it is there or not. */
function fieldOf(field: Field, own: Items | undefined, place?: Place): unknown {
  if (Array.isArray(own)) {
    return own.map((item, index) => itemOf(item, { name: index, parent: place }));
  }
  if (own instanceof Map) {
    // Not by assignment: a key may be `__proto__`.
    return Object.fromEntries(
      [...own].map(([key, item]) => [key, itemOf(item, { name: key, parent: place })]),
    );
  }
  if (own !== undefined) return itemOf(own, place);
  // Bytes that are not there are a list without a value to Go.
  if (field.shape !== "one" || field.type === "bytes") return null;
  return itemOf(zeroOf(field.type), place);
}

function itemOf(item: Item, place?: Place): unknown {
  if (isValue(item)) return jsonOf(item, place);
  return item instanceof Uint8Array ? base64Of(item) : item;
}

function base64Of({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}

const QUANTITY = /^[+-]?[0-9.]+[eEinumkKMGTP]*[+-]?[0-9]*$/;

function quantityOf(value: Value, place?: Place): string {
  if (!value.fields.size) return "0";
  const text = String(memberOf(value, "string", place));
  if (!QUANTITY.test(text)) throw new ReadError("it is no quantity", place);
  return text;
}

/** 0001-01-01T00:00:00Z, Go's time that is not set, and the first second after year 9999. */
const FIRST_SECOND = -62_135_596_800;
const BEYOND_SECOND = 253_402_300_800;

/** As Go writes it, in seconds, or with microseconds; null for none. */
function timeOf(value: Value, place?: Place): string | null {
  if (!value.fields.size) return null;
  const seconds = Number(memberOf(value, "seconds", place));
  const nanos = Number(memberOf(value, "nanos", place));
  if (seconds < FIRST_SECOND || seconds >= BEYOND_SECOND || nanos < 0 || nanos >= 1e9) {
    throw new ReadError("the time is none between the years 1 and 9999", place);
  }
  const micro = value.message.form === "microTime";
  const micros = micro ? Math.floor(nanos / 1_000) : 0;
  if (seconds === FIRST_SECOND && micros === 0) return null;
  const text = new Date(seconds * 1_000).toISOString().slice(0, -".000Z".length);
  return micro ? `${text}.${String(micros).padStart(6, "0")}Z` : `${text}Z`;
}

function intOrStringOf(value: Value, place?: Place): unknown {
  const type = memberOf(value, "type", place);
  if (type !== 0 && type !== 1) throw new ReadError("it is neither an integer nor a text", place);
  return memberOf(value, type === 0 ? "intVal" : "strVal", place);
}

function embeddedOf(value: Value, place?: Place): unknown {
  const [raw] = value.fields.values();
  if (!(raw instanceof Uint8Array) || !raw.length) return null;
  try {
    return parseExact(textOf(raw));
  } catch {
    throw new ReadError("it is not JSON", place);
  }
}
