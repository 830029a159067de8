/**
 * Redaction of the text of large JSON answers in one pass: what is not rewritten is not parsed. Each
 * string is looked at for the kinds of characters in it; the few that can hold a credential, and the
 * objects whose fields say something of one another, go through tree.ts. Pure.
 *
 * Of objects within objects the outermost alone goes there, once the pass is over, so that nothing is
 * parsed once for every level. Where a token belongs to its place, that is the whole object of the API.
 *
 * It goes over the bytes of the UTF-8, of which strings are made only where they are looked at: a list is
 * large, and each copy of it is memory.
 */
import { Buffer } from "node:buffer";
import { DIGIT, ESCAPED, isHarmless, KINDS } from "./character_classes.ts";
import { envStrength } from "../detect/named/pairs.ts";
import type { NameStrength } from "../detect/names.ts";
import { keyOf, NO_KEY } from "./keys.ts";
import { KEPT_LENGTH, type Key, type Word, wordAt } from "./words.ts";
import { isPlainJson, mayHold } from "../detect/text.ts";
import { CONTINUE } from "../detect/values.ts";
import { flagStrength, isShortOption } from "./arguments.ts";
import { anySpot, objectSpot, type Spot, topSpot } from "./spots.ts";
import type { Place, Tree } from "./tree.ts";
import { concatBytes } from "../../std/bytes.ts";
import { parseExact, stringifyExact } from "../../std/json/exact.ts";

const encoder = new TextEncoder();

const QUOTE = 34;
const COMMA = 44;
const MINUS = 45;
const COLON = 58;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** What JSON has outside of strings, beside its signs: numbers, true, false, null, white space. */
const BARE = new Uint8Array(256);
for (const character of "0123456789+-.eEtrufalsn \t\r\n") BARE[character.charCodeAt(0)] = 1;

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** An object or array that the pass is in. There is one for each level, used again and again. */
interface Frame {
  isObject: boolean;
  start: number;
  /** How many edits there were when it began. */
  edits: number;
  /** The key under which it stands; what it says of strings in an array. */
  key: Key;
  under: Key["role"];
  /** Its parts can only be judged together. */
  together: boolean;
  hasKind: boolean;
  isSecret: boolean;
  hasData: boolean;
  hasValue: boolean;
  /** Of each string under `name` or `key` its two quotes, and the kinds of its characters. */
  readonly names: number[];
  /** How many of these numbers are this one's. */
  numbers: number;
  /** The last key of those two. */
  named: Key["role"];
}

/** A part of the document that is written anew: a string, or an object or array as the tree sees it. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly string?: string;
  readonly known?: {
    readonly strength: NameStrength;
    readonly secret: boolean;
    readonly pair: NameStrength;
  };
  /** Whether it is all of the answer, an object of the API in it, or stands outside of those. */
  readonly what?: "answer" | "object" | "other";
}

/** A pass over a document: where it is, and what it has found so far. */
interface Pass {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly buffer: Buffer;
  readonly tree: Tree;
  readonly place: Place;
  /** In order, none within another. */
  readonly edits: Edit[];
  /** From the outermost on; beyond the depth those that are not in use. */
  readonly frames: Frame[];
  depth: number;
  /** The innermost of the frames. */
  frame: Frame | undefined;
  /** The frame of the object of the API that the pass is in. */
  scope: Frame | undefined;
  /** The key of the value that comes next. */
  key: Key;
  /** The string that comes next is a key. */
  isKey: boolean;
  /** The place of all that belongs to no object of the API. */
  readonly spot: Spot;
  /** A key that says something of its object is given twice, of which parsing keeps the last only. */
  twice: boolean;
}

/**
 * The UTF-8 of a JSON document, redacted; the same bytes where nothing is hidden.
 *
 * @returns undefined for what is no JSON
 */
