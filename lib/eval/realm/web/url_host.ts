/** Hosts of URLs (https://url.spec.whatwg.org/#host-parsing); names in ASCII only. Pure. */
import { execOf } from "../../../std/regexp.ts";
import { ENCODED, percentDecode, percentEncode } from "./percent.ts";

/** Characters that no host has. */
const FORBIDDEN = /[\0\t\n\r #/:<>?@[\\\]^|]/;
const FORBIDDEN_IN_NAME = /[\0-\x20#%/:<>?@[\\\]^|\x7f]/;

/** The host as it is written in a URL; undefined for what is none. */
export function readHost(text: string, isSpecial: boolean): string | undefined {
  if (text.startsWith("[")) {
    const words = text.endsWith("]") ? readIpv6(text.slice(1, -1)) : undefined;
    return words && `[${ipv6Text(words)}]`;
  }
  if (!isSpecial) {
    return execOf(FORBIDDEN, text) ? undefined : percentEncode(text, ENCODED.C0);
  }
  const name = percentDecode(text).toLowerCase();
  // Names in other scripts need the tables of IDNA, which are larger than all the rest.
  if (name === "" || execOf(FORBIDDEN_IN_NAME, name) || execOf(/[^\0-\x7f]/, name)) {
    return undefined;
  }
  return endsInNumber(name) ? readIpv4(name) : name;
}

function endsInNumber(name: string): boolean {
  const parts = name.split(".");
  if (parts.at(-1) === "" && parts.length > 1) parts.pop();
  const last = parts.at(-1) ?? "";
  return execOf(/^(?:\d+|0x[\da-f]*)$/, last) !== null;
}

function readIpv4(name: string): string | undefined {
  const parts = name.split(".");
  if (parts.at(-1) === "" && parts.length > 1) parts.pop();
  if (parts.length > 4) return undefined;
  const numbers = parts.map(readNumber);
  const last = numbers.pop()!;
  if (!(last < 256 ** (4 - numbers.length)) || numbers.some((each) => !(each <= 255))) {
    return undefined;
  }
  let address = last;
  for (const [at, each] of numbers.entries()) address += each * 256 ** (3 - at);
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** Decimal, octal or hexadecimal; NaN for anything else. */
function readNumber(text: string): number {
  if (text === "") return NaN;
  if (execOf(/^0x[\da-f]*$/, text)) return text === "0x" ? 0 : Number(text);
  if (execOf(/^0[0-7]+$/, text)) return Number(`0o${text.slice(1)}`);
  return execOf(/^(?:0|[1-9]\d*)$/, text) ? Number(text) : NaN;
}

/** The eight words of an address (RFC 4291, section 2.2). */
function readIpv6(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [front, back] = halves.map((half, at) =>
    readWords(half === "" ? [] : half.split(":"), at === halves.length - 1)
  );
  if (!front || (halves.length === 2 && !back)) return undefined;
  if (!back) return front.length === 8 ? front : undefined;
  const missing = 8 - front.length - back.length;
  return missing < 1 ? undefined : [...front, ...new Array<number>(missing).fill(0), ...back];
}

function readWords(parts: readonly string[], isEnd: boolean): number[] | undefined {
  const words: number[] = [];
  for (const [at, part] of parts.entries()) {
    if (execOf(/^[\da-fA-F]{1,4}$/, part)) words.push(Number(`0x${part}`));
    else {
      const bytes = execOf(/^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/, part)?.slice(1);
      if (!bytes || !isEnd || at !== parts.length - 1) return undefined;
      if (bytes.some((byte) => Number(byte) > 255 || (byte.length > 1 && byte[0] === "0"))) {
        return undefined;
      }
      const [a, b, c, d] = bytes.map(Number) as [number, number, number, number];
      words.push(a * 256 + b, c * 256 + d);
    }
  }
  return words;
}

/** As of RFC 5952: the longest run of zeros is left out. */
function ipv6Text(words: readonly number[]): string {
  let [start, length] = [-1, 1];
  for (let from = 0; from < 8; from++) {
    let to = from;
    while (to < 8 && words[to] === 0) to++;
    if (to - from > length) [start, length] = [from, to - from];
  }
  const text = (part: readonly number[]) => part.map((word) => word.toString(16)).join(":");
  if (start < 0) return text(words);
  return `${text(words.slice(0, start))}::${text(words.slice(start + length))}`;
}
