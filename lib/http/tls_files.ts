/** The certificate and key of the server, from files. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { ConfigError } from "../errors.ts";
import type { Peer } from "./route.ts";

/** Files in PEM. */
export interface TlsFiles {
  /** The certificate, with those of the authorities between it and the root. */
  readonly cert: string;
  readonly key: string;
  /** Authorities whose certificates clients may prove themselves by; left out, none is asked for. */
  readonly clientCa?: string | undefined;
}

/** What they hold. */
export interface TlsContents {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
}

/**
 * Reads the files.
 *
 * @throws {ConfigError} one cannot be read, or they do not belong together
 */
export async function readTlsFiles({ cert, key, clientCa }: TlsFiles): Promise<TlsContents> {
  const contents = {
    cert: await read(cert),
    key: await read(key),
    ...(clientCa === undefined ? {} : { ca: await read(clientCa) }),
  };
  let fits: boolean;
  try {
    fits = new X509Certificate(contents.cert).checkPrivateKey(createPrivateKey(contents.key));
  } catch (cause) {
    throw unusable({ cert, key }, cause);
  }
  // The runtime takes the key of another certificate, and fails at each handshake.
  if (!fits) throw unusable({ cert, key }, "the key is that of another certificate");
  return contents;
}

/** The other end of a connection, with its certificate where that was checked. */
export function tlsPeer(socket: TLSSocket): Peer {
  const address = socket.remoteAddress ?? "";
  const certificate = socket.authorized ? socket.getPeerCertificate()?.raw : undefined;
  return certificate === undefined
    ? { address }
    : { address, certificate: new Uint8Array(certificate) };
}

/** Why files cannot be used. */
export function unusable({ cert, key }: TlsFiles, cause: unknown): ConfigError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ConfigError(`Cannot use "${cert}" and "${key}" for TLS: ${why}`, {
    hint: "Both must be PEM, the key without a passphrase.",
    cause,
  });
}

async function read(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/ \(os error.*/, "") : String(cause);
    throw new ConfigError(`Cannot read "${path}": ${why}`, { cause });
  }
}
