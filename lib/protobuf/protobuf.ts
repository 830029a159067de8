/**
 * Objects of the built-in kinds that come as protobuf, as kubectl, helm and client-go's typed clients send
 * them: read into the JSON that they stand for. All that was sent is in the result, or it is refused.
 * @see {@link https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding}
 */
import { InputError } from "../errors.ts";
import { jsonOf } from "./json.ts";
import { PROTOBUF_PREFIX } from "./media_type.ts";
import { isValue, type Place, ReadError, readMessage } from "./read.ts";
import { type Field, type Message, messageOf } from "./table.ts";

const field = (name: string, type: Field["type"]): Field => ({
  name,
  type,
  shape: "one",
  omitEmpty: false,
  omitNull: false,
});
const API_VERSION = field("apiVersion", "text");
const KIND = field("kind", "text");
const TYPE_META = field("typeMeta", {
  form: "object",
  fields: new Map([[1, API_VERSION], [2, KIND]]),
});
const RAW = field("raw", "bytes");
const CONTENT_ENCODING = field("contentEncoding", "text");
const CONTENT_TYPE = field("contentType", "text");
/** `runtime.Unknown`: what an object comes in. */
const ENVELOPE: Message = {
  form: "object",
  fields: new Map([[1, TYPE_META], [2, RAW], [3, CONTENT_ENCODING], [4, CONTENT_TYPE]]),
};

/**
 * Reads an object.
 *
 * @returns as Go writes it in JSON, integers beyond 2^53 as BigInts (lib/std/json/exact.ts)
 * @throws {InputError} naming what is wrong, and where: the bytes, or a kind or field that is not known
 */
export function objectFromProtobuf(bytes: Uint8Array): Record<string, unknown> {
  try {
    return readObject(bytes, messageOf);
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    const place = pathOf(error.place);
    throw new InputError(
      `Cannot read the protobuf body${place && ` at "${place}"`}: ${error.message}`,
    );
  }
}

/**
 * Reads an object of a kind that the caller knows.
 *
 * @param messageFor the message of a kind; undefined for one that is not known
 * @throws {ReadError}
 */
export function readObject(
  bytes: Uint8Array,
  messageFor: (apiVersion: string, kind: string) => Message | undefined,
): Record<string, unknown> {
  if (!PROTOBUF_PREFIX.every((byte, index) => bytes[index] === byte)) {
    throw new ReadError("it does not begin as Kubernetes' protobuf does");
  }
  const { fields } = readMessage(bytes.subarray(PROTOBUF_PREFIX.length), ENVELOPE);
  if (fields.get(CONTENT_ENCODING) || fields.get(CONTENT_TYPE)) {
    throw new ReadError("its object is in another encoding");
  }
  const typeMeta = fields.get(TYPE_META);
  const [apiVersion, kind] = [API_VERSION, KIND].map((one) =>
    isValue(typeMeta) ? String(typeMeta.fields.get(one) ?? "") : ""
  );
  if (!apiVersion || !kind) throw new ReadError("it names no apiVersion and kind");
  const message = messageFor(apiVersion, kind);
  if (!message) {
    throw new ReadError(`the kind "${kind}" of "${apiVersion}" is not known: send it as JSON`);
  }
  const raw = fields.get(RAW);
  if (!(raw instanceof Uint8Array)) throw new ReadError("there is no object in it");
  const object = readMessage(raw, message);
  return { kind, apiVersion, ...jsonOf(object) as Record<string, unknown> };
}

/** The path of a field, as errors of the API server write it: `spec.containers[0].name`. */
function pathOf(place: Place | undefined): string {
  if (!place) return "";
  const parent = pathOf(place.parent);
  if (typeof place.name === "number") return `${parent}[${place.name}]`;
  return parent ? `${parent}.${place.name}` : place.name;
}
