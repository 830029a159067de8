/** `kubecode proxy`: a door that stays open, for an assistant with a shell of its own. */
import type { AskPerson } from "./question.ts";
import type { ProgramBrokers } from "../broker/types.ts";
import { openDoor } from "../door/door.ts";
import { ConfigError, InputError } from "../errors.ts";
import { describeWriteError } from "../std/files.ts";
import { EXIT } from "../exit.ts";
import type { Logger } from "../log.ts";
import { questionText } from "../policy/plan_text.ts";
import { createRateLimiter, type RateLimits } from "../policy/rate_limit.ts";
import { sleep } from "../std/async.ts";
import { VERSION } from "../version.ts";
import { type Printer, processPrinter } from "./print.ts";
import { printPlan } from "./question.ts";
import { makeTemporaryFolder } from "../programs/run/temporary_folder.ts";

/** How long the door is open, and for whom. */
export interface ProxyOptions {
  readonly port?: number;
  /** Where the kubeconfig is written; in a folder of its own if left out. */
  readonly kubeconfigOut?: string;
  /** Milliseconds; left out, until it is interrupted. */
  readonly forMs?: number;
  /** What is allowed at most, in a word. */
  readonly mode: string;
  readonly rateLimits?: RateLimits;
  /** The policy may want a person to approve changes. */
  readonly mayAsk: boolean;
  readonly ask: AskPerson;
}

/** What a proxy needs of the program. */
export interface ProxyParts {
  readonly brokers: ProgramBrokers;
  readonly logger: Logger;
  readonly namespace?: string;
}

const ORIGIN = {
  tool: "proxy",
  session: "terminal",
  client: { name: "kubecode", version: VERSION },
} as const;

/** The first line of the kubeconfig, by which it is known again. */
const MARK = "# Written by kubecode proxy; it is of no use once that has ended.";

/**
 * Keeps a door open. What a program has to be set, for a shell, goes to standard output.
 *
 * @returns the exit code
 * @throws {ConfigError} the kubeconfig cannot be written
 */
export async function proxyAtTerminal(
  { brokers, logger, namespace }: ProxyParts,
  options: ProxyOptions,
  signal: AbortSignal,
  printer: Printer = processPrinter(),
): Promise<number> {
  const { rateLimits, ask, mayAsk } = options;
  const limiter = rateLimits && createRateLimiter(forRequests(rateLimits));
  let told: string | undefined;
  const door = await openDoor({
    brokers,
    origin: ORIGIN,
    signal,
    logger,
    onUnreached(why) {
      if (why !== told) printer.err(`kubecode: ${why}`, "bad");
      told = why;
    },
    ...(namespace === undefined ? {} : { namespace }),
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(limiter ? { admit: (isRead) => limiter.take("proxy", isRead ? "read" : "write") } : {}),
    ...(mayAsk
      ? {
        async ask(plan) {
          const text = questionText(plan, "A program");
          printPlan(text, printer);
          return await ask(text, "Make this change? [y/N] ");
        },
      }
      : {}),
  });
  try {
    await using file = await writeKubeconfig(options.kubeconfigOut, door.kubeconfig);
    printer.out(`export KUBECONFIG=${quoted(file.path)}`);
    printer.err(
      `Programs with that kubeconfig reach the cluster by kubecode (${options.mode}) ` +
        `${
          options.forMs === undefined ? "until" : `for ${timeText(options.forMs)}, or until`
        } Ctrl-C.`,
    );
    await (options.forMs === undefined ? untilAborted(signal) : sleep(options.forMs, signal))
      .catch(() => {});
    return EXIT.ok;
  } finally {
    await door.close();
  }
}

/** What a tool does in one call is several requests of a program. */
const REQUESTS_OF_A_CALL = 10;

function forRequests({ read, write, other }: RateLimits): RateLimits {
  return {
    read: read * REQUESTS_OF_A_CALL,
    write: write * REQUESTS_OF_A_CALL,
    other: other * REQUESTS_OF_A_CALL,
  };
}

async function writeKubeconfig(
  path: string | undefined,
  kubeconfig: string,
): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = path === undefined ? await makeTemporaryFolder("kubecode-proxy-") : undefined;
  const file = path ?? `${folder}/kubeconfig`;
  const text = `${MARK}\n${kubeconfig}`;
  if (path !== undefined) await refuseOthers(path);
  try {
    // Anew, so that it has the right mode from its beginning, and is no link.
    if (path !== undefined) await Deno.remove(path).catch(() => {});
    await Deno.writeTextFile(file, text, { mode: 0o600, createNew: true });
  } catch (cause) {
    throw new ConfigError(`Cannot write the kubeconfig "${file}": ${describeWriteError(cause)}`, {
      cause,
      hint: "Name a file in a folder of yours with --kubeconfig-out.",
    });
  }
  return {
    path: file,
    async [Symbol.asyncDispose]() {
      const isOurs = await Deno.readTextFile(file).then((now) => now.startsWith(MARK), () => false);
      if (isOurs) await Deno.remove(folder ?? file, { recursive: true }).catch(() => {});
    },
  };
}

/** @throws {InputError} there is a file that somebody else has written */
async function refuseOthers(path: string): Promise<void> {
  const text = await Deno.readTextFile(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return MARK;
    return "";
  });
  if (text.startsWith(MARK)) return;
  throw new InputError(`Cannot write the kubeconfig "${path}": there is another file`, {
    hint: "Name a file that is not there yet.",
  });
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** A time in the largest unit of which it is a whole number, or else in seconds. */
function timeText(milliseconds: number): string {
  const units = [["h", 3_600_000], ["min", 60_000]] as const;
  const [unit, size] = units.find(([, size]) => milliseconds % size === 0) ?? ["s", 1000];
  return `${milliseconds / size} ${unit}`;
}

/** For a POSIX shell. */
function quoted(path: string): string {
  return /^[\w./+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
