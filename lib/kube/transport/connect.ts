/**
 * Opening one connection: TCP, then a proxy where there is one, then TLS with exactly the trust
 * that the kubeconfig gives.
 *
 * All of it goes through `node:net` and `node:tls` and not through `Deno.createHttpClient`, whose
 * `caCerts` come on top of the public authorities instead of in their place (any public authority
 * could then vouch for a cluster), which has no server name of its own and no way to skip
 * verification for one server, and whose `fetch` joins repeated headers and sends a POST again when
 * a kept connection was closed.
 */
import net from "node:net";
import tls from "node:tls";
import { isInBundle, pinFault } from "./pinned.ts";
import { proxyHandshake } from "./proxy_tunnel.ts";
import { DeadlineReached, type PeerValidity, ProxyFailure } from "./errors.ts";
import type { Pace } from "./pace.ts";
import type { Clock } from "../../std/async.ts";
import type { ClusterAccess } from "../types.ts";

/** Where to and how one connection is opened. */
export interface ConnectOptions {
  readonly access: ClusterAccess;
  readonly server: URL;
  readonly proxy?: URL;
  readonly clientCertificate?: { readonly cert: string; readonly key: string };
  /** For TCP, proxy and TLS together, in milliseconds. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** The protocol is not plain HTTP, so that every proxy has to open a tunnel. */
  readonly tunnel?: boolean;
  /** Holds up what is read of it. */
  readonly pace?: Pace;
  /** The server's own certificate must stand in the kubeconfig, and nobody else has to vouch for it. */
  readonly pinned?: boolean;
}

/** TCP keepalive, so that a long watch behind a firewall is not forgotten and a dead peer noticed. */
const KEEP_ALIVE_MS = 30_000;

/**
 * Opens a connection on which HTTP/1.1 can be spoken. `track` is told of each socket at once, so
 * that its owner can destroy it while it is still connecting.
 *
 * @throws what the socket says; {@linkcode ProxyFailure}; {@linkcode DeadlineReached}
 */
export async function openConnection(
  options: ConnectOptions,
  track: (socket: net.Socket) => void,
): Promise<net.Socket> {
  try {
    return await open(options, track);
  } catch (error) {
    if (!isUnverified(error, options) || !(await isPinned(options, track))) throw error;
    return await open({ ...options, pinned: true }, track);
  }
}

async function open(
  options: ConnectOptions,
  track: (socket: net.Socket) => void,
): Promise<net.Socket> {
  const { server, proxy, timeoutMs, clock } = options;
  const sockets: net.Socket[] = [];
  const own = <S extends net.Socket>(socket: S): S => {
    sockets.push(socket);
    track(socket);
    return socket;
  };
  const deadline = Promise.withResolvers<never>();
  using _ = clock.after(
    timeoutMs,
    () => deadline.reject(new DeadlineReached(`no connection within ${timeoutMs / 1000} s`)),
  );
  try {
    return await Promise.race([connectAll(server, proxy, options, own), deadline.promise]);
  } catch (error) {
    for (const socket of sockets) socket.destroy();
    throw error;
  }
}

async function connectAll(
  server: URL,
  proxy: URL | undefined,
  options: ConnectOptions,
  own: <S extends net.Socket>(socket: S) => S,
): Promise<net.Socket> {
  const secure = server.protocol === "https:";
  const { pace } = options;
  if (!proxy) {
    if (!secure) return await connectTcp(server, own);
    // Without a socket of ours in between, where it can be had: the runtime then reads natively.
    const where = pace
      ? { socket: pace.over(await connectTcp(server, own)) }
      : { port: portOf(server) };
    return await startServerTls(options, where, own);
  }
  const throughProxy = await connectProxy(proxy, options, own);
  // A proxy for plain HTTP is sent whole URLs; everything else goes through a tunnel.
  if (!secure && !options.tunnel && proxy.protocol.startsWith("http")) return throughProxy;
  await proxyHandshake(throughProxy, proxy, hostOf(server), portOf(server));
  if (secure) {
    const socket = pace ? pace.over(throughProxy) : throughProxy;
    return await startServerTls(options, { socket }, own);
  }
  // The handshake leaves it paused, and `node:http` does not wake it. A server speaks second.
  throughProxy.resume();
  return throughProxy;
}

async function connectProxy(
  proxy: URL,
  options: ConnectOptions,
  own: <S extends net.Socket>(socket: S) => S,
): Promise<net.Socket> {
  try {
    const socket = await connectTcp(proxy, own);
    if (proxy.protocol !== "https:") return socket;
    const { ca, insecureSkipVerify } = options.access.tls;
    return await startTls(
      {
        socket,
        host: hostOf(proxy),
        servername: net.isIP(hostOf(proxy)) ? "" : hostOf(proxy),
        ca: ca === undefined ? undefined : [ca, ...tls.rootCertificates],
        rejectUnauthorized: !insecureSkipVerify,
      },
      own,
    );
  } catch (error) {
    const code = (error as { code?: string }).code;
    throw new ProxyFailure(
      `the proxy "${proxy.protocol}//${proxy.host}" cannot be reached${code ? ` (${code})` : ""}`,
      { cause: error },
    );
  }
}

