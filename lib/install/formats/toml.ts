/**
 * TOML, by whole tables: one is added at the end of the file, and taken out from its heading to its
 * last line. What comes of it is parsed and compared (change.ts), so a table that is written in
 * another way is left to a person.
 */
import { parse, stringify, TomlError } from "smol-toml";
import { ConfigFault, type Format, lineEndOf } from "./format.ts";

/** The format. */
export const TOML_FORMAT: Format = {
  parse(text) {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof TomlError)) throw error;
      const [problem = ""] = error.message.replace(/^Invalid TOML document: /, "").split("\n");
      throw new ConfigFault(
        `it is not valid TOML: ${problem}, line ${error.line}, column ${error.column}`,
      );
    }
  },

  set(text, key, name, entry) {
    const servers = TOML_FORMAT.parse(text) as Readonly<
      Record<string, Readonly<Record<string, unknown>>>
    >;
    const isThere = Object.hasOwn(servers, key) && Object.hasOwn(servers[key] ?? {}, name);
    const range = isThere ? tableRange(text, key, name) : undefined;
    const eol = lineEndOf(text);
    const table = show(key, name, entry).replaceAll("\n", eol);
    if (range) return text.slice(0, range[0]) + table + eol + text.slice(range[1]);
    const gap = text === "" ? "" : /\n$/.test(text) ? eol : `${eol}${eol}`;
    return `${text}${gap}${table}${eol}`;
  },

  remove(text, key, name) {
    const range = tableRange(text, key, name);
    if (range === undefined) {
      throw new ConfigFault(
        `"${key}.${name}" is not written as a table of its own: remove it by hand`,
      );
    }
    const [start, end] = range;
    const before = text.slice(0, start);
    // The empty line that was put before it, where it is the last one.
    return (end === text.length ? before.replace(/(^|\n)\r?\n$/, "$1") : before) + text.slice(end);
  },

  show,
};

function show(key: string, name: string, entry: Readonly<Record<string, unknown>>): string {
  return stringify({ [key]: { [name]: entry } }).trim();
}

/** From the heading of a table to the end of the last line of it and of the tables in it. */
function tableRange(text: string, key: string, name: string): [number, number] | undefined {
  const part = (word: string) => `(?:${word}|"${word}"|'${word}')`;
  const own = new RegExp(
    `^[ \\t]*\\[[ \\t]*${part(key)}[ \\t]*\\.[ \\t]*${part(name)}[ \\t]*(?:\\.[^\\n]*)?\\]`,
  );
  let start: number | undefined;
  let end = 0;
  let isOwn = false;
  let quote: string | undefined;
  for (const { 0: line, index } of text.matchAll(/[^\n]*\n|[^\n]+$/g)) {
    // A line of a list that is written over several lines is no heading.
    if (quote === undefined && HEADING.test(line)) {
      isOwn = own.test(line);
      if (isOwn) start ??= index;
    }
    quote = openQuote(line, quote);
    if (isOwn && line.trim() !== "" && !line.trim().startsWith("#")) end = index + line.length;
  }
  return start === undefined ? undefined : [start, end];
}

const HEADING = /^[ \t]*\[{1,2}[^\]]+\]{1,2}[ \t]*(?:#.*)?\r?\n?$/;

/** The quotes of a string over several lines that is open behind a line. */
function openQuote(line: string, quote: string | undefined): string | undefined {
  let open = quote;
  for (const [token] of line.matchAll(/\\.|"""|'''|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|#.*/g)) {
    if (open === undefined) open = token === '"""' || token === "'''" ? token : undefined;
    else if (token === open) open = undefined;
  }
  return open;
}
