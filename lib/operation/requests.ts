/** Watches the requests to clusters: each is told of once its answer begins, or fails to. */
import type { Transport } from "../kube/types.ts";

/** A request that has its answer. */
export interface ClusterRequest {
  readonly method: string;
  /** The status; undefined where there was no answer. */
  readonly status: number | undefined;
  readonly durationMs: number;
}

/** Puts itself round one request. */
export type AroundRequest = <Answer>(
  method: string,
  send: () => Promise<Answer>,
  statusOf: (answer: Answer) => number,
) => Promise<Answer>;

/** The transport, watched. */
export function watchTransport<Wire extends Transport>(
  transport: Wire,
  around: AroundRequest,
): Wire {
  return {
    ...transport,
    send: (request, signal) =>
      around(request.method, () => transport.send(request, signal), ({ status }) => status),
    // A socket that opens has switched protocols (RFC 9110, section 15.2.2).
    openSocket: (request, signal) =>
      around(
        "GET",
        () => transport.openSocket(request, signal),
        (answer) => answer instanceof Response ? answer.status : 101,
      ),
  };
}
