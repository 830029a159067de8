/**
 * Requests to speak another protocol: a program's `exec`, `attach`, `cp` and `port-forward`. Each is
 * decided like any other request, and its WebSocket is opened once the session with the pod is.
 */
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import { type WebSocket, WebSocketServer } from "ws";
import type { Tunnel } from "../broker/types.ts";
import { ApiError } from "../errors.ts";
import { messageSocketOf, protocolOf, tokenOf } from "../kube/transport/message_socket.ts";
import { raceAbort } from "../std/async.ts";
import { stringifyExact } from "../std/json/exact.ts";
import type { Upgrade } from "./server.ts";
import { failure, statusOf } from "./status.ts";

/** The largest message: those of kubectl have 32 KiB. */
const MESSAGE_LIMIT_BYTES = 4 * 1024 * 1024;

/** The channel by which a program learns how a session has ended. */
const STATUS_CHANNEL = 3;

/** Opens a session, after all that is decided about it. */
type Open = (
  request: Request,
  protocols: readonly string[],
  signal: AbortSignal,
) => Promise<Tunnel>;

/** Makes the answer to requests for sessions. */
export function createUpgrader(
  open: Open,
): (request: Request, upgrade: Upgrade, signal: AbortSignal) => Promise<void> {
  const sockets = createSockets();
  const refusals = createRefusals();
  return async (request, upgrade, signal) => {
    const { url, headers } = request;
    const isWebSocket = headers.get("upgrade")?.toLowerCase() === "websocket";
    let tunnel: Tunnel;
    try {
      if (!isWebSocket) throw refusals.of(url) ?? tooOld();
      tunnel = await open(request, protocolsOf(headers), signal);
    } catch (error) {
      if (isWebSocket) refusals.keep(url, error);
      return await refuse(upgrade.connection, failure(error));
    }
    try {
      await passOn(tunnel, await accepted(sockets, upgrade, tunnel.protocol, signal), signal);
    } catch {
      // Whoever asked has left.
    } finally {
      tunnel.close();
    }
  };
}

/** The subprotocols that a program offers, the preferred one first. */
function protocolsOf(headers: Headers): readonly string[] {
  const given = headers.get("sec-websocket-protocol") ?? "";
  return given.split(",").map((protocol) => protocol.trim()).filter((protocol) => protocol !== "");
}

function createSockets(): WebSocketServer {
  const sockets = new WebSocketServer({
    noServer: true,
    // A compressed message could be of any size once unpacked.
    perMessageDeflate: false,
    maxPayload: MESSAGE_LIMIT_BYTES,
  });
  sockets.on("headers", (lines) => {
    for (const [index, line] of lines.entries()) {
      if (line.startsWith("Sec-WebSocket-Protocol:")) lines[index] = protocolOf(line);
    }
  });
  return sockets;
}

/** The program's side of the session. */
async function accepted(
  sockets: WebSocketServer,
  { message, connection, head }: Upgrade,
  protocol: string,
  signal: AbortSignal,
): Promise<WebSocket> {
  // The one that the pod's side has chosen.
  message.headers["sec-websocket-protocol"] = tokenOf(protocol);
  const opened = Promise.withResolvers<WebSocket>();
  sockets.handleUpgrade(message, connection, head, opened.resolve);
  return await raceAbort(opened.promise, signal);
}

/** Passes messages on, both ways, until one side ends; no faster than the other side takes them. */
async function passOn(tunnel: Tunnel, socket: WebSocket, signal: AbortSignal): Promise<void> {
  const program = messageSocketOf(socket, { signal, failure: (error) => error as Error });
  socket.on("ping", tunnel.ping);
  const leaving = (async () => {
    for await (const message of program.messages) await tunnel.send(message);
  })().catch(() => {}).finally(tunnel.close);
  try {
    for await (const message of tunnel.messages) await program.send(message);
  } catch (error) {
    if (tunnel.protocol.endsWith(".channel.k8s.io")) await program.send(statusMessage(error));
  }
  socket.close(1000);
  await leaving;
}

/** How a session ends that breaks off, in the words of its protocol. */
function statusMessage(error: unknown): Uint8Array {
  const text = new TextEncoder().encode(stringifyExact(statusOf(error)));
  const message = new Uint8Array(text.length + 1);
  message[0] = STATUS_CHANNEL;
  message.set(text, 1);
  return message;
}

/** How long a refusal is remembered, and how many of them. */
const REMEMBERED_MS = 10_000;
const REMEMBERED = 64;

/**
 * What was refused a moment ago: kubectl then asks again in the older protocol, and shows the answer to
 * that.
 */
function createRefusals() {
  const kept = new Map<string, { readonly error: unknown; readonly until: number }>();
  return {
    keep(url: string, error: unknown): void {
      kept.delete(url);
      kept.set(url, { error, until: performance.now() + REMEMBERED_MS });
      for (const [oldest] of kept) {
        if (kept.size <= REMEMBERED) break;
        kept.delete(oldest);
      }
    },
    of(url: string): unknown {
      const found = kept.get(url);
      return found && found.until > performance.now() ? found.error : undefined;
    },
  };
}

function tooOld(): ApiError {
  return new ApiError(
    "this program speaks SPDY to pods, which kubecode does not pass on: use kubectl 1.31 or newer, " +
      "or another program that speaks WebSocket",
    { status: 400, reason: "BadRequest" },
  );
}

/** Answers on a connection that stays HTTP. */
async function refuse(connection: Duplex, response: Response): Promise<void> {
  const body = new Uint8Array(await response.arrayBuffer());
  const lines = [
    `HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ""}`,
    ...[...response.headers].map(([name, value]) => `${name}: ${value}`),
    `content-length: ${body.length}`,
    "connection: close",
  ];
  connection.write(`${lines.join("\r\n")}\r\n\r\n`);
  connection.end(body);
}
