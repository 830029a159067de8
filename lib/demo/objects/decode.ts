/**
 * A body as an object of its kind: what the schema does not know is dropped and named, what is of
 * another type is refused, as the API server's decoder does.
 */
import { type JsonObject, listAt, textAt } from "../../std/json/at.ts";
import { fieldSchema, itemSchema, type Schema } from "../base/schemas.ts";
import type { Cause } from "../base/status.ts";
import { stringifyExact } from "../../std/json/exact.ts";
import { isNumber, isRecord } from "../../std/json/unknown.ts";

/** What was found on the way. */
export interface Findings {
  /** Paths of fields that the schema does not know. */
  readonly unknown: string[];
  /** Go's complaint about the first value of another type. */
  mismatch?: string;
  /** The same for custom resources, whose types are validated after decoding. */
  readonly causes: Cause[];
}

const PRESERVE = "x-kubernetes-preserve-unknown-fields";
const GO_TYPES: Readonly<Record<string, string>> = {
  string: "string",
  boolean: "bool",
  int32: "int32",
  int64: "int64",
  integer: "int64",
  number: "float64",
};

/** JSON type of a value, as schemas name them. */
function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "bigint") return BigInt.asIntN(64, value) === value ? "integer" : "number";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function fits(value: unknown, schema: Schema): boolean {
  if (Array.isArray(schema.oneOf)) {
    return schema.oneOf.some((one) => isRecord(one) && fits(value, one));
  }
  if (schema["x-kubernetes-int-or-string"]) return ["integer", "string"].includes(typeOf(value));
  if (schema.format === "int32" && isNumber(value) && Number(value) !== (Number(value) | 0)) {
    return false;
  }
  const wanted = textAt(schema, "type");
  const actual = typeOf(value);
  return !wanted || wanted === actual || (wanted === "number" && actual === "integer");
}

function goType(schema: Schema): string {
  const named = textAt(schema, "x-name").split(".").at(-1);
  if (schema.type === "array") return `[]${goType(itemSchema(schema) ?? {})}`;
  if (schema.type === "object") {
    return named ? `v1.${named}` : `map[string]${goType(fieldSchema(schema, "*") ?? {})}`;
  }
  return named ||
    (GO_TYPES[textAt(schema, "format")] ?? GO_TYPES[textAt(schema, "type")] ?? "interface {}");
}

function complain(
  value: unknown,
  schema: Schema,
  path: string,
  struct: string,
  found: Findings,
): void {
  const actual = typeOf(value);
  const go = actual === "boolean"
    ? "bool"
    : ["integer", "number"].includes(actual)
    ? "number"
    : actual;
  found.mismatch ??= `json: cannot unmarshal ${go} into Go struct field ${struct}.${path} of type ${
    goType(schema)
  }`;
  found.causes.push({
    field: path,
    reason: "FieldValueTypeInvalid",
    message: `Invalid value: ${JSON.stringify(actual)}: ${path} in body must be of type ${
      textAt(schema, "type")
    }: ${JSON.stringify(actual)}`,
  });
}

/**
 * The value with only what the schema knows.
 *
 * @param path of the value, as error messages name it
 * @param struct Go's name of the type around it
 */
export function decode(
  value: unknown,
  schema: Schema | undefined,
  found: Findings,
  path = "",
  struct = "",
): unknown {
  if (!schema || value === null || schema[PRESERVE] === true && !schema.properties) return value;
  if (!fits(value, schema)) {
    complain(value, schema, path, struct, found);
    return value;
  }
  if (schema.format === "byte" && typeof value === "string") {
    const wrong = /[^A-Za-z0-9+/=\r\n]/.exec(value);
    if (wrong) found.mismatch ??= `illegal base64 data at input byte ${wrong.index}`;
  }
  if (Array.isArray(value)) {
    const items = itemSchema(schema);
    return value.map((item, index) => decode(item, items, found, `${path}[${index}]`, struct));
  }
  if (!isRecord(value)) return value;
  const isMap = isRecord(schema.additionalProperties);
  if (!schema.properties && !isMap) return value;
  const own = textAt(schema, "x-name").split(".").at(-1) || struct;
  const kept: JsonObject = {};
  for (const [key, inner] of Object.entries(value)) {
    const field = fieldSchema(schema, key);
    const at = path ? `${path}.${key}` : key;
    if (!field && !schema[PRESERVE]) found.unknown.push(at);
    else if (inner !== null) {
      // Go names the map, not the key, when it complains of a plain value in one.
      const named = isMap && field?.type === "string" ? path : at;
      kept[key] = decode(inner, field, found, named, own);
    } else if (at === "eventTime") kept[key] = null;
  }
  return kept;
}

