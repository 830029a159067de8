/** Certificates and keys of a kubeconfig: read, checked before they are used, and described. */
import { readBoundedText } from "./bounded_file.ts";
import { isAbsolute, join } from "node:path";
import { ConfigError } from "../../errors.ts";
import { describeFileError } from "../../std/files.ts";
import { createPrivateKey, X509Certificate } from "node:crypto";

/** What a client certificate says of itself. */
interface CertificateInfo {
  readonly commonName?: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** What is wrong with a PEM text as a list of certificates; undefined when nothing is. */
export function certificateFault(pem: string): string | undefined {
  const blocks = pem.match(CERTIFICATE);
  if (!blocks) {
    return pem.trim() === ""
      ? "it is empty"
      : "it is not PEM (no -----BEGIN CERTIFICATE----- block)";
  }
  return blocks.every(parseCertificate) ? undefined : "it holds a certificate that cannot be read";
}

/**
 * The certificates of a bundle that can be read, as Go's `AppendCertsFromPEM` takes them: one that
 * cannot costs the others nothing, and text between them neither.
 */
export function readableCertificates(pem: string): string {
  const blocks = pem.match(CERTIFICATE) ?? [];
  const readable = blocks.filter((block) => parseCertificate(block));
  const isWhole = readable.length === blocks.length && !pem.includes("PRIVATE KEY");
  return isWhole && blocks.length > 0 ? pem : readable.map((block) => `${block}\n`).join("");
}

/** The private key of a PEM text that may hold its certificate too, as a kubelet keeps the two. */
export function privateKeyOf(pem: string): string {
  const key = /-----BEGIN ((?:[A-Z]+ )*PRIVATE KEY)-----[\s\S]+?-----END \1-----/.exec(pem);
  return key && pem.includes("-----BEGIN CERTIFICATE-----") ? `${key[0]}\n` : pem;
}

/** What is wrong with a private key beside its certificate; undefined when nothing is. */
export function keyFault(certificatePem: string, keyPem: string): string | undefined {
  if (keyPem.trim() === "") return "it is empty";
  if (!keyPem.includes("-----BEGIN ")) return "it is not PEM (no -----BEGIN … block)";
  if (/-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(keyPem)) {
    return "it is encrypted with a passphrase";
  }
  try {
    const certificate = parseCertificate(certificatePem);
    const matches = certificate?.checkPrivateKey(createPrivateKey(keyPem)) ?? true;
    return matches ? undefined : "it does not belong to the client certificate";
  } catch {
    return "it cannot be read as a private key";
  }
}

/** Subject and validity of the first certificate of a PEM text; undefined when there is none. */
export function certificateInfo(pem: string): CertificateInfo | undefined {
  const certificate = parseCertificate(pem);
  if (!certificate) return undefined;
  return {
    commonName: /^CN=(.*)$/m.exec(certificate.subject)?.[1],
    notBefore: new Date(certificate.validFrom),
    notAfter: new Date(certificate.validTo),
  };
}

function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem.match(CERTIFICATE)?.[0] ?? pem);
  } catch {
    return undefined;
  }
}

/** How files are read. */
export interface PemOptions {
  readonly signal?: AbortSignal;
}

/**
 * PEM text from inline base64 or a file; undefined when neither is given.
 *
 * @param place what it is, in words: `client key of user "jane"`
 * @throws {ConfigError} data that is not base64, a file that cannot be read
 */
export async function readPem(
  directory: string,
  data: string | undefined,
  file: string | undefined,
  place: string,
  { signal }: PemOptions,
): Promise<string | undefined> {
  if (data !== undefined) {
    const base64 = data.replaceAll(/[\r\n]/g, "");
    if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(base64)) {
      throw unusable(place, undefined, "its inline data is not base64");
    }
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)));
  }
  if (file === undefined) return undefined;
  const path = inDirectory(directory, file);
  try {
    return await readBoundedText(path, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw new ConfigError(`Cannot read the ${place} "${path}": ${describeFileError(error)}`, {
      hint: "Check the path in the kubeconfig; a relative one starts at the kubeconfig's folder.",
      cause: error,
    });
  }
}

/** A path of a kubeconfig; a relative one starts at its folder. */
export function inDirectory(directory: string, file: string): string {
  return isAbsolute(file) ? file : join(directory, file);
}

/** The error of a certificate or key that cannot be used. */
export function unusable(place: string, file: string | undefined, fault: string): ConfigError {
  const expired = fault.includes("expired");
  return new ConfigError(`Cannot use the ${place}${file ? ` ("${file}")` : ""}: ${fault}`, {
    hint: expired
      ? "Log in again, or fetch a new kubeconfig from whoever runs the cluster."
      : "Fetch the kubeconfig again, or mend that entry.",
  });
}
