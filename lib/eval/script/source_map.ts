/** Reads the mappings of a source map (ECMA-426): where what was made stands in what was written. Pure. */
import type { Place } from "../realm/base/host.ts";

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES: ReadonlyMap<string, number> = new Map([...DIGITS].map((digit, at) => [digit, at]));

/**
 * The places of a map's mappings, in order.
 *
 * @param mappings of the one source that there is
 */
export function readMappings(mappings: string): Place[] {
  const places: Place[] = [];
  // Fields are differences: columns within a line, all else from one mapping to the next.
  let [sourceLine, sourceColumn] = [0, 0];
  for (const [at, line] of mappings.split(";").entries()) {
    let column = 0;
    for (const segment of line.split(",")) {
      const [columns = 0, source, lines = 0, sourceColumns = 0] = readNumbers(segment);
      column += columns;
      if (source === undefined) continue;
      sourceLine += lines;
      sourceColumn += sourceColumns;
      places.push([at + 1, column + 1, sourceLine + 1, sourceColumn + 1]);
    }
  }
  return places;
}

/** Base64 VLQ: five bits a digit, the lowest first; the lowest bit of a number is its sign. */
function readNumbers(segment: string): number[] {
  const numbers: number[] = [];
  let [value, shift] = [0, 0];
  for (const digit of segment) {
    const bits = VALUES.get(digit) ?? 0;
    value += (bits & 31) << shift;
    shift += 5;
    if (bits & 32) continue;
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    [value, shift] = [0, 0];
  }
  return numbers;
}
