/** A list that is asked for again is what the cluster has by then, whatever was kept of the one before. */
import assert from "node:assert/strict";
import { createBrokers } from "../../../lib/broker/broker.ts";
import { createListStore } from "../../../lib/broker/lists/list_store.ts";
import type { KeptList } from "../../../lib/broker/lists/types.ts";
import type { BrokerAnswer, Origin, RequestCall } from "../../../lib/broker/types.ts";
import { ApiError } from "../../../lib/errors.ts";
import type { KubeClient } from "../../../lib/kube/client.ts";
import type { ResourceRequest } from "../../../lib/kube/wire/request.ts";
import { createPlan } from "../../../lib/policy/plan.ts";
import { makePolicy } from "../../../lib/policy/profiles.ts";
import type { KubeObject } from "../../../lib/kube/types.ts";
import {
  CONTROL_PLANE,
  DEMO,
  LOGGER,
  openClient,
  type TestTarget,
  uniqueName,
} from "../../support/clusters.ts";
import { needs } from "../../support/needs.ts";

const MIB = 1024 * 1024;
/** More than a page, and large enough together to be kept. */
const OBJECTS = 520;
const FILLING = "filling ".repeat(80);

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const decode = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));

interface Asked {
  /** Requests for the versions of a list's objects, and for a list or a page of it. */
  versions: number;
  pages: number;
}

/** A namespace full of config maps, and a broker that keeps lists. */
async function setUp(target: TestTarget, { count = OBJECTS, resource = "configmaps" } = {}) {
  const opened = await openClient(target);
  const { client } = opened;
  const { signal } = new AbortController();
  const namespace = uniqueName("kept");
  const resolved = await client.resolve({ resource }, signal);
  const send = (request: Partial<ResourceRequest>, body?: unknown) =>
    client.send({
      verb: "get",
      resource: resolved,
      namespace,
      ...(body === undefined ? {} : { body: encode(body) }),
      ...request,
    }, signal);
  const namespaces = await client.resolve({ resource: "namespaces" }, signal);
  const space = encode({ metadata: { name: namespace } });
  await client.send({ verb: "create", resource: namespaces, body: space }, signal);
  const create = (name: string, fields: object = { data: { text: FILLING } }) =>
    send({ verb: "create" }, { metadata: { name, labels: { app: "kept" } }, ...fields });
  const names = Array.from({ length: count }, (_, at) => `object-${String(at).padStart(4, "0")}`);
  for (let at = 0; at < count; at += 20) {
    await Promise.all(names.slice(at, at + 20).map((name) => create(name)));
  }

  const asked: Asked = { versions: 0, pages: 0 };
  const spied: KubeClient = {
    ...client,
    pages(...given) {
      asked.pages += 1;
      return client.pages(...given);
    },
    versions(...given) {
      asked.versions += 1;
      return client.versions(...given);
    },
  };
  const store = createListStore<KeptList>(64 * MIB);
  return {
    client,
    signal,
    namespace,
    names,
    create,
    send,
    asked,
    store,
    /** @param kube what is asked instead of the cluster */
    brokers: (lists: typeof store | undefined, kube = spied, policy = readOnly) =>
      createBrokers({ connect: () => Promise.resolve(kube), policy, logger: LOGGER, lists }),
    spied,
    call: { op: "request", verb: "list", resource, namespace } as RequestCall,
    async [Symbol.asyncDispose]() {
      store[Symbol.dispose]();
      await client.send({ verb: "delete", resource: namespaces, name: namespace }, signal);
      await opened[Symbol.asyncDispose]();
    },
  };
}

const ORIGIN: Origin = { tool: "test", session: "test" };
const POLICY = makePolicy({ mode: "read-only", rules: [] });
const readOnly = () => POLICY;

interface Answer {
  readonly items: KubeObject[];
  readonly metadata: { readonly resourceVersion: string };
}

/** Joins the parts as a script does. */
async function joined(parts: AsyncIterable<BrokerAnswer>): Promise<Answer> {
  let items: KubeObject[] = [];
  let metadata: Answer["metadata"] | undefined;
  for await (const { body, again } of parts) {
    const part = decode(body) as Answer;
    items = again ? part.items : [...items, ...part.items];
    metadata = part.metadata;
  }
  return { items, metadata: metadata! };
}

type Cluster = Awaited<ReturnType<typeof setUp>>;

const label = (cluster: Cluster, name: string) =>
  cluster.send(
    { verb: "patch", name, contentType: "application/merge-patch+json" },
    { metadata: { labels: { turn: crypto.randomUUID() } } },
  );

/** What somebody else does between two lists. */
const CHANGES: Readonly<
  Record<string, (cluster: Cluster, at: (below: number) => number) => unknown>
