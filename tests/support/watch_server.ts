/** An API server on loopback that serves nothing but config maps, and records its requests. */
import { targetAt } from "./access.ts";
import type { TestTarget } from "./clusters.ts";
import { countOpen, discoveryAnswer } from "./core_api.ts";

/** What a watch of it is answered: lines, after which the stream ends, or stays open. */
export interface WatchAnswer {
  readonly status?: number;
  readonly lines?: readonly unknown[];
  readonly stays?: boolean;
  /** Breaks off instead of ending. */
  readonly breaks?: boolean;
}

/** A running server. */
export interface WatchServer extends AsyncDisposable {
  readonly url: string;
  /** Paths of lists and watches, in order. */
  readonly requests: readonly string[];
  /** Streams that are open now. */
  open(): number;
  /** Resolves once so many streams are open. */
  untilOpen(count: number): Promise<void>;
  /** Bytes of lines taken from it so far. */
  sent(): number;
}

/** One event's line. */
export function change(type: string, name: string, resourceVersion: string, data?: string) {
  const metadata = { name, namespace: "default", resourceVersion };
  const object = {
    kind: "ConfigMap",
    apiVersion: "v1",
    metadata,
    ...(data ? { data: { data } } : {}),
  };
  return { type, object };
}

const CONFIG_MAPS = { resource: "configmaps", kind: "ConfigMap", shortNames: ["cm"] };

/**
 * Starts a server.
 *
 * @param watch the answer to the n-th watch, from 0
 * @param list the items of the n-th list, from 0, or a status
 */
export function startWatchServer(
  watch: (query: URLSearchParams, number: number) => WatchAnswer | Iterable<unknown>,
  list: (number: number) => readonly unknown[] | number = () => [],
): WatchServer {
  const requests: string[] = [];
  const { open, untilOpen, change: changed } = countOpen();
  let watches = 0;
  let lists = 0;
  let sent = 0;
  const json = (value: unknown, status = 200) => Response.json(value, { status });
  const failed = (code: number) =>
    json({
      kind: "Status",
      status: "Failure",
      code,
      reason: code === 410 ? "Expired" : "",
      message: `status ${code}`,
    }, code);

  const handle = (request: Request): Response => {
    const url = new URL(request.url);
    const discovery = discoveryAnswer(url.pathname, CONFIG_MAPS);
    if (discovery) return discovery;
    if (request.method !== "GET") return json({ kind: "ConfigMap", metadata: { name: "made" } });
    requests.push(url.pathname + url.search);
    if (url.searchParams.get("watch") !== "true") {
      const items = list(lists++);
      return typeof items === "number"
        ? failed(items)
        : json({ kind: "ConfigMapList", metadata: { resourceVersion: "100" }, items });
    }
    const answer = watch(url.searchParams, watches++);
    if ("status" in answer && answer.status !== undefined) return failed(answer.status);
    const plan: WatchAnswer = Symbol.iterator in answer ? { stays: true } : answer;
    const lines = (Symbol.iterator in answer ? answer : plan.lines ?? [])[Symbol.iterator]();
    changed(1);
    let counted = true;
    const leave = () => {
      if (counted) changed(-1);
      counted = false;
    };
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const { done, value } = lines.next();
        if (!done) {
          const line = new TextEncoder().encode(`${JSON.stringify(value)}\n`);
          sent += line.length;
          controller.enqueue(line);
        } else if (plan.breaks) {
          leave();
          controller.error(new Error("breaks off"));
        } else if (!plan.stays) {
          leave();
          controller.close();
        } else return new Promise(() => {});
      },
      cancel: leave,
    }, { highWaterMark: 0 });
    return new Response(body, { headers: { "content-type": "application/json" } });
  };
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: () => {},
    onError: () => new Response(null, { status: 500 }),
  }, handle);
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    requests,
    open,
    sent: () => sent,
    untilOpen,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
    },
  };
}

/** The server as what {@linkcode connect} takes. */
export function watchTarget({ url }: WatchServer): TestTarget {
  return targetAt(url);
}
