/**
 * Credentials whose name stands in a field, a tag, a column or an argument of its own: pairs of name and
 * value, XML, tables, printed lists, commands of Redis and SMTP. Pure.
 */
import type { Name } from "./name.ts";
import { type NameStrength, nameStrength } from "../names.ts";
import type { Span } from "../spans.ts";
import { isCredentialValue, isOutOfProse, isPlain, isReference } from "../values.ts";

/** The strength of a variable's name: what is named secret there is one. */
export function envStrength(name: string): NameStrength {
  const strength = nameStrength(name);
  return (strength === "reference" || strength === "field") && /secret|_auth$|key$/i.test(name)
    ? "credential"
    : strength;
}

/** A way in which a value stands behind its name. */
interface Pair {
  /** What must stand before the name, to its beginning. */
  readonly before: RegExp;
  /** Sticky, behind the name. The group `value` is what may be hidden. */
  readonly after: RegExp;
  /** Whether the value may be a secret. */
  readonly may: (name: Name, value: string) => boolean;
}

const isAny = ({ name }: Name, value: string) => isCredentialValue(envStrength(name), value);
const isClear = (name: Name, value: string) =>
  isOutOfProse(value) &&
  (!isReference(value) || name.strength === "password" && /\d$/.test(value)) &&
  (name.strength === "credential" || name.strength === "password") &&
  isCredentialValue(name.strength, value);

