/** Reads what a caller gives for a line: checked, and as the bytes that go to the child. Pure. */
import { InputError } from "../../errors.ts";
import { withProgram } from "../plain_line.ts";
import { joinParts, type Parts, type ShellLimits } from "../protocol.ts";
import type { Line } from "../types.ts";
import { isRelativeName } from "./file_names.ts";

/** A line for the child. */
export interface LineInput {
  readonly parts: Parts;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** @throws {InputError} an empty line, one that is too long or holds NUL, and files that cannot be */
export function readLine(line: Line, limits: ShellLimits): LineInput {
  const { text, program, stdin = new Uint8Array(0), files = {} } = line;
  if (text.trim() === "") throw new InputError("Cannot run the command line: it is empty");
  if (text.includes("\0")) {
    throw new InputError("Cannot run the command line: it holds a NUL character");
  }
  const encoder = new TextEncoder();
  const bytes = encoder.encode(withProgram(text, program));
  if (bytes.length > limits.lineBytes) {
    throw new InputError(
      `Cannot run the command line: it has ${bytes.length} bytes, the limit is ${limits.lineBytes}`,
      { hint: "Give what it carries as data in files or stdin." },
    );
  }
  const names = Object.keys(files);
  if (names.length > limits.files) {
    throw new InputError(
      `Cannot run the command line: ${names.length} files, the limit is ${limits.files}`,
    );
  }
  for (const name of names) {
    if (isRelativeName(name)) continue;
    throw new InputError(`Cannot run the command line: ${JSON.stringify(name)} is no file name`, {
      hint: "Names are relative to the working folder, without .. in them.",
    });
  }
  const joined = joinParts([
    ["", bytes],
    ["", stdin],
    ...names.map((name) => [name, encoder.encode(files[name])] as const),
  ]);
  if (joined.body.length - bytes.length > limits.inputBytes) {
    throw new InputError(
      `Cannot run the command line: stdin and files have more than ${limits.inputBytes} bytes`,
    );
  }
  return joined;
}
