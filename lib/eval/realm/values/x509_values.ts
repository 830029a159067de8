/** Names, texts and times of certificates. */
import { contentOf, type Value, valuesIn } from "./der.ts";
import { usageError } from "../base/errors.ts";
import {
  append,
  bytesToString,
  DateClass,
  decodeUri,
  define,
  execOf,
  indexOf,
  parseDate,
  safeMap,
  slice,
} from "../base/primordials.ts";

/** Short names of attributes (RFC 4514 section 3), by the bytes of their object identifier. */
const ATTRIBUTES = safeMap<string, string>();
for (
  const [code, name] of [[3, "CN"], [7, "L"], [8, "ST"], [9, "STREET"], [10, "O"], [11, "OU"], [
    6,
    "C",
  ]] as const
) {
  ATTRIBUTES.set(`\x55\x04${bytesToString(code)}`, name);
}
ATTRIBUTES.set("\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19", "DC");

const UTF8_STRING = 0x0c;
const BMP_STRING = 0x1e;
const GENERALIZED_TIME = 0x18;

/** A Name as text (RFC 4514): its parts from the last to the first. */
export function distinguishedName(name: Value): string {
  const parts = valuesIn(name);
  let text = "";
  for (let at = parts.length - 1; at >= 0; at--) {
    const attributes = valuesIn(parts[at]!);
    let part = "";
    for (let each = 0; each < attributes.length; each++) {
      const [type, value] = valuesIn(attributes[each]!);
      const known = ATTRIBUTES.get(contentOf(type!)) ?? objectId(contentOf(type!));
      part += `${part && "+"}${known}=${escaped(readText(value!))}`;
    }
    text += `${text && ","}${part}`;
  }
  return text;
}

/** A string of any of the types that names have. */
export function readText(value: Value): string {
  const content = contentOf(value);
  if (value.tag === BMP_STRING) {
    let text = "";
    for (let at = 0; at + 1 < content.length; at += 2) {
      text += bytesToString(content.charCodeAt(at) * 256 + content.charCodeAt(at + 1));
    }
    return text;
  }
  if (value.tag !== UTF8_STRING) return content;
  let encoded = "";
  for (let at = 0; at < content.length; at++) {
    encoded += `%${content.charCodeAt(at).toString(16).padStart(2, "0")}`;
  }
  return decodeUri(encoded);
}

/** A time (RFC 5280 section 4.1.2.5). */
export function readTime(value: Value): Date {
  const content = contentOf(value);
  const form = value.tag === GENERALIZED_TIME
    ? /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/
    : /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
  const read = execOf(form, content);
  if (read === null) throw usageError("InputError", "no time");
  const [, year = "", month, day, hour, minute, second] = read;
  const century = value.tag === GENERALIZED_TIME ? "" : year < "50" ? "20" : "19";
  return dateOf(`${century}${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** A Date, to be compared with others; as text and JSON it is as the API writes times. */
function dateOf(text: string): Date {
  const time = parseDate(text);
  if (!(time > -Infinity)) throw usageError("InputError", "no time");
  const date = new DateClass(time);
  const names = ["toJSON", "toString"];
  for (let at = 0; at < names.length; at++) {
    define(date, names[at]!, { __proto__: null, value: () => text } as PropertyDescriptor);
  }
  return date;
}

/** An IPv4 or IPv6 address (RFC 5952) of its bytes. */
export function readAddress(value: Value): string {
  const bytes = contentOf(value);
  if (bytes.length === 4) {
    let text = `${bytes.charCodeAt(0)}`;
    for (let at = 1; at < 4; at++) text += `.${bytes.charCodeAt(at)}`;
    return text;
  }
  if (bytes.length !== 16) throw usageError("InputError", "no address");
  let text = "";
  for (let at = 0; at < 16; at += 2) {
    text += `:${(bytes.charCodeAt(at) * 256 + bytes.charCodeAt(at + 1)).toString(16)}`;
  }
  let zeros = "";
  for (const run = /(?::0(?![^:])){2,}/g;;) {
    const found = execOf(run, text);
    if (found === null) break;
    if (found[0].length > zeros.length) zeros = found[0];
  }
  if (zeros === "") return slice(text, 1);
  const start = indexOf(text, zeros);
  return `${slice(text, 1, start)}::${slice(text, start + zeros.length + 1)}`;
}

/** What would end a part of a name is escaped. */
function escaped(text: string): string {
  let out = "";
  for (let at = 0; at < text.length; at++) {
    out += execOf(/[,+"\\<>;]/, text[at]!) ? `\\${text[at]}` : text[at];
  }
  return out;
}

function objectId(bytes: string): string {
  const numbers: number[] = [];
  let number = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes.charCodeAt(at);
    number = number * 128 + (byte & 127);
    if (byte & 128) continue;
    if (numbers.length > 0) append(numbers, number);
    else {
      const first = number < 80 ? number < 40 ? 0 : 1 : 2;
      append(numbers, first);
      append(numbers, number - first * 40);
    }
    number = 0;
  }
  let text = "";
  for (let at = 0; at < numbers.length; at++) text += `${at ? "." : ""}${numbers[at]}`;
  return text;
}
