/** Redaction of whatever comes from a cluster, under one key for each process. */
import { Buffer } from "node:buffer";
import { LimitError } from "../errors.ts";
import { redactJson, redactWhole } from "./objects/json_bytes.ts";
import { redactText } from "./detect/text.ts";
import { createTokens } from "./tokens.ts";
import { createTree, type Place } from "./objects/tree.ts";

const ASCII = /^[\0-\x7f]*$/;

/** Hides credentials. */
export interface Redactor {
  /**
   * A JSON document, in UTF-8: the same bytes where nothing in it is hidden.
   *
   * @throws {LimitError} a body that cannot be searched is not returned
   */
  json(body: Uint8Array<ArrayBuffer>, place: Place): Uint8Array<ArrayBuffer>;
  /** A text of any encoding that keeps ASCII, as of a log: the same bytes where nothing is hidden. */
  bytes(body: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
  text(text: string): string;
  /** A parsed document: the same value where nothing is hidden. */
  value(value: unknown, place: Place): unknown;
}

/**
 * Makes a redactor.
 *
 * @param key of the tokens; random if left out
 */
export function createRedactor(key?: Uint8Array): Redactor {
  const tokens = createTokens(key);
  const tree = createTree(tokens);
  // ASCII is the same in all encodings, and tokens of texts are kept.
  const inLatin1 = (secret: string) =>
    tokens.of(ASCII.test(secret) ? secret : Buffer.from(secret, "latin1"));
  const bytes = (body: Uint8Array<ArrayBuffer>) => {
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("latin1");
    const redacted = redactText(text, inLatin1);
    // A copy: small buffers are views of one that is shared.
    return redacted === text ? body : new Uint8Array(Buffer.from(redacted, "latin1"));
  };
  return {
    bytes,
    json(body, place) {
      try {
        return redactJson(body, tree, place) ?? redactWhole(body, tree, place);
      } catch (cause) {
        // No JSON: a text then, but for what is secret as a whole.
        if (cause instanceof SyntaxError && !place.secrets) return bytes(body);
        throw new LimitError("Cannot show the answer: it cannot be searched for credentials", {
          cause,
          hint: "An object in it is nested too deep, or is no JSON: ask for the others by name.",
        });
      }
    },
    text: (text) => redactText(text, tokens.of),
    value: (value, place) => tree.value(value, place),
  };
}
