/** What a kubeconfig keeps of a legacy OIDC login (`auth-provider: oidc`). */
import { ConfigError } from "../../errors.ts";
import type { Credentials } from "../types.ts";
import { type PemOptions, readPem } from "./certificates.ts";
import type { KubeconfigUser } from "./parse.ts";

/**
 * The id-token of a login, with what is needed to renew it where the kubeconfig has that.
 *
 * @throws {ConfigError} there is none, or it has expired and cannot be renewed
 * @see {@link https://kubernetes.io/docs/reference/access-authn-authz/authentication/#using-kubectl}
 */
export async function readOidc(
  { directory, oidc = {} }: KubeconfigUser,
  user: string,
  options: PemOptions & { readonly now?: () => Date },
): Promise<Credentials["bearer"]> {
  const { idToken, refreshToken, issuer, clientId, clientSecret } = oidc;
  if (refreshToken && issuer && clientId) {
    const ca = await readPem(
      directory,
      oidc.certificateAuthorityData,
      oidc.certificateAuthority,
      `authority of the OIDC issuer of user "${user}"`,
      options,
    );
    return { kind: "oidc", login: { idToken, refreshToken, issuer, clientId, clientSecret, ca } };
  }
  const refuse = (state: string) =>
    new ConfigError(`Cannot use the OIDC login of user "${user}": ${state}`, {
      hint: refreshToken
        ? "Log in again; beside its refresh-token the kubeconfig needs idp-issuer-url and client-id."
        : "Log in again; there is no refresh token by which it could be renewed.",
    });
  if (idToken === undefined) throw refuse("it has no id-token");
  const end = expiryOf(idToken);
  if (end !== undefined && end <= (options.now?.() ?? new Date())) {
    throw refuse(`its id-token expired on ${end.toISOString().replace(/\.\d+Z$/, "Z")}`);
  }
  return { kind: "token", token: idToken };
}

/** When a JSON Web Token expires (RFC 7519 section 4.1.4); undefined where it does not say. */
export function expiryOf(token: string): Date | undefined {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const { exp } = JSON.parse(atob(payload)) as { readonly exp?: unknown };
    const end = typeof exp === "number" ? new Date(exp * 1000) : undefined;
    return end && !Number.isNaN(end.getTime()) ? end : undefined;
  } catch {
    return undefined;
  }
}
