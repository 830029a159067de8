/**
 * Which strings need no closer look, by the kinds of characters in them: names, numbers, versions, times,
 * paths and digests, which are nearly all that is in a list of pods. Pure.
 */

/** Kinds of characters, as bits. */
const UPPER = 1;
const HEX = 2; // a to f
const LOWER = 4; // g to z
/** 0 to 9. */
export const DIGIT = 8;
/** What stands between a name and its value, or makes a text of words. */
const SIGN = 16;
/** What is escaped in JSON, or not ASCII. */
export const ESCAPED = 32;
const UNDERSCORE = 64;
const DOT = 128;

/** The kind of each byte. */
export const KINDS = new Uint8Array(256);
for (let code = 0; code < 256; code++) {
  const character = String.fromCharCode(code);
  KINDS[code] = code >= 128 || code === 92
    ? ESCAPED
    : /[A-Z]/.test(character)
    ? UPPER
    : /[a-f]/.test(character)
    ? HEX
    : /[g-z]/.test(character)
    ? LOWER
    : /[0-9]/.test(character)
    ? DIGIT
    : character === "_"
    ? UNDERSCORE
    : character === "."
    ? DOT
    : /[-\/]/.test(character)
    ? 0
    : SIGN;
}

const MINUS = 45;
const COLON = 58;

/**
 * Whether a string can hold no credential, by the kinds of its characters alone. What is left are words,
 * names, numbers, versions, paths and digests.
 */
export function isHarmless(bytes: Uint8Array, start: number, end: number, kinds: number): boolean {
  const length = end - start - 2;
  if (length < 5) return true;
  if ((kinds & (SIGN | ESCAPED)) !== 0) {
    return (kinds & ESCAPED) === 0 && isTime(bytes, start, length);
  }
  if (length < 16) return true;
  if ((kinds & UPPER) !== 0) return false;
  // Random letters and digits; but for names, whose parts are short, and numbers in hexadecimal.
  return (kinds & (DIGIT | LOWER)) !== (DIGIT | LOWER) || length < 20 ||
    (kinds & (UNDERSCORE | DOT)) === 0 && !mayBeRandom(bytes, start + 1, end - 1);
}

/** `2006-01-02T15:04:05Z`, also with parts of seconds. */
function isTime(bytes: Uint8Array, start: number, length: number): boolean {
  return (length === 20 || length === 27) && bytes[start + 11]! === 84 &&
    bytes[start + length]! === 90 && bytes[start + 5]! === MINUS &&
    bytes[start + 14]! === COLON;
}

/** Whether twenty letters and digits follow one another, or a known prefix is at its beginning. */
function mayBeRandom(bytes: Uint8Array, start: number, end: number): boolean {
  let run = 0;
  for (let at = start; at < end; at++) {
    if ((KINDS[bytes[at]!]! & (HEX | LOWER | DIGIT)) === 0) run = 0;
    else if (++run >= 20) return true;
  }
  return startsLikeToken(bytes, start, end);
}

/** The beginnings of tokens that are made of small letters, digits and hyphens, as names are. */
const STARTS = [
  "xox",
  "xapp-",
  "xwfp-",
  "glpat-",
  "gldt-",
  "glrt-",
  "glptt-",
  "glcbt-",
  "sk-",
  "tskey-",
]
  .map((text) => Array.from(text, (character) => character.charCodeAt(0)));

function startsLikeToken(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (at > start && bytes[at - 1] !== MINUS && bytes[at - 1] !== 47) continue;
    const first = bytes[at];
    // s, t, x, g: what they begin with.
    if (first !== 115 && first !== 116 && first !== 120 && first !== 103) continue;
    if (STARTS.some((codes) => codes.every((code, index) => bytes[at + index] === code))) {
      return true;
    }
  }
  return false;
}
