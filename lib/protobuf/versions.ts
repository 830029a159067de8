/** What a `PartialObjectMetadataList` (meta/v1) says of which objects there are, and in which version. */
import { Buffer } from "node:buffer";
import { envelopeOf } from "./envelope.ts";
import { integerAt, WIRE, WireError } from "./wire.ts";

/** One object, as far as it takes to know it again. */
export interface ObjectVersion {
  readonly name: string;
  /** "" for one of the cluster. */
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** The objects of a list or a page of it, in their order, and the list's own metadata. */
export interface VersionsList {
  readonly metadata: {
    readonly resourceVersion: string;
    /** Left out on the last page. */
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly objects: readonly ObjectVersion[];
}

/** Numbers of fields, which Go writes in their order. */
const LIST = { metadata: 1, items: 2 } as const;
const LIST_META = { resourceVersion: 2, continue: 3, remainingItemCount: 4 } as const;
const OBJECT = { metadata: 1 } as const;
const OBJECT_META = { name: 1, namespace: 3, uid: 5, resourceVersion: 6 } as const;

const NOT_ASCII = /[^\0-\x7f]/;

/**
 * Reads one.
 *
 * @throws {WireError} it is no such list
 */
export function versionsFromProtobuf(bytes: Uint8Array<ArrayBuffer>): VersionsList {
  const { kind, start, end } = envelopeOf(bytes);
  if (kind !== "PartialObjectMetadataList") throw new WireError(`"${kind}" is no list of metadata`);
  // Even a list of nothing has a version: bytes that end here have lost all of it.
  if (start === end) throw new WireError("the bytes end too early");
  const reader = createReader(bytes);
  let metadata: VersionsList["metadata"] = { resourceVersion: "" };
  const objects: ObjectVersion[] = [];
  reader.each(start, end, (number, from, to) => {
    if (number === LIST.metadata) metadata = listMetadataIn(reader, from, to);
    else if (number === LIST.items) objects.push(versionIn(reader, from, to));
    return true;
  });
  return { metadata, objects };
}

function listMetadataIn(reader: Reader, start: number, end: number): VersionsList["metadata"] {
  let resourceVersion = "";
  let token = "";
  let remaining: number | undefined;
  reader.each(start, end, (number, from, to) => {
    if (number === LIST_META.resourceVersion) resourceVersion = reader.text(from, to);
    else if (number === LIST_META.continue) token = reader.text(from, to);
    else if (number === LIST_META.remainingItemCount) remaining = reader.integer(from, to);
    return true;
  });
  return {
    resourceVersion,
    ...(token === "" ? {} : { continue: token }),
    ...(remaining === undefined ? {} : { remainingItemCount: remaining }),
  };
}

function versionIn(reader: Reader, start: number, end: number): ObjectVersion {
  let name = "", namespace = "", uid = "", resourceVersion = "";
  const field = (number: number, from: number, to: number) => {
    if (number === OBJECT_META.name) name = reader.text(from, to);
    else if (number === OBJECT_META.namespace) namespace = reader.text(from, to);
    else if (number === OBJECT_META.uid) uid = reader.text(from, to);
    else if (number === OBJECT_META.resourceVersion) resourceVersion = reader.text(from, to);
    return number < OBJECT_META.resourceVersion;
  };
  reader.each(start, end, (number, from, to) => {
    if (number === OBJECT.metadata) reader.each(from, to, field);
    return false;
  });
  return { name, namespace, uid, resourceVersion };
}

/** Goes through messages where they lie. */
interface Reader {
  /**
   * Gives each field's number, and where its value lies, until `take` says that it has enough.
   *
   * @throws {WireError} the bytes are no message
   */
  each(
    start: number,
    end: number,
    take: (number: number, from: number, to: number) => boolean,
  ): void;
  text(from: number, to: number): string;
  integer(from: number, to: number): number;
}

function createReader(bytes: Uint8Array<ArrayBuffer>): Reader {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    each(start, end, take) {
      const cursor = { at: start };
      while (cursor.at < end) {
        const tag = integerAt(bytes, cursor, end);
        let from = cursor.at;
        if (tag % 8 === WIRE.bytes) {
          const length = integerAt(bytes, cursor, end);
          from = cursor.at;
          cursor.at += length;
        } else if (tag % 8 === WIRE.varint) integerAt(bytes, cursor, end);
        else throw new WireError("it is no metadata");
        if (cursor.at > end) throw new WireError("the bytes end too early");
        if (!take(Math.floor(tag / 8), from, cursor.at)) return;
      }
    },
    text(from, to) {
      const text = buffer.toString("latin1", from, to);
      return NOT_ASCII.test(text) ? buffer.toString("utf8", from, to) : text;
    },
    integer: (from, to) => integerAt(bytes, { at: from }, to),
  };
}
