/** An API server on loopback that serves pods: their exec as a test says, all else as empty objects. */
import { targetAt } from "./access.ts";
import type { TestTarget } from "./clusters.ts";
import { countOpen, discoveryAnswer } from "./core_api.ts";

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

const PODS = {
  resource: "pods",
  kind: "Pod",
  subresources: ["binding", "ephemeralcontainers", "eviction", "exec", "log", "status"],
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
  const { open, untilOpen, change } = countOpen();

  const handle = (request: Request): Response => {
    const url = new URL(request.url);
    const discovery = discoveryAnswer(url.pathname, PODS);
    if (discovery) return discovery;
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
      change(1);
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
    socket.onclose = () => change(-1);
    return response;
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handle);
  return {
    requests,
    open,
    untilOpen,
    target: targetAt(`http://127.0.0.1:${server.addr.port}`),
    async [Symbol.asyncDispose]() {
      await server.shutdown();
    },
  };
}
