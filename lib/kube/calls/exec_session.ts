/**
 * Commands in containers: `pods/exec` over a WebSocket, each message of which begins with the number
 * of its channel.
 *
 * @see {@link https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/4006-transition-spdy-to-websockets}
 */
import { ApiError, InputError } from "../../errors.ts";
import { readExit } from "../wire/exec_status.ts";
import { buildRequest } from "../wire/request.ts";
import { errorFromResponse, type StatusContext, withUnknownOutcome } from "../wire/status.ts";
import { DeadlineReached } from "../transport/errors.ts";
import { CLOCK, type Clock } from "../../std/async.ts";
import { collectBytes } from "../../std/bytes.ts";
import type { ApiResource, MessageSocket, Transport } from "../types.ts";

/** A command to run. */
export interface ExecRequest {
  /** `pods` of the core group. */
  readonly resource: ApiResource;
  readonly namespace?: string;
  readonly name: string;
  /** The program and its arguments; no shell parses them. */
  readonly command: readonly string[];
  /** Left out: the pod's only container, or the one that its annotation names as the default. */
  readonly container?: string;
  /** What the command reads from its standard input; left out it has none. */
  readonly stdin?: Uint8Array;
  /** Gives the command a terminal: what it writes all comes as its standard output. */
  readonly tty?: boolean;
  /** From the request to the command's end, in milliseconds; {@linkcode EXEC_TIMEOUT_MS} by default. */
  readonly timeoutMs?: number;
}

/** What came of a command that was started. */
export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
  /** null where the command was not waited for to its end. */
  readonly exitCode: number | null;
  /** `stdout` or `stderr` is cut at {@linkcode OUTPUT_LIMIT_BYTES}. */
  readonly truncated?: true;
  /** Why it was not waited for: it took too long, or wrote more than 64 MiB. It may still run. */
  readonly ended?: "timeout" | "output";
}

/** How long a command may take where nothing else is said. */
const EXEC_TIMEOUT_MS = 15_000;

/** Bytes of each of stdout and stderr that are kept. */
export const OUTPUT_LIMIT_BYTES = 1024 * 1024;

/** Bytes that are read in all: what is beyond the limit above is thrown away. */
const FLOOD_BYTES = 64 * 1024 * 1024;

/** Bytes of the status at the end that are read. */
const STATUS_LIMIT_BYTES = 64 * 1024;

/** How often the status is looked at before its end; it comes in one message. */
const STATUS_TRIES = 16;

/** How long a server may take to close the connection after it sent the exit status. */
const CLOSING_MS = 1_000;

/** v5 can signal the end of the standard input, v4 cannot. */
const V5 = "v5.channel.k8s.io";
const V4 = "v4.channel.k8s.io";

const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, status: 3, close: 255 } as const;

/** Bytes of standard input in a message. */
const CHUNK_BYTES = 32 * 1024;

/**
 * Runs a command and waits for its end. An exit code other than 0 is a result, not an error.
 *
 * @throws {ApiError} a pod or container that is not there, a command that could not be started, no
 *   right to do this, a connection that breaks before the end
 * @throws {InputError} a name or command that cannot be used
 */
export async function runCommand(
  { transport, where, clock = CLOCK }: {
    readonly transport: Transport;
    readonly where: StatusContext;
    readonly clock?: Clock;
  },
  request: ExecRequest,
  signal: AbortSignal,
): Promise<ExecResult> {
  const { stdin, timeoutMs = EXEC_TIMEOUT_MS } = request;
  const path = execPath(request);
  const timeout = new AbortController();
  using _ = clock.after(
    timeoutMs,
    () => timeout.abort(new DeadlineReached(`no answer within ${timeoutMs} ms`)),
  );
  const either = AbortSignal.any([signal, timeout.signal]);
  try {
    const protocols = stdin ? [V5] : [V5, V4];
    const opened = await transport.openSocket({ path, protocols }, either);
    if (opened instanceof Response) {
      throw withUnknownOutcome(await errorFromResponse(opened, where));
    }
    try {
      if (stdin) sendInput(opened, stdin);
      return await readOutput(opened, request, either, () => timeout.signal.aborted);
    } finally {
      opened.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error !== timeout.signal.reason) throw error;
    throw new ApiError(
      `Cannot run a command in pod "${request.name}": no answer within ${timeoutMs} ms`,
      {
        status: 0,
        reason: "Timeout",
        hint: "It may have been started: look before you repeat it, with a longer timeoutMs.",
      },
    );
  }
}

