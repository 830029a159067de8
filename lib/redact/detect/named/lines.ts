/** Which quotes and angle brackets are open at a place of a text, within its line. Pure. */

/** What is open. */
export interface Open {
  /** Where the line begins. */
  readonly line: number;
  readonly double: boolean;
  readonly single: boolean;
  readonly back: boolean;
  readonly angle: boolean;
}

const NEWLINE = 10;
const DOUBLE = 34;
const SINGLE = 39;
const LESS = 60;
const MORE = 62;
const BACK = 96;

/**
 * Reads a text from its beginning on: the places that are asked for must be in order, so that each
 * character is read once.
 */
export function createOpen(text: string): (place: number) => Open {
  let at = 0;
  let line = 0;
  let double = false;
  let single = false;
  let back = false;
  let angle = false;
  return (place) => {
    for (; at < place; at++) {
      const code = text.charCodeAt(at);
      if (code > MORE && code !== BACK) continue;
      if (code === NEWLINE) {
        line = at + 1;
        double =
          single =
          back =
          angle =
            false;
      } else if (code === DOUBLE) double = !double;
      // An apostrophe stands between letters.
      else if (code === SINGLE) {
        if (!(isLetter(text.charCodeAt(at - 1)) && isLetter(text.charCodeAt(at + 1)))) {
          single = !single;
        }
      } else if (code === BACK) back = !back;
      else if (code === LESS) angle = true;
      else if (code === MORE) angle = false;
    }
    return { line, double, single, back, angle };
  };
}

function isLetter(code: number): boolean {
  return (code | 32) >= 97 && (code | 32) <= 122;
}
