/** What editing a configuration needs of the format that it is written in. */
import { ConfigError } from "../../errors.ts";
import type { Entry } from "../entry.ts";

/**
 * One format. Texts have no byte order mark. All that an edit does not mean stays as it is, byte for
 * byte: comments, order, indentation, line ends.
 */
export interface Format {
  /** The value of a text; `{}` where nothing is in it. @throws {ConfigFault} it cannot be read */
  parse(text: string): unknown;
  /** Sets `key.name`, which may be there already. @throws {ConfigFault} */
  set(text: string, key: string, name: string, entry: Entry): string;
  /** Removes `key.name`, which is there. @throws {ConfigFault} */
  remove(text: string, key: string, name: string): string;
  /** An entry alone, as lines for a person to look at. */
  show(key: string, name: string, entry: Entry): string;
}

/** Why a configuration cannot be edited; the message ends `Cannot change "<path>": …`. */
export class ConfigFault extends ConfigError {}

/** The line end that a text has. */
export function lineEndOf(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? "\n";
}

/** The indentation of the line that an offset is in. */
export function indentationAt(text: string, offset: number): string {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start))?.[0] ?? "";
}

/** Where an offset is, for people: `line 3, column 5`. */
export function placeOf(text: string, offset: number): string {
  const before = text.slice(0, offset).split("\n");
  return `line ${before.length}, column ${(before.at(-1) ?? "").length + 1}`;
}
