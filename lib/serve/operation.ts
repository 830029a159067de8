/** What operators need of a shared server, put together: bounds, health, metrics, traces, its end. */
import type { Handle, Route, Watcher } from "../http/route.ts";
import { type Clusters, createClusters } from "../clusters.ts";
import { createCalls } from "../operation/calls.ts";
import { createDrain, type Drain } from "../operation/drain.ts";
import { createGate, type Gate } from "../operation/gate.ts";
import { healthRoutes } from "../operation/health.ts";
import { watchLoop } from "../operation/loop_lag.ts";
import { createMetrics, type Metrics } from "../operation/metrics.ts";
import { createRequestLog } from "../operation/request_log.ts";
import type { Traces } from "../operation/traces.ts";
import { type AroundRequest, watchTransport } from "../operation/requests.ts";
import { createChildBounds } from "../sandbox/parent/child_bounds.ts";
import { createSharedTurns } from "../sandbox/parent/turns.ts";
import type { Logger } from "../log.ts";
import type { Shared } from "../shared.ts";

/** The parts of a server that are about running it. */
export interface Operation {
  /** What tenants are made of, bounded and watched. */
  readonly shared: Shared;
  readonly admit: Gate["admit"];
  readonly routes: readonly Route[];
  readonly watchers: readonly Watcher[];
  /** Watches all requests, also those that get no further than the front. */
  watch(front: Handle, routes: readonly Route[]): Handle;
  readonly drain: Drain["run"];
  readonly requireNamed: Clusters["requireNamed"];
  close(): Promise<void>;
}

/**
 * Makes them.
 *
 * @param hasCallers whether callers prove who they are
 * @param tenants how many there are
 */
export async function openOperation(
  given: Shared,
  { hasCallers, tenants }: { readonly hasCallers: boolean; readonly tenants: () => number },
): Promise<Operation> {
  const { settings, logger } = given;
  const { maxScripts, maxWaiting } = settings;
  const calls = createCalls();
  const traces = await openTraces(logger);
  const turns = createSharedTurns({
    atOnce: maxScripts,
    perOwner: hasCallers ? Math.ceil(maxScripts / 2) : maxScripts,
    waiting: maxScripts + maxWaiting,
    whenLarge: Math.ceil(maxScripts / 2),
  }, "call");
  const gate: Gate = createGate({ atOnce: maxScripts, waiting: maxWaiting }, {
    onShed: () => metrics.shed(),
  });
  let children = 0;
  const metrics = createMetrics({
    tenants,
    children: () => children,
    turns: turns.counts,
    calls: gate.size,
  });
  const loop = watchLoop(metrics.lag);

  const requests = createRequestWatch(metrics, traces);
  const shared: Shared = {
    ...given,
    audit: metrics.audit(given.audit),
    hooks: {
      turns,
      pool: {
        bounds: createChildBounds({ limit: maxScripts }),
        onStart(exited) {
          children += 1;
          exited.finally(() => children -= 1);
        },
      },
      transport: (transport) => watchTransport(transport, requests.around),
      onRedacted: metrics.redacted,
      around: (user) => (call, run) =>
        calls.run({ tool: call.tool, user }, traces ? () => traces.call(call, run) : run),
    },
  };
  const clusters = createClusters(settings, logger, undefined, undefined, shared.hooks?.transport);
  const drain = createDrain({
    calls,
    answered: gate.empty,
    timeoutMs: settings.drainTimeout,
    logger,
  });
  const health = healthRoutes({
    isDraining: drain.isDraining,
    lastAnswer: requests.lastAnswer,
    ask: (signal) => settings.demo ? Promise.resolve() : askCluster(clusters, requests, signal),
    logger,
  });
  let paths: ReadonlySet<string> = new Set();
  const log = createRequestLog({ logger, paths: () => paths, onAnswer: metrics.httpRequest });
  return {
    shared,
    admit: gate.admit,
    routes: [...health, metricsRoute(metrics, settings.metricsOpen)],
    watchers: [log.watcher, drain.watcher],
    watch(front, routes) {
      paths = new Set(routes.map(({ path }) => path));
      return log.watch(front);
    },
    drain: drain.run,
    requireNamed: clusters.requireNamed,
    async close() {
      loop[Symbol.dispose]();
      await clusters.close();
    },
  };
}

function metricsRoute({ text, contentType }: Metrics, open: boolean): Route {
  return {
    path: "/metrics",
    methods: ["GET", "HEAD"],
    open,
    aboutProcess: true,
    answer: async () => new Response(await text(), { headers: { "content-type": contentType } }),
  };
}

/** Traces, where the runtime makes them. */
async function openTraces(logger: Logger): Promise<Traces | undefined> {
  if (!/^(1|true)$/.test(Deno.env.get("OTEL_DENO") ?? "")) return undefined;
  if (Deno.build.standalone) {
    logger.warn("OTEL_DENO has no effect: the runtime of a compiled binary makes no traces");
    return undefined;
  }
  return (await import("../operation/traces.ts")).createTraces();
}

interface RequestWatch {
  readonly around: AroundRequest;
  /** When an API server has last answered, by `performance.now()`. */
  readonly lastAnswer: () => number | undefined;
}

function createRequestWatch(
  { clusterRequest }: Metrics,
  traces: Traces | undefined,
): RequestWatch {
  let lastAnswer: number | undefined;
  return {
    lastAnswer: () => lastAnswer,
    async around(method, send, statusOf) {
      const started = performance.now();
      let status: number | undefined;
      try {
        const answer = await (traces ? traces.request(method, send, statusOf) : send());
        status = statusOf(answer);
        lastAnswer = performance.now();
        return answer;
      } finally {
        clusterRequest({ method, status, durationMs: performance.now() - started });
      }
    },
  };
}

/** Asks for something that needs no rights. @throws there is no configuration, or no answer at all */
async function askCluster(
  clusters: Clusters,
  { lastAnswer }: RequestWatch,
  signal: AbortSignal,
): Promise<void> {
  const asked = performance.now();
  const client = await clusters.connect();
  await client.getJson("/version", { signal }).catch((error) => {
    // A refusal is an answer.
    if ((lastAnswer() ?? -1) < asked) throw error;
  });
}