> = {
  nothing: () => {},
  "one label": (cluster, at) => label(cluster, cluster.names[at(OBJECTS)]!),
  "a few labels on both pages": (cluster, at) =>
    Promise.all([10, 200, 505, 510 + at(5)].map((n) => label(cluster, cluster.names[n]!))),
  "many labels on one page": (cluster) =>
    Promise.all(cluster.names.slice(30, 60).map((name) => label(cluster, name))),
  "many labels on the last page": (cluster) =>
    Promise.all(cluster.names.slice(-19).map((name) => label(cluster, name))),
  "one more at the front": (cluster) => cluster.create(`a-${crypto.randomUUID()}`),
  "one more at the end": (cluster) => cluster.create(`z-${crypto.randomUUID()}`),
  "one less": async (cluster, at) => {
    const name = cluster.names[at(OBJECTS)]!;
    await cluster.send({ verb: "delete", name });
    cluster.names.splice(cluster.names.indexOf(name), 1, cluster.names[0]!);
  },
  "one replaced by another of the same name": async (cluster) => {
    const name = cluster.names[100]!;
    await cluster.send({ verb: "delete", name });
    await cluster.create(name, { data: { text: "another" } });
  },
};

Deno.test(needs(CONTROL_PLANE, "a list is never older than its request"), async (t) => {
  await using cluster = await setUp(CONTROL_PLANE);
  const { brokers, call, signal, asked, store } = cluster;
  const kept = brokers(store).as(ORIGIN);
  const fresh = brokers(undefined).as(ORIGIN);
  const list = () => joined(kept.call(call, undefined, signal));
  await list();
  assert.equal(asked.versions, 0);
  const seed = Date.now() % 1_000;
  let random = seed;
  const at = (below: number) => (random = (random * 48_271 + 11) % 2_147_483_647) % below;
  // Each where nothing has changed before, and where something has.
  const rounds = Object.keys(CHANGES).flatMap((what) => ["nothing", what, what]);
  for (const what of rounds) {
    await t.step(`${what} (seed ${seed})`, async () => {
      await CHANGES[what]!(cluster, at);
      Object.assign(asked, { versions: 0, pages: 0 });
      const now = await list();
      // It was had by its difference: pages only where much of them is new.
      assert.equal(asked.versions, 1);
      if (what === "nothing") assert.equal(asked.pages, 0);
      const expected = await joined(fresh.call(call, undefined, signal));
      assert.deepEqual(now.items, expected.items);
      assert.ok(BigInt(now.metadata.resourceVersion) <= BigInt(expected.metadata.resourceVersion));
    });
  }
});

Deno.test(
  needs(CONTROL_PLANE, "selectors are kept to, and each has a list of its own"),
  async () => {
    await using cluster = await setUp(CONTROL_PLANE);
    const { brokers, call, signal, store, names } = cluster;
    const kept = brokers(store).as(ORIGIN);
    const fresh = brokers(undefined).as(ORIGIN);
    const same = async (options: RequestCall["options"]) => {
      const given = { ...call, options };
      const now = await joined(kept.call(given, undefined, signal));
      assert.deepEqual(now.items, (await joined(fresh.call(given, undefined, signal))).items);
      return now.items.length;
    };
    const labelled = { labelSelector: "app=kept" };
    const named = { fieldSelector: `metadata.name!=${names[3]}` };
    for (const options of [labelled, named, {}, labelled, named]) await same(options);
    await cluster.send(
      { verb: "patch", name: names[7]!, contentType: "application/merge-patch+json" },
      { metadata: { labels: { app: "other" } } },
    );
    await label(cluster, names[8]!);
    assert.equal(await same(labelled), OBJECTS - 1);
    assert.equal(await same(named), (await same({})) - 1);
    // What asks for a part or a version of its own is asked of the cluster.
    assert.equal(await same({ limit: 5 }), 5);
  },
);

Deno.test(needs(CONTROL_PLANE, "what is hidden stays hidden, under the same tokens"), async () => {
  await using cluster = await setUp(CONTROL_PLANE, { resource: "secrets", count: 0 });
  const { call, signal, store, asked } = cluster;
  const secret = (name: string, password: string) =>
    cluster.create(name, {
      metadata: { name, annotations: { filling: FILLING.repeat(8) } },
      stringData: { password },
    });
  for (let at = 0; at < 60; at++) await secret(`secret-${at}`, `hunter-${at}`);
  // Of one server, since each has tokens of its own.
  const brokers = cluster.brokers(store);
  const list = (origin: Origin) => joined(brokers.as(origin).call(call, undefined, signal));
  await list(ORIGIN);
  await secret("secret-60", "hunter-new");
  await cluster.send({ verb: "delete", name: "secret-7" });
  const kept = await list(ORIGIN);
  assert.deepEqual(asked, { versions: 1, pages: 2 });
  const fresh = await list({ ...ORIGIN, session: "other" });
  assert.deepEqual(asked, { versions: 1, pages: 3 });
  assert.deepEqual(kept.items, fresh.items);
  const text = JSON.stringify(kept);
  for (const password of ["hunter-1", "hunter-new"]) {
    assert.ok(!text.includes(password) && !text.includes(btoa(password)));
  }
});

