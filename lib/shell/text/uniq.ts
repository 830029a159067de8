/** uniq, with the widths of GNU's. */
import { linesOf, readCount, textCommand } from "../base/text_command.ts";
import { toText } from "../base/bytes.ts";

/** uniq. */
export const uniq = textCommand(
  "uniq",
  {
    flags: "cdDuiz",
    values: "fsw",
    long: {
      count: "c",
      repeated: "d",
      "all-repeated": "D",
      unique: "u",
      "ignore-case": "i",
      "skip-fields": "f",
      "skip-chars": "s",
      "check-chars": "w",
      "zero-terminated": "z",
    },
  },
  (options, [input]) => {
    const end = options.has("z") ? "\0" : "\n";
    const number = (letter: string) => {
      const value = options.value(letter);
      return value === undefined ? undefined : readCount(value, "fields");
    };
    const [fields = 0, skipped = 0, checked] = [number("f"), number("s"), number("w")];
    const skip = new RegExp(`^(?:[ \\t]*[^ \\t]+){0,${fields}}`);
    const keyOf = (line: string) => {
      const rest = line.replace(fields > 0 ? skip : /^/, "").slice(skipped);
      const key = checked === undefined ? rest : rest.slice(0, checked);
      return options.has("i") ? toText(key).toLowerCase() : key;
    };
    const groups: { key: string; lines: string[] }[] = [];
    for (const line of linesOf(input?.text ?? "", end)) {
      const key = keyOf(line);
      const last = groups.at(-1);
      if (last?.key === key) last.lines.push(line);
      else groups.push({ key, lines: [line] });
    }
    const wanted = groups.filter(({ lines }) =>
      options.has("u")
        ? lines.length === 1
        : !options.has("d") && !options.has("D") || lines.length > 1
    );
    const stdout = wanted.flatMap(({ lines }) => {
      if (options.has("D")) return lines;
      const [first = ""] = lines;
      return [options.has("c") ? `${String(lines.length).padStart(7)} ${first}` : first];
    });
    return { stdout: stdout.map((line) => line + end).join("") };
  },
);
