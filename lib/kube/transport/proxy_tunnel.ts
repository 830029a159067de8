/** Asking a proxy for a tunnel: HTTP CONNECT (RFC 9110 section 9.3.6) and SOCKS5 (RFC 1928, 1929). */
import net from "node:net";
import { Buffer } from "node:buffer";
import { ProxyFailure } from "./errors.ts";

/** Enough for the headers of any proxy's answer. */
const ANSWER_LIMIT_BYTES = 16 * 1024;

const SOCKS_FAULTS: Readonly<Record<number, string>> = {
  1: "general failure",
  2: "not allowed",
  3: "network unreachable",
  4: "host unreachable",
  5: "connection refused",
  6: "timed out",
  7: "command not supported",
  8: "address type not supported",
};

/**
 * Makes a connected proxy pass everything on to host and port. Names are resolved by the proxy.
 *
 * @throws {ProxyFailure} when the proxy refuses, saying what it answered
 */
export async function proxyHandshake(
  socket: net.Socket,
  proxy: URL,
  host: string,
  port: number,
): Promise<void> {
  const name = `${proxy.protocol}//${proxy.host}`;
  const refuse = (state: string) => new ProxyFailure(`the proxy "${name}" ${state}`);
  const handshake = proxy.protocol.startsWith("socks") ? socksHandshake : connectHandshake;
  await handshake(socket, proxy, host, port, refuse);
}

/** The value of Proxy-Authorization for a proxy URL with a user name; undefined without one. */
export function proxyAuthorization(proxy: URL): string | undefined {
  if (proxy.username === "") return undefined;
  const { username, password } = userinfo(proxy);
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

type Handshake = (
  socket: net.Socket,
  proxy: URL,
  host: string,
  port: number,
  refuse: (state: string) => ProxyFailure,
) => Promise<void>;

const connectHandshake: Handshake = async (socket, proxy, host, port, refuse) => {
  const target = `${net.isIPv6(host) ? `[${host}]` : host}:${port}`;
  const authorization = proxyAuthorization(proxy);
  socket.write(
    `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${
      authorization ? `Proxy-Authorization: ${authorization}\r\n` : ""
    }\r\n`,
  );
  const answer = await readUntil(socket, (bytes) => {
    const end = bytes.indexOf("\r\n\r\n");
    return end < 0 ? undefined : end + 4;
  }, refuse);
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(answer.toString("latin1"))?.[1];
  if (status === undefined) throw refuse("does not speak HTTP");
  if (status === "407") throw refuse("asks for a user name and password (407)");
  if (!status.startsWith("2")) throw refuse(`refused the connection (${status})`);
};

const socksHandshake: Handshake = async (socket, proxy, host, port, refuse) => {
  const { username, password } = userinfo(proxy);
  const withPassword = username !== "";
  socket.write(Buffer.from(withPassword ? [5, 2, 0, 2] : [5, 1, 0]));
  const method = await readUntil(socket, () => 2, refuse);
  if (method[0] !== 5) throw refuse("does not speak SOCKS5");
  if (method[1] === 2 && withPassword) {
    const user = Buffer.from(username).subarray(0, 255);
    const pass = Buffer.from(password).subarray(0, 255);
    socket.write(Buffer.concat([
      Buffer.from([1, user.length]),
      user,
      Buffer.from([pass.length]),
      pass,
    ]));
    const verdict = await readUntil(socket, () => 2, refuse);
    if (verdict[1] !== 0) throw refuse("refused the user name and password");
  } else if (method[1] !== 0) {
    throw refuse("asks for a user name and password");
  }
  socket.write(Buffer.concat([
    Buffer.from([5, 1, 0]),
    socksAddress(host),
    Buffer.from([port >> 8, port & 0xff]),
  ]));
  const answer = await readUntil(socket, socksAnswerLength, refuse);
  if (answer[1] !== 0) {
    throw refuse(`refused the connection (${SOCKS_FAULTS[answer[1]!] ?? `code ${answer[1]}`})`);
  }
};

function socksAddress(host: string): Buffer {
  if (net.isIPv4(host)) return Buffer.from([1, ...host.split(".").map(Number)]);
  if (net.isIPv6(host)) return Buffer.from([4, ...ipv6Bytes(host)]);
  const name = Buffer.from(host).subarray(0, 255);
  return Buffer.concat([Buffer.from([3, name.length]), name]);
}

/** The 16 bytes of an IPv6 address as a URL writes it: groups in hex, one `::` at most. */
function ipv6Bytes(host: string): number[] {
  const [left = [], right = []] = host.split("::").map((side) =>
    side === "" ? [] : side.split(":")
  );
  const zeros = Array<string>(8 - left.length - right.length).fill("0");
  return [...left, ...zeros, ...right].map((group) => parseInt(group, 16))
    .flatMap((group) => [group >> 8, group & 0xff]);
}

function socksAnswerLength(bytes: Buffer): number | undefined {
  if (bytes.length < 5) return undefined;
  const address = bytes[3] === 1 ? 4 : bytes[3] === 4 ? 16 : bytes[4]! + 1;
  return 4 + address + 2;
}

function userinfo(proxy: URL): { username: string; password: string } {
  return {
    username: decodeURIComponent(proxy.username),
    password: decodeURIComponent(proxy.password),
  };
}

/** Reads as many bytes as `length` says once it knows; what came beyond them is put back. */
function readUntil(
  socket: net.Socket,
  length: (bytes: Buffer) => number | undefined,
  refuse: (state: string) => ProxyFailure,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const finish = (settle: () => void) => {
      socket.off("data", onData).off("error", onClose).off("close", onClose).off("end", onClose);
      socket.pause();
      settle();
    };
    const onClose = () => finish(() => reject(refuse("closed the connection")));
    const onData = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      const wanted = length(bytes);
      if (wanted !== undefined && bytes.length >= wanted) {
        finish(() => {
          if (bytes.length > wanted) socket.unshift(bytes.subarray(wanted));
          resolve(bytes.subarray(0, wanted));
        });
      } else if (bytes.length > ANSWER_LIMIT_BYTES) {
        finish(() => reject(refuse("does not answer as a proxy")));
      }
    };
    socket.on("data", onData).on("error", onClose).on("close", onClose).on("end", onClose);
    socket.resume();
  });
}