Deno.test(
  needs(CONTROL_PLANE, "a list is kept for its session, its rules and its client"),
  async () => {
    await using cluster = await setUp(CONTROL_PLANE);
    const { call, signal, store, asked, spied } = cluster;
    let policy = POLICY;
    let kube = spied;
    const brokers = createBrokers({
      connect: () => Promise.resolve(kube),
      policy: () => policy,
      logger: LOGGER,
      lists: store,
    });
    const isFresh = async (origin: Partial<Origin> = {}, more: Partial<RequestCall> = {}) => {
      Object.assign(asked, { versions: 0, pages: 0 });
      const parts = brokers.as({ ...ORIGIN, ...origin }).call(
        { ...call, ...more },
        undefined,
        signal,
      );
      await joined(parts);
      return asked.versions === 0;
    };
    assert.ok(await isFresh());
    assert.ok(!await isFresh());
    assert.ok(await isFresh({ session: "other" }));
    assert.ok(!await isFresh({ session: "other" }));
    assert.ok(await isFresh({ plan: createPlan(Date.now()) }));
    assert.ok(await isFresh({}, { managedFields: true }));
    assert.ok(await isFresh({}, { direct: true }));
    assert.ok(!await isFresh());
    policy = makePolicy({ mode: "read-only", rules: [] });
    assert.ok(await isFresh());
    assert.ok(!await isFresh());
    kube = { ...spied };
    assert.ok(await isFresh());
    assert.ok(!await isFresh());
    // Another server's brokers over the same store.
    await joined(cluster.brokers(store).as(ORIGIN).call(call, undefined, signal));
    assert.equal(asked.versions, 1);
    const resources = ["configmaps"];
    policy = makePolicy({
      mode: "read-only",
      rules: [{ source: "test", effect: "deny", resources }],
    });
    await assert.rejects(isFresh(), { name: "PolicyError" });
  },
);

Deno.test(needs(CONTROL_PLANE, "who may no longer list gets nothing that was kept"), async () => {
  await using cluster = await setUp(CONTROL_PLANE);
  const { client, call, signal, store, namespace, asked } = cluster;
  const user = uniqueName("reader");
  const binding = {
    metadata: { name: user },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: user }],
  };
  const resource = await client.resolve({ resource: "rolebindings" }, signal);
  const of = { resource, namespace };
  await client.send({ verb: "create", ...of, body: encode(binding) }, signal);
  const access = { ...client.access, impersonate: { user, groups: [], extra: {} } };
  await using reader = await openClient({
    name: "control plane",
    open: () => Promise.resolve({ access, close: () => Promise.resolve() }),
  });
  const spied: KubeClient = {
    ...reader.client,
    versions(...given) {
      asked.versions += 1;
      return reader.client.versions(...given);
    },
  };
  const broker = cluster.brokers(store, spied).as(ORIGIN);
  const list = () => joined(broker.call(call, undefined, signal));
  await untilOk(list);
  assert.equal((await list()).items.length, OBJECTS + 1);
  assert.equal(asked.versions, 1);
  await client.send({ verb: "delete", ...of, name: user }, signal);
  await assert.rejects(untilFails(list), { name: "ApiError", status: 403 });
  // Not kept for later either.
  assert.equal(asked.versions > 1, true);
});

Deno.test(needs(CONTROL_PLANE, "a check that fails half way leads to the whole list"), async () => {
  await using cluster = await setUp(CONTROL_PLANE);
  const { call, signal, store, spied, asked } = cluster;
  const unavailable = new ApiError("gone", { status: 410, reason: "Expired" });
  for (const after of [0, 1]) {
    const kube: KubeClient = {
      ...spied,
      async *versions(...given) {
        let pages = 0;
        for await (const page of spied.versions(...given)) {
          if (pages++ === after) throw unavailable;
          yield page;
        }
      },
    };
    const broker = cluster.brokers(store, kube).as(ORIGIN);
    const first = await joined(broker.call(call, undefined, signal));
    Object.assign(asked, { versions: 0, pages: 0 });
    const second = await joined(broker.call(call, undefined, signal));
    assert.deepEqual(asked, { versions: 1, pages: 1 });
    assert.deepEqual(second.items, first.items);
  }
});

