/**
 * A pod's log within bounds. Where it is longer the newest lines are kept: the API server's own
 * `limitBytes` would keep the oldest.
 */
import type { Broker } from "../../broker/types.ts";
import { InputError } from "../../errors.ts";
import { askText } from "./ask.ts";
import { stringifyExact } from "../../std/json/exact.ts";

/** The most lines of one answer. */
export const MAX_LOG_LINES = 10_000;
/** The most bytes of one answer. */
export const MAX_LOG_BYTES = 64 * 1024 * 1024;

/** Which part of a log. */
export interface LogRequest {
  readonly namespace: string;
  readonly pod: string;
  /** Lines from the end; at most {@linkcode MAX_LOG_LINES}. */
  readonly tailLines: number;
  /** Bytes from the end, in whole lines where there is one; at most {@linkcode MAX_LOG_BYTES}. */
  readonly limitBytes: number;
  /** Other options of PodLogOptions: container, previous, sinceSeconds, sinceTime, timestamps. */
  readonly options: Readonly<Record<string, string | number | boolean>>;
}

/** What came of it. */
export interface LogPart {
  readonly text: string;
  readonly lines: number;
  /** Lines at the beginning that went beyond `limitBytes`. */
  readonly linesLeftOut: number;
}

/** Reads a log, in one request. */
export async function readLog(
  broker: Broker,
  { namespace, pod, tailLines, limitBytes, options }: LogRequest,
  signal: AbortSignal,
): Promise<LogPart> {
  const text = await askText(broker, {
    op: "request",
    verb: "get",
    group: "",
    version: "v1",
    resource: "pods",
    subresource: "log",
    namespace,
    name: pod,
    options: { ...options, tailLines },
  }, { signal });
  return keepNewest(text, limitBytes);
}

/** The end of a log: whole lines, or the end of one line that is too long by itself. Pure. */
export function keepNewest(text: string, limitBytes: number): LogPart {
  const whole = countLines(text);
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= limitBytes) return { text, lines: whole, linesLeftOut: 0 };
  let start = bytes.length - limitBytes;
  // The byte before says whether a line begins here.
  const newline = bytes.indexOf(10, start - 1);
  if (newline >= 0 && newline + 1 < bytes.length) start = newline + 1;
  // Not in the middle of a character.
  while (start < bytes.length && (bytes[start]! & 0xc0) === 0x80) start++;
  const kept = new TextDecoder().decode(bytes.subarray(start));
  const lines = countLines(kept);
  return { text: kept, lines, linesLeftOut: whole - lines };
}

function countLines(text: string): number {
  if (text === "") return 0;
  let lines = text.endsWith("\n") ? 0 : 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}

/** Options of a log that callers may give, with what each takes. */
const OPTIONS: Readonly<Record<string, (value: unknown) => string | number | boolean | undefined>> =
  {
    container: (value) => typeof value === "string" && value !== "" ? value : undefined,
    previous: readFlag,
    timestamps: readFlag,
    sinceSeconds: (value) => readCount(value, 1),
    sinceTime: (value) =>
      typeof value === "string" && !Number.isNaN(Date.parse(value)) ? value : undefined,
    limitBytes: (value) => readCount(value, 1),
    tailLines: (value) => readCount(value, 0),
  };

const DEFAULT_TAIL_LINES = 100;
const DEFAULT_LIMIT_BYTES = 32 * 1024;

/**
 * Reads query parameters for a log: 100 lines and 32 KiB where nothing is said, no default tail
 * where a since is given.
 *
 * @throws {InputError} a parameter that is none, or a value it does not take
 */
export function readLogOptions(
  given: Readonly<Record<string, unknown>>,
): Pick<LogRequest, "tailLines" | "limitBytes" | "options"> & { readonly ownTail: boolean } {
  const read: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(given)) {
    const option = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
    if (option === undefined) {
      throw new InputError(`Cannot read a log with "${name.slice(0, 60)}": no such parameter`, {
        hint: `There are ${Object.keys(OPTIONS).join(", ")}.`,
      });
    }
    const usable = option(value);
    if (usable === undefined) {
      throw new InputError(
        `Cannot read a log with ${name} ${stringifyExact(value).slice(0, 60)}: ${EXPECTED[name]}`,
      );
    }
    read[name] = usable;
  }
  const { tailLines, limitBytes, ...options } = read;
  if (options.sinceSeconds !== undefined && options.sinceTime !== undefined) {
    throw new InputError("Cannot read a log with both sinceSeconds and sinceTime: give one");
  }
  const since = options.sinceSeconds !== undefined || options.sinceTime !== undefined;
  return {
    tailLines: Math.min(
      Number(tailLines ?? (since ? MAX_LOG_LINES : DEFAULT_TAIL_LINES)),
      MAX_LOG_LINES,
    ),
    limitBytes: Math.min(Number(limitBytes ?? DEFAULT_LIMIT_BYTES), MAX_LOG_BYTES),
    options,
    ownTail: tailLines !== undefined && Number(tailLines) <= MAX_LOG_LINES,
  };
}

const EXPECTED: Readonly<Record<string, string>> = {
  container: "it is a container's name",
  previous: "it is true or false",
  timestamps: "it is true or false",
  sinceSeconds: "it is a whole number of at least 1",
  sinceTime: "it is a time such as 2026-01-02T15:04:05Z",
  limitBytes: "it is a whole number of at least 1",
  tailLines: "it is a whole number of at least 0",
};

function readFlag(value: unknown): boolean | undefined {
  if (value === true || value === "true") return true;
  return value === false || value === "false" ? false : undefined;
}

function readCount(value: unknown, least: number): number | undefined {
  const number = typeof value === "string" && /^\d{1,12}$/.test(value) ? Number(value) : value;
  return Number.isInteger(number) && Number(number) >= least ? Number(number) : undefined;
}
