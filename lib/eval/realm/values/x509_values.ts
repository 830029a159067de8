/** Names, texts and times of certificates. */
import { contentOf, type Value, valuesIn } from "./der.ts";
import { usageError } from "../base/errors.ts";
import { execOf, replaceAll } from "../../../std/regexp.ts";

/** Short names of attributes (RFC 4514 section 3), by the bytes of their object identifier. */
const ATTRIBUTES: ReadonlyMap<string, string> = new Map([
  ["\x55\x04\x03", "CN"],
  ["\x55\x04\x06", "C"],
  ["\x55\x04\x07", "L"],
  ["\x55\x04\x08", "ST"],
  ["\x55\x04\x09", "STREET"],
  ["\x55\x04\x0a", "O"],
  ["\x55\x04\x0b", "OU"],
  ["\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19", "DC"],
]);

const UTF8_STRING = 0x0c;
const BMP_STRING = 0x1e;
const GENERALIZED_TIME = 0x18;

/** A Name as text (RFC 4514): its parts from the last to the first. */
export function distinguishedName(name: Value): string {
  return valuesIn(name).reverse().map((part) =>
    valuesIn(part).map((attribute) => {
      const [type, value] = valuesIn(attribute);
      const identifier = contentOf(type!);
      return `${ATTRIBUTES.get(identifier) ?? objectId(identifier)}=${escaped(readText(value!))}`;
    }).join("+")
  ).join(",");
}

/** A string of any of the types that names have. */
export function readText(value: Value): string {
  const content = contentOf(value);
  if (value.tag === BMP_STRING) {
    const units = bytesOf(content.slice(0, content.length & ~1));
    return pairs(units).map((unit) => String.fromCharCode(unit)).join("");
  }
  if (value.tag !== UTF8_STRING) return content;
  const hex = bytesOf(content).map((byte) => `%${byte.toString(16).padStart(2, "0")}`);
  return decodeURIComponent(hex.join(""));
}

function bytesOf(content: string): number[] {
  return [...content].map((each) => each.charCodeAt(0));
}

/** Numbers of two bytes each, the higher one first. */
function pairs(bytes: readonly number[]): number[] {
  return bytes.filter((_, at) => at % 2 === 0).map((high, at) => high * 256 + bytes[2 * at + 1]!);
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
  const time = Date.parse(text);
  if (!(time > -Infinity)) throw usageError("InputError", "no time");
  const date = new Date(time);
  for (const name of ["toJSON", "toString"]) {
    Object.defineProperty(date, name, { value: () => text });
  }
  return date;
}

/** An IPv4 or IPv6 address (RFC 5952) of its bytes. */
export function readAddress(value: Value): string {
  const bytes = bytesOf(contentOf(value));
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16) throw usageError("InputError", "no address");
  const text = pairs(bytes).map((group) => `:${group.toString(16)}`).join("");
  let zeros = "";
  for (const run = /(?::0(?![^:])){2,}/g;;) {
    const found = execOf(run, text);
    if (found === null) break;
    if (found[0].length > zeros.length) zeros = found[0];
  }
  if (zeros === "") return text.slice(1);
  const start = text.indexOf(zeros);
  return `${text.slice(1, start)}::${text.slice(start + zeros.length + 1)}`;
}

/** What would end a part of a name is escaped. */
function escaped(text: string): string {
  return replaceAll(text, /[,+"\\<>;]/g, ([special]) => `\\${special}`);
}

function objectId(bytes: string): string {
  const numbers: number[] = [];
  let number = 0;
  for (const byte of bytesOf(bytes)) {
    number = number * 128 + (byte & 127);
    if (byte & 128) continue;
    const first = number < 80 ? number < 40 ? 0 : 1 : 2;
    numbers.push(...numbers.length > 0 ? [number] : [first, number - first * 40]);
    number = 0;
  }
  return numbers.join(".");
}
