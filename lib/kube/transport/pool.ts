/** The kept connections to one server, by the way in which they were opened. */
import http from "node:http";
import https from "node:https";
import type net from "node:net";
import { type ConnectOptions, inspectCertificate, openConnection } from "./connect.ts";
import type { PeerValidity } from "./errors.ts";

/** Hands out connections, as agents of `node:http`. */
export interface ConnectionPool {
  /** The agent whose connections were opened in this way. */
  agent(connect: ConnectOptions): http.Agent;
  /** A new connection for one use; the caller closes it. */
  connection(connect: ConnectOptions): Promise<net.Socket>;
  /** Closes the connections that no request uses. */
  dropIdle(): void;
  /** What the server's certificate says, be it trusted or not; for messages only. */
  inspect(connect: ConnectOptions): Promise<PeerValidity | undefined>;
  /** Closes all connections, those in use too. */
  close(): void;
}

/**
 * A pool of connections to one server. A plugin may give another client certificate at any time, and
 * a renewed kubeconfig another authority; a connection keeps what it was opened with.
 *
 * @param idleTimeoutMs how long a connection is kept unused
 */
export function createPool(idleTimeoutMs: number): ConnectionPool {
  const sockets = new Set<net.Socket>();
  const track = (socket: net.Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => {}); // Told to whoever waits for it; unheard, it would end the process.
  };
  let current: { readonly agent: http.Agent; readonly way: string } | undefined;

  function open(connect: ConnectOptions): http.Agent {
    const settings = { keepAlive: true, timeout: idleTimeoutMs };
    const agent = connect.server.protocol === "https:"
      ? new https.Agent(settings)
      : new http.Agent(settings);
    const create = (_: unknown, done: (error: unknown, socket?: net.Socket) => void) => {
      openConnection(connect, track).then(
        (socket) => done(null, socket),
        (error) => done(error),
      );
    };
    return Object.assign(agent, { createConnection: create });
  }

  function dropIdle(): void {
    for (const list of Object.values(current?.agent.freeSockets ?? {})) {
      for (const socket of list ?? []) socket.destroy();
    }
  }

  return {
    agent(connect: ConnectOptions): http.Agent {
      const way = wayOf(connect);
      if (!current || current.way !== way) {
        dropIdle();
        // Requests under way end on the old connections, which are then not kept.
        if (current) Object.assign(current.agent, { keepAlive: false });
        current = { agent: open(connect), way };
      }
      return current.agent;
    },
    connection: (connect) => openConnection({ ...connect, tunnel: true }, track),
    dropIdle,
    inspect: (connect) => inspectCertificate(connect, track),
    close() {
      for (const socket of sockets) socket.destroy();
      current?.agent.destroy();
      current = undefined;
    },
  };
}

/** What two connections must have in common for one to serve in the other's place. */
function wayOf({ server, proxy, access: { tls }, clientCertificate }: ConnectOptions): string {
  return JSON.stringify([server.href, proxy?.href, tls, clientCertificate]);
}
