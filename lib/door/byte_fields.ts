/**
 * Tokens in fields that hold bytes. Go's clients read them from base64, which a token is not: so programs
 * get its base64, and what they send back becomes the token again. `base64 -d` shows the token. Pure.
 */
import { Buffer } from "node:buffer";
import type { RequestCall } from "../broker/types.ts";
import { parseExact, stringifyExact } from "../std/json/exact.ts";
import { isRecord } from "../std/json/unknown.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const TOKEN = /^\[redacted:[0-9a-f]{12}\]$/;

/** Its base64: the same beginning, and the same length. */
const ENCODED = /W3JlZGFjdGVkO[A-Za-z0-9+/]{18}=/g;

/** The fields that hold bytes, by the resource of the core group whose objects have them. */
const FIELDS: Readonly<Record<string, string>> = { secrets: "data", configmaps: "binaryData" };

/** The field of the objects that a call is about; undefined where they have none. */
export function byteField({ group, resource, form }: RequestCall): string | undefined {
  return group === "" && form !== "table" && form !== "metadata" ? FIELDS[resource] : undefined;
}

/** An answer for a program: an object, a list or an event. */
export function withEncodedTokens(body: Bytes, field: string): Bytes {
  if (
    body.length === 0 ||
    !Buffer.from(body.buffer, body.byteOffset, body.length).includes("[redacted:")
  ) {
    return body;
  }
  const ofObject = (object: unknown): unknown => {
    const bytes = isRecord(object) ? object[field] : undefined;
    if (!isRecord(object) || !isRecord(bytes)) return object;
    const encoded = Object.entries(bytes).map(([key, value]) =>
      [key, typeof value === "string" && TOKEN.test(value) ? base64(value) : value] as const
    );
    return { ...object, [field]: Object.fromEntries(encoded) };
  };
  const document = parseExact(new TextDecoder().decode(body));
  return new TextEncoder().encode(
    stringifyExact(
      !isRecord(document)
        ? document
        : Array.isArray(document.items)
        ? { ...document, items: document.items.map(ofObject) }
        : isRecord(document.object)
        ? { ...document, object: ofObject(document.object) }
        : ofObject(document),
    ),
  );
}

/** What a program sends, with tokens in place of their base64. */
export function withPlainTokens(body: Bytes): Bytes {
  const text = Buffer.from(body.buffer, body.byteOffset, body.length).toString("latin1");
  const plain = text.replaceAll(ENCODED, (encoded) => {
    const token = Buffer.from(encoded, "base64").toString("latin1");
    return TOKEN.test(token) ? token : encoded;
  });
  return plain === text ? body : new Uint8Array(Buffer.from(plain, "latin1"));
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
