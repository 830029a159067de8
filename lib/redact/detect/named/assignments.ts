/**
 * Credentials that are known by the name in front of them: `password=…`, `"token": "…"`, `token: …`,
 * `--api-key …`, `export X=…`, in JSON, YAML, properties, shells, SQL, URLs and log lines. Pure.
 */
import { belowSpan } from "./below.ts";
import { createOpen } from "./lines.ts";
import type { Name } from "./name.ts";
import { nameStrength } from "../names.ts";
import { pairSpan } from "./pairs.ts";
import { sentenceSpan } from "./sentences.ts";
import type { Span } from "../spans.ts";
import { lineSpan, quotedSpan, variableSpan, wordSpan } from "./value_ends.ts";
import {
  FIRST_OF_PROSE,
  isCredentialValue,
  isOutOfProse,
  isPlain,
  isWordOfProse,
} from "../values.ts";

const NAME_CHARACTER = /[\w.\-]/;
const NAME_LIMIT = 100;
/** Between a name and its value: `=`, `:`, `=>`, `:=`, with quotes of the name, also escaped ones. */
const SEPARATOR =
  /(?:\\{0,7}["'`])?\]?(?:[ \t]*(=>|:=|\?=|\+=|=(?!=)|:(?![:\/]{2}|:))[ \t]*|(%3D|%3A))/iy;
const BLANK = /[ \t]+/y;

/** How a value stands behind its name. */
type Style = "assigned" | "variable" | "line" | "prose" | "flag";

/**
 * Takes the places of a text where hints of names end, in order.
 *
 * @param onName is called for each name that says something
 */
export function nameVisitor(
  text: string,
  spans: Span[],
  onName: () => void = () => {},
): (hint: { readonly start: number; readonly end: number }) => void {
  const openAt = createOpen(text);
  let from = 0;
  return (hint) => {
    if (hint.start < from) return;
    let start = hint.start;
    while (
      start > from && hint.start - start < NAME_LIMIT && NAME_CHARACTER.test(text[start - 1]!)
    ) start -= 1;
    let end = hint.end;
    while (
      end < text.length && end - start < 2 * NAME_LIMIT && NAME_CHARACTER.test(text[end]!)
    ) end += 1;
    from = end;
    const name = nameAt(text, start, end);
    if (name === undefined) return;
    onName();
    if (isInArn(text, start)) return;
    const found = valueOf({ ...name, text, open: () => openAt(name.start) });
    for (const span of found) {
      spans.push(span);
      from = Math.max(from, span.end);
    }
  };
}

/** The name at a place: of one word, or of two where the first says of what (`API key`, `Secret ID`). */
function nameAt(text: string, start: number, end: number): Omit<Name, "text" | "open"> | undefined {
  // The letter of an escaped line break is no part of a name.
  if (text[start - 1] === "\\" && /[nrt]/.test(text[start]!)) start += 1;
  // A full stop ends a sentence.
  while (end > start && /[.\-]/.test(text[end - 1]!)) end -= 1;
  const name = text.slice(start, end);
  if (text.slice(start - 9, start) === "checksum/") return undefined;
  const strength = nameStrength(name);
  if (strength === "credential" || strength === "password") return { start, end, name, strength };
  if (text[start - 1] !== " " && text[end] !== " ") {
    return strength === "none" ? undefined : { start, end, name, strength };
  }
  const after = /^ (?:ID|id|Id|phrase|Phrase)(?![\w])/.exec(text.slice(end, end + 8))?.[0] ?? "";
  const before = /(?:^|[^\w])([A-Za-z]{2,16}) $/.exec(text.slice(Math.max(0, start - 18), start))
    ?.[1];
  const long = `${before === undefined ? "" : `${before} `}${name}${after}`;
  const better = long === name ? "none" : nameStrength(long);
  if (better === "credential" || better === "password") {
    return {
      start: start - (long.length - name.length - after.length),
      end: end + after.length,
      name: long,
      strength: better,
    };
  }
  return strength === "none" ? undefined : { start, end, name, strength };
}

/** `arn:aws:secretsmanager:…:secret:name`: the name of a secret. */
function isInArn(text: string, start: number): boolean {
  return text[start - 1] === ":" &&
    /arn:aws[\w:-]*:$/.test(text.slice(Math.max(0, start - 100), start));
}

function valueOf(name: Name): readonly Span[] {
  const pair = pairSpan(name);
  if (pair) return pair;
  const { text, start } = name;
  // `Unseal Key 1: …`
  const end = name.end +
    (/^ #?\d{1,2}(?=[:=])/.exec(text.slice(name.end, name.end + 5))?.[0].length ?? 0);
  SEPARATOR.lastIndex = end;
  const separator = SEPARATOR.exec(text);
  // In a list of variables it is no comparison.
  if (text.startsWith("==", end) && isVariable(name)) {
    const span = judge(name, end + 1, "variable");
    return span === undefined ? [] : [span];
  }
  const found = separator === null
    ? isFlag(text, start) ? flagSpan(name) : sentenceSpan(name)
    : behindSign({ ...name, end }, SEPARATOR.lastIndex, separator[1] ?? separator[2] ?? "=");
  return found === undefined ? [] : [found];
}

function isFlag(text: string, start: number): boolean {
  return text[start] === "-" ||
    /(?:^|[\s"'`])-{1,2}$/.test(text.slice(Math.max(0, start - 3), start));
}

function flagSpan(name: Name): Span | undefined {
  BLANK.lastIndex = name.end;
  const blank = BLANK.exec(name.text);
  if (blank === null || name.text[BLANK.lastIndex] === "-") return undefined;
  return judge(name, BLANK.lastIndex, "flag");
}

function behindSign(name: Name, at: number, sign: string): Span | undefined {
  const { text } = name;
  if (isLineEnd(text, at)) return belowSpan(name, at);
  if (sign === ":") {
    const block = blockScalar(name, at);
    if (block) return block;
  }
  return judge(name, at, styleOf(name, at, sign));
}

/** Whether nothing more is on a line; its break may be escaped. */
function isLineEnd(text: string, at: number): boolean {
  return at >= text.length || /^(?:\\?\r?\n|\\r?\\?n)/.test(text.slice(at, at + 4));
}

/** What may stand before the name of a variable that has a line to itself. */
const BEFORE_VARIABLE = /^(?:[ \t]*(?:export|set|ENV|ARG|declare -x|- )[ \t]*)?["']?$/;

function isVariable({ text, start, name, open }: Name): boolean {
  return /^[A-Z][A-Z0-9_]+$/.test(name) && start - open().line <= 16 &&
    BEFORE_VARIABLE.test(text.slice(open().line, start));
}

function styleOf(name: Name, at: number, sign: string): Style {
  const { text, start } = name;
  if (sign === "=" && text[at - 1] === "=") {
    if (isVariable(name) || name.name.startsWith("-") && /\s/.test(text[start - 1] ?? " ")) {
      return "variable";
    }
  }
  // A word of a sentence behind a colon is a value only if it looks like one.
  if (!sign.startsWith(":") || sign === ":=") return "assigned";
  return isLine(text, start, at) ? "line" : "prose";
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

/** What wraps a value and is no secret itself: `SecretStr('…')`, `Some("…")`, `PASSWORD('…')`, `b'…'`. */
const WRAPPER =
  /^(?:(?:new )?(?:[\w.:]{0,40}(?:Secret(?:Str|Bytes|String|Value)?|Password|Token|Sensitive|Zeroizing|Masked|Obfuscated)(?:::new|::from|\.of|\.new)?|Some|Just|Ok|Optional\.of|String(?:::from)?|Text|Value|OLD_PASSWORD|PASSWORD)\s?\(\s{0,4}&?|[brufBRUF$@&]{1,2}(?=["'])|\$\((?:printf|echo)(?: -\w{1,3})*(?: ['"]?%s['"]?)?\s+)/;

function judge(name: Name, at: number, style: Style): Span | undefined {
  const { text, strength, open } = name;
  const wrapper = WRAPPER.exec(text.slice(at, at + 80));
  if (wrapper) at += wrapper[0].length;
  const quoted = style === "variable" && !wrapper ? undefined : quotedSpan(text, at);
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
  const span = style === "line"
    ? lineSpan(text, at)
    : style === "variable" && !wrapper
    ? variableSpan(text, at, open())
    : wordSpan(text, at, open(), false);
  if (span === undefined) return undefined;
  const value = text.slice(span.start, span.end);
  if (!isCredentialValue(strength, value) || isOnlyReference(value)) return undefined;
  // What a shell or a template puts together.
  if (/^\$(?:\((?!printf |echo )|\{[A-Za-z_]\w*\})/.test(value)) return undefined;
  return mayBeValue(name, value, style, span.end) ? span : undefined;
}

function mayBeValue(
  { text, name, strength }: Name,
  value: string,
  style: Style,
  end: number,
): boolean {
  switch (style) {
    case "assigned":
    case "variable":
      return true;
    case "flag":
      return !FIRST_OF_PROSE.test(value) && !/^(?:flag|option|argument|parameter)s?\b/.test(value);
    case "prose":
      if (FIRST_OF_PROSE.test(value)) return false;
      // The outcome of a test.
      if (/^pass$/i.test(name) && /^[A-Za-z.\/:]+$/.test(value)) return false;
      return isOutOfProse(value) ||
        strength === "password" && !isWordOfProse(value) &&
          /^[ \t]*(?:\r?\n|$)/.test(text.slice(end, end + 9));
    case "line":
      if (!/[ \t]/.test(value)) return !FIRST_OF_PROSE.test(value) || strength === "password";
      if (FIRST_OF_PROSE.test(value) || strength === "reference" || strength === "field") {
        return false;
      }
      return strength === "password" || value.split(/\s+/).some(isOutOfProse);
  }
}

/** A URL is looked at by itself, code and objects by their own fields. */
function isOnlyReference(value: string): boolean {
  return /^(?:https?|wss?):\/\/[^@]*$/i.test(value) ||
    /^(?:[{[](?:["'{[]|\w*[:,]|$)|[{[].*[}\]]$|map\[|[A-Za-z_][\w.:]*\([^()]*\)+[;,]?$|[A-Za-z_][\w.]{2,}\(["'][\w.-]*["']?,?$|process\.env|os\.(?:Getenv|environ))/
      .test(value) ||
    isPath(value);
}

/** Of code: `req.body.password`, `config.auth.token`. */
function isPath(value: string): boolean {
  if (!/^&?[A-Za-z_]\w*(?:\??\.[A-Za-z_]\w*)+;?$/.test(value)) return false;
  return nameStrength(value.replace(/;$/, "").split(".").at(-1)!) !== "none" ||
    /^&?(?:process|os|env|config|self|this|req|request|settings|options|props|values|args|params|ctx|context|state|local|module)\??\./
      .test(value);
}

/** `key: |` and the more indented lines below it. */
function blockScalar({ text, start }: Name, at: number): Span | undefined {
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
