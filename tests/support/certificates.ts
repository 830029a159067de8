/** Certificates made in a test, with `@peculiar/x509`; all keys are P-256, which is quick to make. */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

/** A certificate and its key, in PEM. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

/** An authority that signs certificates for tests. */
export interface TestAuthority extends TestCertificate {
  /** A server's certificate; for 127.0.0.1 and localhost unless told otherwise. */
  server(options?: IssueOptions): Promise<TestCertificate>;
  /** A client's certificate. */
  client(commonName: string, options?: IssueOptions): Promise<TestCertificate>;
}

/** What differs from a certificate valid now. */
export interface IssueOptions {
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly names?: readonly { readonly type: "ip" | "dns"; readonly value: string }[];
  /** Groups, as Kubernetes reads them from a client certificate (O=). */
  readonly organizations?: readonly string[];
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const LOOPBACK = [{ type: "ip", value: "127.0.0.1" }, { type: "dns", value: "localhost" }] as const;
const DAY_MS = 86_400_000;

/** Makes a new authority. */
export async function createAuthority(commonName = "test authority"): Promise<TestAuthority> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [commonName] }],
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + 30 * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });

  const issue = async (
    name: x509.JsonName,
    usage: x509.ExtendedKeyUsage,
    names: IssueOptions["names"],
    options: IssueOptions,
  ): Promise<TestCertificate> => {
    const own = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
    const issued = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject: name,
      issuer: certificate.subject,
      notBefore: options.notBefore ?? new Date(Date.now() - DAY_MS),
      notAfter: options.notAfter ?? new Date(Date.now() + 10 * DAY_MS),
      signingAlgorithm: ALGORITHM,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(false),
        new x509.ExtendedKeyUsageExtension([usage]),
        ...(names ? [new x509.SubjectAlternativeNameExtension([...names])] : []),
        await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return { cert: issued.toString("pem"), key: await keyPem(own.privateKey) };
  };

  return {
    cert: certificate.toString("pem"),
    key: await keyPem(keys.privateKey),
    server: (options = {}) =>
      issue(
        [{ CN: ["test server"] }],
        x509.ExtendedKeyUsage.serverAuth,
        options.names ?? LOOPBACK,
        options,
      ),
    client: (name, options = {}) =>
      issue(
        [{ CN: [name] }, ...(options.organizations ?? []).map((value) => ({ O: [value] }))],
        x509.ExtendedKeyUsage.clientAuth,
        undefined,
        options,
      ),
  };
}

function serialNumber(): string {
  return [...crypto.getRandomValues(new Uint8Array(8))]
    .map((byte, index) => (index === 0 ? byte & 0x7f | 1 : byte).toString(16).padStart(2, "0"))
    .join("");
}

async function keyPem(key: CryptoKey): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.exportKey("pkcs8", key));
  const base64 = btoa(String.fromCharCode(...bytes)).match(/.{1,64}/g)!.join("\n");
  return `-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----\n`;
}
