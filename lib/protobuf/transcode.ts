/**
 * From the bytes of a message to the bytes of its JSON, without an object in between.
 *
 * It takes what Go writes and nothing else: fields in the order of their numbers, each value once. Whatever
 * differs is refused, and can be asked for as JSON.
 */
import { Buffer } from "node:buffer";
import { JsonWriter } from "./json_writer.ts";
import { type Plan, type PlannedField, planOf } from "./plan.ts";
import type { Message, ValueType } from "./table.ts";
import { MARK, Marks } from "./marks.ts";
import { integerAt, LONGEST_BYTES, SMALL_BYTES, WIRE, WireError } from "./wire.ts";

const COMMA = 44;
const DIGIT = 48;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const encoder = new TextEncoder();
const NULL = encoder.encode("null");

/** JSON for each byte of protobuf that is not left out, about; a buffer that is too small grows. */
const EXPANSION = 1.2;
/** Deeper than any object. */
const DEEPEST_LEVEL = 100;
/** Where the metadata of a list's items lie: in the list, in an item. */
const ITEM_METADATA_LEVEL = 2;

/** Writes one list. */
export class Transcoder {
  readonly #bytes: Uint8Array;
  readonly #out: JsonWriter;
  readonly #marks: Marks;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#marks = new Marks(bytes);
    this.#out = new JsonWriter(Math.ceil(bytes.length * EXPANSION) + 1_024);
  }

  list(
    { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
    plan: Plan,
    start: number,
    end: number,
  ): Uint8Array<ArrayBuffer> {
    const out = this.#out;
    const head = `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},`;
    out.raw(encoder.encode(head));
    this.#fields(plan, start, end, 0);
    out.close(CLOSE_OBJECT);
    return out.bytes;
  }

  /** The members of an object, each with a comma behind it. */
  #fields(plan: Plan, start: number, end: number, level: number): void {
    if (level > DEEPEST_LEVEL) throw new WireError("it is nested too deep");
    const { fields } = plan;
    const base = this.#marks.top;
    this.#marks.scan(plan, start, end);
    for (let index = 0; index < fields.length; index++) {
      const planned = fields[index]!;
      const mark = this.#marks.list[base + index]!;
      if (mark === 0 && planned.isLeftOut) continue;
      if (planned.isManagedFields && level === ITEM_METADATA_LEVEL) continue;
      this.#field(planned, index, mark, level);
    }
    this.#marks.top = base;
  }

  /** One member, or none where Go leaves it out. @param mark its first occurrence; 0 where it has none */
  #field(planned: PlannedField, index: number, mark: number, level: number): void {
    const { field, key } = planned;
    const { shape } = field;
    const type = planned.type ??= field.type;
    const out = this.#out;
    const marks = this.#marks.list;
    if (shape === "inline" && typeof type === "object") {
      const [start, end] = this.#marks.range(mark);
      return this.#fields(this.#planOf(planned, type), start, end, level);
    }
    if (mark === 0) return this.#absent(planned, level);
    const before = out.size;
    out.raw(key);
    if (shape === "list") {
      out.byte(OPEN_LIST);
      for (let at = mark; this.#marks.list[at] === index; at += MARK) {
        this.#value(planned, type, this.#marks.list[at + 1]!, this.#marks.list[at + 2]!, level + 1);
        out.byte(COMMA);
      }
      out.close(CLOSE_LIST);
    } else if (shape === "map") {
      out.byte(OPEN_OBJECT);
      for (let at = mark; this.#marks.list[at] === index; at += MARK) {
        this.#entry(planned, this.#marks.list[at + 1]!, this.#marks.list[at + 2]!, level + 1);
        out.byte(COMMA);
      }
      out.close(CLOSE_OBJECT);
    } else {
      const isSaid = this.#value(planned, type, marks[mark + 1]!, marks[mark + 2]!, level + 1);
      const isEmpty = !isSaid && shape === "one";
      if (isEmpty && ((field.omitEmpty && typeof type !== "object") || field.omitNull)) {
        return out.back(before);
      }
    }
    out.byte(COMMA);
  }

  /** What Go writes of a field that has no value. */
  #absent(planned: PlannedField, level: number): void {
    const { field: { shape, type, omitNull, name }, key } = planned;
    const out = this.#out;
    const isMessage = typeof type === "object";
    const before = out.size;
    out.raw(key);
    if (level === 0 && name === "items") out.ascii("[]");
    else if (shape !== "one" || type === "bytes") {
      if (omitNull) return out.back(before);
      out.raw(NULL);
    } else if (isMessage) {
      if (!this.#value(planned, type, 0, 0, level + 1) && omitNull) return out.back(before);
    } else if (type === "text") out.ascii('""');
    else out.ascii(type === "boolean" ? "false" : "0");
    out.byte(COMMA);
  }

  /** An entry of a map: a message of a key and a value. */
  #entry(planned: PlannedField, start: number, end: number, level: number): void {
    const bytes = this.#bytes;
    const { type } = planned.field;
    const out = this.#out;
    let [keyStart, keyEnd, valueStart, valueEnd] = [0, 0, 0, 0];
    const cursor = { at: start };
    while (cursor.at < end) {
      const tag = integerAt(bytes, cursor, end);
      const number = tag >>> 3;
      let from = cursor.at;
      if ((tag & 7) === WIRE.bytes) {
        const length = integerAt(bytes, cursor, end);
        from = cursor.at;
        cursor.at += length;
      } else if ((tag & 7) === WIRE.varint) integerAt(bytes, cursor, end);
      else throw new WireError("the value of a map is of another type");
      if (cursor.at > end || number < 1 || number > 2) throw new WireError("it is no map");
      if (number === 1) [keyStart, keyEnd] = [from, cursor.at];
      else [valueStart, valueEnd] = [from, cursor.at];
    }
    out.string(bytes, keyStart, keyEnd);
    out.ascii(":");
    this.#value(planned, type, valueStart, valueEnd, level);
  }

  /** A value. @returns whether it is more than Go's zero value */
  #value(
    planned: PlannedField,
    type: ValueType,
    start: number,
    end: number,
    level: number,
  ): boolean {
    const out = this.#out;
    if (typeof type === "object") return this.#message(planned, type, start, end, level);
    switch (type) {
      case "text":
        out.string(this.#bytes, start, end);
        return end > start;
      case "bytes":
        out.base64(this.#bytes.subarray(start, end));
        return end > start;
      case "double":
        return this.#double(start);
      default:
        return this.#integer(type, start, end);
    }
  }

  #integer(type: "boolean" | "int32" | "int64", start: number, end: number): boolean {
    const first = this.#bytes[start]!;
    // Nearly all are small.
    const isShort = end - start === 1;
    if (type === "boolean") {
      const isTrue = isShort ? first !== 0 : Number(this.#signed(start, end)) !== 0;
      this.#out.ascii(isTrue ? "true" : "false");
      return isTrue;
    }
    const value = isShort ? first : this.#signed(start, end);
    if (isShort && value < 10) this.#out.byte(DIGIT + first);
    else this.#out.ascii(String(value));
    return Number(value) !== 0;
  }

  /** An integer as it stands on the wire, exact: a BigInt where it takes more than seven bytes. */
  #signed(start: number, end: number): bigint | number {
    if (end - start <= SMALL_BYTES) {
      let value = 0;
      for (let at = end - 1; at >= start; at--) value = value * 128 + (this.#bytes[at]! & 127);
      return value;
    }
    if (end - start > LONGEST_BYTES) throw new WireError("an integer has more than 64 bits");
    let value = 0n;
    for (let at = start; at < end; at++) {
      value |= BigInt(this.#bytes[at]! & 127) << BigInt(7 * (at - start));
    }
    return BigInt.asIntN(64, value);
  }

  #double(start: number): boolean {
    const { buffer, byteOffset } = this.#bytes;
    const value = new DataView(buffer, byteOffset + start, 8).getFloat64(0, true);
    if (!Number.isFinite(value)) throw new WireError("the number is none that JSON has");
    this.#out.ascii(Object.is(value, -0) ? "-0" : String(value));
    return value !== 0;
  }

  #planOf(planned: PlannedField, message: Message): Plan {
    return planned.plan ??= planOf(message);
  }

  /** A message, in its form. @returns whether it is more than null */
  #message(
    planned: PlannedField,
    message: Message,
    start: number,
    end: number,
    level: number,
  ): boolean {
    const plan = this.#planOf(planned, message);
    const out = this.#out;
    switch (plan.form) {
      case "object":
        out.byte(OPEN_OBJECT);
        this.#fields(plan, start, end, level);
        out.close(CLOSE_OBJECT);
        return true;
      case "quantity":
        return this.#quantity(plan, start, end);
      case "time":
      case "microTime":
        return this.#time(plan, start, end);
      case "intOrString":
        return this.#intOrString(plan, start, end);
      case "json":
        return this.#embedded(plan, start, end);
      case "items":
        return this.#items(plan, start, end, level);
      default:
        throw new WireError(`${planned.field.name} is of a form that is not read`);
    }
  }

  #quantity(plan: Plan, start: number, end: number): boolean {
    const base = this.#marks.top;
    this.#marks.scan(plan, start, end);
    const [from, to] = this.#marks.member(plan, base, "string");
    this.#marks.top = base;
    if (start === end) this.#out.ascii('"0"');
    else this.#out.string(this.#bytes, from, to);
    return true;
  }

  #time(plan: Plan, start: number, end: number): boolean {
    const out = this.#out;
    const base = this.#marks.top;
    this.#marks.scan(plan, start, end);
    const [secondsFrom, secondsTo] = this.#marks.member(plan, base, "seconds");
    const [nanosFrom, nanosTo] = this.#marks.member(plan, base, "nanos");
    this.#marks.top = base;
    const seconds = Number(this.#signed(secondsFrom, secondsTo));
    const nanos = Number(this.#signed(nanosFrom, nanosTo));
    const micros = plan.form === "microTime" ? Math.floor(nanos / 1_000) : 0;
    if (start === end || (seconds === FIRST_SECOND && micros === 0)) {
      out.raw(NULL);
      return false;
    }
    if (seconds < FIRST_SECOND || seconds >= BEYOND_SECOND || nanos < 0 || nanos >= 1e9) {
      throw new WireError("the time is none between the years 1 and 9999");
    }
    out.moment(seconds);
    if (plan.form === "time") return true;
    out.back(out.size - 2);
    out.ascii(`.${String(micros).padStart(6, "0")}Z"`);
    return true;
  }

  #intOrString(plan: Plan, start: number, end: number): boolean {
    const base = this.#marks.top;
    this.#marks.scan(plan, start, end);
    const [typeFrom, typeTo] = this.#marks.member(plan, base, "type");
    const [intFrom, intTo] = this.#marks.member(plan, base, "intVal");
    const [textFrom, textTo] = this.#marks.member(plan, base, "strVal");
    this.#marks.top = base;
    const type = Number(this.#signed(typeFrom, typeTo));
    if (type === 0) this.#integer("int32", intFrom, intTo);
    else if (type === 1) this.#out.string(this.#bytes, textFrom, textTo);
    else throw new WireError("it is neither an integer nor a text");
    return true;
  }

  #embedded(plan: Plan, start: number, end: number): boolean {
    const base = this.#marks.top;
    this.#marks.scan(plan, start, end);
    const [from, to] = this.#marks.range(this.#marks.list[base] ?? 0);
    this.#marks.top = base;
    const { buffer, byteOffset } = this.#bytes;
    const text = Buffer.from(buffer, byteOffset + from, to - from).toString();
    this.#out.raw(text === "" ? NULL : encoder.encode(compact(text)));
    return text !== "";
  }

  #items(plan: Plan, start: number, end: number, level: number): boolean {
    const [planned] = plan.fields;
    if (!planned) throw new WireError("it is no list");
    const base = this.#marks.top;
    this.#marks.scan(plan, start, end);
    const mark = this.#marks.list[base]!;
    if (mark === 0) this.#out.raw(NULL);
    else {
      this.#out.byte(OPEN_LIST);
      for (let at = mark; this.#marks.list[at] === 0; at += MARK) {
        const [from, to] = this.#marks.range(at);
        this.#value(planned, planned.field.type, from, to, level + 1);
        this.#out.byte(COMMA);
      }
      this.#out.close(CLOSE_LIST);
    }
    this.#marks.top = base;
    return mark !== 0;
  }
}

/** 0001-01-01T00:00:00Z, Go's time that is not set, and the first second after year 9999. */
const FIRST_SECOND = -62_135_596_800;
const BEYOND_SECOND = 253_402_300_800;

/** JSON text without white space, as Go writes what is embedded; its numbers stay as they are. */
function compact(text: string): string {
  try {
    JSON.parse(text);
  } catch {
    throw new WireError("it is not JSON");
  }
  return /\s/.test(text) ? text.replace(/("(?:[^"\\]|\\.)*")|\s+/gs, "$1") : text;
}
