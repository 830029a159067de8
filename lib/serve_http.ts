/** `kubecode --transport streamable-http`: one MCP server for many callers, over HTTP. */
import type { Settings } from "./config/settings.ts";
import { ConfigError } from "./errors.ts";
import { EXIT } from "./exit.ts";
import { HttpError } from "./http/answers.ts";
import { createFront } from "./http/front.ts";
import { isLoopback, listen } from "./http/listen.ts";
import { createEndpoint, type Endpoint, mcpRoute } from "./http/mcp.ts";
import type { Route } from "./http/route.ts";
import type { Caller } from "./identity/caller.ts";
import type { Identity } from "./identity/types.ts";
import { openMcpServer, type TransportOptions, warnOfIdleRules } from "./mcp_server.ts";
import { createShared, type Shared } from "./shared.ts";
import { createTenant } from "./tenant.ts";
import { createTenants } from "./tenants.ts";

/** How long clients may keep what only a new start of the server changes. */
const HOUR_MS = 3_600_000;

/** What holds for all callers is for shared caches too; what a cluster serves depends on who asks. */
const CACHE_HINTS: TransportOptions["cacheHints"] = {
  "server/discover": { ttlMs: HOUR_MS, cacheScope: "public" },
  "tools/list": { ttlMs: HOUR_MS, cacheScope: "public" },
  "prompts/list": { ttlMs: HOUR_MS, cacheScope: "public" },
  "resources/templates/list": { ttlMs: HOUR_MS, cacheScope: "public" },
  "resources/list": { ttlMs: 60_000, cacheScope: "private" },
  "resources/read": { ttlMs: 0, cacheScope: "private" },
};

/**
 * Serves until the signal aborts.
 *
 * @param onHangUp takes what SIGHUP does
 * @returns the exit code
 * @throws {ConfigError} it cannot listen, or would let everybody in from other machines
 */
export async function serveHttp(
  given: Settings,
  signal: AbortSignal,
  onHangUp: (handle: () => void) => void,
): Promise<number> {
  const shared = await createShared(given);
  try {
    const { settings, logger } = shared;
    const identity: Identity | undefined = undefined;
    checkExposure(settings, identity);
    const followed = await shared.followConfig?.();
    if (followed) onHangUp(followed.reload);
    const tenants = createTenants({ open: (caller) => openTenant(shared, caller) });
    const routes: Route[] = [mcpRoute((caller) => useEndpoint(tenants, caller))];
    const front = createFront({
      routes,
      origins: {
        hosts: settings.allowedHosts ?? [],
        pages: settings.allowedOrigins ?? [],
        isLocal: isLoopback(settings.host),
      },
      identity,
      logger,
    });
    const listener = listen(settings, front, logger);
    console.error(`kubecode serves MCP on ${listener.url}/mcp`);
    await aborted(signal);
    await Promise.all([listener.close(), tenants.close()]);
    return EXIT.ok;
  } finally {
    await shared.close();
  }
}

/** Refuses to be everybody's way to the cluster, unless that is what was asked for. */
function checkExposure(
  { host, insecureNoAuth }: Settings,
  identity: Identity | undefined,
): void {
  if (isLoopback(host) || identity !== undefined || insecureNoAuth) return;
  throw new ConfigError(`Cannot listen on ${host}: everybody who reaches it would be let in`, {
    hint: "Set up authentication, or listen on 127.0.0.1. --insecure-no-auth lets everybody in.",
  });
}

/** What serves one caller. */
interface ServedTenant {
  readonly endpoint: Endpoint;
  close(): Promise<void>;
}

async function openTenant(shared: Shared, caller: () => Caller): Promise<ServedTenant> {
  const tenant = createTenant(shared, caller);
  const mcp = await openMcpServer({ ...shared, ...tenant }, {
    oneSession: true,
    cacheHints: CACHE_HINTS,
  });
  const endpoint = createEndpoint(mcp.server, shared.logger);
  void warnOfIdleRules({ ...shared, ...tenant });
  return {
    endpoint,
    async close() {
      await endpoint.close();
      await Promise.all([mcp.close(), tenant.close()]);
    },
  };
}

/** The endpoint of a caller, as long as it is used. */
async function useEndpoint(
  tenants: ReturnType<typeof createTenants<ServedTenant>>,
  caller: Caller,
): Promise<{ endpoint: Endpoint; release(): void }> {
  const lease = await tenants.use(caller);
  if (lease === undefined) {
    throw new HttpError(503, "Too many callers at once", { headers: { "retry-after": "5" } });
  }
  return { endpoint: lease.tenant.endpoint, release: lease.release };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true })
  );
}
