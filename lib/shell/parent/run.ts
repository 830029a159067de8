/** One line in one child, from its start to its end. */
import { KubecodeError } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { PROGRAM_NAMES } from "../../programs/types.ts";
import { type Frame, MEMORY_EXIT_CODE } from "../../sandbox/frames.ts";
import { residentBytes, type Sandbox } from "../../sandbox/parent/child.ts";
import { type EndedHeader, type LineHeader, SHELL_FRAME, type ShellLimits } from "../protocol.ts";
import type { Line, LineResult, StartProgram } from "../types.ts";
import type { LineInput } from "./line_input.ts";
import { readStart } from "./starts.ts";

/** All that one line needs. */
export interface RunParts {
  readonly sandbox: Sandbox;
  readonly limits: ShellLimits;
  readonly logger: Logger;
  readonly line: Line;
  readonly input: LineInput;
  readonly start: StartProgram;
}

const MEMORY_INTERVAL_MS = 50;
/** A program ends this much before its line, so that what it had can still go through the pipe. */
const PART_LEFT = 0.2;
const MOST_LEFT_MS = 2_000;

/** Exit codes as shells have them. */
export const EXIT = {
  usage: 2,
  notStarted: 126,
  timeout: 124,
  cancelled: 130,
  killed: 137,
} as const;

/** Runs a line in a fresh child, which is killed afterwards by whoever has started it. */
export async function runInChild(parts: RunParts): Promise<LineResult> {
  const { sandbox, limits, line, input } = parts;
  const outcome = Promise.withResolvers<LineResult>();
  const ended = new AbortController();
  const stop = watchLimits(parts, outcome.resolve);
  const cancel = () => outcome.resolve(cancelled());
  line.signal.addEventListener("abort", cancel, { once: true });
  if (line.signal.aborted) cancel();
  try {
    const header: LineHeader = {
      parts: input.parts,
      program: line.program,
      verbs: line.verbs ?? [],
      programs: line.programs ?? PROGRAM_NAMES,
      memoryBytes: limits.memoryBytes,
      outputBytes: limits.outputBytes,
    };
    void sandbox.write(SHELL_FRAME.run, 0, header, input.body);
    void readFrames(parts, ended.signal).then(outcome.resolve);
    return await outcome.promise;
  } finally {
    stop();
    line.signal.removeEventListener("abort", cancel);
    ended.abort();
    sandbox.kill();
  }
}

/** What comes of a line that is not wanted any more. */
export function cancelled(): LineResult {
  return failure("cancelled", EXIT.cancelled);
}

/** A line that gives nothing but why. */
export function failure(why: string, exitCode: number): LineResult {
  return { stdout: "", stderr: `shell: ${why}\n`, exitCode, cut: false };
}

/** Keeps the deadline and the memory until it is stopped. */
function watchLimits(
  { sandbox, limits, line: { timeoutMs } }: RunParts,
  end: (result: LineResult) => void,
): () => void {
  const deadline = setTimeout(
    () => end(failure(`the line did not end within ${timeoutMs} ms`, EXIT.timeout)),
    timeoutMs,
  );
  const limitBytes = limits.memoryBytes * 1.2;
  const memory = setInterval(() => {
    // The child ends itself at the limit; this is for one that no longer gets to look.
    if ((residentBytes(sandbox.pid) ?? 0) > limitBytes) end(memoryFailure(limits));
  }, MEMORY_INTERVAL_MS);
  return () => {
    clearTimeout(deadline);
    clearInterval(memory);
  };
}

function memoryFailure({ memoryBytes }: ShellLimits): LineResult {
  return failure(`the line used more than ${memoryBytes >> 20} MiB of memory`, EXIT.killed);
}

/** Reads what the child sends until its line is over, it breaks the rules, or is no more. */
async function readFrames(parts: RunParts, ended: AbortSignal): Promise<LineResult> {
  const { sandbox, limits, logger } = parts;
  const unruly = failure("the sandbox broke the protocol", EXIT.killed);
  const serve = createStarts(parts, ended);
  try {
    for (;;) {
      const { value: frame, done } = await sandbox.frames.next();
      if (done) break;
      if (frame.type === SHELL_FRAME.start) await serve(frame);
      else if (frame.type === SHELL_FRAME.done) return readDone(frame, limits);
      else return unruly;
    }
  } catch (error) {
    if (!ended.aborted) logger.warn("shell output ended", { reason: String(error) });
    return unruly;
  }
  const { code } = await sandbox.exited;
  if (code === MEMORY_EXIT_CODE) return memoryFailure(limits);
  if (!ended.aborted) logger.warn("shell ended unasked", { code });
  return failure("the sandbox ended before the line did; work on less at a time", EXIT.killed);
}

/** Carries out starts, one after the other. @throws {RangeError} what no child of ours sends */
function createStarts(parts: RunParts, ended: AbortSignal): (frame: Frame) => Promise<void> {
  const { sandbox, limits, line, start } = parts;
  const left = Math.min(line.timeoutMs * PART_LEFT, MOST_LEFT_MS);
  const signal = AbortSignal.any([ended, AbortSignal.timeout(line.timeoutMs - left)]);
  let made = 0;
  return async (frame) => {
    const { program, argv, ...io } = readStart(frame, limits);
    made += 1;
    const result = made > limits.starts
      ? said(`${program}: a line may start ${limits.starts} programs`, EXIT.notStarted)
      : await carryOut(start(program, argv, { ...io, signal }), program, parts);
    const { stdout, stderr, exitCode } = result;
    if (ended.aborted) return;
    const body = new Uint8Array(stdout.length + stderr.length);
    body.set(stdout);
    body.set(stderr, stdout.length);
    const header: EndedHeader = { exitCode, stdoutBytes: stdout.length };
    await sandbox.write(SHELL_FRAME.ended, frame.id, header, body);
  };
}

type Ended = Awaited<ReturnType<StartProgram>>;

/** What a start has given, bounded; what it throws is said as a program would say it. */
async function carryOut(
  starting: Promise<Ended>,
  program: string,
  { limits: { pipeBytes }, logger }: RunParts,
): Promise<Ended> {
  try {
    const result = await starting;
    if (result.stdout.length + result.stderr.length <= pipeBytes) return result;
    const most = pipeBytes / 2 ** 20;
    return said(`${program}: its output has more than ${most} MiB: ask for less at a time`, 1);
  } catch (error) {
    if (!(error instanceof KubecodeError)) {
      logger.error("program failed", { error: error instanceof Error ? error.stack : `${error}` });
      return said(`${program}: kubecode failed; its log says why`, EXIT.notStarted);
    }
    const hint = error.hint ? `\n${error.hint}` : "";
    return said(`${program}: ${error.message}${hint}`, EXIT.notStarted);
  }
}

function said(text: string, exitCode: number): Ended {
  const stderr = new TextEncoder().encode(`${text}\n`);
  return { stdout: new Uint8Array(0), stderr, exitCode };
}

/** The end of a line as its child tells it. */
function readDone({ header, body }: Frame, { outputBytes }: ShellLimits): LineResult {
  const { stdoutBytes, exitCode, cut } = Object(header) as Partial<EndedHeader>;
  const length = Number.isSafeInteger(stdoutBytes) ? Number(stdoutBytes) : 0;
  const text = (from: number, to: number) => new TextDecoder().decode(body.subarray(from, to));
  return {
    stdout: text(0, Math.min(length, outputBytes)),
    stderr: text(length, Math.min(body.length, length + outputBytes)),
    exitCode: Number.isInteger(exitCode) ? Number(exitCode) & 255 : EXIT.killed,
    cut: cut === true,
  };
}
