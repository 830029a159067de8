/** The kept connections to one server. */
import http from "node:http";
import https from "node:https";
import type net from "node:net";
import { type ConnectOptions, inspectCertificate, openConnection } from "./connect.ts";
import type { PeerValidity } from "./errors.ts";

/** Hands out connections, as agents of `node:http`. */
export interface ConnectionPool {
  /** The agent whose connections were opened with this certificate. */
  agent(clientCertificate: ConnectOptions["clientCertificate"]): http.Agent;
  /** A new connection for one use; the caller closes it. */
  connection(clientCertificate: ConnectOptions["clientCertificate"]): Promise<net.Socket>;
  /** Closes the connections that no request uses. */
  dropIdle(): void;
  /** What the server's certificate says, be it trusted or not; for messages only. */
  inspect(): Promise<PeerValidity | undefined>;
  /** Closes all connections, those in use too. */
  close(): void;
}

/**
 * A pool of connections to one server, by client certificate: a plugin may give another one at any
 * time, and a connection keeps the one it was opened with.
 *
 * @param idleTimeoutMs how long a connection is kept unused
 */
export function createPool(
  connect: Omit<ConnectOptions, "clientCertificate">,
  idleTimeoutMs: number,
): ConnectionPool {
  const sockets = new Set<net.Socket>();
  const track = (socket: net.Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => {}); // Told to whoever waits for it; unheard, it would end the process.
  };
  let current: { readonly agent: http.Agent; readonly cert?: string } | undefined;

  function open(clientCertificate: ConnectOptions["clientCertificate"]): http.Agent {
    const settings = { keepAlive: true, timeout: idleTimeoutMs };
    const agent = connect.server.protocol === "https:"
      ? new https.Agent(settings)
      : new http.Agent(settings);
    const create = (_: unknown, done: (error: unknown, socket?: net.Socket) => void) => {
      openConnection({ ...connect, clientCertificate }, track).then(
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
    agent(clientCertificate: ConnectOptions["clientCertificate"]): http.Agent {
      if (!current || current.cert !== clientCertificate?.cert) {
        dropIdle();
        // Requests under way end on the old connections, which are then not kept.
        if (current) Object.assign(current.agent, { keepAlive: false });
        current = { agent: open(clientCertificate), cert: clientCertificate?.cert };
      }
      return current.agent;
    },
    connection: (clientCertificate) =>
      openConnection({ ...connect, clientCertificate, tunnel: true }, track),
    dropIdle,
    inspect: () => inspectCertificate(connect, track),
    close() {
      for (const socket of sockets) socket.destroy();
      current?.agent.destroy();
      current = undefined;
    },
  };
}
