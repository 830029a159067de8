/** `kubecode --transport streamable-http`: one MCP server for many callers, over HTTP. */
import type { Settings } from "../config/settings/settings.ts";
import { ConfigError } from "../errors.ts";
import { EXIT } from "../exit.ts";
import { createFront } from "../http/front.ts";
import { isLoopback, listen, type Listener } from "../http/listen.ts";
import { mcpRoute } from "../http/mcp.ts";
import type { Handle, Route } from "../http/route.ts";
import { readSeal } from "../http/state_key.ts";
import type { Identity } from "../identity/types.ts";
import { createShared, type Shared } from "../shared.ts";
import { settleWithin } from "../std/async.ts";
import { type Endpoints, openEndpoints } from "./endpoints.ts";
import { openIdentities } from "./identity.ts";
import { warnOfMissingCluster } from "./mcp_server.ts";
import { openOperation, type Operation } from "./operation.ts";

/** How long answers may take to get out once nothing runs any more. */
const FINISH_MS = 500;

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
  let closeIdentity: Identity["close"];
  let operation: Operation | undefined;
  try {
    const { settings, logger } = shared;
    const { identity, acting } = await openIdentities(shared);
    closeIdentity = identity?.close;
    checkExposure(settings, identity);
    const seal = await readSeal({
      file: settings.stateKeyFile,
      text: Deno.env.get("KUBECODE_STATE_KEY"),
    });
    const followed = await shared.followConfig?.();
    operation = await openOperation(shared, {
      hasCallers: identity !== undefined,
      tenants: () => endpoints.size(),
    });
    const { admit } = operation;
    const endpoints: Endpoints = openEndpoints(operation.shared, { seal, acting });
    const routes: Route[] = [...operation.routes];
    if (settings.transport !== "sse") routes.push(mcpRoute(endpoints.use, admit));
    if (settings.transport !== "streamable-http") {
      routes.push(...(await import("../http/sse.ts")).sseRoutes(endpoints.use, admit));
    }
    const front = createFront({
      routes,
      origins: {
        hosts: settings.allowedHosts ?? [],
        pages: settings.allowedOrigins ?? [],
        isLocal: isLocal(settings),
      },
      identity,
      watchers: operation.watchers,
      logger,
    });
    const watched = operation.watch(front, [...routes, ...identity?.routes ?? []]);
    const listener = await listenAs(shared, watched);
    onHangUp(() => void followed?.reload());
    const path = settings.transport === "sse" ? "/sse" : "/mcp";
    console.error(
      settings.socket === undefined
        ? `kubecode serves MCP on ${listener.url}${path}`
        : `kubecode serves MCP on ${listener.url}, path ${path}`,
    );
    void warnOfMissingCluster({ ...operation, logger });
    await aborted(signal);
    await operation.drain();
    await settleWithin(listener.finish(), FINISH_MS);
    await endpoints.close();
    await listener.close();
    return EXIT.ok;
  } finally {
    await operation?.close();
    await closeIdentity?.();
    await shared.close();
  }
}

/** Listens where and how the settings say; takes a new certificate when its files change. */
async function listenAs({ settings, logger }: Shared, front: Handle): Promise<Listener> {
  const { host, port, socket, tlsCert, tlsKey, clientCa } = settings;
  const address = socket === undefined ? { host, port } : { socket };
  if (tlsCert === undefined || tlsKey === undefined) return await listen(address, front, logger);
  const [{ followFile }, listener] = await Promise.all([
    import("../config/file_watch.ts"),
    listen(address, front, logger, { files: { cert: tlsCert, key: tlsKey, clientCa } }),
  ]);
  // Either may be replaced first: what does not fit is not taken, and the other one follows.
  const followed = [tlsCert, tlsKey, ...(clientCa === undefined ? [] : [clientCa])].map((path) =>
    followFile(path, listener.reload, logger, undefined, "certificate")
  );
  const stop = () => followed.forEach((one) => one.close());
  return {
    ...listener,
    finish: () => listener.finish().finally(stop),
    close: () => listener.close().finally(stop),
  };
}

/** Refuses to be everybody's way to the cluster, unless that is what was asked for. */
function checkExposure(settings: Settings, identity: Identity | undefined): void {
  const { host, insecureNoAuth, socket, tlsCert, tlsKey } = settings;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new ConfigError("Cannot serve HTTPS: --tls-cert and --tls-key go together");
  }
  if (socket !== undefined && tlsCert !== undefined) {
    throw new ConfigError("Cannot serve HTTPS on a Unix socket: leave out --socket or --tls-cert");
  }
  if (isLocal(settings) || identity !== undefined || insecureNoAuth) return;
  throw new ConfigError(`Cannot listen on ${host}: everybody who reaches it would be let in`, {
    hint:
      "Set up authentication (--tokens-file, --oidc-issuer-url, --token-review-audience, --tls-client-ca), or listen on 127.0.0.1. --insecure-no-auth lets everybody in.",
  });
}

/** Whether only this machine can reach it. */
function isLocal({ host, socket }: Settings): boolean {
  return socket !== undefined || isLoopback(host);
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true })
  );
}