export function redactJson(
  bytes: Uint8Array<ArrayBuffer>,
  tree: Tree,
  place: Place,
): Uint8Array<ArrayBuffer> | undefined {
  const pass = passOver(bytes, tree, place);
  const { length } = bytes;
  let begun = false;
  for (let at = 0; at < length; at++) {
    const code = bytes[at]!;
    switch (code) {
      case QUOTE: {
        // Its end is looked for here: a function of its own takes twice the time.
        const start = at;
        let kinds = 0;
        for (at += 1; at < length; at++) {
          const character = bytes[at]!;
          if (character === QUOTE) break;
          if (character === BACKSLASH) at += 1;
          kinds |= KINDS[character]!;
        }
        if (at >= length) return undefined;
        if (pass.isKey) passKey(pass, start, at, kinds);
        else passString(pass, start, at, kinds);
        break;
      }
      case COLON:
        pass.isKey = false;
        break;
      case COMMA:
        pass.isKey = pass.frame?.isObject ?? false;
        if (!pass.isKey && pass.frame) pass.key = pass.frame.key;
        break;
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        if (pass.key.role === "table") return redactWhole(bytes, tree, place);
        open(pass, at, code === OPEN_OBJECT);
        begun = true;
        break;
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        if (!close(pass, at, code === CLOSE_OBJECT)) return undefined;
        break;
      default:
        if ((BARE[code] !== 1 || pass.frame === undefined) && !isSpace(code)) return undefined;
        if (KINDS[code] === DIGIT) passDigit(pass);
    }
  }
  if (pass.depth > 0 || !begun) return undefined;
  // Parsed as a whole, what was found out on the way would be lost.
  if (pass.twice && place.objects) return redactJson(bytes, tree, { secrets: place.secrets });
  return edited(pass);
}

function passOver(bytes: Uint8Array<ArrayBuffer>, tree: Tree, place: Place): Pass {
  return {
    bytes,
    buffer: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
    tree,
    place,
    edits: [],
    frames: [],
    depth: 0,
    frame: undefined,
    scope: undefined,
    key: NO_KEY,
    isKey: false,
    spot: anySpot(),
    twice: false,
  };
}

/** Reads the key in the quotes at `start` and `end`. */
function passKey(pass: Pass, start: number, end: number, kinds: number): void {
  const word = wordIn(pass, start, end);
  const key = word?.key ?? keyOf(decode(pass, start, end, kinds));
  if (word) word.key = key;
  pass.key = key;
  if (key.credential && pass.frame) pass.frame.together = true;
}

/** Redacts the string in the quotes at `start` and `end`. */
function passString(pass: Pass, start: number, end: number, kinds: number): void {
  const { bytes, frame, key } = pass;
  if (key.role === "continue" && CONTINUE.test(decode(pass, start, end, kinds))) return;
  if (frame?.isObject) {
    if (key.role === "kind") {
      frame.isSecret ||= decode(pass, start, end, kinds) === "Secret";
      pass.twice ||= frame.hasKind;
      frame.hasKind = true;
    } else if (key.role === "name" || key.role === "key") {
      pass.twice ||= frame.named === key.role || frame.numbers === 6;
      frame.named = key.role;
      frame.names[frame.numbers++] = start;
      frame.names[frame.numbers++] = end;
      frame.names[frame.numbers++] = kinds;
    } else if (key.role === "value") frame.hasValue = true;
  } else if (frame && mayBegin(bytes[start + 1]!, MINUS) && isOption(pass, start, end, kinds)) {
    frame.together = true;
    const outer = pass.frames[pass.depth - 2];
    if (outer) outer.together = true;
  }
  const isUnnamed = key.strength === "none";
  if (isUnnamed && isHarmless(bytes, start, end + 1, kinds)) return;
  const { scope } = pass;
  if (scope?.together) return;
  const word = isUnnamed ? wordIn(pass, start, end) : undefined;
  if (word?.isPlain) return;
  // Of what is escaped the meaning may be another.
  if (isUnnamed && (kinds & ESCAPED) === 0 && !mayHold(bytes, start + 1, end)) {
    if (word) word.isPlain = true;
    return;
  }
  if (isUnnamed && end - start >= LONG && isPlainLong(pass, start + 1, end)) return;
  const value = decode(pass, start, end, kinds);
  const redacted = pass.tree.leaf(key.strength, value, scope ? undefined : spotAt(pass, start));
  if (redacted === value) {
    if (word) word.isPlain = true;
  } else if (redacted === undefined && scope) scope.together = true;
  else pass.edits.push({ start, end: end + 1, string: redacted });
}

