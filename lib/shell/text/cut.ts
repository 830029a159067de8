/** cut. Characters are bytes of one character each, as elsewhere in a C locale's cut. */
import { UsageError } from "../base/options.ts";
import { linesOf, textCommand, textOf } from "../base/text_command.ts";

type Range = readonly [from: number, to: number];

/** `1,3-5,7-`. @throws {UsageError} no list of places */
function readList(list: string): Range[] {
  return list.split(/[, ]/).map((part) => {
    const match = /^(\d*)(-?)(\d*)$/.exec(part);
    if (!match || part === "" || part === "-") {
      throw new UsageError(`invalid field range: '${part}'`);
    }
    const [, from = "", dash = "", to = ""] = match;
    const first = from === "" ? 1 : Number(from);
    const last = dash === "" ? first : to === "" ? Infinity : Number(to);
    if (first === 0) throw new UsageError("fields are numbered from 1");
    if (last < first) throw new UsageError("invalid decreasing range");
    return [first, last];
  });
}

/** cut. */
export const cut = textCommand(
  "cut",
  {
    flags: "snzX",
    values: "bcdfO",
    long: {
      bytes: "b",
      characters: "c",
      delimiter: "d",
      fields: "f",
      complement: "X",
      "only-delimited": "s",
      "output-delimiter": "O",
      "zero-terminated": "z",
    },
  },
  (options, inputs) => {
    const lists = options.given.filter(([letter]) => "bcf".includes(letter));
    const [[letter, list] = ["", ""]] = lists;
    if (lists.length === 0) {
      throw new UsageError("you must specify a list of bytes, characters, or fields");
    }
    if (lists.length > 1) throw new UsageError("only one list may be specified");
    const ranges = readList(list);
    const isIn = (place: number) =>
      ranges.some(([from, to]) => place >= from && place <= to) !== options.has("X");
    const end = options.has("z") ? "\0" : "\n";
    const delimiter = options.value("d") ?? "\t";
    if (letter === "f" && delimiter.length !== 1) {
      throw new UsageError("the delimiter must be a single character");
    }
    const joint = options.value("O");
    const fields = (line: string): string[] => {
      if (!line.includes(delimiter)) return options.has("s") ? [] : [line];
      const kept = line.split(delimiter).filter((_, index) => isIn(index + 1));
      return [kept.join(joint ?? delimiter)];
    };
    const characters = (line: string): string[] => {
      let kept = "";
      let last = 0;
      for (let place = 1; place <= line.length; place++) {
        if (!isIn(place)) continue;
        if (joint !== undefined && last > 0 && last !== place - 1) kept += joint;
        kept += line.charAt(place - 1);
        last = place;
      }
      return [kept];
    };
    const take = letter === "f" ? fields : characters;
    return {
      stdout: inputs.map(({ text }) => textOf(linesOf(text, end).flatMap(take), end)).join(""),
    };
  },
);
