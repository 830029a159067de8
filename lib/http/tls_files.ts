/** The certificate and key of the server, from files. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { ConfigError } from "../errors.ts";
import { readTextFile } from "../text_file.ts";
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
  const certificate = await readCertificate("TLS certificate", cert);
  const privateKey = await readKey(key);
  const ca = clientCa === undefined
    ? {}
    : { ca: (await readCertificate("authorities of clients", clientCa)).text };
  // The runtime takes the key of another certificate, and fails at each handshake.
  if (!certificate.parsed.checkPrivateKey(privateKey.parsed)) {
    throw unusable({ cert, key }, "the key is that of another certificate");
  }
  return { cert: certificate.text, key: privateKey.text, ...ca };
}

/** The first of the certificates in a file. The runtime takes a file without any for authorities. */
async function readCertificate(what: string, path: string) {
  const text = await readTextFile(what, path);
  try {
    return { text, parsed: new X509Certificate(text) };
  } catch (cause) {
    throw new ConfigError(`Cannot use the ${what} "${path}": there is no certificate in PEM`, {
      cause,
    });
  }
}

async function readKey(path: string) {
  const text = await readTextFile("TLS key", path);
  try {
    return { text, parsed: createPrivateKey(text) };
  } catch (cause) {
    const state = /ENCRYPTED/.test(text)
      ? "it has a passphrase, which nobody can be asked for"
      : "there is no private key in PEM";
    throw new ConfigError(`Cannot use the TLS key "${path}": ${state}`, {
      ...(/ENCRYPTED/.test(text) ? { hint: "`openssl pkey -in KEY` writes it without one." } : {}),
      cause,
    });
  }
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
