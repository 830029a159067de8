/**
 * Where something may begin in a text: one pass finds all known words (hints of names, beginnings of
 * tokens, programs) and all long runs of letters and digits. The work of a text is this pass and a closer
 * look at each place found; how many words there are to look for makes no difference. Pure.
 *
 * The words are an automaton after Aho and Corasick: a state for each beginning of a word, and for each
 * state and character the one that follows.
 */

/** What is told of a text, in order of where it ends. */
export interface Visitor {
  /** A known word, in any case, that ends before `end`. */
  word(word: number, end: number): void;
  /** A run of at least twenty letters, digits and signs of base64, of more than one kind; no hexadecimal. */
  run(start: number, end: number): void;
  /** A full stop behind exactly six letters and digits, as in the tokens of kubeadm. */
  stop(at: number): void;
}

/** Shorter runs are no tokens. */
const RUN_LENGTH = 20;
/** What no letter or digit is, so that it counts as part of a run. */
const SEPARATOR = 16;
const STOP = 46;
/** Characters that are told apart, as a power of two: each state has a row of so many. */
const WIDTH_BITS = 6;
const WIDTH = 1 << WIDTH_BITS;

const UPPER = 1;
const LOWER = 2;
const DIGIT = 4;
/** No digit of a hexadecimal number, nor a hyphen as in a UUID. */
const OTHER = 8;

/** Which kind of letter of a run each character is; 0 for those that end one. */
const RUN_KINDS = new Uint8Array(256);
for (let code = 0; code < 128; code++) {
  const character = String.fromCharCode(code);
  const other = /[a-f0-9-]/i.test(character) ? 0 : OTHER;
  if (/[A-Z]/.test(character)) RUN_KINDS[code] = UPPER | other;
  else if (/[a-z]/.test(character)) RUN_KINDS[code] = LOWER | other;
  else if (/\d/.test(character)) RUN_KINDS[code] = DIGIT;
  else if (/[+\/_-]/.test(character)) RUN_KINDS[code] = SEPARATOR | other;
}

/** Makes the pass that looks for these words, which are ASCII; they are told by their index. */
export function createScan(words: readonly string[]): (text: string, visitor: Visitor) => void {
  const { classes, next, ends } = automaton(words);
  return (text, visitor) => {
    const { length } = text;
    let state = 0;
    let start = 0;
    let kinds = 0;
    for (let at = 0; at < length; at++) {
      const code = text.charCodeAt(at);
      const kind = code < 128 ? RUN_KINDS[code]! : 0;
      if (kind !== 0) kinds |= kind;
      else {
        if (at - start >= RUN_LENGTH && isMixed(kinds)) visitor.run(start, at);
        else if (code === STOP && at - start === 6) visitor.stop(at);
        start = at + 1;
        kinds = 0;
      }
      state = next[(state << WIDTH_BITS) | (code < 128 ? classes[code]! : 0)]!;
      const found = ends[state];
      if (found !== undefined) { for (const word of found) visitor.word(word, at + 1); }
    }
    if (length - start >= RUN_LENGTH && isMixed(kinds)) visitor.run(start, length);
  };
}

function isMixed(kinds: number): boolean {
  const letters = kinds & (UPPER | LOWER | DIGIT);
  return (kinds & OTHER) !== 0 && (letters & (letters - 1)) !== 0;
}

interface Automaton {
  /** The class of each ASCII character; 0 is what no word has. */
  readonly classes: Uint8Array;
  /** The state behind a state and a class. */
  readonly next: Uint16Array;
  /** The words that end in a state. */
  readonly ends: readonly (readonly number[] | undefined)[];
}

function automaton(words: readonly string[]): Automaton {
  const classes = new Uint8Array(128);
  let used = 1;
  const classOf = (character: string) => {
    const code = character.toLowerCase().charCodeAt(0);
    if (classes[code] === 0) {
      classes[code] = used;
      classes[character.toUpperCase().charCodeAt(0)] = used;
      used += 1;
    }
    return classes[code]!;
  };
  const children: Map<number, number>[] = [new Map()];
  const ends: number[][] = [[]];
  words.forEach((word, index) => {
    let state = 0;
    for (const character of word) {
      const key = classOf(character);
      let child = children[state]!.get(key);
      if (child === undefined) {
        child = children.length;
        children.push(new Map());
        ends.push([]);
        children[state]!.set(key, child);
      }
      state = child;
    }
    ends[state]!.push(index);
  });
  if (used > WIDTH || children.length > 0xffff) throw new RangeError("too many words to look for");
  return {
    classes,
    next: links(children, ends),
    ends: ends.map((one) => one[0] === undefined ? undefined : one),
  };
}

/** Fills in what follows where no word goes on: the longest end of what was read that begins a word. */
function links(children: readonly Map<number, number>[], ends: number[][]): Uint16Array {
  const next = new Uint16Array(children.length << WIDTH_BITS);
  const shorter = new Uint16Array(children.length);
  const queue = [0];
  for (const state of queue) {
    const instead = shorter[state]!;
    ends[state]!.push(...(state === 0 ? [] : ends[instead]!));
    for (let key = 0; key < WIDTH; key++) {
      const child = children[state]!.get(key);
      const other = state === 0 ? 0 : next[(instead << WIDTH_BITS) | key]!;
      next[(state << WIDTH_BITS) | key] = child ?? other;
      if (child === undefined) continue;
      shorter[child] = other;
      queue.push(child);
    }
  }
  return next;
}
