/** As whom a caller's requests go to the cluster. */
import { ConfigError } from "../../errors.ts";
import type { ClusterAccess } from "../../kube/types.ts";
import type { Caller } from "../caller.ts";
import type { ExchangedToken } from "../oidc/token_exchange.ts";
import { impersonationOf, type NameRules } from "./impersonation.ts";

/** The ways to be somebody in the cluster, besides the server itself. */
export type Acting =
  | { readonly as: "impersonate"; readonly names: NameRules }
  | {
    readonly as: "token-exchange";
    readonly exchange: (caller: Caller, signal: AbortSignal) => Promise<ExchangedToken>;
  };

/** Why a caller cannot act in the cluster; undefined where they can. */
export function objectionTo(caller: Caller, acting: Acting): string | undefined {
  if (acting.as === "impersonate") {
    const told = impersonationOf(caller, acting.names);
    return "objection" in told ? told.objection : undefined;
  }
  return caller.token === undefined
    ? "Forbidden: only a token of the issuer can be exchanged for one of the cluster"
    : undefined;
}

/**
 * The access of a caller, from that of the server.
 *
 * @param caller asked for anew, since tokens are renewed
 * @throws {ConfigError} it would be somebody else's
 */
export function accessFor(
  access: ClusterAccess,
  caller: () => Caller,
  acting: Acting,
): ClusterAccess {
  if (acting.as === "token-exchange") {
    return {
      ...access,
      user: caller().user,
      // Nothing of the server's own stays: a certificate would count before the token.
      credentials: {
        bearer: { kind: "given", give: (signal) => acting.exchange(caller(), signal) },
      },
      impersonate: undefined,
    };
  }
  if (access.impersonate !== undefined) {
    throw new ConfigError(
      `Cannot use the context "${access.context}": its user acts as "${access.impersonate.user}" already`,
      { hint: "Without as in the kubeconfig, the server can act as each of its callers." },
    );
  }
  const told = impersonationOf(caller(), acting.names);
  if ("objection" in told) throw new ConfigError(told.objection);
  return { ...access, impersonate: told };
}
