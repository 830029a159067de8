/** Watches: on a small server that ends, breaks and forgets; and on both clusters. */
import assert from "node:assert/strict";
import { ApiError, InputError } from "../../lib/errors.ts";
import type { ResourceRequest } from "../../lib/kube/wire/request.ts";
import type { ApiResource } from "../../lib/kube/types.ts";
import { connect, type Connected, TARGETS, uniqueName } from "../support/clusters.ts";
import { type WatchMeans, watchResource } from "../../lib/kube/calls/watch.ts";
import {
  change,
  startWatchServer,
  type WatchAnswer,
  type WatchServer,
  watchTarget,
} from "../support/watch_server.ts";
import { needs } from "../support/needs.ts";

const CONFIG_MAPS: ApiResource = {
  group: "",
  version: "v1",
  resource: "configmaps",
  kind: "ConfigMap",
  singular: "configmap",
  shortNames: [],
  namespaced: true,
  verbs: ["list", "watch"],
  subresources: [],
};

interface Options {
  readonly query?: ResourceRequest["options"];
  readonly form?: ResourceRequest["form"];
  readonly timeoutMs?: number;
}

/** The events of a watch of config maps, as `TYPE name`. */
async function* events(
  { client, signal }: Connected,
  { query, form, timeoutMs }: Options = {},
): AsyncGenerator<string> {
  const resource = await client.resolve({ resource: "configmaps" }, signal);
  const request: ResourceRequest = {
    verb: "watch",
    resource,
    namespace: "default",
    ...(query ? { options: query } : {}),
    ...(form ? { form } : {}),
  };
  for await (const watched of client.watch(request, { timeoutMs, signal })) {
    if (watched.kind === "open") continue;
    const { type, object } = JSON.parse(new TextDecoder().decode(watched.line));
    yield `${type} ${object.metadata.name ?? "-"}`;
  }
}

async function take(count: number, from: AsyncGenerator<string>): Promise<string[]> {
  const taken: string[] = [];
  for await (const event of from) if (taken.push(event) === count) break;
  return taken;
}

/** Watches a server that answers its watches in turn, the last one again and again. */
async function watched(
  answers: readonly WatchAnswer[],
  use: (server: WatchServer, cluster: Connected) => Promise<void>,
  list?: (number: number) => readonly unknown[] | number,
): Promise<void> {
  await using server = startWatchServer(
    (_, number) => answers[Math.min(number, answers.length - 1)]!,
    list,
  );
  await using cluster = await connect(watchTarget(server));
  await use(server, cluster);
  await server.untilOpen(0);
}

const versions = ({ requests }: WatchServer) =>
  requests.map((path) => new URL(path, "http://x").searchParams)
    .map((query) => query.get("watch") ? `watch ${query.get("resourceVersion")}` : "list");

const item = (name: string, resourceVersion: string) => change("", name, resourceVersion).object;

Deno.test("watchResource() goes on at the last version where the server ends the stream", () =>
  watched([
    { lines: [change("MODIFIED", "a", "5"), change("BOOKMARK", "", "9")] },
    { lines: [change("DELETED", "a", "12")], breaks: true },
    { lines: [change("ADDED", "b", "13")], stays: true },
  ], async (server, cluster) => {
    const seen = await take(3, events(cluster, { query: { resourceVersion: "4" } }));
    assert.deepEqual(seen, ["MODIFIED a", "DELETED a", "ADDED b"]);
    assert.deepEqual(versions(server), ["watch 4", "watch 9", "watch 12"]);
    assert.match(server.requests[0]!, /allowWatchBookmarks=true/);
  }));

