/** Reads the starts that a child asks for; nothing about them is taken on trust. Pure. */
import type { Frame } from "../../sandbox/frames.ts";
import { PROGRAM_NAMES } from "../../programs/types.ts";
import { type Parts, type ShellLimits, splitParts, type StartHeader } from "../protocol.ts";
import { isRelativeName } from "./file_names.ts";

/** A start as it may be carried out. */
export interface ProgramStart {
  readonly program: string;
  readonly argv: readonly string[];
  readonly stdin: Uint8Array;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** @throws {RangeError} what no child of ours sends */
export function readStart({ header, body }: Frame, limits: ShellLimits): ProgramStart {
  const { program, argv, parts } = Object(header) as Partial<StartHeader>;
  if (!PROGRAM_NAMES.some((name) => name === program)) throw new RangeError("no such program");
  if (!Array.isArray(argv) || !argv.every((word) => typeof word === "string")) {
    throw new RangeError("words that are no text");
  }
  if (argv.some((word) => word.includes("\0"))) throw new RangeError("NUL in a word");
  if (!isParts(parts) || body.length > limits.inputBytes) throw new RangeError("no parts");
  const [input, ...files] = splitParts(parts, body);
  if (input === undefined || files.length > limits.files) throw new RangeError("too many files");
  if (!files.every(([name]) => isRelativeName(name))) throw new RangeError("no name of a file");
  return { program: program as string, argv, stdin: input[1], files: new Map(files) };
}

function isParts(parts: unknown): parts is Parts {
  return Array.isArray(parts) &&
    parts.every((part) =>
      Array.isArray(part) && typeof part[0] === "string" && Number.isSafeInteger(part[1])
    );
}
