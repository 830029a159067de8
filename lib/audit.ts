/**
 * The audit: one JSON line for each call of a tool and for each request to a cluster, in the order
 * in which they ended. Never holds a secret: names and decisions only, no bodies, no texts of errors.
 */
import { createHash } from "node:crypto";
import { ConfigError, type RuleReference } from "./errors.ts";
import type { Logger } from "./log.ts";
import { settleWithin } from "./std/async.ts";
import { describeWriteError } from "./std/files.ts";

/** A client's name and version. */
export interface ClientInfo {
  readonly name: string;
  readonly version: string;
}

/** Which cluster a line is about, and as whom it was spoken to. */
export type AuditPlace = Pick<AuditEntry, "context" | "cluster" | "user">;

/** What one line tells. Times are RFC 3339, durations milliseconds. */
export interface AuditEntry {
  readonly kind: "call" | "request";
  /** The client's connection; "terminal" for a person's own command. */
  readonly session: string;
  /** What the client says of itself. */
  readonly client?: ClientInfo;
  /** Whoever has proved to be behind the call, on a shared server. */
  readonly caller?: string;
  readonly tool: string;
  /** First 16 hexadecimal digits of the SHA-256 of the script that made the call. */
  readonly script?: string;
  /** The commands that a call or session has run, in normal form and without secrets. */
  readonly commands?: readonly string[];
  /** Changes are only tried out. */
  readonly plan?: boolean;
  readonly context?: string;
  readonly cluster?: string;
  /** The kubeconfig's user, or whom it acts as: the one that the API server sees. */
  readonly user?: string;
  readonly verb?: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** Of a session with a pod. */
  readonly container?: string;
  /**
   * `allow`, `refuse`, `approve` (a person has to agree), `approved` (a person did) or `declined` (a
   * person did not).
   */
  readonly decision?: string;
  /** The rule that decided. */
  readonly rule?: RuleReference;
  /** `ok`, an HTTP status, or the reason or name of the error. */
  readonly status: string | number;
  readonly durationMs: number;
}

/** The hash that identifies a script in the audit: see {@linkcode AuditEntry.script}. */
export function scriptHash(script: string): string {
  return createHash("sha256").update(script).digest("hex").slice(0, 16);
}

/** Where entries go. */
export interface Audit {
  record(entry: AuditEntry): void;
  /** Waits until what was recorded is written, but not for long: before the process ends. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Where bytes are written; `write` resolves to how many were taken. */
export interface AuditSink {
  write(bytes: Uint8Array): Promise<number>;
  close?(): void;
}

/** Entries that wait for a slow pipe or a full disk; what comes beyond is counted instead. */
const BACKLOG_BYTES = 8 * 1024 * 1024;
const RETRY_MS = 1_000;
const FLUSH_MS = 1_000;

/** An audit that writes nothing. */
export const NO_AUDIT: Audit = {
  record: () => {},
  flush: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

/** Standard error, and standard output by the name that Deno does not open. */
const STREAMS = { stderr: Deno.stderr, "/dev/stderr": Deno.stderr, "/dev/stdout": Deno.stdout };

/**
 * Opens an audit file, to append to it; "stderr" is standard error.
 *
 * @param options `outputIsTaken`: standard output has the protocol, or an answer
 * @throws {ConfigError} it cannot be opened
 */
export async function openAudit(
  target: string,
  logger: Logger,
  { outputIsTaken = true }: { readonly outputIsTaken?: boolean } = {},
): Promise<Audit> {
  if (target === "/dev/stdout" && outputIsTaken) {
    throw new ConfigError(`Cannot write the audit to "${target}": that is where answers go`, {
      hint: 'Name a file, or "stderr".',
    });
  }
  if (Object.hasOwn(STREAMS, target)) {
    return createAudit(STREAMS[target as keyof typeof STREAMS], logger);
  }
  try {
    const file = await Deno.open(target, { append: true, create: true, mode: 0o600 });
    return createAudit(file, logger);
  } catch (cause) {
    throw new ConfigError(`Cannot write the audit to "${target}": ${describeWriteError(cause)}`, {
      hint: 'Name a file in a folder that exists and can be written to, or "stderr".',
      cause,
    });
  }
}

/**
 * An audit over a sink. Nobody waits for it: entries are queued and written one after the other.
 * A sink that fails (a full disk) is tried again each second; lines are never torn or swapped, and
 * what had to be dropped is told by a line `{"kind":"gap","dropped":n}` in its place.
 */
export function createAudit(
  sink: AuditSink,
  logger: Logger,
  options: { readonly backlogBytes?: number; readonly retryMs?: number } = {},
): Audit {
  const { backlogBytes = BACKLOG_BYTES, retryMs = RETRY_MS } = options;
  const queue: Uint8Array[] = [];
  let bytes = 0;
  let dropped = 0;
  let failing = false;
  let closed = false;
  let retryNow = () => {};
  let writing: Promise<void> | undefined;

  function put(line: Readonly<Record<string, unknown>>): void {
    const encoded = encodeLine(line);
    queue.push(encoded);
    bytes += encoded.length;
    writing ??= write().finally(() => writing = undefined);
  }

  async function write(): Promise<void> {
    for (;;) {
      const line = queue[0];
      if (line === undefined) return;
      for (let at = 0; at < line.length;) {
        try {
          at += await sink.write(line.subarray(at));
          if (failing) logger.warn("the audit is written again");
          failing = false;
        } catch (error) {
          if (!failing) logger.error("the audit cannot be written", { error: String(error) });
          failing = true;
          if (closed) return;
          await pause();
          if (closed) return;
        }
      }
      queue.shift();
      bytes -= line.length;
      if (dropped > 0 && bytes < backlogBytes / 2) {
        const count = dropped;
        dropped = 0;
        put({ kind: "gap", dropped: count });
      }
    }
  }

  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, retryMs);
      Deno.unrefTimer(timer);
      retryNow = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  const flush = async () => {
    if (writing) await settleWithin(writing, FLUSH_MS);
  };

  return {
    record(entry) {
      if (closed) return;
      if (dropped > 0 || bytes > backlogBytes) dropped += 1;
      else put({ ...entry, durationMs: Math.round(entry.durationMs) });
    },
    flush,
    async close() {
      await flush();
      closed = true;
      retryNow();
      if (sink !== Deno.stderr) sink.close?.();
    },
  };
}

/** What JSON leaves as it is, and a terminal or a reader of lines takes for more than a character. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

function encodeLine(line: Readonly<Record<string, unknown>>): Uint8Array {
  const text = JSON.stringify({ time: new Date().toISOString(), ...line });
  return new TextEncoder().encode(`${text.replaceAll(UNSEEN, escaped)}\n`);
}

/** A character in the form that JSON has for it. */
function escaped(character: string): string {
  return character.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}
