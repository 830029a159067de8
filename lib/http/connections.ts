/**
 * The connections of a listener: not more than there is room for, and few requests at once on each.
 * Once the process has no file descriptor left, the runtime (Deno 2.9.6) never accepts a connection
 * again, so that it must not come to that.
 */
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";

/** Connections at the same time. */
const CONNECTIONS = 4096;
/** The part of the process's file descriptors that they may take: a burst is accepted before it is counted. */
const PART_OF_FILES = 1 / 4;
/** Requests of one connection that are answered at a time: clients that send them ahead are rare. */
const REQUESTS_OF_ONE = 32;

/** What is known of the connections of a listener. */
export interface Connections {
  /** Counts a new one; where there are too many, one on which nothing is answered is closed. */
  opened(socket: Socket): void;
  /**
   * Counts a request.
   *
   * @returns what says that it is answered; undefined where its connection has too many of them
   */
  begin(socket: Socket): (() => void) | undefined;
}

interface Connection {
  readonly socket: Socket;
  requests: number;
}

/** Counts connections. */
export function createConnections(limit: number = connectionLimit()): Connections {
  // In the order in which they have been idle, the longest first.
  const open = new Map<unknown, Connection>();

  function makeRoom(): void {
    if (open.size <= limit) return;
    for (const [key, { socket, requests }] of open) {
      if (requests > 0) continue;
      open.delete(key);
      socket.destroy();
      return;
    }
  }

  return {
    opened(socket) {
      const key = keyOf(socket);
      const connection = { socket, requests: 0 };
      open.set(key, connection);
      socket.once("close", () => {
        if (open.get(key) === connection) open.delete(key);
      });
      makeRoom();
    },
    begin(socket) {
      const key = keyOf(socket);
      const connection = open.get(key) ?? { socket, requests: 0 };
      if (connection.requests >= REQUESTS_OF_ONE) return undefined;
      connection.requests += 1;
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        connection.requests -= 1;
        if (connection.requests > 0 || open.get(key) !== connection) return;
        open.delete(key);
        open.set(key, connection);
      };
    },
  };
}

/** With TLS, a request has another socket than its connection; both have the same other end. */
function keyOf(socket: Socket): unknown {
  const { remoteAddress, remotePort } = socket;
  return remotePort === undefined ? socket : `${remoteAddress} ${remotePort}`;
}

/** How many the process can have. */
function connectionLimit(): number {
  let files: number;
  try {
    const limits = readFileSync("/proc/self/limits", "utf8");
    files = Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Infinity);
  } catch {
    return CONNECTIONS / 4;
  }
  return Math.min(CONNECTIONS, Math.max(Math.floor(files * PART_OF_FILES), 16));
}
