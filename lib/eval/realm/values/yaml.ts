/**
 * `yaml(value)`: compact YAML in block style, which every reader takes for the same value: YAML 1.1
 * (go-yaml v2, and with it kubectl), 1.2, and JSON's own types.
 */
import {
  append,
  execOf,
  indexOf,
  isArray,
  keysOf,
  replaceAll,
  slice,
  stringify,
  toLower,
} from "../base/primordials.ts";
import { toPlain } from "./plain.ts";

/** A key that is longer must be announced by `? ` (YAML 1.2, 7.4.2: 1,024 characters). */
const LONGEST_KEY = 1000;

/** The YAML of a value, of what JSON has; lists as kubectl writes them, keys in their own order. */
export function yamlText(value: unknown): string {
  const plain = toPlain(value, true);
  const lines: string[] = [];
  if (isCollection(plain)) write(plain, "", lines);
  else append(lines, scalar(plain, "  "));
  let text = "";
  for (let at = 0; at < lines.length; at++) text += at > 0 ? `\n${lines[at]}` : lines[at];
  return text;
}

/** An object or list with something in it: what takes lines of its own. */
function isCollection(value: unknown): value is object {
  return typeof value === "object" && value !== null && keysOf(value).length > 0;
}

/** Writes a collection's lines; `first` stands in front of the first of them, a list's dash. */
function write(value: object, indent: string, lines: string[], first = indent): void {
  if (isArray(value)) {
    for (let at = 0; at < value.length; at++) {
      const dash = `${at === 0 ? first : indent}- `;
      const member: unknown = value[at];
      if (isCollection(member)) write(member, `${indent}  `, lines, dash);
      else append(lines, dash + scalar(member, `${indent}  `));
    }
    return;
  }
  const keys = keysOf(value);
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at]!;
    const member = (value as Record<string, unknown>)[key];
    const start = at === 0 ? first : indent;
    let head = `${start}${text(key)}:`;
    if (key.length > LONGEST_KEY) {
      append(lines, `${start}? ${text(key)}`);
      head = `${indent}:`;
    }
    if (!isCollection(member)) append(lines, `${head} ${scalar(member, `${indent}  `)}`);
    else {
      append(lines, head);
      // The lists of an object need no indentation of their own.
      write(member, isArray(member) ? indent : `${indent}  `, lines);
    }
  }
}

function scalar(value: unknown, indent: string): string {
  if (typeof value === "string") return block(value, indent) ?? text(value);
  if (typeof value === "object" && value !== null) return isArray(value) ? "[]" : "{}";
  const json = stringify(value) ?? "null";
  // 1e+21 is a string to YAML 1.1, whose floats have a point.
  return execOf(/^-?\d+e/, json) ? replaceAll(json, /e/g, ".0e") : json;
}

/** Words that some reader takes for null or a boolean. */
const WORD = /^(?:y|n|yes|no|on|off|true|false|null)$/;

/** What may be a number, a time or a date to some reader: no other characters are in those. */
const NUMBER_LIKE = /^[-+.]?[0-9][-+.:_ 0-9a-fox]*(?:[tz][-+.:0-9z]*)?$/;

/** Characters that every reader prints and takes as they are; wide ones are left to quotes. */
const PLAIN = /^[A-Za-z0-9_/\u00a1-\u1fff\u2c00-\ud7ff][\x20-\x7e\u00a1-\u1fff\u2c00-\ud7ff]*$/;

/** A colon or comment that would end it, or white space that would be lost. */
const BROKEN = /: | #|[: ]$/;

/** A string on one line: plain where no reader can mistake it, else in quotes. */
function text(value: string): string {
  const lower = toLower(value);
  if (
    execOf(PLAIN, value) && !execOf(BROKEN, value) && !execOf(WORD, lower) &&
    !execOf(NUMBER_LIKE, lower)
  ) return value;
  if (execOf(/^[\x20-\x7e]*$/, value) && execOf(/["\\]/, value)) {
    return `'${replaceAll(value, /'/g, "''")}'`;
  }
  // JSON's strings are YAML's, but for what YAML does not print.
  const json = stringify(value);
  let quoted = "";
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    const hidden = (code > 0x7e && code < 0xa1) || code === 0x2028 || code === 0x2029 ||
      code === 0xfeff || code > 0xfffd;
    quoted += hidden ? `\\u${slice((code + 0x10000).toString(16), 1)}` : slice(json, at, at + 1);
  }
  return quoted;
}

/** A text of several lines as a block; undefined where a block would not keep it. */
function block(value: string, indent: string): string | undefined {
  if (indexOf(value, "\n") < 0) return undefined;
  if (!execOf(/^(?!\s)[\t\n\x20-\x7e\u00a1-\u1fff\u2c00-\ud7ff]*$/, value)) return undefined;
  if (execOf(/\n\n$/, value)) return undefined;
  const ended = execOf(/\n$/, value) !== null;
  const body = ended ? slice(value, 0, value.length - 1) : value;
  return `${ended ? "|" : "|-"}\n${replaceAll(body, /^(?=.)/gm, indent)}`;
}
