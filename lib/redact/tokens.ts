/**
 * What stands in place of a redacted value: a token by which values can be compared with each other
 * within one process, and from which nothing can be computed.
 */
import { createHmac, randomBytes } from "node:crypto";

/** Finds tokens in a text. */
export const TOKEN = /\[redacted:[0-9a-f]{12}\]/;

/** What every text that holds a token holds: a quick look before a closer one. */
export const TOKEN_MARK = "[redacted:";

/** Gives tokens. */
export interface Tokens {
  /** The token of a text, or of bytes; of equal bytes (a text's are its UTF-8) equal ones. */
  of(value: string | Uint8Array): string;
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
  const cache = new Map<string, string>();
  const compute = (value: string | Uint8Array) =>
    `${TOKEN_MARK}${createHmac("sha256", key).update(value).digest("hex").slice(0, 12)}]`;
  return {
    of(value) {
      if (typeof value !== "string" || value.length > CACHE_LENGTH) return compute(value);
      let token = cache.get(value);
      if (token === undefined) {
        token = compute(value);
        if (cache.size >= CACHE_ENTRIES) cache.clear();
        cache.set(value, token);
      }
      return token;
    },
  };
}
