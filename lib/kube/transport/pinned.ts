/**
 * A server whose own certificate stands in the place of an authority's. Go takes that for as good as a
 * signature (`x509.Certificate.Verify` with the leaf among the roots), and so does kubectl; the TLS of
 * Deno does not. So the chain is not asked for, and the certificate must be that very one. That the
 * server holds its key the handshake has proved: Deno checks its signature also where it verifies
 * nothing else (tried with a server that shows the certificate of another, on Deno 2.7.14 and 2.9.6).
 */
import { X509Certificate } from "node:crypto";
import tls from "node:tls";

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Whether a server's certificate is one of a bundle, byte for byte. */
export function isInBundle({ raw }: tls.PeerCertificate, ca: string | undefined): boolean {
  return raw !== undefined &&
    (ca?.match(CERTIFICATES) ?? []).some((pem) => new X509Certificate(pem).raw.equals(raw));
}

/**
 * What is wrong with the certificate of a server that nobody else vouches for; undefined for nothing.
 *
 * @param host the name or address that it must be for
 */
export function pinFault(
  certificate: tls.PeerCertificate,
  ca: string | undefined,
  host: string,
  now: Date = new Date(),
): Error | undefined {
  const isValid = now >= new Date(certificate.valid_from) && now <= new Date(certificate.valid_to);
  if (!isInBundle(certificate, ca) || !isValid) {
    // As of any that is not vouched for; what exactly is wrong is looked up for the message.
    return Object.assign(new Error("unable to verify the certificate"), {
      code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    });
  }
  return tls.checkServerIdentity(host, certificate);
}