/** What is known of what stands in these quotes, as it is written; undefined where it is not kept. */
function wordIn({ bytes }: Pass, start: number, end: number): Word | undefined {
  return end - start <= KEPT_LENGTH ? wordAt(bytes, start + 1, end) : undefined;
}

/** Whether an argument says something of the next one. */
function isOption(pass: Pass, start: number, end: number, kinds: number): boolean {
  const word = wordIn(pass, start, end);
  if (word?.isOption !== undefined) return word.isOption;
  const argument = decode(pass, start, end, kinds);
  const is = flagStrength(argument) !== "none" || isShortOption(argument);
  if (word) word.isOption = is;
  return is;
}

/** Of strings longer than that most are documents in which nothing is hidden. */
const LONG = 1024;

/** Whether there is nothing to look at in what is written between two places. */
function isPlainLong({ buffer, tree }: Pass, start: number, end: number): boolean {
  return isPlainJson(buffer.toString("latin1", start, end), {
    bytes: buffer.subarray(start, end),
    onLook: tree.onLook,
  });
}

/** A place in an answer that is not found again. */
function spotAt({ spot }: Pass, start: number): Spot {
  return { above: spot, kind: "key", step: start };
}

/** Enters the object or array that begins at `at`. */
function open(pass: Pass, at: number, isObject: boolean): void {
  const { frame, key, frames, depth } = pass;
  if (frame && key.role === "sealed") frame.together = true;
  if (frame && key.role === "data") frame.hasData = true;
  const opened = frames[depth] ??= newFrame();
  opened.isObject = isObject;
  opened.start = at;
  opened.edits = pass.edits.length;
  // What a key says, it says of the strings of an array too, not of the fields of objects.
  opened.key = isObject ? NO_KEY : key.elements ?? key;
  opened.under = key.role;
  opened.together = false;
  opened.hasKind = false;
  opened.isSecret = pass.place.secrets;
  opened.hasData = false;
  opened.hasValue = false;
  opened.numbers = 0;
  opened.named = "";
  pass.depth = depth + 1;
  pass.frame = opened;
  pass.isKey = isObject;
  pass.key = opened.key;
  if (pass.scope === undefined && isScope(pass)) pass.scope = opened;
}

function newFrame(): Frame {
  return {
    isObject: false,
    start: 0,
    edits: 0,
    key: NO_KEY,
    under: "",
    together: false,
    hasKind: false,
    isSecret: false,
    hasData: false,
    hasValue: false,
    names: [],
    numbers: 0,
    named: "",
  };
}

/** Whether the innermost frame is an object of the API. */
function isScope({ frames, depth, place: { objects } }: Pass): boolean {
  if (objects === undefined) return false;
  if (objects.form === "one") return depth === 1;
  const second = frames[1]!;
  if (objects.form === "event") return depth === 2 && second.under === "object";
  return depth === 3 && second.under === "items" && !second.isObject;
}

