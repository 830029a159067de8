/** DER (X.690) as far as certificates need it: tags of one byte, lengths that are given. */
import { usageError } from "../base/errors.ts";

/** One value of DER: its tag, and where its content stands. */
export interface Value {
  readonly der: string;
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

/** The bytes of a value, one a character. */
export function contentOf({ der, start, end }: Value): string {
  return der.slice(start, end);
}

/** The values within one. @param tag what the outer one must be */
export function valuesIn(outer: Value, tag = outer.tag): Value[] {
  if (outer.tag !== tag) throw usageError("InputError", "unexpected tag");
  const values: Value[] = [];
  for (let at = outer.start; at < outer.end;) {
    const value = valueAt(outer.der, at, outer.end);
    values.push(value);
    at = value.end;
  }
  return values;
}

/** The value that begins at a place, and ends no later than the limit. */
export function valueAt(der: string, at: number, limit: number): Value {
  const tag = der.charCodeAt(at);
  const first = der.charCodeAt(at + 1);
  const more = first > 0x80 ? first - 0x80 : 0;
  let length = more > 0 ? 0 : first;
  for (let each = 0; each < more; each++) length = length * 256 + der.charCodeAt(at + 2 + each);
  const start = at + 2 + more;
  const end = start + length;
  // NaN, of a text that ends too early, is not within the limit either.
  if (!(end <= limit) || first === 0x80) throw usageError("InputError", "cut off");
  return { der, tag, start, end };
}
