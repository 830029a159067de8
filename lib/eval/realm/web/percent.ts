/** Percent-encoding (https://url.spec.whatwg.org/#percent-encoded-bytes). Pure. */
import { TextDecoder, TextEncoder } from "./text_encoding.ts";

const C0: ReadonlySet<string> = new Set();
const FRAGMENT = new Set(' "<>`');
const QUERY = new Set(' "#<>');
const SPECIAL_QUERY = new Set([...QUERY, "'"]);
const PATH = new Set([...QUERY, ..."?^`{}"]);
const USERINFO = new Set([...PATH, ..."/:;=@[\\]|"]);

/** What is encoded in each part of a URL, besides what is no printable ASCII. */
export const ENCODED = { C0, FRAGMENT, QUERY, SPECIAL_QUERY, PATH, USERINFO } as const;

const NOT_IN_FORM = new Set([..."!\"#$%&'()+,/:;<=>?@[\\]^`{|}~"]);

/** A text with the characters of a set encoded. */
export function percentEncode(text: string, set: ReadonlySet<string>): string {
  let out = "";
  for (const character of text) {
    out += set.has(character) || !isPrintable(character) ? hexOf(character) : character;
  }
  return out;
}

/** A name or value of `application/x-www-form-urlencoded`. */
export function formEncode(text: string): string {
  let out = "";
  for (const character of text) {
    if (character === " ") out += "+";
    else {out += NOT_IN_FORM.has(character) || !isPrintable(character)
        ? hexOf(character)
        : character;}
  }
  return out;
}

/** A text with what is encoded in it decoded, as UTF-8. */
export function percentDecode(text: string): string {
  if (!text.includes("%")) return text.isWellFormed() ? text : text.toWellFormed();
  const bytes = new TextEncoder().encode(text);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] === 0x25 ? hexByte(bytes[at + 1], bytes[at + 2]) : undefined;
    if (byte !== undefined) at += 2;
    bytes[length++] = byte ?? bytes[at]!;
  }
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, length));
}

function isPrintable(character: string): boolean {
  return character >= " " && character <= "~" && character.length === 1;
}

function hexOf(character: string): string {
  let out = "";
  for (const byte of new TextEncoder().encode(character)) {
    out += `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return out;
}

function hexByte(high: number | undefined, low: number | undefined): number | undefined {
  const [first, second] = [hexDigit(high), hexDigit(low)];
  return first < 0 || second < 0 ? undefined : first * 16 + second;
}

function hexDigit(code = 0): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1;
}
