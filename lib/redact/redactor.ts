/** Redaction of whatever comes from a cluster, under one key for each process. */
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { LimitError } from "../errors.ts";
import { once } from "../std/async.ts";
import { searchAside } from "./aside.ts";
import type { How, TextOptions } from "./aside_job.ts";
import { redactJson, redactWhole } from "./objects/json_bytes.ts";
import { redactLog, redactText } from "./detect/text.ts";
import { anySpot, idOf } from "./objects/spots.ts";
import { type Allowance, AT_MOST_HERE, createPatience, HERE, OutOfPatience } from "./patience.ts";
import { createTokens, TOKEN_MARK, type Tokens } from "./tokens.ts";
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

/** Bytes of a text from which on it is not searched in the thread that serves everybody. */
const LONG_TEXT_BYTES = 2 * 1024 * 1024;

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
  bytes(body: Uint8Array<ArrayBuffer>, options?: TextOptions): Uint8Array<ArrayBuffer>;
  /** The same as `json` or `bytes`, beside this thread where it takes longer than others should wait. */
  patiently(body: Uint8Array<ArrayBuffer>, how: How): Promise<Uint8Array<ArrayBuffer>>;
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
 * @param atMost after which an answer is refused as too complex
 */
export function createRedactor(
  key: Uint8Array = randomBytes(32),
  atMost: Allowance = AT_MOST_HERE,
): Redactor {
  const { begin, document, text, words, value } = createSearch(key);
  /** To the end, or as too complex. */
  const whole = <Result>(bytes: number, work: () => Result): Result => {
    begin(atMost, bytes);
    try {
      return work();
    } catch (error) {
      throw error instanceof OutOfPatience ? tooComplex() : error;
    }
  };
  return {
    json: (body, place) => whole(body.length, () => document(body, place)),
    bytes: (body, options) => whole(body.length, () => text(body, options)),
    text: words,
    value: (given, place) => whole(0, () => value(given, place)),
    async patiently(body, how) {
      const isLong = how.form === "bytes" && body.length > LONG_TEXT_BYTES;
      if (isLong) return await searchAside(key, body, how);
      begin(HERE, body.length);
      try {
        return how.form === "json" ? document(body, how.place) : text(body, how.options);
      } catch (error) {
        if (!(error instanceof OutOfPatience)) throw error;
        return await searchAside(key, body, how);
      }
    },
  };
}

/** The same redactor, which tells of each answer that something was hidden in. */
export function watchedRedactor(redactor: Redactor, onHidden: () => void): Redactor {
  const told = (given: Uint8Array, result: Uint8Array<ArrayBuffer>) => {
    const { buffer, byteOffset, byteLength } = result;
    // What was searched beside this thread is always a copy.
    if (result !== given && Buffer.from(buffer, byteOffset, byteLength).includes(TOKEN_MARK)) {
      onHidden();
    }
    return result;
  };
  return {
    ...redactor,
    json: (body, place) => told(body, redactor.json(body, place)),
    bytes: (body, options) => told(body, redactor.bytes(body, options)),
    patiently: async (body, how) => told(body, await redactor.patiently(body, how)),
  };
}

/** The search itself; each time it is to `begin` first. */
function createSearch(key: Uint8Array) {
  const tokens = createTokens(key);
  const patience = createPatience();
  const left = { tokens: 0, looks: 0 };
  const counted: Tokens = {
    ...tokens,
    shared(value) {
      if (--left.tokens < 0) throw tooComplex();
      patience.step();
      return tokens.shared(value);
    },
  };
  const onLook = () => {
    if (--left.looks < 0) throw tooComplex();
    patience.step();
  };
  const tree = createTree(counted, onLook, patience.step);
  // What is no object has no place of its own: the tokens of each answer are its own. Few texts need one.
  const textTokens = () => {
    const place = once(() => idOf(anySpot()));
    return (secret: string | Uint8Array, start: number) =>
      tokens.shared(secret) ?? tokens.placed(secret, `${place()} ${start}`);
  };
  function text(
    body: Uint8Array<ArrayBuffer>,
    { part, timestamps = false }: TextOptions = {},
  ): Uint8Array<ArrayBuffer> {
    const words = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("latin1");
    const tokenOf = textTokens();
    // ASCII is the same in all encodings, and tokens of texts are kept.
    const replace = (secret: string, start: number) =>
      tokenOf(ASCII.test(secret) ? secret : Buffer.from(secret, "latin1"), start);
    const whole = { start: 0, end: words.length };
    const redacted = redactLog(words, replace, { part: part ?? whole, timestamps, onLook });
    if (redacted === words) return body;
    // A copy: small buffers are views of one that is shared.
    return new Uint8Array(Buffer.from(redacted, "latin1"));
  }
  return {
    begin(allowance: Allowance, bytes: number): void {
      Object.assign(left, { tokens: TOKENS_LIMIT, looks: LOOKS_LIMIT });
      patience.begin(allowance, bytes);
    },
    text,
    document(body: Uint8Array<ArrayBuffer>, place: Place): Uint8Array<ArrayBuffer> {
      try {
        return redactJson(body, tree, place) ?? redactWhole(body, tree, place);
      } catch (cause) {
        if (cause instanceof LimitError || cause instanceof OutOfPatience) throw cause;
        // No JSON: a text then, but for what is secret as a whole.
        if (cause instanceof SyntaxError && !place.secrets) return text(body);
        throw new LimitError("Cannot show the answer: it cannot be searched for credentials", {
          cause,
          hint: "An object in it is nested too deep, or is no JSON: ask for the others by name.",
        });
      }
    },
    words: (given: string) => redactText(given, textTokens()),
    value: (given: unknown, place: Place) => tree.value(given, place),
  };
}

function tooComplex(): LimitError {
  return new LimitError("Cannot show the answer: it is too complex to look through", {
    hint: "Ask for less at a time: a smaller limit, or objects by name.",
  });
}
