/** tr, byte by byte as GNU's. */
import { type Command, defineCommand } from "just-bash";
import { failure, fromText, result, stdinOf, toBinary } from "../base/bytes.ts";
import { readOptions, UsageError } from "../base/options.ts";

const ALL = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));

const CLASSES: Readonly<Record<string, RegExp>> = {
  alpha: /[A-Za-z]/,
  digit: /\d/,
  alnum: /[A-Za-z0-9]/,
  upper: /[A-Z]/,
  lower: /[a-z]/,
  space: /[ \t\n\v\f\r]/,
  blank: /[ \t]/,
  punct: /[!-/:-@[-`{-~]/,
  xdigit: /[0-9A-Fa-f]/,
  // deno-lint-ignore no-control-regex -- that is what the class is
  cntrl: /[\x00-\x1f\x7f]/,
  print: /[ -~]/,
  graph: /[!-~]/,
};

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
  "\\": "\\",
};

/** The bytes of a set. @param length how long a `[x*]` makes it @throws {UsageError} no set */
function readSet(written: string, length: number): string[] {
  const text = fromText(written);
  const set: string[] = [];
  const fill: { at: number; character: string }[] = [];
  for (let rest = text; rest !== "";) {
    const named = /^\[:(\w+):\]/.exec(rest);
    const repeated = /^\[(\\.|.)\*(\d*)\]/s.exec(rest);
    if (named) {
      const name = named[1] ?? "";
      const found = Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
      if (!found) throw new UsageError(`invalid character class '${name}'`);
      set.push(...ALL.filter((character) => found.test(character)));
      rest = rest.slice(named[0].length);
      continue;
    }
    if (repeated) {
      const [whole, written = "", count = ""] = repeated;
      const [character] = readOne(written);
      if (Number(count) > 0) {
        set.push(...Array<string>(Math.min(Number(count), 65_536)).fill(character));
      } else fill.push({ at: set.length, character });
      rest = rest.slice(whole.length);
      continue;
    }
    const [from, afterFrom] = readOne(rest);
    const isRange = afterFrom.startsWith("-") && afterFrom.length > 1;
    const [to, after] = isRange ? readOne(afterFrom.slice(1)) : [from, afterFrom];
    if (to < from) throw new UsageError(`range-endpoints of '${from}-${to}' are in reverse order`);
    set.push(...ALL.slice(from.charCodeAt(0), to.charCodeAt(0) + 1));
    rest = after;
  }
  for (const { at, character } of fill) {
    set.splice(at, 0, ...Array<string>(Math.max(0, length - set.length)).fill(character));
  }
  return set;
}

/** The first character of a set, and what follows it. */
function readOne(text: string): [character: string, rest: string] {
  const octal = /^\\([0-7]{1,3})/.exec(text);
  if (octal) {
    return [String.fromCharCode(parseInt(octal[1] ?? "0", 8) & 255), text.slice(octal[0].length)];
  }
  if (text.startsWith("\\") && text.length > 1) {
    const letter = text.charAt(1);
    return [ESCAPES[letter] ?? letter, text.slice(2)];
  }
  return [text.charAt(0), text.slice(1)];
}

/** tr. */
export const tr: Command = defineCommand("tr", (words, context) => {
  try {
    const options = readOptions(words, {
      flags: "cCdst",
      values: "",
      long: { complement: "c", delete: "d", "squeeze-repeats": "s", "truncate-set1": "t" },
    });
    const [first, second] = options.operands;
    const [deletes, squeezes] = [options.has("d"), options.has("s")];
    if (first === undefined) throw new UsageError("missing operand");
    if (second === undefined && !deletes && !squeezes) {
      throw new UsageError(`missing operand after '${first}'`);
    }
    const given = readSet(first, 0);
    const isComplement = options.has("c") || options.has("C");
    const inGiven = new Set(given);
    const from = isComplement ? ALL.filter((character) => !inGiven.has(character)) : given;
    const to = second === undefined ? [] : readSet(second, from.length);
    if (!deletes && second !== undefined && to.length === 0) {
      throw new UsageError("when not truncating set1, string2 must be non-empty");
    }
    const table = new Map<string, string>();
    const translates = !deletes && second !== undefined;
    for (const [index, character] of from.entries()) {
      if (options.has("t") && index >= to.length) break;
      if (translates) table.set(character, to[Math.min(index, to.length - 1)] ?? character);
    }
    const dropped = new Set(deletes ? from : []);
    const squeezed = new Set(squeezes ? (second === undefined ? from : to) : []);
    return Promise.resolve(result(translate(stdinOf(context), table, dropped, squeezed)));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return Promise.resolve(failure("tr", error.message));
  }
});

function translate(
  text: string,
  table: ReadonlyMap<string, string>,
  dropped: ReadonlySet<string>,
  squeezed: ReadonlySet<string>,
): string {
  // By numbers: a pipe may hold fifty million of them.
  const codes = ALL.map((character) => (table.get(character) ?? character).charCodeAt(0));
  const drops = ALL.map((character) => dropped.has(character));
  const squeezes = ALL.map((character) => squeezed.has(character));
  const made = new Uint8Array(text.length);
  let length = 0;
  let last = -1;
  for (let at = 0; at < text.length; at++) {
    const from = text.charCodeAt(at);
    if (drops[from]) continue;
    const code = codes[from] ?? from;
    if (code === last && squeezes[code]) continue;
    made[length++] = code;
    last = code;
  }
  return toBinary(made.subarray(0, length));
}
