/**
 * One call's programs: each start is judged by its words, gets a door of its own program, and runs in
 * the folder of the call. What its output shows is redacted before anybody sees it.
 */
import type { Origin } from "../../broker/types.ts";
import type { Door } from "../../door/door.ts";
import { InputError } from "../../errors.ts";
import type { CallFolder, ProgramEnd } from "../../programs/run/run.ts";
import type { ProgramName } from "../../programs/types.ts";
import { checkWords } from "../../programs/words/check.ts";
import { readWords, type Words } from "../../programs/words/words.ts";
import { nearHint } from "../../std/nearest.ts";
import type { ToolCall } from "../types.ts";
import { argocdConfig, argocdWords, asksItsServer, checkArgocd } from "./argocd.ts";
import { auditedCommand } from "./audited_command.ts";
import type { CliParts } from "./parts.ts";

/** What a program is started with beside its words. */
export interface StartOptions {
  readonly stdin?: Uint8Array;
  readonly files?: ReadonlyMap<string, Uint8Array>;
  /** Bytes that are kept of each output. */
  readonly outputBytes: number;
  readonly signal: AbortSignal;
}

/** What a program did, and how its output is redacted. */
export interface StartedEnd extends ProgramEnd {
  /** Its exit code is an answer: `kubectl diff` has found differences. */
  readonly differs: boolean;
  hide(text: string): Promise<string>;
}

/** The programs of one call. */
export interface CallPrograms extends AsyncDisposable {
  /** Aborts when the call is over, or its plan goes no further. */
  readonly signal: AbortSignal;
  /**
   * Runs an installed program to its end.
   *
   * @throws {InputError} no program, or words that are none of it
   * @throws {PolicyError} words that are refused
   */
  start(name: string, argv: readonly string[], options: StartOptions): Promise<StartedEnd>;
  /** Why a plan goes no further, once it does not. */
  planEnded(): string | undefined;
}

/** Opens what the programs of a call need, at its first start. @param deadline when all of it ends */
export function openCall(
  parts: CliParts,
  { origin, signal, onCommand }: ToolCall,
  deadline: number,
): CallPrograms {
  const doors = openDoors(parts, origin, signal);
  const running = new Set<Promise<StartedEnd>>();
  let folder: Promise<CallFolder> | undefined;

  async function start(
    name: string,
    argv: readonly string[],
    { signal, outputBytes, ...input }: StartOptions,
  ): Promise<StartedEnd> {
    const path = installedPath(parts, name);
    const words = argocdWords(readWords(name as ProgramName, argv), parts.argocd);
    // Also one that is refused.
    onCommand?.(auditedCommand(words));
    checkWords(words, parts.rulesFor(words.program));
    const config = await configOf(words, parts, origin);
    const door = await doors.of(words.program);
    folder ??= parts.runner.openFolder();
    const { path: place } = await folder;
    doors.unreached.delete(words.program);
    const end = await parts.runner.run({
      ...input,
      ...(config ? { config } : {}),
      path,
      argv: words.normal,
      kubeconfig: door.kubeconfig,
      address: door.server,
      folder: place,
      limits: { timeoutMs: deadline - performance.now(), outputBytes },
      signal: AbortSignal.any([doors.signal, signal]),
    });
    const known = new Map(config ? [[config.token, "[redacted]"]] : []);
    const hide = config ? (text: string) => parts.hide(text, known) : door.hide;
    return {
      ...end,
      stderr: end.exitCode === 0
        ? end.stderr
        : withReason(end.stderr, doors.unreached.get(words.program)),
      differs: words.verb[0] === "diff" && end.exitCode === 1,
      // Where it all happened is nobody's business.
      hide: async (text) => (await hide(text)).replaceAll(place, ""),
    };
  }

  return {
    signal: doors.signal,
    planEnded: doors.planEnded,
    start(...given) {
      const started = start(...given);
      running.add(started);
      started.catch(() => {}).finally(() => running.delete(started));
      return started;
    },
    async [Symbol.asyncDispose]() {
      doors.end();
      // A shell that has ended may have left some.
      await Promise.allSettled(running);
      await Promise.allSettled([
        doors.close(),
        folder?.then((folder) => folder[Symbol.asyncDispose]()),
      ]);
    },
  };
}

/** The doors of a call: one for each program, opened at its first start. */
function openDoors({ openDoor }: CliParts, origin: Origin, signal: AbortSignal) {
  const doors = new Map<ProgramName, Promise<Door>>();
  const unreached = new Map<ProgramName, string>();
  const ended = new AbortController();
  let why: string | undefined;
  const open = async (program: ProgramName) => {
    const door = await openDoor({
      origin,
      program,
      signal,
      onUnreached: (why) => unreached.set(program, why),
    });
    door.ended.then((reason) => {
      why ??= reason;
      ended.abort();
    });
    return door;
  };
  return {
    /** Aborts when the call is over, or its plan goes no further. */
    signal: AbortSignal.any([signal, ended.signal]),
    planEnded: () => why,
    /** Why a program's cluster could not be asked. */
    unreached,
    of(program: ProgramName): Promise<Door> {
      const door = doors.get(program) ?? open(program);
      doors.set(program, door);
      return door;
    },
    end: () => ended.abort(),
    close: () => Promise.allSettled([...doors.values()].map(async (door) => (await door).close())),
  };
}

/** What kubectl says five times of a cluster that does not tell what it serves, without the reason. */
const DISCOVERY = /^E\d{4} .* memcache\.go:\d+\] .*\n/gm;

/** Standard error with the reason, where there is one. */
function withReason(
  stderr: Uint8Array<ArrayBuffer>,
  why: string | undefined,
): Uint8Array<ArrayBuffer> {
  if (why === undefined) return stderr;
  const said = new TextDecoder().decode(stderr).replace(DISCOVERY, "").replace(/\n?$/, "\n");
  return new TextEncoder().encode(`${said.trimStart()}${why}\n`);
}

/** The configuration of argocd for its own server, where a start goes there. */
async function configOf(words: Words, { argocd, readOnly }: CliParts, origin: Origin) {
  if (argocd === undefined || !asksItsServer(words)) return undefined;
  checkArgocd(words, argocd, { readOnly, origin });
  return await argocdConfig(argocd);
}

/**
 * The file of a program.
 *
 * @throws {InputError} it is not installed, or none that is offered
 */
export function installedPath({ programs }: Pick<CliParts, "programs">, name: string): string {
  const path = programs.get(name as ProgramName);
  if (path !== undefined) return path;
  const known = [...programs.keys()];
  throw new InputError(`Cannot run "${name.slice(0, 100)}": it is not installed here`, {
    hint: nearHint(name, known) ??
      (known.length === 0 ? undefined : `There is ${known.join(", ")}.`),
  });
}
