/** One line of log for each HTTP request once it is answered: who, what and how long; never a token. */
import { whenSent } from "../http/answers.ts";
import type { Handle, Watcher } from "../http/route.ts";
import type { Caller } from "../identity/caller.ts";
import type { Logger } from "../log.ts";

/** Of a request to no route. */
const NO_ROUTE = "none";

/** Sees all requests: the front is put into `watch`, and told of the watcher. */
export interface RequestLog {
  readonly watcher: Watcher;
  watch(front: Handle): Handle;
}

/**
 * Makes it.
 *
 * @param paths those there are: no others are named to `onAnswer`
 * @param onAnswer is told of each path and status
 */
export function createRequestLog(
  { logger, paths, onAnswer }: {
    readonly logger: Logger;
    readonly paths: () => ReadonlySet<string>;
    readonly onAnswer: (path: string, status: number) => void;
  },
): RequestLog {
  const callers = new WeakMap<Request, Caller>();
  return {
    watcher: {
      begin(request, { caller }) {
        callers.set(request, caller);
        return { end() {} };
      },
    },
    watch: (front) => async (request, peer) => {
      const started = performance.now();
      const response = await front(request, peer);
      const { pathname } = new URL(request.url);
      const path = paths().has(pathname) ? pathname : NO_ROUTE;
      return whenSent(response, () => {
        onAnswer(path, response.status);
        const caller = callers.get(request);
        logger.debug("http request", {
          method: request.method,
          path,
          status: response.status,
          caller: caller?.user || undefined,
          how: caller?.how,
          peer: peer.address || undefined,
          durationMs: Math.round(performance.now() - started),
        });
      });
    },
  };
}
