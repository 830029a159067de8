/** What the parent and the child that runs command lines say to each other, in frames. */
import { READY } from "../sandbox/frames.ts";

/** What a frame is about; the number is its byte on the wire. */
export const SHELL_FRAME = {
  /** Parent → child: run this line. Header {@linkcode LineHeader}, body its parts one after the other. */
  run: 1,
  /** Parent → child: a program has ended. Header {@linkcode EndedHeader}, body its two outputs. */
  ended: 2,
  /** Child → parent: it may be sent a line. */
  ready: READY,
  /** Child → parent: start a program. Header {@linkcode StartHeader}, body its standard input and files. */
  start: 4,
  /** Child → parent: the line is over. Header {@linkcode EndedHeader}, body its two outputs. */
  done: 5,
} as const;

/** Parts of a body, in their order: names are those of files, none is for standard input or a text. */
export type Parts = readonly (readonly [name: string, bytes: number])[];

/** Header of a `run` frame: the parts are the line, its standard input, and files. */
export interface LineHeader {
  readonly parts: Parts;
  /** The program that the line is for. */
  readonly program?: string | undefined;
  /** The first words of that program's commands. */
  readonly verbs: readonly string[];
  /** The programs that are there. */
  readonly programs: readonly string[];
  readonly memoryBytes: number;
  readonly outputBytes: number;
}

/** Header of a `start` frame: the parts are standard input, and files. */
export interface StartHeader {
  readonly program: string;
  readonly argv: readonly string[];
  readonly parts: Parts;
}

/** Header of a frame that ends a program or a line. */
export interface EndedHeader {
  readonly exitCode: number;
  /** Bytes of standard output; the rest of the body is standard error. */
  readonly stdoutBytes: number;
  /** Of a line: there was more. */
  readonly cut?: boolean;
}

/** The limits of a line. */
export interface ShellLimits {
  /** Bytes of UTF-8 in a line, with its here-documents. */
  readonly lineBytes: number;
  /** Bytes that go through one pipe out of a program. */
  readonly pipeBytes: number;
  /** Bytes of standard input and files that go into a program, and into a line. */
  readonly inputBytes: number;
  /** Files that go with one start, and with a line. */
  readonly files: number;
  /** Bytes of a line's standard output, and of its standard error. */
  readonly outputBytes: number;
  /** Resident memory that a line may take in its child. */
  readonly memoryBytes: number;
  /** Programs that one line may start. */
  readonly starts: number;
  /** Lines that run at a time; others wait their turn. */
  readonly concurrentLines: number;
  /** Lines that may wait; what comes on top is refused. */
  readonly waitingLines: number;
}

/** The limits where nothing else is said. */
export const SHELL_LIMITS: ShellLimits = {
  lineBytes: 1024 * 1024,
  pipeBytes: 64 * 1024 * 1024,
  inputBytes: 16 * 1024 * 1024,
  files: 100,
  outputBytes: 1024 * 1024,
  memoryBytes: 768 * 1024 * 1024,
  starts: 500,
  concurrentLines: 4,
  waitingLines: 100,
};

/** Joins bytes, and says how long each part is. */
export function joinParts(
  parts: readonly (readonly [name: string, bytes: Uint8Array])[],
): { readonly parts: Parts; readonly body: Uint8Array<ArrayBuffer> } {
  const body = new Uint8Array(parts.reduce((sum, [, bytes]) => sum + bytes.length, 0));
  let at = 0;
  for (const [, bytes] of parts) {
    body.set(bytes, at);
    at += bytes.length;
  }
  return { parts: parts.map(([name, bytes]) => [name, bytes.length]), body };
}

/** Takes a body apart. @throws {RangeError} lengths that are not those of the body */
export function splitParts(
  parts: Parts,
  body: Uint8Array<ArrayBuffer>,
): (readonly [name: string, bytes: Uint8Array<ArrayBuffer>])[] {
  let at = 0;
  const split = parts.map(([name, length]) => {
    if (!Number.isSafeInteger(length) || length < 0) throw new RangeError("a part has no length");
    const bytes = body.subarray(at, at + length);
    at += length;
    return [name, bytes] as const;
  });
  if (at !== body.length) throw new RangeError("parts beyond their body");
  return split;
}
