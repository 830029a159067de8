/** Answers of a raw server that speak WebSocket: the handshake, and frames byte for byte. */
import { createHash } from "node:crypto";
import type { RawRequest } from "./raw_server.ts";

/** The fixed text of RFC 6455 section 1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** A message of a channel, whole. */
export function message(channel: number, payload: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  return frame(2, concat(new Uint8Array([channel]), bytes));
}

/** One frame as a server sends it (RFC 6455 section 5.2): opcode 2 binary, 0 goes on, 8 closes. */
export function frame(opcode: number, payload: Uint8Array, final = true): Uint8Array<ArrayBuffer> {
  const { length } = payload;
  const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const head = new Uint8Array(2 + extended);
  const view = new DataView(head.buffer);
  head[0] = (final ? 0x80 : 0) | opcode;
  head[1] = extended === 0 ? length : extended === 2 ? 126 : 127;
  if (extended === 2) view.setUint16(2, length);
  if (extended === 8) view.setBigUint64(2, BigInt(length));
  return concat(head, payload);
}

/** A close frame with code 1000. */
export const CLOSE = frame(8, new Uint8Array([0x03, 0xe8]));

/** A `Status` on channel 3. */
export const status = (value: unknown) => message(3, JSON.stringify(value));

/** Switches protocols and sends frames at once, in the same bytes. */
export function upgrade(
  { headers }: RawRequest,
  frames: readonly Uint8Array[],
  protocol: string | undefined = "v5.channel.k8s.io",
): Uint8Array<ArrayBuffer> {
  const key = headers.find(([name]) => name === "sec-websocket-key")?.[1] ?? "";
  const accept = createHash("sha1").update(key + GUID).digest("base64");
  const head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    `Sec-WebSocket-Accept: ${accept}\r\n` +
    (protocol ? `Sec-WebSocket-Protocol: ${protocol}\r\n` : "") + "\r\n";
  return concat(new TextEncoder().encode(head), ...frames);
}

/** All bytes in one array. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
