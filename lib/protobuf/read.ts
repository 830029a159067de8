/**
 * From bytes to the values of a message's fields, as the code does that gogo-proto makes for Kubernetes:
 * the last of several values counts, messages are merged, lists and maps grow. What that code would skip
 * or cut off (an unknown field, an integer that is too large) is an error here: what the policy looks
 * at is to be all that the program has sent.
 */
import { integerOf } from "../std/json/exact.ts";
import type { Field, Message, ValueType } from "./table.ts";
import { readWire, WIRE, WireError, type WireField } from "./wire.ts";

/** A message that was read: the values of the fields that are there. */
export interface Value {
  readonly message: Message;
  readonly fields: Map<Field, Items>;
}

/** One value of a field: a scalar, bytes, or a message. */
export type Item = string | number | bigint | boolean | Uint8Array | Value;

/** The values of a field. */
export type Items = Item | Item[] | Map<string, Item>;

/** The field that is being read: for the words of an error. */
export interface Place {
  /** Its name in JSON; a number in a list. */
  readonly name: string | number;
  readonly parent?: Place;
}

/** Bytes that are not the message that they should be, and where. */
export class ReadError extends Error {
  override readonly name = "ReadError";
  readonly place?: Place;

  constructor(message: string, place?: Place) {
    super(message);
    this.place = place;
  }
}

/** Deeper than any object: a schema that stands in schemas takes two or three levels each. */
const DEEPEST_LEVEL = 200;
/** More than any object has, and few enough for memory: on the wire a message may be two bytes. */
const MOST_MESSAGES = 100_000;

/** Times are set, not merged: Go reads them by code of its own. */
const SET_WHOLE: readonly string[] = ["time", "microTime"];

interface Reading {
  messages: number;
}

/** Whether it is a message, and not a scalar, a list or a map. */
export function isValue(items: Items | undefined): items is Value {
  return typeof items === "object" && "message" in items;
}

/** A message of which nothing is there. */
export function emptyValue(message: Message): Value {
  return { message, fields: new Map() };
}

/**
 * Reads a message.
 * @throws {ReadError}
 */
export function readMessage(bytes: Uint8Array, message: Message): Value {
  const value = emptyValue(message);
  merge(bytes, value, 0, { messages: 0 }, undefined);
  return value;
}

function merge(
  bytes: Uint8Array,
  into: Value,
  level: number,
  reading: Reading,
  place: Place | undefined,
): void {
  if (level > DEEPEST_LEVEL) throw new ReadError("it is nested too deep", place);
  if (++reading.messages > MOST_MESSAGES) throw new ReadError("it has too many parts", place);
  const wire = readWire(bytes);
  let inner = place;
  try {
    while (!wire.done) {
      inner = place;
      const field = wire.field();
      const known = into.message.fields.get(field.number);
      if (!known) throw new WireError(unknownField(field));
      inner = { name: known.name, parent: place };
      readField(field, known, into, level, reading, inner);
    }
  } catch (error) {
    if (error instanceof WireError) throw new ReadError(error.message, inner);
    throw error;
  }
}

function unknownField({ number }: WireField): string {
  return `field ${number} is not known: it may be of a newer Kubernetes than this program knows`;
}

function readField(
  wire: WireField,
  field: Field,
  { fields }: Value,
  level: number,
  reading: Reading,
  place: Place,
): void {
  const present = fields.get(field);
  if (field.shape === "list") {
    const list = (present ?? []) as Item[];
    if (isPacked(wire, field.type)) readPacked(wire, field.type, list);
    else {
      const inner = { name: list.length, parent: place };
      list.push(readItem(wire, field.type, undefined, level, reading, inner));
    }
    if (list.length) fields.set(field, list);
  } else if (field.shape === "map") {
    const map = (present ?? new Map()) as Map<string, Item>;
    const item = (from: WireField, type: ValueType) =>
      readItem(from, type, undefined, level, reading, place);
    const [key, value] = readEntry(wire, field.type, item);
    map.set(key, value);
    fields.set(field, map);
  } else fields.set(field, readItem(wire, field.type, present, level, reading, place));
}

