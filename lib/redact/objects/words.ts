/**
 * What was found out about keys and strings that were met before: a list says the same ones for each of
 * its objects, so that most are known by their bytes, and no text is made of them. Pure.
 */
import type { NameStrength } from "../detect/names.ts";

/** What a key means to the pass. */
export interface Key {
  readonly role:
    | ""
    | "kind"
    | "data"
    | "sealed"
    | "name"
    | "key"
    | "value"
    | "items"
    | "object"
    | "continue"
    | "table";
  readonly strength: NameStrength;
  /** It holds a credential itself, or may do so. */
  readonly credential: boolean;
  /** What it means to the elements of an array under it. */
  readonly elements?: Key;
}

/** What is known so far of the bytes between two quotes, as they are written: with their escapes. */
export interface Word {
  /** What they mean as a key. */
  key: Key | undefined;
  /** How strong they are as the name of a variable. */
  variable: NameStrength | undefined;
  /** As an argument they say something of the next one. */
  isOption: boolean | undefined;
  /** As a string under a harmless key they hold nothing to hide, wherever they stand. */
  isPlain: boolean;
}

/** Longer ones are judged each time. */
export const KEPT_LENGTH = 128;

/** How many words are kept: two for each hash, those that were met first go first. */
const SLOTS = 4096;
const words: (Word | undefined)[] = new Array(SLOTS).fill(undefined);
/** Their bytes and lengths: an array for each would cost more than all else that is done here. */
let kept: Uint8Array | undefined;
const lengths = new Uint8Array(SLOTS);

/** The word between two places, no longer than {@linkcode KEPT_LENGTH}. */
export function wordAt(bytes: Uint8Array, start: number, end: number): Word {
  kept ??= new Uint8Array(SLOTS * KEPT_LENGTH);
  const first = hashOf(bytes, start, end) & (SLOTS - 2);
  const second = first + 1;
  if (isAt(kept, first, bytes, start, end)) return words[first]!;
  if (isAt(kept, second, bytes, start, end)) return words[second]!;
  words[second] = words[first];
  lengths[second] = lengths[first]!;
  kept.copyWithin(second * KEPT_LENGTH, first * KEPT_LENGTH, second * KEPT_LENGTH);
  const word = { key: undefined, variable: undefined, isOption: undefined, isPlain: false };
  words[first] = word;
  lengths[first] = end - start;
  for (let at = start, to = first * KEPT_LENGTH; at < end; at++) kept[to++] = bytes[at]!;
  return word;
}

/** Whether those bytes are the word of a slot. */
function isAt(
  kept: Uint8Array,
  slot: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (lengths[slot] !== end - start || words[slot] === undefined) return false;
  for (let at = start, to = slot * KEPT_LENGTH; at < end; at++) {
    if (kept[to++] !== bytes[at]) return false;
  }
  return true;
}

/** Of a few of the bytes: to compare them once is what a hash of all would cost again. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length === 0) return 0;
  let hash = length;
  hash = Math.imul(hash, 31) + bytes[start]!;
  hash = Math.imul(hash, 31) + bytes[start + (length >> 2)]!;
  hash = Math.imul(hash, 31) + bytes[start + (length >> 1)]!;
  hash = Math.imul(hash, 31) + bytes[end - 1 - (length >> 2)]!;
  hash = Math.imul(hash, 31) + bytes[end - 1]!;
  return Math.imul(hash, 0x9e3779b1) >>> 16;
}
