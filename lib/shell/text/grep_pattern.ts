/** Patterns of grep (POSIX basic and extended, fixed text, Perl's) as regular expressions of JavaScript. Pure. */
import { UsageError } from "../base/options.ts";

/** How a pattern is written. */
export type PatternKind = "basic" | "extended" | "fixed" | "perl";

const CLASSES: Readonly<Record<string, string>> = {
  alpha: "\\p{L}",
  digit: "0-9",
  alnum: "\\p{L}0-9",
  upper: "\\p{Lu}",
  lower: "\\p{Ll}",
  space: "\\s",
  blank: " \\t",
  punct: "!-\\/:-@\\[-`\\{-~",
  xdigit: "0-9A-Fa-f",
  cntrl: "\\x00-\\x1f\\x7f",
  print: " -~\\u{a0}-\\u{10ffff}",
  graph: "!-~\\u{a1}-\\u{10ffff}",
  word: "\\w",
};

/** Only what the table itself has, whatever the name. */
function classOf(name: string): string | undefined {
  return Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
}

/** One expression for several patterns, of which any may match. @throws {UsageError} one that is none */
export function expressionOf(
  patterns: readonly string[],
  kind: PatternKind,
  { ignoreCase = false, word = false, line = false } = {},
): RegExp {
  let flags = `gu${ignoreCase ? "i" : ""}`;
  const sources = patterns.map((pattern) => {
    if (kind === "fixed") return escaped(pattern);
    if (kind !== "perl") return posix(pattern, kind === "extended");
    const inline = /^\(\?i\)/.exec(pattern);
    if (inline) flags = "giu";
    return perl(pattern.slice(inline?.[0].length ?? 0));
  });
  let source = sources.length === 1
    ? sources[0] ?? ""
    : sources.map((one) => `(?:${one})`).join("|");
  if (word) source = `(?<!\\w)(?:${source})(?!\\w)`;
  if (line) source = `^(?:${source})$`;
  try {
    return new RegExp(source, flags);
  } catch {
    throw new UsageError(`invalid regular expression: ${patterns.join("\n")}`);
  }
}

function escaped(text: string): string {
  return text.replace(
    /[\\^$.*+?()[\]{}|/-]/g,
    (character) => character === "-" ? "\\x2d" : `\\${character}`,
  );
}

/** What a backslash makes of a letter, in both kinds of POSIX's. */
const BACKSLASHED: Readonly<Record<string, string>> = {
  "<": "\\b(?=\\w)",
  ">": "\\b(?<=\\w)",
  b: "\\b",
  B: "\\B",
  w: "\\w",
  W: "\\W",
  s: "\\s",
  S: "\\S",
  "`": "^",
  "'": "$",
};

/** Basic: these are special with a backslash, and themselves without. Extended: the other way round. */
const TURNED = "(){}|+?";

function posix(pattern: string, extended: boolean): string {
  let made = "";
  /** Where a star is itself, and in basic patterns a caret is an anchor. */
  let atStart = true;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (character === "[") {
      const [set, end] = readSet(pattern, at);
      made += set;
      at = end;
      atStart = false;
      continue;
    }
    const isEscaped = character === "\\";
    if (isEscaped) at += 1;
    const letter = isEscaped ? pattern.charAt(at) : character;
    if (isEscaped && letter === "") throw new UsageError("Trailing backslash");
    const isTurned = TURNED.includes(letter);
    if (isTurned && isEscaped !== extended) {
      const isLiteralBrace = letter === "{" && !/^\d*,?\d*\\?\}/.test(pattern.slice(at + 1));
      made += isLiteralBrace ? "\\{" : atStart && "+?{".includes(letter) ? "" : letter;
      atStart = letter === "(" || letter === "|";
      continue;
    }
    if (isEscaped) {
      made += /[1-9]/.test(letter) ? `\\${letter}` : BACKSLASHED[letter] ?? escaped(letter);
    } else if (letter === "*") made += atStart ? "\\*" : "*";
    else if (letter === "^") {
      made += extended || atStart ? "^" : "\\^";
      continue;
    } else if (letter === "$") {
      const rest = pattern.slice(at + 1);
      const isEnd = extended || rest === "" || /^\\[)|]/.test(rest);
      made += isEnd ? "$" : "\\$";
    } else made += letter === "." ? "." : escaped(letter);
    atStart = false;
  }
  return made;
}

/** `[^]a-z[:digit:]]` from its bracket on, and where it ends. */
function readSet(pattern: string, from: number): [set: string, end: number] {
  let at = from + 1;
  let made = "[";
  if (pattern.charAt(at) === "^") {
    made += "^";
    at += 1;
  }
  for (let first = true; at < pattern.length; first = false) {
    const character = pattern.charAt(at);
    if (character === "]" && !first) return [`${made}]`, at];
    const named = /^\[([:.=])(.*?)\1\]/.exec(pattern.slice(at));
    if (named) {
      const [whole, , name = ""] = named;
      const found = named[1] === ":" ? classOf(name) : escaped(name);
      if (found === undefined) throw new UsageError("invalid character class");
      made += found;
      at += whole.length;
      continue;
    }
    const isRange = character === "-" && !first && pattern.charAt(at + 1) !== "]";
    made += isRange ? "-" : escaped(character);
    at += 1;
  }
  throw new UsageError("Unmatched [, [^, [:, [., or [=");
}

/** What Perl's expressions have and JavaScript's have not, or write otherwise. */
const PERL: readonly (readonly [written: RegExp, source: string])[] = [
  [/^\\h/, "[ \\t]"],
  [/^\\A/, "^"],
  [/^\\[Zz]/, "$"],
  [/^\(\?P</, "(?<"],
  [/^\(\?>/, "(?:"],
  [/^([*+?}])\+/, "$1"],
];

function perl(pattern: string): string {
  let made = "";
  for (let at = 0; at < pattern.length;) {
    const rest = pattern.slice(at);
    const quoted = /^\\Q(.*?)(?:\\E|$)/s.exec(rest);
    const other = PERL.find(([written]) => written.test(rest));
    if (rest.startsWith("[") && !/^\[\^?\\/.test(rest)) {
      const [set, end] = readPerlSet(pattern, at);
      made += set;
      at = end;
    } else if (quoted) {
      made += escaped(quoted[1] ?? "");
      at += quoted[0].length;
    } else if (rest.startsWith("\\K")) {
      // What stands before it must be there, and is not part of the match.
      made = `(?<=${made})`;
      at += 2;
    } else if (other) {
      const [whole = ""] = other[0].exec(rest) ?? [];
      made += whole.replace(other[0], other[1]);
      at += whole.length;
    } else if (rest.startsWith("\\")) {
      const letter = rest.charAt(1);
      made += /[A-Za-z0-9]/.test(letter) ? rest.slice(0, 2) : escaped(letter);
      at += 2;
    } else {
      made += "/-".includes(rest.charAt(0)) ? escaped(rest.charAt(0)) : rest.charAt(0);
      at += 1;
    }
  }
  return made;
}

/** A set in which a backslash is one, as far as named classes go. */
function readPerlSet(pattern: string, from: number): [set: string, end: number] {
  const whole = /^\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]/s.exec(pattern.slice(from))?.[0];
  if (whole === undefined) throw new UsageError("missing terminating ] for character class");
  const set = whole
    .replace(/\[:(\w+):\]/g, (_, name) => classOf(name) ?? "")
    .replace(/^\[(\^?)\]/, "[$1\\]")
    .replace(/(?<=^\[\^?.*)\[(?=.*\]$)/gs, "\\[");
  return [set, from + whole.length];
}
