/**
 * Where something may begin in a text: one pass finds all known words (hints of names, beginnings of
 * tokens, programs) and all long runs of letters and digits. The work of a text is this pass and a closer
 * look at each place found. Pure.
 *
 * Two characters tell at most places that no word begins there, in a table that fits into the first
 * cache of a processor: an automaton of all words does not, and was half as fast.
 */

import { Buffer } from "node:buffer";

/** What is told of a text, in order. */
export interface Visitor {
  /** A known word, in any case, at `start`. */
  word(word: number, start: number): void;
  /** A run of at least twenty letters, digits and signs of base64, of more than one kind; no hexadecimal. */
  run(start: number, end: number): void;
  /** A full stop behind exactly six letters and digits, as in the tokens of kubeadm. */
  stop(at: number): void;
}

/** Shorter runs are no tokens. */
const RUN_LENGTH = 20;
const STOP = 46;
const BLANK = 32;

const UPPER = 1;
const LOWER = 2;
const DIGIT = 4;
/** No digit of a hexadecimal number, nor a hyphen as in a UUID. */
const OTHER = 8;
/** What is no letter or digit, but may be in a run. */
const SEPARATOR = 16;

/** Codes of bytes. */
const CODE_BITS = 8;
const CODES = 1 << CODE_BITS;

/** Which kind of character of a run each is; 0 for those that end one. */
const RUN_KINDS = new Uint8Array(CODES);
/** Each character in lower case. */
const FOLDED = new Uint8Array(CODES);
for (let code = 0; code < 128; code++) {
  const character = String.fromCharCode(code);
  FOLDED[code] = character.toLowerCase().charCodeAt(0);
  const other = /[a-f0-9-]/i.test(character) ? 0 : OTHER;
  if (/[A-Z]/.test(character)) RUN_KINDS[code] = UPPER | other;
  else if (/[a-z]/.test(character)) RUN_KINDS[code] = LOWER | other;
  else if (/\d/.test(character)) RUN_KINDS[code] = DIGIT;
  else if (/[+\/_-]/.test(character)) RUN_KINDS[code] = SEPARATOR | other;
}

/** A word to look for: its index, and what follows its first two characters, in lower case. */
interface Ending {
  readonly word: number;
  readonly codes: readonly number[];
}

/** A pass over a text of which each character is a byte: its place counts, what is not ASCII does not. */
export type Scan = (bytes: Uint8Array, visitor: Visitor) => void;

/** The bytes of a text for the pass. */
export function scannable(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

/** Which words there are to look for. */
interface Words {
  /** For each two characters, in any case, the number of the list of words that begin so; 0 for none. */
  readonly beginnings: Uint8Array;
  /** For each of those lists and each third character, whether a word of the list goes on with it. */
  readonly thirds: Uint8Array;
  readonly endings: readonly (readonly Ending[])[];
}

/** Reads words of ASCII, of two characters or more; they are told by their index. */
function wordsOf(words: readonly string[]): Words {
  const beginnings = new Uint8Array(CODES * CODES);
  const thirds = new Uint8Array(CODES * CODES);
  const endings: Ending[][] = [[]];
  words.forEach((word, index) => {
    const codes = Array.from(word.toLowerCase(), (character) => character.charCodeAt(0));
    const [firsts, seconds, others] = codes.slice(0, 3).map(bothCases);
    const beginning = beginnings[(codes[0]! << CODE_BITS) | codes[1]!] || endings.push([]) - 1;
    for (const first of firsts!) {
      for (const second of seconds!) beginnings[(first << CODE_BITS) | second] = beginning;
    }
    endings[beginning]!.push({ word: index, codes: codes.slice(2) });
    const row = beginning << CODE_BITS;
    if (others === undefined) thirds.fill(1, row, row + CODES);
    else for (const third of others) thirds[row | third] = 1;
  });
  if (endings.length > CODES) throw new RangeError("too many beginnings of words to look for");
  return { beginnings, thirds, endings };
}

/** A character's code in lower case and in upper case. */
function bothCases(code: number): readonly number[] {
  return [code, String.fromCharCode(code).toUpperCase().charCodeAt(0)];
}

/** Makes the pass that looks for these words. */
export function createScan(words: readonly string[]): Scan {
  const { beginnings, thirds, endings } = wordsOf(words);
  return (bytes, visitor) => {
    const { length } = bytes;
    let before = 0;
    let start = 0;
    let kinds = 0;
    for (let at = 0; at < length; at++) {
      const code = bytes[at]!;
      const kind = RUN_KINDS[code]!;
      if (kind !== 0) kinds |= kind;
      else {
        if (at - start >= RUN_LENGTH && isMixed(kinds)) visitor.run(start, at);
        else if (code === STOP && at - start === 6) visitor.stop(at);
        // Documents are indented: no word holds two blanks.
        if (code === BLANK) { while (bytes[at + 1] === BLANK) at += 1; }
        start = at + 1;
        kinds = 0;
      }
      const beginning = beginnings[(before << CODE_BITS) | code]!;
      if (beginning !== 0) {
        const third = at + 1 < length ? bytes[at + 1]! : 0;
        if (thirds[(beginning << CODE_BITS) | third] !== 0) {
          for (const ending of endings[beginning]!) {
            if (endsWord(bytes, at + 1, ending.codes)) visitor.word(ending.word, at - 1);
          }
        }
      }
      before = code;
    }
    if (length - start >= RUN_LENGTH && isMixed(kinds)) visitor.run(start, length);
  };
}

/**
 * Makes the question whether the pass would tell anything of the bytes between two places.
 *
 * @param behind words behind which an `@` must be found
 */
export function createQuestion(
  words: readonly string[],
  behind: { readonly [word: string]: "@" },
): (bytes: Uint8Array, start: number, end: number) => boolean {
  const { beginnings, thirds, endings } = wordsOf(words);
  const needed = words.map((word) => behind[word]?.charCodeAt(0));
  return (bytes, from, end) => {
    let before = 0;
    let start = from;
    let kinds = 0;
    let isMissing = false;
    for (let at = from; at < end; at++) {
      const code = bytes[at]!;
      const kind = RUN_KINDS[code]!;
      if (kind !== 0) kinds |= kind;
      else {
        if (at - start >= RUN_LENGTH ? isMixed(kinds) : code === STOP && at - start === 6) {
          return true;
        }
        start = at + 1;
        kinds = 0;
      }
      const beginning = beginnings[(before << CODE_BITS) | code]!;
      // What follows the last place is a quote or another word: found there, it is looked at in vain.
      if (beginning !== 0 && thirds[(beginning << CODE_BITS) | (bytes[at + 1] ?? 0)] !== 0) {
        for (const { word, codes } of endings[beginning]!) {
          if (!endsWord(bytes, at + 1, codes)) continue;
          const wanted = needed[word];
          if (wanted === undefined) return true;
          if (isMissing) continue;
          if (bytes.subarray(at, end).includes(wanted)) return true;
          isMissing = true;
        }
      }
      before = code;
    }
    return end - start >= RUN_LENGTH && isMixed(kinds);
  };
}

function isMixed(kinds: number): boolean {
  const letters = kinds & (UPPER | LOWER | DIGIT);
  return (kinds & OTHER) !== 0 && (letters & (letters - 1)) !== 0;
}

/** Whether the rest of a word stands at a place. */
function endsWord(bytes: Uint8Array, at: number, codes: readonly number[]): boolean {
  for (let same = 0; same < codes.length; same++) {
    if (FOLDED[bytes[at + same] ?? 0] !== codes[same]) return false;
  }
  return true;
}
