/** Credentials in sentences: `Password for user 'admin': x`, `the token is x`, `password set to x`. Pure. */
import type { Name } from "./name.ts";
import { belowSpan } from "./below.ts";
import type { Span } from "../spans.ts";
import { quotedSpan, wordSpan } from "./value_ends.ts";
import { FIRST_OF_PROSE, isCredentialValue, isOutOfProse, isReference } from "../values.ts";

const SENTENCE_LIMIT = 160;
/** What a sentence says between the name and the colon before the value. */
const COLON =
  /^(?: ?\[\w{1,20}\])?[ \t][^\n:=;|{}\[\]<>]{0,120}?(?:\([^()\n]{0,120}\))?[^\n:=;|{}\[\]<>]{0,20}:[ \t]*(?![:\/])/;
const IS =
  /^(?:[ \t](?:for|of)[ \t](?:the[ \t])?(?:(?:user|account|database|role)[ \t])?["'`]?[\w.@-]{1,64}["'`]?(?:[ \t]user)?)?[ \t]{1,4}(?:(?:(?:is|was|has been)[ \t])?(?:re)?(?:set|changed|updated|generated|created)(?:[ \t](?:to|as|with))?|is|was|=|has been)(?:[ \t](?:now|set|changed)(?:[ \t]to)?)?[ \t]?:?[ \t]{1,4}/i;
/** `PASSWORD elastic = x` */
const OF_USER = /^[ \t][\w.@-]{1,40}[ \t]=[ \t]/;
const TROUBLE =
  /fail|invalid|error|wrong|incorrect|expired|denied|missing|unable|cannot|could ?n|not |fingerprint|checksum|digest|reject|mismatch|forbidden|unauthori|refus|bad /i;

/** The value of which a sentence tells, whose subject is the name. */
export function sentenceSpan(name: Name): Span | undefined {
  const { text, end, strength, open, start } = name;
  if (strength !== "credential" && strength !== "password") return undefined;
  const rest = text.slice(end, end + SENTENCE_LIMIT);
  if (strength === "password") {
    const bare = /^[ \t]{1,4}(?=["'`])/.exec(rest);
    if (bare) return told(name, end + bare[0].length, false);
    // As NiFi writes it.
    const bracket = /^[ \t]\[([^\s\[\]]{8,128})\]/.exec(rest);
    if (bracket && isSecretWord(strength, bracket[1]!)) {
      return { start: end + 2, end: end + 2 + bracket[1]!.length };
    }
  }
  const is = IS.exec(rest) ?? (strength === "password" ? OF_USER.exec(rest) : null);
  if (is) {
    const span = told(name, end + is[0].length, false);
    if (span) return span;
  }
  if (!/^[^\n]*:/.test(rest)) return undefined;
  const colon = COLON.exec(rest);
  if (colon === null) return undefined;
  const before = text.slice(Math.max(open().line, start - 60), start);
  if (TROUBLE.test(before) || TROUBLE.test(colon[0])) return undefined;
  const at = end + colon[0].length;
  if (at < text.length && !/[\r\n]/.test(text[at]!)) return told(name, at, true);
  return belowSpan(name, at);
}

/** The word at a place, if it can be nothing but a secret. @param last whether it ends its line */
function told({ text, strength, open }: Name, at: number, last: boolean): Span | undefined {
  const quoted = quotedSpan(text.slice(at, at + 600), 0);
  const span = quoted && quoted.end < 600
    ? { start: at + quoted.start, end: at + quoted.end }
    : wordSpan(text, at, open(), false);
  if (span === undefined) return undefined;
  let value = text.slice(span.start, span.end);
  if (/[.!?:]$/.test(value) && !quoted) value = value.slice(0, -1);
  const end = span.start + value.length;
  if (
    last && !quoted &&
    !/^[.!]?(?:[ \t]*(?:[\r\n]|$)|[ \t]{1,4}[(*]|\\n|")/.test(text.slice(end, end + 8))
  ) {
    return undefined;
  }
  return isSecretWord(strength, value) ? { start: span.start, end } : undefined;
}

function isSecretWord(strength: Name["strength"], value: string): boolean {
  if (value.length < 6 || /\s/.test(value) || !isCredentialValue(strength, value)) return false;
  if (FIRST_OF_PROSE.test(value) || isReference(value) || !isOutOfProse(value)) return false;
  return !IS_OTHER.test(value) &&
    (strength === "password" || /\d/.test(value) && value.length >= 8);
}

/** Places, times, amounts, pairs, addresses, names with a hyphen: what a sentence may well end with. */
const IS_OTHER =
  /^(?:[\w+.-]*:\/\/.*|~?\.{0,2}\/.*|\d+(?:\.\d+)*[a-z%]{0,3}|v?\d+(?:\.\d+)+(?:[-+]\w+)?|[\w.-]+=.*|[\d.:]+(?:\/\d+)?|[\w.+-]+@[\w-]+\.[\w.]+|[A-Za-z]+(?:[-_.\/][A-Za-z]+)+|\d{4}-\d\d-\d\d.*|[A-Za-z_][\w.:]*\(.*|[A-Z][a-z]+(?:[A-Z][a-z]+)+|[a-z]+(?:[A-Z][a-z]+)+|\[.*|\{.*|<.*)$/;
