/** The endpoints of a shared server: for each caller the protocol over a tenant of its own. */
import { HttpError } from "../http/answers.ts";
import { createEndpoint, type Endpoint, type EndpointOf } from "../http/endpoint.ts";
import { accessFor, type Acting } from "../identity/cluster/acting.ts";
import { type Caller, keyOf } from "../identity/caller.ts";
import { openMcpServer, type TransportOptions, warnOfIdleRules } from "./mcp_server.ts";
import { createUsedAnswers, sealedPlans, type UsedAnswers } from "../server/sealed_plans.ts";
import type { Shared } from "../shared.ts";
import type { Seal } from "../std/seal.ts";
import { createTenant } from "../tenant.ts";
import { createTenants } from "../tenants.ts";

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

/** All endpoints of a server. */
export interface Endpoints {
  /** @throws {HttpError} 503: too many callers */
  readonly use: EndpointOf;
  /** How many callers there is something open for. */
  readonly size: () => number;
  close(): Promise<void>;
}

/**
 * Makes the endpoints; each when its caller first comes.
 *
 * @param seal under which state travels with clients; without it, it stays in this process
 * @param acting as whom the cluster is asked for a caller; left out, as the server itself
 */
export function openEndpoints(
  shared: Shared,
  { seal, acting }: { readonly seal?: Seal | undefined; readonly acting?: Acting | undefined },
): Endpoints {
  const used = createUsedAnswers();
  let isWarned = false;
  // Once, and not for each caller.
  const warn: typeof warnOfIdleRules = async (parts, hasCallers) => {
    if (isWarned) return;
    isWarned = true;
    await warnOfIdleRules(parts, hasCallers);
  };
  const tenants = createTenants({
    open: (caller) => openEndpoint(shared, caller, { seal, acting, used, warn }),
  });
  return {
    async use(caller) {
      const lease = await tenants.use(caller);
      if (lease !== undefined) return { endpoint: lease.tenant, release: lease.release };
      throw new HttpError(503, "Too many callers at once", { headers: { "retry-after": "5" } });
    },
    size: () => tenants.size,
    close: tenants.close,
  };
}

async function openEndpoint(
  shared: Shared,
  caller: () => Caller,
  { seal, acting, used, warn }: {
    readonly seal: Seal | undefined;
    readonly acting: Acting | undefined;
    readonly used: UsedAnswers;
    readonly warn: typeof warnOfIdleRules;
  },
): Promise<Endpoint> {
  const owner = keyOf(caller());
  // Replicas read each other's tokens, and nobody else's.
  const tenant = createTenant(shared, caller, {
    ...(acting ? { actAs: (access) => accessFor(access, caller, acting) } : {}),
    redactionKey: seal?.derive(`redaction ${owner}`),
  });
  const mcp = await openMcpServer({ ...shared, ...tenant }, {
    oneSession: true,
    cacheHints: CACHE_HINTS,
    // Those of all callers together are bounded at the door.
    maxCalls: Infinity,
    ...(shared.hooks ? { around: shared.hooks.around(caller().user) } : {}),
    ...(seal ? { plans: sealedPlans(seal, used, owner) } : {}),
  });
  const endpoint = createEndpoint({ ...mcp, logger: shared.logger });
  void warn({ ...shared, ...tenant }, caller().how !== "none");
  return {
    ...endpoint,
    async close() {
      await endpoint.close();
      await Promise.all([mcp.close(), tenant.close()]);
    },
  };
}
