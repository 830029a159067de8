/**
 * Structured logs, one line each, to standard error: standard output belongs to the protocol.
 * Values are fields, never part of the message, and never secrets.
 */
import { settleWithin } from "./std/async.ts";
import { shown } from "./std/shown.ts";

/** From most to least talkative. */
export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;

/** Lines below it are dropped. */
type LogLevel = (typeof LOG_LEVELS)[number];

/** Fields of a log line. */
type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes log lines at or above its level. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Waits until what was logged has been read, but not for long: before the process ends. */
  flush(): Promise<void>;
}

/**
 * A logger that writes `<RFC 3339 time> <level> <message> key=value …`.
 *
 * @param level lines below it are dropped
 * @param write takes one line without its line break; standard error by default, never waited for
 */
export function createLogger(level: LogLevel, write?: (line: string) => void): Logger {
  const sink = write ? { write, flush: () => Promise.resolve() } : standardError();
  const least = LOG_LEVELS.indexOf(level);
  const at = (own: Exclude<LogLevel, "silent">) => (message: string, fields: LogFields = {}) => {
    if (LOG_LEVELS.indexOf(own) >= least) sink.write(formatLine(new Date(), own, message, fields));
  };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    flush: sink.flush,
  };
}

/** Characters of one value: much of it is the words of clients, who could fill a disk. */
const VALUE_CHARACTERS = 8_000;

/** One log line; a value with spaces, quotes or control characters is written as a JSON string. */
function formatLine(
  time: Date,
  level: string,
  message: string,
  fields: LogFields,
): string {
  const plain = (value: unknown) => {
    const whole = String(value);
    const text = whole.length > VALUE_CHARACTERS
      ? `${whole.slice(0, VALUE_CHARACTERS)}… (${whole.length} characters)`
      : whole;
    return /^[^\s"=\p{C}]+$/u.test(text) ? text : shown(JSON.stringify(text));
  };
  const pairs = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}=${plain(value)}`);
  return `${time.toISOString()} ${level} ${message.replaceAll(/\p{C}/gu, " ")}${pairs.join("")}`;
}

/** Bytes of log that wait for a reader; what comes beyond is dropped and counted. */
const BACKLOG_BYTES = 256 * 1024;

/** How long the end of the process waits for a reader of its log. */
const FLUSH_MS = 200;

/** Writes to standard error in the background: a reader that stalls must not stop the server. */
function standardError(): { write(line: string): void; flush(): Promise<void> } {
  const encoder = new TextEncoder();
  let backlog = 0;
  let dropped = 0;
  let last: Promise<unknown> = Promise.resolve();
  const queue = (text: string) => {
    const bytes = encoder.encode(`${text}\n`);
    backlog += bytes.length;
    last = last.then(async () => {
      for (let at = 0; at < bytes.length;) at += await Deno.stderr.write(bytes.subarray(at));
    }).catch(() => {}).finally(() => backlog -= bytes.length);
  };
  return {
    write(line) {
      if (backlog > BACKLOG_BYTES) {
        dropped += 1;
        return;
      }
      if (dropped > 0) queue(`${dropped} lines of log were dropped: nobody read them`);
      dropped = 0;
      queue(line);
    },
    flush: () => settleWithin(last, FLUSH_MS),
  };
}
