/**
 * Lists that an API server has written as protobuf, as the JSON that it would have written. A third of the
 * bytes come over the wire, and the API server has half the work.
 */
import { envelopeOf } from "./envelope.ts";
import { LIST_META } from "./known.ts";
import { planOf } from "./plan.ts";
import { type Field, type Message, messageOf } from "./table.ts";
import { Transcoder } from "./transcode.ts";
import { WireError } from "./wire.ts";

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
