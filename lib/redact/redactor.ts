/** Redaction of whatever comes from a cluster, under one key for each process. */
import { Buffer } from "node:buffer";
import { LimitError } from "../errors.ts";
import { redactJson, redactWhole } from "./objects/json_bytes.ts";
import type { Span } from "./detect/spans.ts";
import { redactLog, redactText } from "./detect/text.ts";
import { anySpot, idOf } from "./objects/spots.ts";
import { createTokens, type Tokens } from "./tokens.ts";
import { createTree, type Place } from "./objects/tree.ts";

/**
 * Looks for a token in one answer, of which a value takes one or two: each costs as much as hundreds of
 * bytes, so that an answer of nothing else would hold everybody up for long.
 */
const TOKENS_LIMIT = 50_000;

/**
 * Names of credentials in one answer, each of which takes a closer look: a log of 64 MiB that has one on
 * each line is below that, more is text that was made to hold everybody up.
 */
const LOOKS_LIMIT = 400_000;

const ASCII = /^[\0-\x7f]*$/;

/** Hides credentials. */
export interface Redactor {
  /**
   * A JSON document, in UTF-8: the same bytes where nothing in it is hidden.
   *
   * @throws {LimitError} a body that cannot be searched, or only in a long time, is not returned
   */
  json(body: Uint8Array<ArrayBuffer>, place: Place): Uint8Array<ArrayBuffer>;
  /**
   * A text of any encoding that keeps ASCII, as of a log: the same bytes where nothing is hidden.
   *
   * @throws {LimitError} it takes a long time
   * @param options `part`: what of it is returned, all of it is looked at; `timestamps`: each line begins
   * with one, which is no part of its words
   */
  bytes(
    body: Uint8Array<ArrayBuffer>,
    options?: { readonly part?: Span; readonly timestamps?: boolean },
  ): Uint8Array<ArrayBuffer>;
  text(text: string): string;
  /**
   * A parsed document: the same value where nothing is hidden.
   *
   * @throws {LimitError} it takes a long time
   */
  value(value: unknown, place: Place): unknown;
}

/**
 * Makes a redactor.
 *
 * @param key of the tokens; random if left out
 */
export function createRedactor(key?: Uint8Array): Redactor {
  const tokens = createTokens(key);
  let left = 0;
  const counted: Tokens = {
    ...tokens,
    shared(value) {
      if (--left < 0) throw tooComplex();
      return tokens.shared(value);
    },
  };
  let looks = 0;
  const onLook = () => {
    if (--looks < 0) throw tooComplex();
  };
  const tree = createTree(counted, onLook);
  // What is no object has no place of its own: the tokens of each answer are its own.
  const textTokens = () => {
    const place = idOf(anySpot());
    return (secret: string | Uint8Array, start: number) =>
      tokens.shared(secret) ?? tokens.placed(secret, `${place} ${start}`);
  };
  const bytes: Redactor["bytes"] = (body, { part, timestamps = false } = {}) => {
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("latin1");
    const tokenOf = textTokens();
    // ASCII is the same in all encodings, and tokens of texts are kept.
    const replace = (secret: string, start: number) =>
      tokenOf(ASCII.test(secret) ? secret : Buffer.from(secret, "latin1"), start);
    const whole = { start: 0, end: text.length };
    looks = LOOKS_LIMIT;
    const redacted = redactLog(text, replace, { part: part ?? whole, timestamps, onLook });
    if (redacted === text) return body;
    // A copy: small buffers are views of one that is shared.
    return new Uint8Array(Buffer.from(redacted, "latin1"));
  };
  return {
    bytes,
    json(body, place) {
      left = TOKENS_LIMIT;
      looks = LOOKS_LIMIT;
      try {
        return redactJson(body, tree, place) ?? redactWhole(body, tree, place);
      } catch (cause) {
        if (cause instanceof LimitError) throw cause;
        // No JSON: a text then, but for what is secret as a whole.
        if (cause instanceof SyntaxError && !place.secrets) return bytes(body);
        throw new LimitError("Cannot show the answer: it cannot be searched for credentials", {
          cause,
          hint: "An object in it is nested too deep, or is no JSON: ask for the others by name.",
        });
      }
    },
    text: (text) => redactText(text, textTokens()),
    value(value, place) {
      left = TOKENS_LIMIT;
      looks = LOOKS_LIMIT;
      return tree.value(value, place);
    },
  };
}

function tooComplex(): LimitError {
  return new LimitError(
    `Cannot show the answer: it is too complex to look through, with tens of thousands of credentials or more`,
    { hint: "Ask for less at a time: a smaller limit, or objects by name." },
  );
}