/** Whether a list of numbers stands in one field, one after the other. */
function isPacked({ wireType }: WireField, type: ValueType): boolean {
  return wireType === WIRE.bytes && wireTypeOf(type) !== WIRE.bytes;
}

function readPacked(wire: WireField, type: ValueType, into: Item[]): void {
  const wireType = wireTypeOf(type);
  const numbers = readWire(bytesOf(wire));
  while (!numbers.done) {
    into.push(numberOf({ number: wire.number, wireType, value: numbers.value(wireType) }, type));
  }
}

/** An entry of a map is a message of a key and a value; one that is not there is empty. */
function readEntry(
  wire: WireField,
  type: ValueType,
  item: (from: WireField, type: ValueType) => Item,
): [string, Item] {
  const entry = readWire(bytesOf(wire));
  let key = "";
  let value: Item | undefined;
  while (!entry.done) {
    const field = entry.field();
    if (field.number === 1) key = item(field, "text") as string;
    else if (field.number === 2) value = item(field, type);
    else throw new WireError(unknownField(field));
  }
  return [key, value ?? zeroOf(type)];
}

/** What Go has where nothing was set. */
export function zeroOf(type: ValueType): Item {
  if (typeof type === "object") return emptyValue(type);
  if (type === "text") return "";
  if (type === "bytes") return new Uint8Array();
  return type === "boolean" ? false : 0;
}

function wireTypeOf(type: ValueType): number {
  if (type === "boolean" || type === "int32" || type === "int64") return WIRE.varint;
  return type === "double" ? WIRE.fixed64 : WIRE.bytes;
}

function bytesOf({ wireType, value }: WireField): Uint8Array {
  if (typeof value === "object" && wireType === WIRE.bytes) return value;
  throw new WireError(`wire type ${wireType} is not that of this field`);
}

function readItem(
  wire: WireField,
  type: ValueType,
  before: Items | undefined,
  level: number,
  reading: Reading,
  place: Place,
): Item {
  if (typeof type === "object") {
    const merged = isValue(before) && !SET_WHOLE.includes(type.form);
    const value = merged ? before : emptyValue(type);
    merge(bytesOf(wire), value, level + 1, reading, place);
    return value;
  }
  if (type === "text") return textOf(bytesOf(wire));
  if (type === "bytes") return bytesOf(wire);
  return numberOf(wire, type);
}

function numberOf(wire: WireField, type: ValueType): Item {
  if (wire.wireType !== wireTypeOf(type)) {
    throw new WireError(`wire type ${wire.wireType} is not that of this field`);
  }
  if (typeof wire.value === "object") return doubleOf(wire.value);
  return type === "boolean" ? wire.value !== 0 : signed(wire.value, type === "int32" ? 32 : 64);
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @throws {WireError} the bytes are not UTF-8 */
export function textOf(bytes: Uint8Array): string {
  // Most of the texts that are there are empty: to ask the decoder takes longer than all else.
  if (!bytes.length) return "";
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new WireError("the text is not UTF-8");
  }
}

function doubleOf({ buffer, byteOffset }: Uint8Array): number {
  const value = new DataView(buffer, byteOffset).getFloat64(0, true);
  if (!Number.isFinite(value)) throw new WireError("the number is none that JSON has");
  return value;
}

function signed(value: bigint | number, bits: 32 | 64): number | bigint {
  // Negative ones are the large ones on the wire.
  const number = typeof value === "bigint" ? integerOf(BigInt.asIntN(64, value)) : value;
  if (bits === 32 && (number < -(2 ** 31) || number >= 2 ** 31)) {
    throw new WireError("the integer has more than 32 bits");
  }
  return number;
}