const LIMITS: readonly {
  readonly key: string;
  readonly breaks: (value: unknown, limit: number) => boolean;
  readonly says: (path: string, limit: number) => string;
}[] = [
  {
    key: "minimum",
    breaks: (value, limit) => isNumber(value) && value < limit,
    says: (path, limit) => `${path} in body should be greater than or equal to ${limit}`,
  },
  {
    key: "maximum",
    breaks: (value, limit) => isNumber(value) && value > limit,
    says: (path, limit) => `${path} in body should be less than or equal to ${limit}`,
  },
  {
    key: "minLength",
    breaks: (value, limit) => typeof value === "string" && value.length < limit,
    says: (path, limit) => `${path} in body should be at least ${limit} chars long`,
  },
];

/**
 * What the schema asks for beyond types: required fields, enumerations, patterns, bounds.
 *
 * @param custom whether the wording is that of custom resources
 */
export function check(
  value: unknown,
  schema: Schema | undefined,
  custom: boolean,
  path = "",
): Cause[] {
  if (!schema) return [];
  if (Array.isArray(value)) {
    const items = itemSchema(schema);
    return value.flatMap((item, index) => check(item, items, custom, `${path}[${index}]`));
  }
  const shown = stringifyExact(value);
  if (!isRecord(value)) {
    const causes: Cause[] = [];
    const allowed = listAt(schema, "enum");
    if (allowed.length && !allowed.includes(value)) {
      causes.push({
        field: path,
        reason: "FieldValueNotSupported",
        message: `Unsupported value: ${shown}: supported values: ${
          allowed.map((one) => JSON.stringify(one)).join(", ")
        }`,
      });
    }
    const problem = (message: string) =>
      causes.push({
        field: path,
        reason: "FieldValueInvalid",
        message: `Invalid value: ${shown}: ${message}`,
      });
    for (const { key, breaks, says } of LIMITS) {
      const limit = schema[key];
      if (typeof limit === "number" && breaks(value, limit)) problem(says(path, limit));
    }
    const pattern = textAt(schema, "pattern");
    if (pattern && typeof value === "string" && !new RegExp(pattern).test(value)) {
      problem(`${path} in body should match '${pattern}'`);
    }
    return causes;
  }
  const missing = listAt(schema, "required").map(String).filter((key) => {
    const inner = value[key];
    if (inner === undefined || inner === null) return true;
    return !custom && (inner === "" || (Array.isArray(inner) && inner.length === 0));
  });
  const within = Object.entries(value).filter(([key]) => path || !/^(status|metadata)$/.test(key));
  return [
    ...missing.map((key): Cause => ({
      field: path ? `${path}.${key}` : key,
      reason: "FieldValueRequired",
      message: "Required value",
    })),
    ...within.flatMap(([key, inner]) =>
      check(inner, fieldSchema(schema, key), custom, path ? `${path}.${key}` : key)
    ),
  ];
}

/** The object with the defaults that its schema names, where a custom resource has such. */
export function withDefaults(value: unknown, schema: Schema | undefined): unknown {
  if (!schema || !isRecord(value)) {
    return Array.isArray(value)
      ? value.map((item) => withDefaults(item, itemSchema(schema)))
      : value;
  }
  const filled: JsonObject = {};
  for (const [key, inner] of Object.entries(value)) {
    filled[key] = withDefaults(inner, fieldSchema(schema, key));
  }
  if (isRecord(schema.properties)) {
    for (const [key, inner] of Object.entries(schema.properties)) {
      if (!(key in filled) && isRecord(inner) && inner.default !== undefined) {
        filled[key] = withDefaults(structuredClone(inner.default), fieldSchema(schema, key));
      }
    }
  }
  return filled;
}
