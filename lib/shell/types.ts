/** What the shell takes and gives. Types only. */

/** Runs command lines: small shell programs, whose programs the caller starts. */
export interface Shell {
  /**
   * Runs one line to its end, its time-out or the signal's abort, whichever comes first.
   *
   * @param start called for each start of a program within the line, one after the other
   * @throws {InputError} a line that is empty or too long, or files that are
   * @throws {LimitError} too many lines wait, or no child can be started
   */
  run(line: Line, start: StartProgram): Promise<LineResult>;
  /** Ends all children, at once. */
  close(): Promise<void>;
}

/** A command line. */
export interface Line {
  readonly text: string;
  /** Whose words the line begins with, where its first word is not a command itself. */
  readonly program: string | undefined;
  /** The first words of that program's commands, for what is said of a line that misses its name. */
  readonly verbs?: readonly string[];
  /** The programs that are there; all of them if left out. */
  readonly programs?: readonly string[];
  readonly stdin?: Uint8Array;
  /** Files of the working folder, by relative name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** What came of a line. */
export interface LineResult {
  readonly stdout: string;
  readonly stderr: string;
  /** That of the last command; 124 after a time-out, 130 when cancelled, 137 over a limit. */
  readonly exitCode: number;
  /** There was more output than is given. */
  readonly cut: boolean;
}

/** Called for each start of a program within the line; what it gives is already redacted. */
export type StartProgram = (
  program: string,
  argv: readonly string[],
  io: {
    readonly stdin: Uint8Array;
    /** Files of the line's own file system that the words name, by relative name. */
    readonly files: ReadonlyMap<string, Uint8Array>;
    /** Aborts when the line's time is nearly over: what the program had by then goes on. */
    readonly signal: AbortSignal;
  },
) => Promise<{
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly exitCode: number;
}>;
