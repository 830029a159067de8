/**
 * What stands in place of a redacted value: a token from which nothing can be computed. Equal values
 * that nobody could guess have equal tokens within one process; the token of any other value belongs to
 * its place, since who may write values of his own could find it by trying.
 */
import { randomBytes } from "node:crypto";
import { createHmacSha256 } from "../std/hmac.ts";
import { isGuessable } from "./detect/guessable.ts";

/** Finds tokens in a text. */
export const TOKEN = /\[redacted:[0-9a-f]{12}\]/;

/** What every text that holds a token holds: a quick look before a closer one. */
export const TOKEN_MARK = "[redacted:";

/** Gives tokens. */
export interface Tokens {
  /**
   * The token of a text, or of bytes, that nobody could guess: of equal bytes (a text's are its UTF-8)
   * equal ones. Undefined for all others.
   */
  shared(value: string | Uint8Array): string | undefined;
  /** The token of a value at a place: another one elsewhere. */
  placed(value: string | Uint8Array, place: string): string;
}

/** Tokens that are kept, so that a list of a thousand equal values costs one hash. */
const CACHE_ENTRIES = 10_000;
/** Longer texts are hashed each time. */
const CACHE_LENGTH = 512;

/**
 * Makes tokens: 48 bits of HMAC-SHA-256 under a key that never leaves this function.
 *
 * @param key 32 random bytes by default; tests pass one
 * @see {@link https://www.rfc-editor.org/rfc/rfc2104}
 */
export function createTokens(key: Uint8Array = randomBytes(32)): Tokens {
  const cache = new Map<string, string | undefined>();
  const hmac = createHmacSha256(key);
  const compute = (...parts: readonly (string | Uint8Array)[]) =>
    `${TOKEN_MARK}${hmac(...parts).slice(0, 12)}]`;
  const shared = (value: string | Uint8Array) =>
    isGuessable(typeof value === "string" ? value : latin1(value)) ? undefined : compute(value);
  return {
    shared(value) {
      if (typeof value !== "string" || value.length > CACHE_LENGTH) return shared(value);
      if (cache.has(value)) return cache.get(value);
      const token = shared(value);
      if (cache.size >= CACHE_ENTRIES) cache.clear();
      cache.set(value, token);
      return token;
    },
    // No value that is shared holds the zero byte, and no place does.
    placed: (value, place) => compute(place, "\0", value),
  };
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
