/** What a failed connection means, in words. Pure. */
import { ApiError, OUTCOME_UNKNOWN } from "../../errors.ts";
import type { ClusterAccess, HttpRequest } from "../types.ts";

/** The reasons of an {@linkcode ApiError} without an answer (status 0). */
type TransportReason = "Unreachable" | "Tls" | "Timeout" | "Unknown";

/** A failed connection to a proxy: the advice differs from that for a server. */
export class ProxyFailure extends Error {
  override readonly name = "ProxyFailure";
}

/** A timeout. */
export class DeadlineReached extends Error {
  override readonly name = "DeadlineReached";
}

/**
 * An {@linkcode ApiError} with status 0 for what a socket, TLS or HTTP library threw. The message
 * names server, context and cause, and never holds a credential.
 *
 * @param peer the refused certificate of the server, where it could be looked at
 */
export function transportError(
  access: ClusterAccess,
  error: unknown,
  peer?: PeerValidity,
): ApiError {
  const { reason, state, hint } = peerVerdict(peer, new Date()) ?? classify(access, error);
  return new ApiError(
    `Cannot reach the API server "${access.server}" (context "${access.context}"): ${state}`,
    { status: 0, reason, hint, cause: error },
  );
}

/**
 * The error of a change that was sent and not answered. A refused certificate is no such case: the
 * server closes such a connection without looking at what is sent on it.
 */
export function unknownOutcome(request: HttpRequest, error: ApiError): ApiError {
  if (error.reason === "Tls") return error;
  return new ApiError(
    `Cannot tell whether ${nameOf(request)} was done: it was sent, then ${error.message}`,
    { status: 0, reason: "Unknown", hint: OUTCOME_UNKNOWN, cause: error },
  );
}

/** The error of a change whose answer began, so that its outcome is known, and broke off. */
export function cutAnswer(request: HttpRequest, status: number, error: ApiError): ApiError {
  if (status >= 300) return error;
  return new ApiError(`Cannot read the answer to ${nameOf(request)}: ${error.message}`, {
    status: 0,
    reason: error.reason,
    hint: `The change was made (${status}); read the object to see what it is now.`,
    cause: error,
  });
}

function nameOf({ method, path }: HttpRequest): string {
  return `${method} "${path.split("?")[0]}"`;
}

/** From when until when a server's certificate is valid. */
export interface PeerValidity {
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** It stands in the kubeconfig itself, in the place of an authority. */
  readonly isPinned?: boolean;
}

function peerVerdict(peer: PeerValidity | undefined, now: Date): Verdict | undefined {
  const time = (date: Date) => date.toISOString().replace(/\.\d+Z$/, "Z");
  if (peer && now > peer.notAfter) {
    return {
      reason: "Tls",
      state: `its certificate expired on ${time(peer.notAfter)}`,
      hint: "Renew the server's certificate (kubeadm certs renew), or check this machine's clock.",
    };
  }
  if (peer && now < peer.notBefore) {
    return {
      reason: "Tls",
      state: `its certificate is not valid before ${time(peer.notBefore)}`,
      hint: "Check this machine's clock.",
    };
  }
  return undefined;
}

interface Verdict {
  readonly reason: TransportReason;
  readonly state: string;
  readonly hint: string;
}

const SOCKET_STATES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the connection was closed before an answer came",
  EPIPE: "the connection was closed before an answer came",
  ENOTFOUND: "its name cannot be resolved",
  EAI_AGAIN: "its name cannot be resolved (the name server does not answer)",
  EHOSTUNREACH: "no route to it",
  ENETUNREACH: "no route to its network",
  EADDRNOTAVAIL: "no route to it",
  ETIMEDOUT: "no answer",
  ECONNABORTED: "the connection was closed before an answer came",
  EACCES: "this program may not connect to it",
  EPERM: "this program may not connect to it",
};

