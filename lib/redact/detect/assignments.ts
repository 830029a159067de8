/**
 * Credentials that are known by the name in front of them: `password=…`, `"token": "…"`, `token: …`,
 * `--api-key …`, `export X=…`, in JSON, YAML, properties, shells, SQL, URLs and log lines. Pure.
 */
import { type NameStrength, nameStrength } from "./names.ts";
import type { Span } from "./spans.ts";
import { isCredentialValue, isOutOfProse, isPlain } from "./values.ts";

/** What is in each name that says something; see names.ts. */
const HINT =
  /pass|pwd|pswd|pw(?![a-z])|passwort|kennwort|contrase|token|secret|cred|key|auth|jwt|cookie|mnemonic|bearer|session/gi;

const NAME_CHARACTER = /[\w.\-]/;
const NAME_LIMIT = 100;
/** Between a name and its value: `=`, `:`, `=>`, `:=`, with quotes of the name, also escaped ones. */
const SEPARATOR =
  /(?:\\{0,7}["'`])?\]?(?:[ \t]*(=>|:=|\?=|\+=|=(?!=)|:(?![:\/]{2}|:))[ \t]*|(%3D|%3A))/iy;
const BLANK = /[ \t]+/y;

/** How a value stands behind its name. */
type Style = "quoted" | "assigned" | "line" | "prose" | "flag";

/** Where a text holds credentials behind their names. */
export function assignmentSpans(text: string): Span[] {
  const spans: Span[] = [];
  let from = 0;
  HINT.lastIndex = 0;
  for (;;) {
    HINT.lastIndex = from;
    const hint = HINT.exec(text);
    if (hint === null) return spans;
    let start = hint.index;
    while (
      start > 0 && hint.index - start < NAME_LIMIT && NAME_CHARACTER.test(text[start - 1]!)
    ) start -= 1;
    let end = hint.index + hint[0].length;
    while (
      end < text.length && end - start < 2 * NAME_LIMIT && NAME_CHARACTER.test(text[end]!)
    ) end += 1;
    from = end;
    const name = text.slice(start, end);
    const strength = nameStrength(name);
    if (strength === "none" || isInArn(text, start)) continue;
    const found = valueBehind(text, start, end, strength);
    if (found) {
      spans.push(found);
      from = Math.max(from, found.end);
    }
  }
}

/** `arn:aws:secretsmanager:…:secret:name`: the name of a secret. */
function isInArn(text: string, start: number): boolean {
  return text[start - 1] === ":" &&
    /arn:aws[\w:-]*:$/.test(text.slice(Math.max(0, start - 100), start));
}

function valueBehind(
  text: string,
  start: number,
  end: number,
  strength: NameStrength,
): Span | undefined {
  SEPARATOR.lastIndex = end;
  const separator = SEPARATOR.exec(text);
  if (separator === null) {
    if (
      text[start] !== "-" && !/(?:^|[\s"'`])-{1,2}$/.test(text.slice(Math.max(0, start - 3), start))
    ) {
      return undefined;
    }
    BLANK.lastIndex = end;
    const blank = BLANK.exec(text);
    if (blank === null || text[BLANK.lastIndex] === "-") return undefined;
    return judge(text, BLANK.lastIndex, strength, "flag");
  }
  const at = SEPARATOR.lastIndex;
  const sign = separator[1] ?? separator[2] ?? "=";
  if (sign === ":") {
    const block = blockScalar(text, start, at);
    if (block) return block;
  }
  // A word of a sentence behind a colon is a value only if it looks like one.
  const style: Style = sign.startsWith(":") && sign !== ":="
    ? isLine(text, start, at) ? "line" : "prose"
    : "assigned";
  return judge(text, at, strength, style);
}

/** How far a name may be indented: looking back further, a line of many names would cost their square. */
const INDENT_LIMIT = 200;

/** Whether name and value are all of their line, as in YAML. */
function isLine(text: string, start: number, at: number): boolean {
  const from = lineStart(text, start);
  return from !== undefined && at < text.length &&
    /^[ \t]*(?:- +)*["']?$/.test(text.slice(from, start));
}

/** Where the line begins on which a name stands; undefined where that is further back than indents go. */
function lineStart(text: string, start: number): number | undefined {
  const from = Math.max(0, start - INDENT_LIMIT);
  const newline = text.slice(from, start).lastIndexOf("\n");
  return newline >= 0 ? from + newline + 1 : from === 0 ? 0 : undefined;
}

const FIRST_OF_PROSE =
  /^(?:must|is|was|are|not|no|the|a|an|to|cannot|can|should|does|has|have|had|incorrect|wrong|failed|failure|authentication|mismatch|expired|missing|invalid|unknown|unable|unauthorized|rejected|accepted|valid|verified|validation|refresh(?:ed|ing)?|updated|rotat(?:ed|ing)|created|found|error|for|from|of|and|or|with|that|this|when|will|use|used|using|string|specify|specifies|name|length|type)\b/i;

function judge(
  text: string,
  at: number,
  strength: NameStrength,
  style: Style,
): Span | undefined {
  const quoted = quotedSpan(text, at);
  if (quoted) {
    if (quoted.start === quoted.end) return undefined;
    const value = text.slice(quoted.start, quoted.end);
    return isCredentialValue(strength, value) && !isOnlyReference(value) ? quoted : undefined;
  }
  // The scheme of a header is no secret.
  const scheme = /^(?:bearer|basic|digest|negotiate|token|apikey) +(?=\S)/i.exec(
    text.slice(at, at + 20),
  );
  if (scheme) at += scheme[0].length;
  const span = style === "line" ? lineSpan(text, at) : wordSpan(text, at);
  if (span === undefined) return undefined;
  const value = text.slice(span.start, span.end);
  if (!isCredentialValue(strength, value) || isOnlyReference(value)) return undefined;
  switch (style) {
    case "assigned":
      return span;
    case "flag":
      return FIRST_OF_PROSE.test(value) || /^(?:flag|option|argument|parameter)s?\b/.test(value)
        ? undefined
        : span;
    case "prose":
      return isOutOfProse(value) && !FIRST_OF_PROSE.test(value) ? span : undefined;
    case "line":
      if (!/[ \t]/.test(value)) {
        return FIRST_OF_PROSE.test(value) && strength !== "password" ? undefined : span;
      }
      if (FIRST_OF_PROSE.test(value)) return undefined;
      return strength === "password" || value.split(/\s+/).some(isOutOfProse) ? span : undefined;
    case "quoted":
      return span;
  }
}

/** A URL is looked at by itself, code and objects by their own fields. */
function isOnlyReference(value: string): boolean {
  return /^(?:https?|wss?):\/\/[^@]*$/i.test(value) ||
    /^(?:[{[]|map\[|&?\w+[.(]\w*[.(]|[A-Za-z_][\w.]*\(.*\);?$|process\.env|os\.(?:Getenv|environ))/
      .test(value);
}

/** The inside of quotes that begin at `at`, also of escaped ones, to their end or the text's. */
function quotedSpan(text: string, at: number): Span | undefined {
  let slashes = 0;
  while (text[at + slashes] === "\\" && slashes < 8) slashes += 1;
  const quote = text[at + slashes];
  if (quote !== '"' && quote !== "'" && quote !== "`") return undefined;
  if (slashes > 0 && slashes % 2 === 0) return undefined;
  const start = at + slashes + 1;
  const close = "\\".repeat(slashes) + quote;
  for (let from = start;;) {
    const end = text.indexOf(close, from);
    if (end < 0) return { start, end: text.length };
    let before = 0;
    while (text[end - 1 - before] === "\\") before += 1;
    // A quote of the value has more backslashes in front of it than the one that closes.
    if (before % 2 === 0 || (slashes > 0 && before === 0) || quote === "'" && slashes === 0) {
      return { start, end };
    }
    from = end + close.length;
  }
}

/** An unquoted value up to the end of its line, without a comment. */
function lineSpan(text: string, at: number): Span | undefined {
  const newline = text.slice(at, at + 65_536).search(/[\r\n]|\\n/);
  const line = text.slice(at, newline < 0 ? undefined : at + newline);
  const comment = /\s#/.exec(line)?.index ?? line.length;
  const value = line.slice(0, comment).trimEnd();
  return value === "" ? undefined : { start: at, end: at + value.length };
}

/**
 * An unquoted value up to white space; `;`, `&` and `,` end it only where another pair follows, and
 * a closing bracket or a full stop at its end is not of it.
 */
function wordSpan(text: string, at: number): Span | undefined {
  const match = /^[^\s"'`<>]+/.exec(text.slice(at, at + 4096));
  if (match === null) return undefined;
  let word = match[0];
  const next = /[;&,|](?=[\w.\-\[\]]{0,60}[=:]|$)|%26|\\[nrt]|\\+$/.exec(word);
  if (next) word = word.slice(0, next.index);
  word = word.replace(/[,;]+$/, "");
  // A bracket that closes what was opened before the value.
  for (let last = word.at(-1)!; word !== "" && isUnopened(word, last); last = word.at(-1)!) {
    word = word.slice(0, -1).replace(/[,;]+$/, "");
  }
  return word === "" ? undefined : { start: at, end: at + word.length };
}

const OPENING: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

function isUnopened(word: string, bracket: string): boolean {
  const opening = OPENING[bracket];
  return opening !== undefined && !word.includes(opening);
}

/** `key: |` and the more indented lines below it. */
function blockScalar(text: string, start: number, at: number): Span | undefined {
  const head = /^[|>][-+0-9]*[ \t]*(?:#[^\n]*)?\r?\n/.exec(text.slice(at, at + 200));
  if (head === null) return undefined;
  const from = lineStart(text, start);
  if (from === undefined) return undefined;
  const indent = /^[ \t]*/.exec(text.slice(from, start))![0].length;
  let end = at + head[0].length;
  const first = end;
  while (end < text.length) {
    const newline = text.indexOf("\n", end);
    const line = text.slice(end, newline < 0 ? undefined : newline);
    if (line.trim() !== "" && /^[ \t]*/.exec(line)![0].length <= indent) break;
    end = newline < 0 ? text.length : newline + 1;
  }
  const body = text.slice(first, end);
  const trimmed = body.trim();
  if (trimmed === "" || isPlain(trimmed) || /^-----BEGIN CERTIFICATE-----/.test(trimmed)) {
    return undefined;
  }
  const offset = first + body.indexOf(trimmed);
  return { start: offset, end: offset + trimmed.length };
}
