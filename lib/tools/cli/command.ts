/**
 * Runs a command: by its words where it has nothing else, otherwise by a shell, which asks for each
 * start of a program in it.
 */
import { describeError, InputError, KubecodeError } from "../../errors.ts";
import type { ProgramName } from "../../programs/types.ts";
import type { InstalledPrograms } from "../../programs/run/find.ts";
import { argvOf, verbsOf } from "../../programs/words/words.ts";
import type { Shell, StartProgram } from "../../shell/types.ts";
import type { CallPrograms } from "./call.ts";
import { namesProgram, plainWords } from "./line.ts";
import type { CommandEnd } from "./result.ts";
import { bytesToKeep, cutText, shownOutput } from "./shown_output.ts";

/** Bytes of one program's output within a line: what reads it needs all of it. */
const STAGE_BYTES = 64 * 1024 * 1024;
/** What shells give for something that cannot be executed. */
const NOT_EXECUTABLE = 126;
/** What the shell says of a line that it cannot read. */
const SYNTAX = /^(shell|bash): (line \d+: )?(syntax error|unexpected EOF|the program's name)/;
/** What `timeout(1)` gives. */
const TIMED_OUT = 124;

/** A command, and what it is given. */
export interface Command {
  readonly program: ProgramName;
  readonly line: string;
  readonly stdin?: string | undefined;
  readonly files?: Readonly<Record<string, string>> | undefined;
  readonly timeoutMs: number;
}

/** How commands are run. */
export interface CommandOptions {
  /** Characters of each output that are shown. */
  readonly outputCharacters: number;
  /** What the commands may start. */
  readonly programs: InstalledPrograms;
  /** Asked for once a line needs it. */
  readonly shell: () => Promise<Shell>;
}

type Outcome = Omit<CommandEnd, "executionMs">;

/** Runs a command to its end, with what it may start. */
export async function runCommand(
  command: Command,
  programs: CallPrograms,
  options: CommandOptions,
): Promise<Outcome> {
  const words = plainWords(command.line, { files: command.files !== undefined });
  return words === undefined || !namesProgram(words, command.program)
    ? await runLine(command, programs, options)
    : await runWords(command, words, programs, options);
}

async function runWords(
  { program, stdin, files = {}, timeoutMs }: Command,
  words: readonly string[],
  programs: CallPrograms,
  { outputCharacters, programs: installed }: CommandOptions,
): Promise<Outcome> {
  const outputBytes = bytesToKeep(outputCharacters);
  const end = await programs.start(program, argvOf(program, words, [...installed.keys()]), {
    ...(stdin === undefined ? {} : { stdin: encode(stdin) }),
    files: new Map(Object.entries(files).map(([name, text]) => [name, encode(text)])),
    outputBytes,
    signal: programs.signal,
  });
  const show = (bytes: Uint8Array) =>
    shownOutput(bytes, {
      isWhole: bytes.length < outputBytes,
      characters: outputCharacters,
      hide: end.hide,
    });
  return {
    stdout: await show(end.stdout),
    stderr: await show(end.stderr),
    exitCode: end.exitCode,
    differs: end.differs,
    ended: end.ending === "limit"
      ? { by: "limit" }
      : endedBy(programs, end.ending === "timeout", timeoutMs),
  };
}

async function runLine(
  { line, program, stdin, files, timeoutMs }: Command,
  programs: CallPrograms,
  { outputCharacters, shell, programs: installed }: CommandOptions,
): Promise<Outcome> {
  const refusals: string[] = [];
  let isLate = false;
  let isStarted = false;
  const start: StartProgram = async (name, argv, io) => {
    isStarted = true;
    if (io.signal.aborted) return failedStart(name, "its time is over", TIMED_OUT);
    try {
      const end = await programs.start(name, argv, { ...io, outputBytes: STAGE_BYTES });
      isLate ||= end.ending === "timeout" || end.ending === "cancelled";
      if (!end.cut) return await redacted(end);
      refusals.push(`it wrote more than ${STAGE_BYTES >> 20} MiB`);
    } catch (error) {
      if (!(error instanceof KubecodeError)) throw error;
      refusals.push(describeError(error));
    }
    return failedStart(name, refusals.at(-1) ?? "", NOT_EXECUTABLE);
  };
  const { stdout, stderr, exitCode, cut } = await (await shell()).run({
    text: line,
    program,
    verbs: verbsOf(program),
    programs: [...installed.keys()],
    ...(stdin === undefined ? {} : { stdin: encode(stdin) }),
    ...(files === undefined ? {} : { files }),
    signal: programs.signal,
    timeoutMs,
  }, start);
  if (!isStarted && SYNTAX.test(stderr)) {
    throw new InputError(`Cannot run the command: ${stderr.trim()}`);
  }
  const ended = endedBy(programs, isLate || exitCode === TIMED_OUT, timeoutMs);
  return {
    stdout: cutText(stdout, outputCharacters, { isWhole: !cut }),
    stderr: cutText(stderr, outputCharacters),
    exitCode: ended?.by === "timeout" ? TIMED_OUT : exitCode,
    ended,
    ...(refusals.length > 0 ? { refusal: refusals.join("\n") } : {}),
  };
}

/** What a program gives to the rest of its line: no filter gets what its asker may not see. */
async function redacted(
  { stdout, stderr, exitCode, hide }: Awaited<ReturnType<CallPrograms["start"]>>,
) {
  const hidden = async (bytes: Uint8Array) => encode(await hide(new TextDecoder().decode(bytes)));
  return { stdout: await hidden(stdout), stderr: await hidden(stderr), exitCode };
}

function failedStart(name: string, why: string, exitCode: number) {
  return { stdout: encode(""), stderr: encode(`${name}: ${why}\n`), exitCode };
}

/** Why a command has not come to its own end; throws where its call is over. */
function endedBy(
  programs: CallPrograms,
  isLate: boolean,
  timeoutMs: number,
): CommandEnd["ended"] {
  const why = programs.planEnded();
  if (why !== undefined) return { by: "plan", why };
  programs.signal.throwIfAborted();
  return isLate ? { by: "timeout", afterMs: timeoutMs } : undefined;
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