Deno.test(
  needs(CONTROL_PLANE, "an object whose name hides where it begins goes when it is deleted"),
  async () => {
    await using cluster = await setUp(CONTROL_PLANE, { resource: "roles", count: 0 });
    const { call, signal, store } = cluster;
    const names = Array.from({ length: OBJECTS }, (_, at) => `role-${String(at).padStart(4, "0")}`);
    const odd = [`role-0000"},{"metadata":{"name":"x`, `role-${"long".repeat(600)}`];
    const all = [...names, ...odd];
    const annotations = { filling: FILLING };
    for (let at = 0; at < all.length; at += 20) {
      const some = all.slice(at, at + 20);
      await Promise.all(
        some.map((name) => cluster.create(name, { metadata: { name, annotations } })),
      );
    }
    const broker = cluster.brokers(store).as(ORIGIN);
    const listed = async () =>
      (await joined(broker.call(call, undefined, signal))).items.map(({ metadata }) =>
        metadata?.name
      );
    for (const name of odd) {
      assert.ok((await listed()).includes(name));
      await cluster.send({ verb: "delete", name });
      assert.ok(!(await listed()).includes(name));
    }
    assert.deepEqual(await listed(), names);
  },
);

Deno.test("versions are asked for only of kinds that the API server itself stores", async () => {
  await using cluster = await setUp(DEMO, { count: 0 });
  const { call, signal, store, spied, asked, client } = cluster;
  // As OpenShift's image stream tags: all of a stream have its uid and its version.
  const metadata = { uid: "stream", resourceVersion: "1" };
  const tags = (digest: string) =>
    Array.from(
      { length: 500 },
      (_, at) => ({ metadata: { name: `tag-${at}`, ...metadata }, digest }),
    );
  let items = tags("before".repeat(100));
  const kube: KubeClient = {
    ...spied,
    async resolve(...given) {
      return { ...(await client.resolve(...given)), group: "image.example", kind: "Tag" };
    },
    async *pages() {
      const list = { kind: "TagList", apiVersion: "image.example/v1", metadata: {}, items };
      yield await Promise.resolve({ body: encode(list), metadata: {} });
    },
    async *versions() {
      asked.versions += 1;
      const objects = items.map((each) => ({ namespace: "", ...each.metadata }));
      yield await Promise.resolve({ metadata: { resourceVersion: "1" }, objects });
    },
  };
  const broker = cluster.brokers(store, kube).as(ORIGIN);
  const list = async () => (await joined(broker.call(call, undefined, signal))).items as unknown[];
  assert.deepEqual(await list(), items);
  items = tags("after".repeat(100));
  assert.deepEqual(await list(), items);
  assert.equal(asked.versions, 0);
});

Deno.test("a list that is new each time is read whole, and its difference tried ever less often", async () => {
  await using cluster = await setUp(DEMO, { count: 0 });
  const { call, signal, store, spied, asked } = cluster;
  let version = 0;
  const objects = () =>
    Array.from({ length: 500 }, (_, at) => ({
      name: `o-${at}`,
      namespace: "x",
      uid: `uid-${at}`,
      resourceVersion: `${version}`,
    }));
  const kube: KubeClient = {
    ...spied,
    async *pages() {
      const items = objects().map((metadata) => ({ metadata, data: { text: FILLING } }));
      const list = { kind: "ConfigMapList", apiVersion: "v1", metadata: {}, items };
      yield await Promise.resolve({ body: encode(list), metadata: {} });
    },
    async *versions() {
      asked.versions += 1;
      const metadata = { resourceVersion: `${version}` };
      yield await Promise.resolve({ metadata, objects: objects() });
    },
  };
  const broker = cluster.brokers(store, kube).as(ORIGIN);
  const list = async () => {
    const before = asked.versions;
    const { items } = await joined(broker.call(call, undefined, signal));
    assert.ok(items.every(({ metadata }) => metadata?.resourceVersion === `${version}`));
    return asked.versions > before ? "d" : "w";
  };
  let ways = "";
  for (; version < 30; version++) ways += await list();
  assert.equal(ways, "wdwdwwdwwwwdwwwwwwwwdwwwwwwwwd");
  // Now that it is calm, it is kept again.
  ways = "";
  for (let turn = 0; turn < 12; turn++) ways += await list();
  assert.equal(ways, "wwwwwwwwdddd");
});

Deno.test("a server that gives no metadata in protobuf is asked for the list", async () => {
  await using cluster = await setUp(DEMO);
  const { call, signal, store } = cluster;
  const broker = cluster.brokers(store).as(ORIGIN);
  const list = () => joined(broker.call(call, undefined, signal));
  const first = await list();
  await label(cluster, cluster.names[3]!);
  const second = await list();
  assert.equal(second.items.length, first.items.length);
  assert.ok(second.items.some(({ metadata }) => metadata?.labels?.turn));
});

/** RBAC takes a moment to be heard of. */
async function untilOk(work: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const isOk = await work().then(() => true, () => false);
    if (isOk) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await work();
}

async function untilFails(work: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    await work();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