const PAIRS: readonly Pair[] = [
  // `- name: DB_PASSWORD\n  value: x`, `"name":"DB_PASSWORD","value":"x"`,
  // `{Name:DB_PASSWORD Value:x ValueFrom:nil}`, `Name: "DB_PASSWORD", Value: "x"`.
  {
    before: /(?:name|key)\\*["']?\s*[:=]\s*\\*["']?$/i,
    after:
      /\\*["']?(?:,\s*|\s+(?:-\s+)?)\\*["']?value\\*["']?\s*[:=]\s*(?:(\\*["'])(?<value>(?:(?!\1)[\s\S]){1,4096})(?:\1|$)|(?<bare>[^\s"',}]+))/iy,
    may: isAny,
  },
  // `<name>x.password</name><value>y</value>`, and as property lists have it.
  {
    before: /<(?:name|key|param-name|entry-key)>\s{0,20}(?:[\w.\/-]{0,100})$/i,
    after:
      /\s{0,20}<\/[\w-]{3,12}>\s{0,200}<(?:value|string|param-value|data)>\s{0,20}(?<value>[^<]{1,4096}?)\s{0,20}<\//iy,
    may: isAny,
  },
  // `<property name="password" value="x"/>`, `<add key="Password" value="x" />`
  {
    before: /<[\w:.-]{1,60}\s[^<>]{0,100}?\w{2,12}\s?=\s?\\?["'][\w.\/:-]{0,100}$/,
    after:
      /\\?["'](?:\s[^<>]{0,200}?)?\s(?:value|val|content)\s?=\s?(\\?["'])(?<value>(?:(?!\1)[^<>]){1,4096})\1/iy,
    may: isAny,
  },
  // `<property name="password">x</property>`
  {
    before: /<[\w:.-]{1,60}\s[^<>]{0,100}?\w{2,12}\s?=\s?\\?["'][\w.\/:-]{0,100}$/,
    after:
      /\\?["'][^<>\/]{0,200}>\s{0,20}(?:<(?:string|value)>)?(?<value>[^<>]{1,4096}?)\s{0,20}<\//y,
    may: isAny,
  },
  // `<password>x</password>`
  {
    before: /<(?:[\w-]{1,20}:)?$/,
    after: /(?:\s[^<>]{0,200})?>(?:<!\[CDATA\[)?(?<value>[^<]{1,4096}?)(?:\]\]>)?<\//y,
    may: ({ strength }, value) => isCredentialValue(strength, value.trim()),
  },
  // `['--password', 'x']`, `["mysql","--password","x"]`, `("token", "x")`
  {
    before: /(?:^|[\s,\[(])\\?["']-{0,2}$/,
    after: /(\\?["'])\s{0,4}(?:,|=>)\s{0,40}\1(?<value>(?:(?!\1)[^\n]){1,4096})\1/y,
    may: (name, value) =>
      !/^-{1,2}[A-Za-z]/.test(value) && (isFlag(name) ? isAny(name, value) : isClear(name, value)),
  },
  // `[--password, x]`
  {
    before: /[\[,] ?$/,
    after: /, (?<value>[^\s,\]"'-][^\s,\]"']{0,4095})(?=,|\])/y,
    may: (name, value) => isFlag(name) && isAny(name, value),
  },
  // The rows of a table: `| password | x |`
  {
    before: /\|[ \t]{0,40}["'`*]{0,2}$/,
    after:
      /["'`*]{0,2}[ \t]{0,60}\|[ \t]{0,40}["'`]?(?<value>[^|\s]{4,4096}?)["'`]?[ \t]{0,200}\|/y,
    may: isClear,
  },
  // `ENV DB_PASSWORD x`
  {
    before: /(?:^|\n)[ \t]{0,20}(?:ENV|ARG|setenv|set|define)[ \t]{1,8}["']?$/,
    after: /["']?[ \t]{1,20}["']?(?<value>[^\s"'=][^\s"']{0,4095})/y,
    may: (name, value) => name.strength === "password" ? isAny(name, value) : isClear(name, value),
  },
  // Columns: `secret_id    7d0c…`
  {
    before: /(?:^|\n)[ \t]{0,40}$/,
    after: /(?:\t[ \t]{0,80}| {2,80}\t?)(?<value>[^\s|:=][^\s]{4,4095})(?=[ \t]*(?:\r?\n|$))/y,
    may: isClear,
  },
  // Files of configuration: `bindpw x`
  {
    before: /(?:^|\n)[ \t]{0,40}$/,
    after: /[ \t]["']?(?<value>[^\s"':=]{5,512})["']?(?=[ \t]*(?:\r?\n|$))/y,
    may: (name, value) =>
      /^(?:[a-z]{0,12}pw|password|passwd|requirepass|masterauth|auth[-_]pass|sasl[-_]password|auth-token|api[-_]key)$/
        .test(name.name) &&
      isCredentialValue(name.strength, value) &&
      (name.strength === "password" && !/^(?:password|passwd)$/.test(name.name) ||
        isOutOfProse(value)),
  },
  // netrc
  {
    before:
      /\b(?:login|user)[ \t\n]{1,4}\S{1,100}[ \t\n]{1,4}(?:account[ \t\n]{1,4}\S{1,100}[ \t\n]{1,4})?$/,
    after: /[ \t\n]{1,4}(?<value>\S{1,4096})/y,
    may: ({ name, strength }, value) => name === "password" && isCredentialValue(strength, value),
  },
  // SQL: `… WITH ENCRYPTED PASSWORD 'x'`, `SET PASSWORD FOR 'a'@'b' = 'x'`
  {
    before:
      /(?:\b(?:with|encrypted|set|login|role|user \S{1,64}|alter|createdb|nologin|superuser|replication|valid)|^)[ \t]{1,4}$/i,
    after: /(?: for \S{1,64})?(?: ?=)? {0,4}(?:PASSWORD\()?'(?<value>[^'\n]{1,256})'/iy,
    may: ({ name }, value) => /^password$/i.test(name) && !isPlain(value),
  },
];

function isFlag({ text, start }: Name): boolean {
  return text[start] === "-" || text[start - 1] === "-";
}

/** Whether a colon or sign of equality follows, maybe behind a quote. */
function isPlainPair(text: string, end: number): boolean {
  const next = text[end] === '"' || text[end] === "'" ? end + 1 : end;
  return text[next] === ":" || text[next] === "=" && text[next + 1] !== ">";
}

/** Characters before a name that say in which way it is one. */
const BEFORE_LIMIT = 260;

/** The value of a name that stands by itself; undefined where it does not. */
export function pairSpan(name: Name): readonly Span[] | undefined {
  const { text, start, end } = name;
  if (/^auth$/i.test(name.name)) return protocolSpan(name);
  if (isPlainPair(text, end)) return undefined;
  // Nothing else begins any of them.
  if (!/[\s"'\\<>|,`*=]/.test(text[end] ?? "=")) return undefined;
  let before: string | undefined;
  for (const { before: wanted, after, may } of PAIRS) {
    after.lastIndex = end;
    const match = after.exec(text);
    if (match === null) continue;
    before ??= text.slice(Math.max(0, start - BEFORE_LIMIT), start);
    if (!wanted.test(before)) continue;
    const value = match.groups?.value ?? match.groups?.bare ?? "";
    if (!may(name, value)) continue;
    const at = end + match[0].lastIndexOf(value);
    return [{ start: at, end: at + value.length }];
  }
  return undefined;
}

/** `"AUTH" "x"`, `AUTH user x` of Redis, `AUTH PLAIN …` of SMTP. */
function protocolSpan({ text, start, end, name }: Name): readonly Span[] | undefined {
  if (name !== "AUTH") return undefined;
  const rest = text.slice(end, end + 1_200);
  const match = /^"(?:[ ,]{1,3}"[\w.-]{1,64}")?[ ,]{1,3}"(?<value>[^"\n]{1,512})"/.exec(rest) ??
    /^ (?:PLAIN|LOGIN|XOAUTH2|CRAM-MD5) (?<value>[A-Za-z0-9+\/=]{8,})/.exec(rest);
  if (match !== null) return [valueIn(match, end)];
  if (!/(?:^|[\n>:\]] ?|HELLO \d )$/.test(text.slice(Math.max(0, start - 8), start))) {
    return undefined;
  }
  const word = /^ (?:[\w.-]{1,64} )?(?<value>\S{4,512})(?=[ \t]*(?:\r?\n|$))/.exec(rest);
  if (word === null || !isOutOfProse(word.groups!.value!)) return undefined;
  return [valueIn(word, end)];
}

function valueIn(match: RegExpExecArray, offset: number): Span {
  const value = match.groups!.value!;
  const start = offset + match[0].lastIndexOf(value);
  return { start, end: start + value.length };
}
