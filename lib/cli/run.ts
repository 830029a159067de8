/** `kubecode run`: a program of the person's own, with a door to the cluster in place of credentials. */
import { planAndRun, type RunMode } from "../approval/planned_run.ts";
import type { AuditEntry } from "../audit.ts";
import type { ProgramBrokers } from "../broker/types.ts";
import { type Door, openDoor } from "../door/door.ts";
import { LimitError } from "../errors.ts";
import type { Logger } from "../log.ts";
import { questionText } from "../policy/plan_text.ts";
import { collectBytes } from "../std/bytes.ts";
import { VERSION } from "../version.ts";
import { keepInput, type KeptInput } from "./kept_input.ts";
import { type Printer, processPrinter } from "./print.ts";
import { DECLINED, type Ended, runWithDoor, type StreamName } from "./program.ts";
import { type AskPerson, printPlan } from "./question.ts";

/** What to run, and who is asked. */
export interface RunOptions {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** Changes are tried out and listed, not made. */
  readonly dryRun: boolean;
  /** The policy may want a person to approve changes. */
  readonly mayAsk: boolean;
  readonly ask: AskPerson;
  readonly record: (entry: AuditEntry) => void;
}

/** What a run needs of the program. */
export interface RunParts {
  readonly brokers: ProgramBrokers;
  readonly logger: Logger;
  readonly namespace?: string;
  /** Standard input; left out where it is a terminal, which cannot be read twice. */
  readonly stdin?: ReadableStream<Uint8Array>;
  readonly signal: AbortSignal;
}

const ORIGIN = {
  tool: "run",
  session: "terminal",
  client: { name: "kubecode", version: VERSION },
} as const;

/**
 * Runs a program; it has the terminal to itself. Where a person has to approve changes, it is tried out
 * first: what it writes once it has planned a change is held back, since none is made.
 *
 * @returns its exit code
 * @throws {InputError} there is no such program
 */
export async function runAtTerminal(
  parts: RunParts,
  { command, dryRun, mayAsk, ask, record }: RunOptions,
  printer: Printer = processPrinter(),
): Promise<number> {
  const started = performance.now();
  const isTried = mayAsk && !dryRun;
  const input = isTried && parts.stdin ? keepInput(parts.stdin) : undefined;
  const notes: string[] = [];
  let held: Held = [];
  let decision: "approved" | "declined" | undefined;
  const ended = await planAndRun<Ended>({
    dryRun,
    asks: mayAsk ? "policy" : "nothing",
    run: (mode) => runOnce(parts, command, mode, { input, held: isTried ? held : undefined }),
    isFailure: ({ exitCode, waited }) => exitCode !== 0 && waited === undefined,
    withNote(result, note) {
      notes.push(note);
      return result;
    },
    async ask(plan) {
      const text = questionText(plan, `"${command[0]}"`);
      printPlan(text, printer);
      const answer = await ask(text, "Make these changes? [y/N] ");
      held = [];
      if (answer !== undefined) decision = answer ? "approved" : "declined";
      if (answer === true) return true;
      const why = answer === false
        ? "declined"
        : "these changes need approval, and there is no terminal to ask at";
      notes.push(`Nothing was changed: ${why}`);
      return DECLINED;
    },
  });
  for (const [stream, chunk] of held) await writeTo(stream, chunk);
  const { unreached } = ended;
  if (unreached !== undefined && ended.exitCode !== 0) printer.err(`kubecode: ${unreached}`, "bad");
  if (ended.waited !== undefined) notes.unshift(`The trial ended here: ${ended.waited}`);
  for (const note of notes) printPlan(note, printer);
  const exitCode = ended.waited === undefined ? ended.exitCode : 0;
  record({
    kind: "call",
    ...ORIGIN,
    ...(decision ? { decision } : {}),
    ...(dryRun ? { plan: true } : {}),
    status: exitCode === 0 || decision === "declined" ? "ok" : `exit ${exitCode}`,
    durationMs: performance.now() - started,
  });
  return exitCode;
}

/** What a trial has written since it has planned a change. */
type Held = (readonly [stream: StreamName, chunk: Uint8Array])[];

async function runOnce(
  { brokers, logger, namespace, signal }: RunParts,
  command: readonly string[],
  mode: RunMode,
  { input, held }: { readonly input: KeptInput | undefined; readonly held: Held | undefined },
): Promise<Ended> {
  const { plan } = mode;
  const isTrial = plan !== undefined && held !== undefined;
  const program = /(?:^|[\\/])helm(?:\.exe)?$/.test(command[0] ?? "") ? "helm" : undefined;
  const origin = { ...ORIGIN, ...mode };
  let unreached: string | undefined;
  const onUnreached = (why: string) => void (unreached = why);
  const door = await openDoor({ brokers, origin, namespace, program, signal, logger, onUnreached });
  const write = async (stream: StreamName, chunk: Uint8Array) => {
    if (isTrial && plan.changes.length > 0) held.push([stream, chunk]);
    else await writeTo(stream, chunk);
  };
  const whole = program === "helm" ? wholeOutput(door, write) : undefined;
  try {
    const ended = await runWithDoor(command, door, {
      stdin: input?.read() ?? (isTrial ? "null" : "inherit"),
      isTrial: plan !== undefined,
      ...(whole ? { onOutput: whole.take } : isTrial ? { onOutput: write } : {}),
    });
    await whole?.end();
    return unreached === undefined ? ended : { ...ended, unreached };
  } finally {
    await door.close();
  }
}

type Write = (stream: StreamName, chunk: Uint8Array) => Promise<void>;

/** Bytes of a program's output that are kept to be searched. */
const OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024;

/** The output of a program that has seen what its asker may not see: written once it has been searched. */
function wholeOutput(door: Door, write: Write) {
  const kept = { stdout: collectBytes(), stderr: collectBytes() };
  return {
    take(stream: StreamName, chunk: Uint8Array): void {
      if (kept.stdout.length + kept.stderr.length + chunk.length > OUTPUT_LIMIT_BYTES) {
        throw new LimitError(
          `Cannot show more than ${OUTPUT_LIMIT_BYTES / 1024 / 1024} MiB of what helm writes`,
        );
      }
      kept[stream].push(chunk);
    },
    async end(): Promise<void> {
      for (const stream of ["stdout", "stderr"] as const) {
        const text = await door.hide(new TextDecoder().decode(kept[stream].join()));
        if (text !== "") await write(stream, new TextEncoder().encode(text));
      }
    },
  };
}

async function writeTo(stream: StreamName, chunk: Uint8Array): Promise<void> {
  const writer = Deno[stream].writable.getWriter();
  try {
    await writer.write(chunk);
  } finally {
    writer.releaseLock();
  }
}
