/** The orders of sort: each compares two strings of bytes. Pure. */

/** Compares as GNU sort does: below, above or at 0. */
export type Order = (left: string, right: string) => number;

/** By bytes, as in the C locale. */
export const byBytes: Order = (left, right) => left < right ? -1 : left > right ? 1 : 0;

/** `-n`: the number at the beginning; without one it is 0. */
const byNumber: Order = (left, right) => numberOf(left) - numberOf(right);

function numberOf(text: string): number {
  return Number(/^[ \t]*(-?(?:\d+\.?\d*|\.\d+))/.exec(text)?.[1] ?? 0);
}

/** `-g`: as floating-point numbers; what is none comes first. */
const byGeneralNumber: Order = (left, right) => {
  const [a, b] = [generalNumberOf(left), generalNumberOf(right)];
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
  return a === b ? 0 : a - b;
};

function generalNumberOf(text: string): number {
  const found = /^\s*([+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|inf(?:inity)?))/i.exec(
    text,
  );
  return Number(found?.[1]?.replace(/inf(?:inity)?/i, "Infinity") ?? NaN);
}

/** `-h`: by sign, then suffix, then number: 2K comes before 1M. */
const byHumanNumber: Order = (left, right) => {
  const [a, b] = [humanNumberOf(left), humanNumberOf(right)];
  return a.unit - b.unit || a.number - b.number;
};

function humanNumberOf(text: string): { unit: number; number: number } {
  const [, digits = "0", suffix = ""] =
    /^[ \t]*(-?(?:\d+\.?\d*|\.\d+))([KkMGTPEZYRQ]?)/.exec(text) ?? [];
  const number = Number(digits);
  const unit = number === 0 ? 0 : "KMGTPEZYRQ".indexOf(suffix.toUpperCase() || "-") + 1;
  return { unit: number < 0 ? -unit : unit, number };
}

const MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");

/** `-M`: by the name of a month; what is none comes first. */
const byMonth: Order = (left, right) => monthOf(left) - monthOf(right);

function monthOf(text: string): number {
  return MONTHS.indexOf(text.trimStart().slice(0, 3).toUpperCase());
}

/** `-V`: numbers within a text by their value (GNU's `filevercmp`). */
const byVersion: Order = (left, right) => {
  const [a, b] = [partsOf(left), partsOf(right)];
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [x = "", y = ""] = [a[index], b[index]];
    const order = index % 2 === 0 ? byVersionText(x, y) : byDigits(x, y);
    if (order !== 0) return order;
  }
  return byBytes(left, right);
};

/** Texts and digits in turn, a text first. */
function partsOf(version: string): string[] {
  return version.split(/(\d+)/);
}

function byDigits(left: string, right: string): number {
  const [a, b] = [left.replace(/^0+/, ""), right.replace(/^0+/, "")];
  return a.length - b.length || byBytes(a, b);
}

/** Letters before all else, and `~` before the end. */
function byVersionText(left: string, right: string): number {
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const order = rank(left.charAt(at)) - rank(right.charAt(at));
    if (order !== 0) return order;
  }
  return 0;
}

function rank(character: string): number {
  if (character === "~") return -1;
  if (character === "") return 0;
  return character.charCodeAt(0) + (/[A-Za-z]/.test(character) ? 0 : 256);
}

/** A key as its letters have it read: `b` without blanks ahead, `d`, `f` and `i` as they say. */
export function keyReader(letters: string): (key: string) => string {
  const steps: ((key: string) => string)[] = [];
  if (letters.includes("b")) steps.push((key) => key.replace(/^[ \t]+/, ""));
  if (letters.includes("d")) steps.push((key) => key.replace(/[^A-Za-z0-9 \t]/g, ""));
  if (letters.includes("i")) steps.push((key) => key.replace(/[^ -~]/g, ""));
  if (letters.includes("f")) {
    steps.push((key) => key.replace(/[a-z]/g, (letter) => letter.toUpperCase()));
  }
  return (key) => steps.reduce((read, step) => step(read), key);
}

/** The order that letters ask for. @param shuffle what `R` sorts by */
export function orderOf(letters: string, shuffle: (key: string) => number): Order {
  if (letters.includes("n")) return byNumber;
  if (letters.includes("g")) return byGeneralNumber;
  if (letters.includes("h")) return byHumanNumber;
  if (letters.includes("M")) return byMonth;
  if (letters.includes("V")) return byVersion;
  if (letters.includes("R")) return (left, right) => shuffle(left) - shuffle(right);
  return byBytes;
}
