/**
 * `yaml(value)`: compact YAML in block style, which every reader takes for the same value: YAML 1.1
 * (go-yaml v2, and with it kubectl), 1.2, and JSON's own types.
 */
import { stringifyExact } from "../../../std/json/exact.ts";
import { execOf, replaceAll } from "../../../std/regexp.ts";
import { toPlain } from "./plain.ts";

/** A key that is longer must be announced by `? ` (YAML 1.2, 7.4.2: 1,024 characters). */
const LONGEST_KEY = 1000;

/** The YAML of a value, of what JSON has; lists as kubectl writes them, keys in their own order. */
export function yamlText(value: unknown): string {
  const plain = toPlain(value, true);
  const lines: string[] = [];
  if (isCollection(plain)) write(plain, "", lines);
  else lines.push(scalar(plain, "  "));
  return lines.join("\n");
}

/** An object or list with something in it: what takes lines of its own. */
function isCollection(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

/** Writes a collection's lines; `first` stands in front of the first of them, a list's dash. */
function write(value: object, indent: string, lines: string[], first = indent): void {
  if (Array.isArray(value)) {
    for (const [at, member] of value.entries()) {
      const dash = `${at === 0 ? first : indent}- `;
      if (isCollection(member)) write(member, `${indent}  `, lines, dash);
      else lines.push(dash + scalar(member, `${indent}  `));
    }
    return;
  }
  for (const [at, [key, member]] of Object.entries(value).entries()) {
    const start = at === 0 ? first : indent;
    let head = `${start}${text(key)}:`;
    if (key.length > LONGEST_KEY) {
      lines.push(`${start}? ${text(key)}`);
      head = `${indent}:`;
    }
    if (!isCollection(member)) lines.push(`${head} ${scalar(member, `${indent}  `)}`);
    else {
      lines.push(head);
      // The lists of an object need no indentation of their own.
      write(member, Array.isArray(member) ? indent : `${indent}  `, lines);
    }
  }
}

function scalar(value: unknown, indent: string): string {
  if (typeof value === "string") return block(value, indent) ?? text(value);
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "[]" : "{}";
  const json = stringifyExact(value) ?? "null";
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
  const lower = value.toLowerCase();
  if (
    execOf(PLAIN, value) && !execOf(BROKEN, value) && !execOf(WORD, lower) &&
    !execOf(NUMBER_LIKE, lower)
  ) return value;
  if (execOf(/^[\x20-\x7e]*$/, value) && execOf(/["\\]/, value)) {
    return `'${replaceAll(value, /'/g, "''")}'`;
  }
  // JSON's strings are YAML's, but for what YAML does not print.
  return replaceAll(
    JSON.stringify(value),
    /[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]/g,
    ([hidden]) => `\\u${hidden.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A text of several lines as a block; undefined where a block would not keep it. */
function block(value: string, indent: string): string | undefined {
  if (!value.includes("\n") || value.endsWith("\n\n")) return undefined;
  if (!execOf(/^(?!\s)[\t\n\x20-\x7e\u00a1-\u1fff\u2c00-\ud7ff]*$/, value)) return undefined;
  const ended = value.endsWith("\n");
  const body = ended ? value.slice(0, -1) : value;
  return `${ended ? "|" : "|-"}\n${replaceAll(body, /^(?=.)/gm, indent)}`;
}
