/** Credentials in words, for a person who checks how a cluster is reached. */
import type { ClusterAccess } from "../types.ts";
import { certificateInfo } from "./certificates.ts";

/**
 * How requests are authenticated, in one phrase and without secrets: `client certificate CN=admin,
 * expires 2027-01-31`, `token`, `exec plugin aws`.
 */
export function describeCredentials(access: ClusterAccess): string {
  const { clientCertificate, bearer } = access.credentials;
  const parts: string[] = [];
  if (clientCertificate) {
    const info = certificateInfo(clientCertificate.cert);
    const subject = info?.commonName ? ` CN=${info.commonName}` : "";
    const expiry = info ? `, expires ${info.notAfter.toISOString().slice(0, 10)}` : "";
    parts.push(`client certificate${subject}${expiry}`);
  }
  if (bearer?.kind === "token") parts.push("token");
  if (bearer?.kind === "file") parts.push(`token file ${bearer.path}`);
  if (bearer?.kind === "basic") parts.push(`password of ${JSON.stringify(bearer.username)}`);
  if (bearer?.kind === "exec") parts.push(`exec plugin ${bearer.exec.command}`);
  if (bearer?.kind === "given") parts.push("token given in exchange");
  if (bearer?.kind === "oidc") parts.push(`OIDC login at ${shownIssuer(bearer.login.issuer)}`);
  const how = parts.length > 0
    ? parts.join(" and ")
    : access.server.startsWith("https:")
    ? "no credentials"
    : "no credentials (none are sent without TLS)";
  return access.impersonate ? `${how}, acting as "${access.impersonate.user}"` : how;
}

/** An issuer without what may be secret in its URL. */
function shownIssuer(issuer: string): string {
  return URL.canParse(issuer) ? new URL(issuer).origin : "an issuer whose URL is none";
}
