/**
 * Lists that an API server has written as protobuf, as the JSON that it would have written. A third of the
 * bytes come over the wire, and the API server has half the work.
 */
import { LIST_META } from "./known.ts";
import { PROTOBUF_PREFIX } from "./media_type.ts";
import { planOf } from "./plan.ts";
import { type Field, type Message, messageOf } from "./table.ts";
import { Transcoder } from "./transcode.ts";
import { integerAt, WIRE, WireError } from "./wire.ts";

const decoder = new TextDecoder();

/** Whether lists of a kind can be read. */
export function isTranscodable(apiVersion: string, kind: string): boolean {
  return messageOf(apiVersion, kind) !== undefined;
}

/**
 * The JSON of a list, without the managed fields of its items.
 *
 * @throws {WireError} something in it is not known here, or not as Go writes it
 */
export function listFromProtobuf(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const { apiVersion, kind, start, end } = envelopeOf(bytes);
  const item = kind.endsWith("List")
    ? messageOf(apiVersion, kind.slice(0, -"List".length))
    : undefined;
  if (!item) throw new WireError(`"${kind}" of "${apiVersion}" is no list that is known`);
  const transcoder = new Transcoder(bytes);
  return transcoder.list({ apiVersion, kind }, planOf(listOf(item)), start, end);
}

const lists = new WeakMap<Message, Message>();

/** The message of a list: the same for every kind, so that the table has none. */
function listOf(item: Message): Message {
  const known = lists.get(item);
  if (known) return known;
  const items = { ...LIST_ITEMS, type: item };
  const list: Message = {
    form: "object",
    fields: new Map([[1, { ...LIST_ITEMS, name: "metadata", shape: "one", type: LIST_META }], [
      2,
      items,
    ]]),
  };
  lists.set(item, list);
  return list;
}

const LIST_ITEMS: Omit<Field, "type"> = {
  name: "items",
  shape: "list",
  omitEmpty: false,
  omitNull: false,
};

/** What an object comes in: `runtime.Unknown`. */
function envelopeOf(bytes: Uint8Array) {
  if (!PROTOBUF_PREFIX.every((byte, index) => bytes[index] === byte)) {
    throw new WireError("it does not begin as Kubernetes' protobuf does");
  }
  const found = { apiVersion: "", kind: "", start: 0, end: 0 };
  eachField(bytes, PROTOBUF_PREFIX.length, bytes.length, (number, start, end) => {
    if (number === 2) Object.assign(found, { start, end });
    else if (number === 1) {
      eachField(bytes, start, end, (inner, from, to) => {
        const text = decoder.decode(bytes.subarray(from, to));
        if (inner === 1) found.apiVersion = text;
        else if (inner === 2) found.kind = text;
      });
    } else if (start < end) throw new WireError("its object is in another encoding");
  });
  return found;
}

/** Goes through the fields of a message that has only bytes. */
function eachField(
  bytes: Uint8Array,
  start: number,
  end: number,
  take: (number: number, start: number, end: number) => void,
): void {
  const cursor = { at: start };
  while (cursor.at < end) {
    const tag = integerAt(bytes, cursor, end);
    if (tag % 8 !== WIRE.bytes) throw new WireError("it is no message");
    const length = integerAt(bytes, cursor, end);
    if (length > end - cursor.at) throw new WireError("the bytes end too early");
    take(Math.floor(tag / 8), cursor.at, cursor.at += length);
  }
}
