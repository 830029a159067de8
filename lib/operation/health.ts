/**
 * Whether the process lives, and whether it can serve: what probes ask, and nobody has to prove who
 * they are for. So the answers name no server and no error; the log does.
 */
import { describeError } from "../errors.ts";
import type { Route } from "../http/route.ts";
import type { Logger } from "../log.ts";
import { singleFlight } from "../std/async.ts";

/** What readiness goes by. */
export interface HealthParts {
  readonly isDraining: () => boolean;
  /** When an API server has last answered anything, by `now`; undefined if never. */
  readonly lastAnswer: () => number | undefined;
  /** Asks the cluster for a sign of life. @throws no configuration, no answer */
  readonly ask: (signal: AbortSignal) => Promise<unknown>;
  readonly logger: Logger;
  readonly now?: () => number;
}

/** An answer that is younger shows that the cluster can be reached. */
const LATELY_MS = 30_000;
/** How long one that is asked for may take: less than a probe waits. */
const ASK_MS = 2_000;
/** How long a failure counts before it is asked again: anybody may send probes. */
const FAILED_MS = 1_000;

/** `/healthz` and `/readyz`. */
export function healthRoutes(
  { isDraining, lastAnswer, ask, logger, now = () => performance.now() }: HealthParts,
): readonly Route[] {
  let failedAt: number | undefined;
  let wasReached = true;
  const tryCluster = singleFlight(async () => {
    try {
      await ask(AbortSignal.timeout(ASK_MS));
      failedAt = undefined;
      if (!wasReached) logger.info("ready again: the cluster answers");
      wasReached = true;
    } catch (error) {
      failedAt = now();
      if (wasReached) logger.warn("not ready", { error: describeError(error) });
      wasReached = false;
    }
  });

  async function isReachable(signal: AbortSignal): Promise<boolean> {
    const answered = lastAnswer();
    if (answered !== undefined && now() - answered < LATELY_MS) return true;
    if (failedAt === undefined || now() - failedAt >= FAILED_MS) await tryCluster(signal);
    return failedAt === undefined;
  }

  const open = { methods: ["GET", "HEAD"], open: true, aboutProcess: true };
  return [
    { path: "/healthz", ...open, answer: () => plain(200, "ok") },
    {
      path: "/readyz",
      ...open,
      async answer({ signal }) {
        if (isDraining()) return plain(503, "not ready: the server is ending");
        if (await isReachable(signal)) return plain(200, "ok");
        return plain(503, "not ready: the cluster cannot be reached; the log says more");
      },
    },
  ];
}

function plain(status: number, text: string): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
  });
}