function execPath(request: ExecRequest): string {
  const { resource, namespace, name, command, container, stdin, tty } = request;
  if (command.length === 0 || command[0] === "") {
    throw new InputError(`Cannot run a command in pod "${name}": no command given`);
  }
  const { path } = buildRequest({ verb: "create", resource, subresource: "exec", namespace, name });
  const query = new URLSearchParams();
  if (container) query.set("container", container);
  if (stdin) query.set("stdin", "true");
  query.set("stdout", "true");
  if (tty) query.set("tty", "true");
  else query.set("stderr", "true");
  for (const word of command) query.append("command", word);
  return `${path}?${query}`;
}

function sendInput(socket: MessageSocket, stdin: Uint8Array): void {
  for (let at = 0; at < stdin.length; at += CHUNK_BYTES) {
    const chunk = stdin.subarray(at, at + CHUNK_BYTES);
    const message = new Uint8Array(chunk.length + 1);
    message[0] = CHANNEL.stdin;
    message.set(chunk, 1);
    void socket.send(message);
  }
  void socket.send(new Uint8Array([CHANNEL.close, CHANNEL.stdin]));
}

async function readOutput(
  socket: MessageSocket,
  request: ExecRequest,
  signal: AbortSignal,
  timedOut: () => boolean,
): Promise<ExecResult> {
  const stdout = collect(OUTPUT_LIMIT_BYTES);
  const stderr = collect(OUTPUT_LIMIT_BYTES);
  const status = collect(STATUS_LIMIT_BYTES);
  const result = (exitCode: number | null, ended?: ExecResult["ended"]): ExecResult => ({
    stdout: stdout.text(),
    stderr: stderr.text(),
    exitCode,
    ...(stdout.isCut() || stderr.isCut() ? { truncated: true } : {}),
    ...(ended ? { ended } : {}),
  });
  let closing: ReturnType<typeof setTimeout> | undefined;
  let exit: ReturnType<typeof readExit>;
  let read = 0;
  let tries = 0;
  let broken: unknown;
  try {
    for await (const message of socket.messages) {
      read += message.length;
      // A message of one byte only says that its channel is open.
      const bytes = message.subarray(1);
      if (message[0] === CHANNEL.stdout) stdout.add(bytes);
      else if (message[0] === CHANNEL.stderr) stderr.add(bytes);
      else if (message[0] === CHANNEL.status && bytes.length > 0) {
        status.add(bytes);
        if (tries++ < STATUS_TRIES) exit = readExit(status.text());
        // What was written before may still be under way beside it.
        if (exit) closing ??= setTimeout(() => socket.close(), CLOSING_MS);
      }
      if (read > FLOOD_BYTES) return result(null, "output");
    }
  } catch (error) {
    broken = error;
  } finally {
    clearTimeout(closing);
  }
  exit ??= readExit(status.text());
  if (exit && "code" in exit) return result(exit.code);
  if (exit) throw notRun(request, exit.message, exit.reason);
  if (timedOut()) return result(null, "timeout");
  signal.throwIfAborted();
  throw cutOff(request, status.text(), broken);
}

function notRun({ name, command }: ExecRequest, message: string, reason: string): ApiError {
  return new ApiError(`Cannot run "${shown(command[0])}" in pod "${name}": ${message}`, {
    status: 500,
    reason,
    hint: /executable file not found|no such file/i.test(message)
      ? 'The image may not have this program, or the command needs a shell: ["sh", "-c", "…"].'
      : undefined,
  });
}

function cutOff({ name, command }: ExecRequest, said: string, cause: unknown): ApiError {
  const why = said || (cause instanceof ApiError ? cause.message : "the server ended it");
  return new ApiError(
    `Cannot tell what came of "${
      shown(command[0])
    }" in pod "${name}": the session broke off before its end: ${why}`,
    {
      status: 0,
      reason: "Unknown",
      hint: "The command may have run, or still run: look before you repeat it.",
      cause,
    },
  );
}

function shown(word = ""): string {
  return word.length > 60 ? `${word.slice(0, 60)}…` : word;
}

/** Keeps the first bytes of a stream. */
function collect(limitBytes: number) {
  const collected = collectBytes();
  let cut = false;
  return {
    isCut: () => cut,
    add(bytes: Uint8Array) {
      const kept = bytes.subarray(0, limitBytes - collected.length);
      if (kept.length < bytes.length) cut = true;
      collected.push(kept);
    },
    text() {
      const whole = collected.join();
      collected.push(whole);
      // A character cut in two at the end is shown only where nothing else was cut off.
      return new TextDecoder().decode(whole, { stream: cut });
    },
  };
}