/** Leaves the object or array that ends at `at`. @returns whether it is of that kind */
function close(pass: Pass, at: number, isObject: boolean): boolean {
  const { scope, frame: closed } = pass;
  if (closed?.isObject !== isObject) return false;
  pass.depth -= 1;
  const pair = pairOf(pass, closed);
  if (closed.together || (closed.isSecret && closed.hasData) || pair !== "none") {
    if (scope !== undefined && scope !== closed) scope.together = true;
    else {
      pass.edits.length = closed.edits;
      const known = {
        strength: closed.key.strength,
        secret: closed.isSecret && !pass.place.secrets,
        pair,
      };
      const what = pass.depth === 0 ? "answer" : scope === closed ? "object" : "other";
      pass.edits.push({ start: closed.start, end: at + 1, known, what });
    }
  }
  if (scope === closed) pass.scope = undefined;
  pass.frame = pass.frames[pass.depth - 1];
  pass.key = NO_KEY;
  pass.isKey = false;
  return true;
}

/** A number that is a password: rare enough to be looked at with its object. */
function passDigit({ frame, key, isKey }: Pass): void {
  if (isKey || !frame) return;
  if (key.strength === "password" && frame.isObject) frame.together = true;
  else if (key.role === "value") frame.hasValue = true;
}

/** What the string in the quotes at `start` and `end` says. */
function decode({ buffer }: Pass, start: number, end: number, kinds: number): string {
  return (kinds & ESCAPED) === 0
    ? buffer.toString("latin1", start + 1, end)
    : JSON.parse(buffer.toString("utf8", start, end + 1)) as string;
}

/** The document with its edits; the same bytes where they change nothing. */
function edited(pass: Pass): Uint8Array<ArrayBuffer> {
  const { bytes, edits } = pass;
  const pieces: Uint8Array[] = [];
  let copied = 0;
  for (const edit of edits) {
    const text = replacement(pass, edit);
    if (text === undefined) continue;
    pieces.push(bytes.subarray(copied, edit.start), encoder.encode(text));
    copied = edit.end;
  }
  if (copied === 0) return bytes;
  pieces.push(bytes.subarray(copied));
  return concatBytes(pieces);
}

/** What is written in place of an edit; undefined where nothing in it is hidden. */
function replacement(pass: Pass, { start, end, string, known, what }: Edit): string | undefined {
  const { buffer, tree, place } = pass;
  if (known === undefined) return JSON.stringify(string);
  const was = parseExact(buffer.toString("utf8", start, end));
  const spot = what === "answer"
    ? topSpot(was, place.objects)
    : what === "object" && place.objects
    ? objectSpot(was, place.objects)
    : spotAt(pass, start);
  const now = Array.isArray(was)
    ? tree.array(was, known.strength, place, spot)
    : tree.value(was, place, known, spot);
  return now === was ? undefined : stringifyExact(now);
}

/** The same by way of parsing it whole. */
export function redactWhole(
  bytes: Uint8Array<ArrayBuffer>,
  tree: Tree,
  place: Place,
): Uint8Array<ArrayBuffer> {
  const parsed = parseExact(new TextDecoder().decode(bytes));
  const redacted = tree.value(parsed, place);
  return redacted === parsed ? bytes : encoder.encode(stringifyExact(redacted));
}

/** Whether a string that begins with this character can say one that begins with the other. */
function mayBegin(code: number, wanted: number): boolean {
  return code === wanted || code === BACKSLASH;
}

/** What the names of an object say of its `value`. */
function pairOf(pass: Pass, { hasValue, names, numbers }: Frame): NameStrength {
  if (!hasValue) return "none";
  let strongest: NameStrength = "none";
  for (let at = 0; at < numbers; at += 3) {
    const strength = variableStrength(pass, names[at]!, names[at + 1]!, names[at + 2]!);
    if (strongest === "none" || strength === "password") strongest = strength;
  }
  return strongest;
}

function variableStrength(pass: Pass, start: number, end: number, kinds: number): NameStrength {
  const word = wordIn(pass, start, end);
  if (word?.variable !== undefined) return word.variable;
  const strength = envStrength(decode(pass, start, end, kinds));
  if (word) word.variable = strength;
  return strength;
}
