/** The forms of Markdown that generated parts are written in, as `deno fmt` has them. Pure. */

/** A table whose cells have one width. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, at) =>
    Math.max(3, ...[head, ...rows].map((row) => (row[at] ?? "").length))
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |\n`;
  return [head, widths.map((width) => "-".repeat(width)), ...rows].map(line).join("");
}

/** A cell of a table: on one line, its bars escaped. */
export function cell(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, " ").replaceAll("|", "\\|");
}

/** Words in the type of code; nothing for nothing. */
export function code(text: string | undefined): string {
  if (text === undefined) return "";
  return text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** A block of text that is shown as it is. */
export function fenced(text: string, language = "text"): string {
  return `\`\`\`${language}\n${text}\n\`\`\`\n`;
}
