/** Certificates and keys of a kubeconfig: checked before they are used, and described. */
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