Deno.test("watchResource() lists after 410 and tells what happened in between", () => {
  const gone = { type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired" } };
  return watched(
    [
      { lines: ["a", "b", "c"].map((name) => change("ADDED", name, "5")) },
      { lines: [gone] },
      { stays: true, lines: [change("MODIFIED", "e", "101")] },
    ],
    async (server, cluster) => {
      const seen = await take(7, events(cluster, { query: { resourceVersion: "4" } }));
      assert.deepEqual(seen.slice(0, 3), ["ADDED a", "ADDED b", "ADDED c"]);
      assert.deepEqual(seen.slice(3), ["MODIFIED b", "ADDED d", "DELETED c", "MODIFIED e"]);
      assert.deepEqual(versions(server), ["watch 4", "watch 5", "list", "watch 100"]);
    },
    () => [item("a", "5"), item("b", "7"), item("d", "8")],
  );
});

Deno.test("watchResource() lists when even its first version is too old", () =>
  watched([{ status: 410 }, { stays: true }], async (server, cluster) => {
    assert.deepEqual(await take(1, events(cluster, { query: { resourceVersion: "1" } })), [
      "ADDED a",
    ]);
    assert.deepEqual(versions(server), ["watch 1", "list"]);
  }, () => [item("a", "5")]));

Deno.test("watchResource() repeats nothing when the state at its start is cut off", () =>
  watched([
    { lines: [change("ADDED", "a", "50"), change("ADDED", "b", "3")], breaks: true },
    { lines: [change("MODIFIED", "c", "101")], stays: true },
  ], async (server, cluster) => {
    assert.deepEqual(await take(4, events(cluster)), [
      "ADDED a",
      "ADDED b",
      "ADDED c",
      "MODIFIED c",
    ]);
    assert.deepEqual(versions(server), ["watch null", "list", "watch 100"]);
  }, () => [item("a", "50"), item("b", "3"), item("c", "4")]));

Deno.test("watchResource() ends by its timeout, without an error", () =>
  watched([{ stays: true, lines: [change("ADDED", "a", "1")] }], async (server, cluster) => {
    assert.deepEqual(await take(9, events(cluster, { timeoutMs: 50 })), ["ADDED a"]);
    assert.deepEqual(await take(9, events(cluster, { query: { timeoutSeconds: 0.05 } })), [
      "ADDED a",
    ]);
    assert.match(server.requests[0]!, /timeoutSeconds=2/);
  }));

Deno.test("watchResource() gives bookmarks only where they are asked for", () => {
  const lines = [change("BOOKMARK", "", "3"), change("ADDED", "a", "4")];
  return watched([{ stays: true, lines }], async (_, cluster) => {
    assert.deepEqual(await take(1, events(cluster)), ["ADDED a"]);
    assert.deepEqual(await take(1, events(cluster, { query: { allowWatchBookmarks: true } })), [
      "BOOKMARK ",
    ]);
  });
});

Deno.test("watchResource() throws a first answer that is not good", () =>
  watched([{ status: 403 }], async (server, cluster) => {
    await assert.rejects(
      take(1, events(cluster)),
      (error) => error instanceof ApiError && error.status === 403,
    );
    assert.equal(server.requests.length, 1);
  }));

Deno.test("watchResource() gives up on a server that ends every stream at once", async () => {
  let asked = 0;
  const means: WatchMeans = {
    fetchOk: () => Promise.resolve(new Response(asked++ ? "" : null)),
    pages: async function* () {},
    where: { server: "https://test", context: "test" },
    backoffMs: [1, 1, 1],
  };
  const request: ResourceRequest = {
    verb: "watch",
    resource: CONFIG_MAPS,
    options: { resourceVersion: "1" },
  };
  const reading = watchResource(means, request, { signal: new AbortController().signal });
  await assert.rejects(Array.fromAsync(reading), /ends every stream at once/);
  assert.equal(asked, 4);
});

Deno.test("watchResource() throws an error event of another kind", () => {
  const object = { kind: "Status", code: 500, message: "etcd is on fire" };
  return watched([{ lines: [{ type: "ERROR", object }] }, { status: 403 }], async (_, cluster) => {
    await assert.rejects(
      take(1, events(cluster, { query: { resourceVersion: "1" } })),
      (error) => error instanceof ApiError && error.status === 403,
    );
  });
});

Deno.test("watchResource() reads nothing more while its reader does not", async () => {
  function* flood() {
    for (let n = 1;; n++) yield change("MODIFIED", "a", String(n), "x".repeat(10_000));
  }
  await using server = startWatchServer(() => flood());
  await using cluster = await connect(watchTarget(server));
  const reading = events(cluster);
  await reading.next();
  let before = -1;
  // The buffers of both sides fill, and then nothing moves.
  while (before !== server.sent()) {
    before = server.sent();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.ok(before < 32 * 1024 * 1024, `${before} bytes`);
  await reading.return(undefined);
  await server.untilOpen(0);
});

Deno.test("watchResource() refuses a table", () =>
  watched([{}], async (server, cluster) => {
    await assert.rejects(take(1, events(cluster, { form: "table" })), InputError);
    assert.deepEqual(server.requests, []);
  }));

for (const target of TARGETS) {
  const fact = `watchResource() sees changes as they are made, ${target.name}`;
  Deno.test(needs(target, fact), async () => {
    await using cluster = await connect(target);
    const { client, signal } = cluster;
    const resource = await client.resolve({ resource: "configmaps" }, signal);
    const name = uniqueName("watched");
    const about = { resource, namespace: "default" } as const;
    const encode = (object: unknown) => new TextEncoder().encode(JSON.stringify(object));
    const steps = [
      () =>
        client.send({
          ...about,
          verb: "create",
          body: encode({ kind: "ConfigMap", apiVersion: "v1", metadata: { name } }),
        }, signal),
      () =>
        client.send({
          ...about,
          verb: "patch",
          name,
          contentType: "application/merge-patch+json",
          body: encode({ data: { a: "b" } }),
        }, signal),
      () => client.send({ ...about, verb: "delete", name }, signal),
    ];
    for (const form of ["object", "metadata"] as const) {
      const query = { fieldSelector: `metadata.name=${name}` };
      const request: ResourceRequest = { ...about, verb: "watch", options: query, form };
      const seen: string[] = [];
      let step = 0;
      for await (const watched of client.watch(request, { timeoutMs: 20_000, signal })) {
        if (watched.kind === "event") {
          const { type, object } = JSON.parse(new TextDecoder().decode(watched.line));
          seen.push(`${type} ${object.kind} ${object.metadata.name === name}`);
        }
        const next = steps[step++];
        if (next === undefined) break;
        await next();
      }
      const kind = form === "object" ? "ConfigMap" : "PartialObjectMetadata";
      assert.deepEqual(
        seen,
        ["ADDED", "MODIFIED", "DELETED"].map((type) => `${type} ${kind} true`),
      );
    }
  });
}
