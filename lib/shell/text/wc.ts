/** wc, with the widths of GNU's. */
import { toText } from "../base/bytes.ts";
import { textCommand } from "../base/text_command.ts";

/** In the order in which they are written, whatever the order of the options. */
const COUNTS: readonly (readonly [letter: string, count: (text: string) => number])[] = [
  ["l", (text) => text.split("\n").length - 1],
  ["w", (text) => toText(text).match(/[^\s]+/g)?.length ?? 0],
  ["m", (text) => [...toText(text)].length],
  ["c", (text) => text.length],
  ["L", (text) => toText(text).split("\n").reduce((most, line) => Math.max(most, width(line)), 0)],
];

/** Columns of a line: a tab goes to the next eighth. */
export function width(line: string): number {
  let columns = 0;
  for (const character of line) columns += character === "\t" ? 8 - columns % 8 : 1;
  return columns;
}

/** Standard input's size is not known before it has been read: as wide as GNU makes it then. */
const UNKNOWN_WIDTH = 7;

/** wc. */
export const wc = textCommand(
  "wc",
  {
    flags: "clmwL",
    values: "",
    long: { bytes: "c", chars: "m", lines: "l", words: "w", "max-line-length": "L" },
  },
  (options, inputs) => {
    const all = COUNTS.filter(([letter]) => options.has(letter));
    const counts = all.length > 0 ? all : COUNTS.filter(([letter]) => "lwc".includes(letter));
    const rows = inputs.map(({ name, text }) => ({
      name,
      of: counts.map(([, count]) => count(text)),
    }));
    if (options.operands.length > 1) {
      const total = counts.map(([letter], index) => {
        const column = rows.map(({ of }) => of[index] ?? 0);
        return letter === "L" ? Math.max(0, ...column) : column.reduce((sum, n) => sum + n, 0);
      });
      rows.push({ name: "total", of: total });
    }
    const bytes = inputs.reduce((sum, { text }) => sum + text.length, 0);
    const isKnown = inputs.every(({ name }) => name !== "" && name !== "-");
    const single = counts.length === 1 && inputs.length === 1;
    const wide = single ? 1 : isKnown ? String(bytes).length : UNKNOWN_WIDTH;
    return {
      stdout: rows.map(({ name, of }) =>
        `${of.map((count) => String(count).padStart(wide)).join(" ")}${name ? ` ${name}` : ""}\n`
      ).join(""),
    };
  },
);
