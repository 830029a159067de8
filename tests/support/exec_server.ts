/** An API server on loopback that serves pods: their exec as a test says, all else as empty objects. */
import type { TestTarget } from "./clusters.ts";

/** A running server. */
export interface ExecServer extends AsyncDisposable {
  readonly target: TestTarget;
  /** `METHOD path?query`, of sessions too, without discovery. */
  readonly requests: readonly string[];
  /** Sessions that are open now. */
  open(): number;
  /** Resolves once so many sessions are open. */
  untilOpen(count: number): Promise<void>;
}

/** One session, as the server's side has it. */
export interface ExecSession {
  /** Sends text on a channel: 1 is stdout, 2 is stderr, 3 the status. */
  send(channel: number, text: string): void;
  /** Bytes that wait to be taken by the other side. */
  waiting(): number;
  /** Ends it with success. */
  succeed(): void;
  isOpen(): boolean;
  /** Called with each message of the other side. */
  onMessage(listen: (message: Uint8Array) => void): void;
}

const SUBRESOURCES = ["binding", "ephemeralcontainers", "eviction", "exec", "log", "status"];

const DISCOVERY = {
  kind: "APIGroupDiscoveryList",
  apiVersion: "apidiscovery.k8s.io/v2",
  items: [{
    metadata: { name: "" },
    versions: [{
      version: "v1",
      resources: [{
        resource: "pods",
        responseKind: { group: "", version: "", kind: "Pod" },
        scope: "Namespaced",
        singularResource: "pod",
        verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
        subresources: SUBRESOURCES.map((subresource) => ({
          subresource,
          responseKind: { group: "", version: "", kind: "Pod" },
          verbs: ["create", "get", "patch", "update"],
        })),
      }],
    }],
  }],
};

/**
 * Starts a server.
 *
 * @param serve what happens in a session once it is open
 * @param answer what is answered to a request that is no session; an empty list by default
 */
export function startExecServer(
  serve: (session: ExecSession, query: URLSearchParams) => void | Promise<void>,
  answer: (url: URL) => Response = () =>
    Response.json({ kind: "PodList", apiVersion: "v1", metadata: {}, items: [] }),
): ExecServer {
  const requests: string[] = [];
  const waiters: (() => void)[] = [];
  let open = 0;
  const changed = (by: number) => {
    open += by;
    waiters.splice(0).forEach((wake) => wake());
  };

  const handle = (request: Request): Response => {
    const url = new URL(request.url);
    if (url.pathname === "/api" || url.pathname === "/apis") {
      const items = url.pathname === "/api" ? DISCOVERY.items : [];
      return Response.json({ ...DISCOVERY, items }, {
        headers: {
          "content-type": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
        },
      });
    }
    requests.push(`${request.method} ${url.pathname}${url.search}`);
    if (request.headers.get("upgrade") !== "websocket") return answer(url);
    const { socket, response } = Deno.upgradeWebSocket(request, { protocol: "v5.channel.k8s.io" });
    socket.binaryType = "arraybuffer";
    const isOpen = () => socket.readyState === WebSocket.OPEN;
    const send = (channel: number, text: string) => {
      if (!isOpen()) return;
      const bytes = new TextEncoder().encode(text);
      const message = new Uint8Array(bytes.length + 1);
      message[0] = channel;
      message.set(bytes, 1);
      socket.send(message);
    };
    socket.onopen = () => {
      changed(1);
      void serve({
        send,
        isOpen,
        waiting: () => socket.bufferedAmount,
        succeed() {
          send(3, JSON.stringify({ metadata: {}, status: "Success" }));
          if (isOpen()) socket.close(1000);
        },
        onMessage(listen) {
          socket.onmessage = ({ data }) => listen(new Uint8Array(data as ArrayBuffer));
        },
      }, url.searchParams);
    };
    socket.onerror = (event) => event.preventDefault();
    socket.onclose = () => changed(-1);
    return response;
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handle);
  return {
    requests,
    open: () => open,
    async untilOpen(count) {
      while (open !== count) await new Promise<void>((resolve) => waiters.push(resolve));
    },
    target: {
      name: "demo",
      open: () =>
        Promise.resolve({
          access: {
            context: "test",
            cluster: "test",
            user: "test",
            server: `http://127.0.0.1:${server.addr.port}`,
            namespace: "default",
            tls: { insecureSkipVerify: false },
            credentials: {},
          },
          close: () => Promise.resolve(),
        }),
    },
    async [Symbol.asyncDispose]() {
      await server.shutdown();
    },
  };
}