function connectTcp(url: URL, own: <S extends net.Socket>(socket: S) => S): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = own(net.connect({ host: hostOf(url), port: portOf(url) }));
    socket.once("error", reject);
    // Destroyed by its owner, it tells nothing else.
    socket.once("close", () => reject(Object.assign(new Error("closed"), { code: "ECONNRESET" })));
    socket.once("connect", () => {
      socket.off("error", reject);
      tune(socket);
      resolve(socket);
    });
  });
}

function serverTls(options: ConnectOptions): tls.ConnectionOptions {
  const { access, server, clientCertificate } = options;
  const host = hostOf(server);
  const { serverName = host } = access.tls;
  return {
    host,
    // No server name is sent for an address (RFC 6066 section 3); the address itself is verified.
    servername: net.isIP(serverName) ? "" : serverName,
    ...(net.isIP(serverName) && serverName !== host
      ? {
        checkServerIdentity: (_host: string, certificate: tls.PeerCertificate) =>
          tls.checkServerIdentity(serverName, certificate),
      }
      : {}),
    ca: access.tls.ca,
    cert: clientCertificate?.cert,
    key: clientCertificate?.key,
    rejectUnauthorized: !access.tls.insecureSkipVerify && !options.pinned,
    ALPNProtocols: ["http/1.1"],
  };
}

async function startServerTls(
  options: ConnectOptions,
  where: Pick<tls.ConnectionOptions, "port" | "socket">,
  own: <S extends net.Socket>(socket: S) => S,
): Promise<net.Socket> {
  const socket = await startTls({ ...serverTls(options), ...where }, own);
  if (!options.pinned) return socket;
  const { server, access: { tls: { ca, serverName } } } = options;
  const fault = pinFault(socket.getPeerCertificate(), ca, serverName ?? hostOf(server));
  if (fault === undefined) return socket;
  socket.destroy();
  throw fault;
}

function startTls(
  settings: tls.ConnectionOptions,
  own: <S extends net.Socket>(socket: S) => S,
): Promise<tls.TLSSocket> {
  const { socket } = settings;
  return new Promise((resolve, reject) => {
    const secured = own(tls.connect(settings));
    socket?.once("error", reject);
    secured.once("error", reject);
    secured.once("close", () => reject(Object.assign(new Error("closed"), { code: "ECONNRESET" })));
    secured.once("secureConnect", () => {
      // Deno 2.7 announces a connection before it tells that the certificate was refused.
      if (settings.rejectUnauthorized && secured.authorized === false) return;
      socket?.off("error", reject);
      secured.off("error", reject);
      if (!socket) tune(secured);
      resolve(secured);
    });
  });
}

function tune(socket: net.Socket): void {
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
}

/**
 * Looks at the certificate of a server whose certificate was refused: runtimes say of an expired
 * one only that it could not be verified. Sends nothing but the handshake, no credential.
 *
 * @returns undefined when it cannot be had
 */
export async function inspectCertificate(
  options: ConnectOptions,
  track: (socket: net.Socket) => void,
): Promise<PeerValidity | undefined> {
  const { access } = options;
  const blind: ConnectOptions = {
    ...options,
    clientCertificate: undefined,
    access: { ...access, tls: { ...access.tls, insecureSkipVerify: true } },
  };
  try {
    const socket = await openConnection(blind, track);
    try {
      const certificate = (socket as tls.TLSSocket).getPeerCertificate?.();
      if (!certificate?.valid_to) return undefined;
      return {
        notBefore: new Date(certificate.valid_from),
        notAfter: new Date(certificate.valid_to),
        isPinned: isInBundle(certificate, access.tls.ca),
      };
    } finally {
      socket.destroy();
    }
  } catch {
    return undefined;
  }
}

/** Whether a connection failed because nobody vouches for the server, who may be vouched for by itself. */
function isUnverified(error: unknown, { server, access, pinned }: ConnectOptions): boolean {
  if (server.protocol !== "https:" || pinned) return false;
  if (access.tls.ca === undefined || access.tls.insecureSkipVerify) return false;
  const { code, message } = Object(error) as {
    readonly code?: unknown;
    readonly message?: unknown;
  };
  return /UNABLE_TO_|SELF_SIGNED|UnknownIssuer|CaUsedAsEndEntity/.test(`${code} ${message}`);
}

/** Looked at without a client certificate: that is for the server of the kubeconfig alone. */
async function isPinned(
  options: ConnectOptions,
  track: (socket: net.Socket) => void,
): Promise<boolean> {
  return (await inspectCertificate(options, track))?.isPinned === true;
}

/** A URL's host, an IPv6 address without its brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

/** A URL's port, or the default of its scheme. */
export function portOf(url: URL): number {
  if (url.port !== "") return Number(url.port);
  return url.protocol === "https:" ? 443 : url.protocol.startsWith("socks") ? 1080 : 80;
}
