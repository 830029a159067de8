/**
 * Sessions with a pod for a program that speaks their protocol itself: a command, an attached process or
 * forwarded ports, over a WebSocket.
 *
 * @see {@link https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/4006-transition-spdy-to-websockets}
 */
import { buildRequest } from "../wire/request.ts";
import { errorFromResponse, type StatusContext, withUnknownOutcome } from "../wire/status.ts";
import type { ApiResource, MessageSocket, Transport } from "../types.ts";

/** A session to open. */
export interface PodSessionRequest {
  /** `pods` of the core group. */
  readonly resource: ApiResource;
  readonly subresource: "exec" | "attach" | "portforward";
  readonly namespace?: string;
  readonly name: string;
  readonly query: URLSearchParams;
  /** Subprotocols, the preferred one first. */
  readonly protocols: readonly string[];
}

/**
 * Bytes that are read ahead: of a command that has ended a kubelet gives the rest of the output up when
 * it is not taken soon.
 */
const AHEAD_BYTES = 8 * 1024 * 1024;

/**
 * Opens a session; the signal ends it.
 *
 * @throws {ApiError} what the API server said, or that it could not be reached
 * @throws {InputError} a name that cannot be used
 */
export async function openPodSession(
  { transport, where }: { readonly transport: Transport; readonly where: StatusContext },
  { query, protocols, ...session }: PodSessionRequest,
  signal: AbortSignal,
): Promise<MessageSocket> {
  const { path } = buildRequest({ verb: "create", ...session });
  const search = query.size > 0 ? `?${query}` : "";
  const opened = await transport.openSocket(
    { path: `${path}${search}`, protocols, bufferBytes: AHEAD_BYTES },
    signal,
  );
  if (!(opened instanceof Response)) return opened;
  throw withUnknownOutcome(await errorFromResponse(opened, where));
}
