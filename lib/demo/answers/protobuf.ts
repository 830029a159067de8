/**
 * Objects that come as protobuf: kubectl sends some so. Which field has which number is known from
 * the same source as the schemas; what a field is, from the schema.
 * @see {@link https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding}
 */
import { Buffer } from "node:buffer";
import { inflateRawSync } from "node:zlib";
import { type JsonObject, listAt, textAt } from "../base/json.ts";
import { PACKED_FIELDS } from "../base/schemas.generated.ts";
import { fieldSchema, itemSchema, resolve, type Schema, schemaNameOf } from "../base/schemas.ts";
import { badRequest } from "../base/status.ts";
import { integerOf, parseExact } from "../../std/exact_json.ts";
import { isRecord } from "../../std/json.ts";

/** The media type. */
export const PROTOBUF = "application/vnd.kubernetes.protobuf";

/** A field as it stands on the wire: its number, and a number or bytes. */
type Wire = readonly [number: number, value: bigint | Buffer];

interface Field {
  readonly name: string;
  /** A pointer in Go: a zero is meant as such. */
  readonly pointer: boolean;
  /** The struct that stands here without a name of its own. */
  readonly inline: boolean;
}

const fieldsOf: (struct: string) => ReadonlyMap<number, Field> = (() => {
  let all: Record<string, string> | undefined;
  return (struct) => {
    all ??= JSON.parse(inflateRawSync(Buffer.from(PACKED_FIELDS, "base64")).toString()) as Record<
      string,
      string
    >;
    const words = (all[struct] ?? "").matchAll(/(\d+)([*>]?)(\S+)/g);
    return new Map([...words].map(([, number, mark, name = ""]): [number, Field] => [
      Number(number),
      { name, pointer: mark === "*", inline: mark === ">" },
    ]));
  };
})();

/** The fields of a message, in their order. */
function* wires(bytes: Buffer): Generator<Wire> {
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n;; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined || shift > 63n) throw badRequest("unexpected EOF");
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    if ((tag & 7) === 0) yield [tag >>> 3, varint()];
    else if ((tag & 7) === 2) {
      const length = Number(varint());
      if (at + length > bytes.length) throw badRequest("unexpected EOF");
      yield [tag >>> 3, bytes.subarray(at, at += length)];
    } else throw badRequest(`proto: illegal wireType ${tag & 7}`);
  }
}

const fieldAt = (bytes: Buffer, number: number) =>
  [...wires(bytes)].find(([own]) => own === number)?.[1];
const textOf = (value: bigint | Buffer | undefined) => value?.toString() ?? "";

/** Types that are not what their JSON looks like. */
const SPECIAL: Readonly<Record<string, (bytes: Buffer) => unknown>> = {
  Quantity: (bytes) => textOf(fieldAt(bytes, 1)),
  Time: time,
  MicroTime: time,
  IntOrString: (bytes) =>
    fieldAt(bytes, 1) === 1n ? textOf(fieldAt(bytes, 3)) : Number(textOf(fieldAt(bytes, 2))),
  FieldsV1: (bytes) => parseExact(textOf(fieldAt(bytes, 1)) || "{}"),
  RawExtension: (bytes) => parseExact(textOf(fieldAt(bytes, 1)) || "{}"),
};

function time(bytes: Buffer): unknown {
  const seconds = fieldAt(bytes, 1);
  if (seconds === undefined) return undefined;
  return new Date(Number(textOf(seconds)) * 1_000).toISOString().replace(".000Z", "Z");
}

/** One value; undefined for a zero that Go would leave out. */
function valueOf(wire: bigint | Buffer, schema: Schema, pointer: boolean): unknown {
  const name = textAt(schema, "x-name");
  if (typeof wire === "bigint") {
    const value = schema.type === "boolean" ? wire === 1n : integerOf(BigInt.asIntN(64, wire));
    return value || pointer ? value : undefined;
  }
  const special = SPECIAL[name.split(".").at(-1) ?? ""];
  if (special) return special(wire);
  if (schema.type === "string") {
    const text = wire.toString(schema.format === "byte" ? "base64" : "utf8");
    return text || pointer ? text : undefined;
  }
  const message = {};
  readMessage(wire, name, schema, message);
  return Object.keys(message).length || pointer ? message : undefined;
}

/** Reads the fields of a message into an object. */
function readMessage(bytes: Buffer, struct: string, schema: Schema, into: JsonObject): void {
  const fields = fieldsOf(struct);
  for (const [number, wire] of wires(bytes)) {
    const field = fields.get(number);
    if (!field) continue;
    if (field.inline) {
      if (typeof wire !== "bigint") readMessage(wire, field.name, schema, into);
      continue;
    }
    const own = fieldSchema(schema, field.name);
    if (!own) continue;
    if (own.type === "array") {
      const item = valueOf(wire, itemSchema(own) ?? {}, true);
      into[field.name] = [...listAt(into, field.name), item];
    } else if (own.additionalProperties && typeof wire !== "bigint") {
      const value = fieldAt(wire, 2) ?? Buffer.alloc(0);
      const inner = valueOf(value, resolve(own.additionalProperties), true);
      const present = into[field.name];
      into[field.name] = {
        ...(isRecord(present) ? present : {}),
        [textOf(fieldAt(wire, 1))]: inner,
      };
    } else {
      const value = valueOf(wire, own, field.pointer);
      if (value !== undefined) into[field.name] = value;
    }
  }
}

/**
 * An object out of Kubernetes' protobuf envelope.
 * @throws {StatusError} 400 for what is none, or of a kind that is not known
 */
export function fromProtobuf(bytes: Uint8Array): JsonObject {
  const all = Buffer.from(bytes);
  if (all.subarray(0, 4).toString("latin1") !== "k8s\0") {
    throw badRequest("provided data does not appear to be a protobuf message, expected prefix");
  }
  const envelope = all.subarray(4);
  const meta = fieldAt(envelope, 1);
  const raw = fieldAt(envelope, 2);
  if (typeof meta !== "object" || typeof raw !== "object") throw badRequest("unexpected EOF");
  const apiVersion = textOf(fieldAt(meta, 1));
  const kind = textOf(fieldAt(meta, 2));
  const [group = "", version = ""] = apiVersion.includes("/")
    ? apiVersion.split("/")
    : ["", apiVersion];
  const name = schemaNameOf(group, version, kind);
  if (!name) throw badRequest(`no kind "${kind}" is registered for version "${apiVersion}"`);
  const object: JsonObject = { kind, apiVersion };
  readMessage(raw, name, resolve({ $ref: name }), object);
  return object;
}
