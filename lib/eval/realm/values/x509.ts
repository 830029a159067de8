/**
 * What a certificate says of itself, for scripts that look for those about to expire. Only read:
 * nothing is verified. DER as of X.690, certificates as of RFC 5280.
 */
import { atob, refuseRedacted } from "./base64.ts";
import { contentOf, type Value, valueAt, valuesIn } from "./der.ts";
import { distinguishedName, readAddress, readText, readTime } from "./x509_values.ts";
import { usageError } from "../base/errors.ts";
import { execOf } from "../../../std/regexp.ts";

/** A certificate as scripts see it. */
export interface Certificate {
  /** As of RFC 4514: `CN=shop,O=Example`. */
  readonly subject: string;
  readonly issuer: string;
  /** As text and JSON as the API writes times: `2026-01-31T12:00:00Z`. */
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** DNS names among the subject's alternative names. */
  readonly dnsNames: readonly string[];
  /** IP addresses among them, where there are any. */
  readonly ipAddresses?: readonly string[];
}

const TAG = {
  sequence: 0x30,
  objectId: 0x06,
  version: 0xa0,
  extensions: 0xa3,
  dnsName: 0x82,
  ipAddress: 0x87,
};
/** 2.5.29.17, subjectAltName. */
const ALTERNATIVE_NAMES = "\x55\x1d\x11";

/**
 * Reads the first certificate of what is given: PEM, or base64 of PEM or DER, as it stands in a
 * Secret's data.
 *
 * @throws InputError for what holds no certificate
 */
export function x509(given: unknown): Certificate {
  if (typeof given === "string") {
    refuseRedacted(given, "read the certificate");
    try {
      return readCertificate(derOf(given));
    } catch {
      // Told below: the text itself is not, it may be anything.
    }
  }
  throw usageError(
    "InputError",
    "Cannot read the certificate: it is neither PEM nor base64 of it",
    'Write x509(secret.data["tls.crt"]).',
  );
}

function derOf(text: string): string {
  const pem = pemBody(text);
  if (pem !== undefined) return atob(pem);
  const decoded = atob(text);
  const inner = pemBody(decoded);
  return inner === undefined ? decoded : atob(inner);
}

function pemBody(text: string): string | undefined {
  return execOf(/-----BEGIN CERTIFICATE-----([\w+/=\s]*)-----END CERTIFICATE-----/, text)?.[1];
}

function readCertificate(der: string): Certificate {
  const whole = valueAt(der, 0, der.length);
  const fields = valuesIn(valuesIn(whole, TAG.sequence)[0]!, TAG.sequence);
  // The version is left out of certificates of the first.
  const first = fields[0]!.tag === TAG.version ? 1 : 0;
  const issuer = fields[first + 2]!;
  const [notBefore, notAfter] = valuesIn(fields[first + 3]!, TAG.sequence);
  const subject = fields[first + 4]!;
  return {
    subject: distinguishedName(subject),
    issuer: distinguishedName(issuer),
    notBefore: readTime(notBefore!),
    notAfter: readTime(notAfter!),
    ...alternativeNames(fields),
  };
}

function alternativeNames(fields: readonly Value[]) {
  const dnsNames: string[] = [];
  const ipAddresses: string[] = [];
  const extensions = fields.filter(({ tag }) => tag === TAG.extensions)
    .flatMap((field) => valuesIn(valuesIn(field)[0]!, TAG.sequence));
  for (const extension of extensions) {
    const parts = valuesIn(extension, TAG.sequence);
    if (parts[0]!.tag !== TAG.objectId || contentOf(parts[0]!) !== ALTERNATIVE_NAMES) continue;
    for (const name of valuesIn(valuesIn(parts.at(-1)!)[0]!, TAG.sequence)) {
      if (name.tag === TAG.dnsName) dnsNames.push(readText(name));
      if (name.tag === TAG.ipAddress) ipAddresses.push(readAddress(name));
    }
  }
  return ipAddresses.length > 0 ? { dnsNames, ipAddresses } : { dnsNames };
}
