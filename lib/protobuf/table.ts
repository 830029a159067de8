/**
 * What stands in which field of which message: the table that scripts/generators/protobuf makes from the Go types
 * of Kubernetes (scripts/generators/protobuf/table.go says how its words are written). Unpacked on first use.
 */
import { Buffer } from "node:buffer";
import { inflateRawSync } from "node:zlib";
import { PACKED_TABLE } from "./table.generated.ts";

/** What one value of a field is. */
export type ValueType = "text" | "bytes" | "boolean" | "int32" | "int64" | "double" | Message;

/** A field of a message. */
export interface Field {
  /** Its name in JSON. */
  readonly name: string;
  /** `inline`: a message whose fields JSON writes among those of the message around it. */
  readonly shape: "one" | "list" | "map" | "pointer" | "inline";
  /** Go's `omitempty`: JSON leaves it out when it is empty. */
  readonly omitEmpty: boolean;
  /** Go's `omitzero` of a time: JSON leaves it out when it is null. */
  readonly omitNull: boolean;
  readonly type: ValueType;
}

/** How JSON writes a message. */
export type Form =
  | "object"
  | "quantity"
  | "time"
  | "microTime"
  | "intOrString"
  /** Bytes that are JSON. */
  | "json"
  /** A list that is a message of its own. */
  | "items"
  | "schemaOrList"
  | "schemaOrBoolean"
  | "schemaOrTexts";

/** A message: its fields by their numbers, in the order in which Go has them. */
export interface Message {
  readonly form: Form;
  readonly fields: ReadonlyMap<number, Field>;
}

interface Packed {
  readonly kinds: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly messages: readonly string[];
}

const TYPES: Readonly<Record<string, ValueType>> = {
  s: "text",
  y: "bytes",
  b: "boolean",
  i: "int32",
  l: "int64",
  d: "double",
};
const SHAPES: Readonly<Record<string, Field["shape"]>> = {
  ".": "one",
  "[": "list",
  "{": "map",
  "*": "pointer",
  ">": "inline",
};

let packed: Packed | undefined;
const messages = new Map<number, Message>();

function unpack(): Packed {
  return packed ??= JSON.parse(inflateRawSync(Buffer.from(PACKED_TABLE, "base64")).toString());
}

/** The message at a place of the table; those that its fields are made of when they are asked for. */
function messageAt(place: number): Message {
  const known = messages.get(place);
  if (known) return known;
  const words = unpack().messages[place]?.split(" ").filter(Boolean) ?? [];
  const form = words[0]?.startsWith("=") ? words.shift()?.slice(1) as Form : "object";
  const message = { form, fields: new Map(words.map(readField)) };
  messages.set(place, message);
  return message;
}

function readField(word: string): [number, Field] {
  const parts = /^(\d+)([.[{*>])(\??)(!?)(\d+|[a-z]):(.+)$/.exec(word);
  if (!parts) throw new Error(`no field: ${word}`);
  const [, number, shape = "", omitEmpty, omitNull, type = "", name = ""] = parts;
  let known = TYPES[type];
  return [Number(number), {
    name,
    shape: SHAPES[shape] ?? "one",
    omitEmpty: omitEmpty !== "",
    omitNull: omitNull !== "",
    get type() {
      return known ??= messageAt(Number(type));
    },
  }];
}

/** The message of a kind; undefined for a kind that is not built in, or is never sent. */
export function messageOf(apiVersion: string, kind: string): Message | undefined {
  const { kinds } = unpack();
  // Those are of every group version, and stand under one.
  const from = kinds[kind === "DeleteOptions" ? "v1" : apiVersion];
  const place = from && Object.hasOwn(from, kind) ? from[kind] : undefined;
  return place === undefined ? undefined : messageAt(place);
}
