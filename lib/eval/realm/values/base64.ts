/** Base64 (RFC 4648, section 4): for bytes in results, and `atob` and `btoa` for the data of secrets. */
import { execOf } from "../../../std/regexp.ts";
import { usageError } from "../base/errors.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Bytes to text. */
export function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = [bytes[at], bytes[at + 1], bytes[at + 2]];
    text += ALPHABET[a >> 2]! + ALPHABET[((a & 3) << 4) | (b >> 4)]!;
    text += at + 1 < bytes.length ? ALPHABET[((b & 15) << 2) | (c >> 6)]! : "=";
    text += at + 2 < bytes.length ? ALPHABET[c & 63]! : "=";
  }
  return text;
}

/** A string of characters up to U+00FF to base64. */
export function btoa(given: unknown): string {
  const text = `${given}`;
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 255) throw usageError("RangeError", "Cannot encode: a character is beyond U+00FF");
    bytes[at] = code;
  }
  return base64(bytes);
}

const VALUES: ReadonlyMap<string, number> = new Map([...ALPHABET].map((each, at) => [each, at]));

/** What stands in place of a value that is hidden begins so. */
const TOKEN_MARK = "[redacted:";

/** Says of a value that cannot be read that it is hidden, where it is. */
export function refuseRedacted(text: string, verb: string): void {
  if (!text.includes(TOKEN_MARK)) return;
  throw usageError(
    "InputError",
    `Cannot ${verb}: the value is redacted`,
    "It is hidden from scripts. The token can be compared, and written back in its place; the person who " +
      "runs kubecode can show values by a rule with reveal: true.",
  );
}

/** Base64 to a string of its bytes. */
export function atob(given: unknown): string {
  const text = `${given}`;
  let out = "";
  let bits = 0;
  let held = 0;
  for (let at = 0; at < text.length && text[at] !== "="; at++) {
    const value = VALUES.get(text[at]!);
    if (value === undefined) {
      if (execOf(/\s/, text[at]!)) continue;
      refuseRedacted(text, "decode");
      throw usageError("InputError", "Cannot decode: it is not base64");
    }
    held = ((held << 6) | value) & 0xfff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out += String.fromCharCode((held >> bits) & 255);
  }
  return out;
}
