/** Where a place in code that was made from a script stands in the script. Pure. */
import type { Place } from "./host.ts";

/** The place of the script from which a place of the code was made: that of the mapping before it. */
export function sourcePlace(
  places: readonly Place[],
  line: number,
  column: number,
): { line: number; column: number } {
  let found: Place | undefined;
  for (const place of places) {
    if (place[0] > line || (place[0] === line && place[1] > column && found?.[0] === line)) break;
    found = place;
  }
  return found ? { line: found[2], column: found[3] } : { line: 1, column: 1 };
}
