/**
 * The connections of a listener: not more than there is room for, few requests at once on each, and none
 * on which nothing comes for too long. Once the process has no file descriptor left, the runtime (Deno
 * 2.9.6) never accepts a connection again, so that it must not come to that. Its own time-outs are not
 * used: with Deno 2.7.14 they end connections in the middle of their requests, every half minute.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Connections at the same time. */
const CONNECTIONS = 4096;
/** The part of the process's file descriptors that they may take: a burst is accepted before it is counted. */
const PART_OF_FILES = 1 / 4;
/** Requests of one connection that are answered at a time: clients that send them ahead are rare. */
const REQUESTS_OF_ONE = 32;

/** Time that a connection may be open for between two requests. */
const KEEP_ALIVE_MS = 65_000;
/** How often it is looked for those that have to end. */
const SWEEP_MS = 1_000;

/** Time that a client has for the head of its first request, and for all of any. */
export interface Patience {
  readonly headMs: number;
  readonly requestMs: number;
}

/** What there is of the connections of a listener. */
export interface ConnectionOptions {
  readonly patience: Patience;
  /** How many there may be; left out, as many as the process has room for. */
  readonly limit?: number | undefined;
  /** They speak TLS: nothing can be said on one before there is a request. */
  readonly isSecure: boolean;
}

/** What is known of the connections of a listener. */
export interface Connections {
  /** Counts a new one; where there are too many, one on which nothing is answered is closed. */
  opened(socket: Socket): void;
  /**
   * Counts a request.
   *
   * @returns what says that it is answered; undefined where its connection has too many of them
   */
  begin(request: IncomingMessage, answer: ServerResponse): (() => void) | undefined;
  /** Ends those on which nothing comes for too long, from now on and until it is disposed of. */
  watch(): Disposable;
}

interface Connection {
  readonly socket: Socket;
  /** Those that are not answered. */
  readonly requests: Set<Request>;
  /** When it was opened, or its last request was answered. */
  idleSince: number;
  /** No request has come yet. */
  isNew: boolean;
}

/** A request under way. */
interface Request {
  readonly incoming: IncomingMessage;
  readonly answer: ServerResponse;
  readonly since: number;
}

/** Counts connections, and ends those that have to. */
export function createConnections(
  { patience, limit = connectionLimit(), isSecure }: ConnectionOptions,
): Connections {
  // In the order in which they have been idle, the longest first.
  const open = new Map<unknown, Connection>();

  function sweep(): void {
    const now = performance.now();
    for (const { socket, requests, idleSince, isNew } of open.values()) {
      const idleMs = requests.size > 0 ? 0 : now - idleSince;
      if (idleMs > (isNew ? patience.headMs : KEEP_ALIVE_MS)) {
        if (isNew && !isSecure) socket.write(LATE);
        socket.destroySoon();
      }
      for (const { incoming, answer, since } of requests) {
        if (incoming.complete || now - since <= patience.requestMs) continue;
        if (!answer.headersSent) answer.writeHead(408, { connection: "close" });
        // Whoever still reads the request learns of its end by that of the socket.
        answer.end(() => incoming.destroy());
      }
    }
  }

  function makeRoom(): void {
    if (open.size <= limit) return;
    for (const [key, { socket, requests }] of open) {
      if (requests.size > 0) continue;
      open.delete(key);
      socket.destroy();
      return;
    }
  }

  return {
    opened(socket) {
      const key = keyOf(socket);
      const connection = connectionOf(socket);
      open.set(key, connection);
      // Answers are written in parts, each of which would wait for the one before to be acknowledged.
      socket.setNoDelay(true);
      socket.once("close", () => {
        if (open.get(key) === connection) open.delete(key);
      });
      makeRoom();
    },
    begin(incoming, answer) {
      const key = keyOf(incoming.socket);
      const connection = open.get(key) ?? connectionOf(incoming.socket);
      if (connection.requests.size >= REQUESTS_OF_ONE) return undefined;
      const request = { incoming, answer, since: performance.now() };
      connection.requests.add(request);
      connection.isNew = false;
      return () => {
        if (!connection.requests.delete(request) || connection.requests.size > 0) return;
        connection.idleSince = performance.now();
        if (open.get(key) !== connection) return;
        open.delete(key);
        open.set(key, connection);
      };
    },
    watch() {
      const timer = setInterval(sweep, Math.min(SWEEP_MS, patience.headMs));
      Deno.unrefTimer(timer);
      return { [Symbol.dispose]: () => clearInterval(timer) };
    },
  };
}

/** What is said on a connection on which no request comes. */
const LATE = "HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\r\n";

function connectionOf(socket: Socket): Connection {
  return { socket, requests: new Set(), idleSince: performance.now(), isNew: true };
}

/** With TLS, a request has another socket than its connection; both have the same other end. */
function keyOf(socket: Socket): unknown {
  const { remoteAddress, remotePort } = socket;
  return remotePort === undefined ? socket : `${remoteAddress} ${remotePort}`;
}

/** How many the process can have. */
function connectionLimit(): number {
  const files = fileLimit();
  if (files === undefined) return CONNECTIONS / 4;
  return Math.min(CONNECTIONS, Math.max(Math.floor(files * PART_OF_FILES), 16));
}

/**
 * How many files this process may have open: what a process that it starts may, since Deno does not let
 * it look into /proc. Where there is no shell to ask, as many as it can open now, up to what fills a
 * usual limit.
 */
function fileLimit(): number | undefined {
  if (Deno.build.os === "windows") return undefined;
  try {
    const { stdout } = new Deno.Command("/bin/sh", {
      args: ["-c", "ulimit -n"],
      clearEnv: true,
      cwd: "/",
      stdin: "null",
      stderr: "null",
    }).outputSync();
    const text = new TextDecoder().decode(stdout).trim();
    return /^\d+$/.test(text) ? Number(text) : Infinity;
  } catch {
    return openableFiles();
  }
}

/** Nothing else of the server runs yet that could want one meanwhile. */
function openableFiles(): number {
  const files: Deno.FsFile[] = [];
  try {
    while (files.length < CONNECTIONS) files.push(Deno.openSync("/dev/null"));
  } catch {
    // That was the last one.
  }
  for (const file of files) file.close();
  return files.length;
}