function classify(access: ClusterAccess, error: unknown): Verdict {
  const code = String((error as { code?: unknown } | undefined)?.code ?? "");
  const text = error instanceof Error ? error.message : String(error);
  const check = access.context === ""
    ? "Is it running, and does reaching it need a VPN?"
    : access.context === "in-cluster"
    ? "Does a network policy or the pod's network stand between?"
    : `Is it running, does reaching it need a VPN? Try: kubectl --context ${access.context} version`;

  if (error instanceof ProxyFailure) {
    return {
      reason: "Unreachable",
      state: text,
      hint: "Check proxy-url in the kubeconfig, or HTTPS_PROXY and NO_PROXY.",
    };
  }
  if (error instanceof DeadlineReached) return { reason: "Timeout", state: text, hint: check };
  const tls = tlsVerdict(access, code, text);
  if (tls) return { reason: "Tls", ...tls };
  if (/^HPE_|Parse Error|^ERR_HTTP_/.test(code) || text.startsWith("Parse Error")) {
    return {
      reason: "Unreachable",
      state: "what answers does not speak HTTP",
      hint: `Check the server URL${
        access.server.startsWith("http:") ? "; an API server usually needs https://" : ""
      }.`,
    };
  }
  if (code.startsWith("WS_ERR_") || /subprotocol|Sec-WebSocket-|Upgrade header/.test(text)) {
    return {
      reason: "Unreachable",
      state: `what answers does not speak WebSocket as it should (${text})`,
      hint: "Does a proxy or load balancer stand between that does not pass WebSockets on?",
    };
  }
  if (error instanceof Error && error.name === "NotCapable") {
    return {
      reason: "Unreachable",
      state: "this program was started without permission to connect to it",
      hint: "Start it with --allow-net.",
    };
  }
  const known = SOCKET_STATES[code] ??
    (/hang up|closed|reset|ended|EOF/i.test(text) ? SOCKET_STATES.ECONNRESET : undefined);
  return {
    reason: code === "ETIMEDOUT" ? "Timeout" : "Unreachable",
    state: known ?? (code ? `the connection failed (${code})` : "the connection failed"),
    hint: check,
  };
}

/** What is wrong with TLS; undefined when the fault is another. */
function tlsVerdict(
  access: ClusterAccess,
  code: string,
  text: string,
): { readonly state: string; readonly hint: string } | undefined {
  const all = `${code} ${text}`;
  const host = access.tls.serverName ?? new URL(access.server).hostname;
  const authority = access.tls.ca === undefined
    ? "The kubeconfig names no certificate authority for it; add certificate-authority-data."
    : "The kubeconfig's certificate-authority-data may be of another or an older cluster; fetch the kubeconfig again.";
  // An alert is what the server says of us; everything else is what we say of the server.
  if (/alert|AlertReceived/i.test(all) && !/WRONG_VERSION|InvalidContentType/i.test(all)) {
    const refused = /certificate|unknown.?ca|bad_cert|access.?denied|handshake/i.test(all);
    if (refused && access.credentials.clientCertificate) {
      return {
        state: "the server refused the client certificate",
        hint: "Log in again, or fetch a new kubeconfig from whoever runs the cluster.",
      };
    }
  }
  if (/ALTNAME_INVALID|NotValidForName|HOSTNAME_MISMATCH/i.test(all)) {
    return {
      state: `its certificate is not for ${host}`,
      hint: "Use a name that is in the certificate, or set tls-server-name to one.",
    };
  }
  if (access.tls.insecureSkipVerify && /SELF_SIGNED|UNABLE_TO_/.test(all)) {
    return {
      state: "the TLS handshake failed, though its certificate is not verified",
      hint:
        "Its key may be weaker than this program's TLS takes (RSA below 2048 bits): renew the server's certificate.",
    };
  }
  if (
    /UNABLE_TO_(?:VERIFY|GET)|SELF_SIGNED|DEPTH_ZERO|UnknownIssuer|UNTRUSTED|CERT_UNTRUSTED/i
      .test(all)
  ) {
    return { state: "its certificate is signed by an unknown authority", hint: authority };
  }
  if (/WRONG_VERSION_NUMBER|InvalidContentType|packet length/i.test(all)) {
    return {
      state: "it does not speak TLS",
      hint: "Does the server URL need http:// instead, or another port?",
    };
  }
  if (/^(?:ERR_TLS|ERR_SSL|CERT_|EPROTO|ERR_OSSL)/.test(code) || /invalid peer cert/i.test(text)) {
    return {
      state: `the TLS handshake failed${code ? ` (${code})` : ""}`,
      hint: authority,
    };
  }
  return undefined;
}
