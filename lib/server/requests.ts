/** The requests of a connection that are no calls of tools, and reach a cluster all the same. */
import {
  ProtocolError,
  ProtocolErrorCode,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { Broker, Brokers } from "../broker/types.ts";
import {
  ApiError,
  describeError,
  InputError,
  KubecodeError,
  PolicyError,
  ResolveError,
} from "../errors.ts";
import type { Logger } from "../log.ts";
import { clientInfo } from "./client_info.ts";

/** Answers one request, by its method's name, on behalf of whoever asks. */
export type Answer = <Result>(
  method: string,
  context: ServerContext,
  brokers: Brokers,
  run: (broker: Broker, signal: AbortSignal) => Promise<Result>,
) => Promise<Result>;

/** Makes what answers the requests of a connection. */
export function createAnswer(server: Server, connection: {
  readonly session: string;
  readonly signal: AbortSignal;
  /** Counts a request against the limits of its session. */
  readonly take: (method: string) => void;
  readonly logger: Logger;
}): Answer {
  const { session, take, logger } = connection;
  return async (method, context, brokers, run) => {
    try {
      take(method);
      const broker = brokers.as({ tool: method, session, client: clientInfo(server, context) });
      return await run(broker, AbortSignal.any([context.mcpReq.signal, connection.signal]));
    } catch (error) {
      throw protocolError(error, logger, method);
    }
  };
}

/** An error as the protocol has it: a bad request, or an internal failure. */
function protocolError(error: unknown, logger: Logger, method: string): unknown {
  if (!(error instanceof KubecodeError)) {
    logger.error("request failed unexpectedly", {
      method,
      error: error instanceof Error ? error.stack ?? String(error) : String(error),
    });
    return new ProtocolError(
      ProtocolErrorCode.InternalError,
      `Cannot do ${method}: internal error`,
    );
  }
  const notFound = error instanceof ApiError && error.status === 404;
  const wrong = error instanceof InputError || error instanceof ResolveError ||
    error instanceof PolicyError || notFound;
  return new ProtocolError(
    wrong ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError,
    describeError(error),
  );
}
