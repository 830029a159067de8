/** Lists that are asked for while others write: each is what the cluster had at the version that it names. */
import assert from "node:assert/strict";
import { createBrokers } from "../../../lib/broker/broker.ts";
import { createListStore } from "../../../lib/broker/lists/list_store.ts";
import type { KeptList } from "../../../lib/broker/lists/types.ts";
import type { Broker, RequestCall } from "../../../lib/broker/types.ts";
import { ApiError } from "../../../lib/errors.ts";
import type { KubeClient } from "../../../lib/kube/client.ts";
import type { KubeObject } from "../../../lib/kube/types.ts";
import type { ResourceRequest } from "../../../lib/kube/wire/request.ts";
import { makePolicy } from "../../../lib/policy/profiles.ts";
import { CONTROL_PLANE, LOGGER, openClient, uniqueName } from "../../support/clusters.ts";
import { needs } from "../../support/needs.ts";

/** Two pages and a bit; a third comes and goes. */
const OBJECTS = 1_020;
const WRITERS = 2;
const LISTERS = 3;
const LISTS = 8;
const FILLING = "filling ".repeat(40);

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const decoder = new TextDecoder();

interface Listed {
  readonly items: KubeObject[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  /** The newest version that anybody had been told of before. */
  readonly since: bigint;
}

/** What happened to an object: its state from that version on, or that it is gone. */
interface Event {
  readonly version: bigint;
  readonly name: string;
  readonly text?: string;
}

/** Numbers by chance that can be had again. */
function chance(seed: number) {
  let state = seed;
  return (below: number) => (state = (state * 48_271 + 11) % 2_147_483_647) % below;
}

const stateOf = (object: KubeObject) => JSON.stringify(object);

/** @param broken how many of a hundred requests that a list makes for its difference fail */
async function run(seed: number, broken: number): Promise<void> {
  await using opened = await openClient(CONTROL_PLANE);
  const { client } = opened;
  const { signal } = new AbortController();
  const namespace = uniqueName("attack-moving");
  const space = await client.resolve({ resource: "namespaces" }, signal);
  await client.send({
    verb: "create",
    resource: space,
    body: encode({ metadata: { name: namespace } }),
  }, signal);
  try {
    const resource = await client.resolve({ resource: "configmaps" }, signal);
    const send = async (request: Partial<ResourceRequest>, body?: unknown) => {
      const answer = await client.send({
        verb: "create",
        resource,
        namespace,
        ...(body === undefined ? {} : { body: encode(body) }),
        ...request,
      }, signal);
      return JSON.parse(decoder.decode(answer)) as KubeObject;
    };
    let newest = 0n;
    let turn = 0;
    const names = new Set<string>();
    const told = ({ metadata }: KubeObject) => {
      const version = BigInt(metadata?.resourceVersion ?? 0);
      if (version > newest) newest = version;
    };
    const create = async (name: string) => {
      names.add(name);
      const data = { turn: `${turn++}`, password: `hunter-${turn}-${seed}`, filling: FILLING };
      told(await send({ verb: "create" }, { metadata: { name }, data }));
    };
    const width = `${OBJECTS}`.length;
    const all = Array.from({ length: OBJECTS }, (_, at) => `o-${`${at}`.padStart(width, "0")}`);
    for (let at = 0; at < all.length; at += 20) {
      await Promise.all(all.slice(at, at + 20).map(create));
    }

    const faults = chance(seed + 1);
    const fault = () => {
      if (faults(100) >= broken) return;
      const status = [403, 406, 410, 429, 500][faults(5)]!;
      throw new ApiError("by chance", { status, reason: "Chance" });
    };
    const kube: KubeClient = {
      ...client,
      async *versions(...given) {
        fault();
        for await (const page of client.versions(...given)) {
          yield page;
          fault();
        }
      },
      async *pages(request, ...given) {
        if (request.options?.limit !== undefined) fault();
        yield* client.pages(request, ...given);
      },
    };
    using store = createListStore<KeptList>(64 * 1024 * 1024);
    const policy = makePolicy({ mode: "read-only", rules: [] });
    const brokers = createBrokers({
      connect: () => Promise.resolve(kube),
      policy: () => policy,
      logger: LOGGER,
      lists: store,
      redactionKey: new Uint8Array(32),
    });
    const call: RequestCall = { op: "request", verb: "list", resource: "configmaps", namespace };
    const list = async (broker: Broker): Promise<Listed> => {
      const since = newest;
      let items: KubeObject[] = [];
      let metadata: Listed["metadata"] | undefined;
      let more = true;
      for await (const { body, again, ...answer } of broker.call(call, undefined, signal)) {
        assert.ok(more, "a part behind the last");
        more = answer.more;
        const part = JSON.parse(decoder.decode(body)) as Listed;
        items = again ? part.items : [...items, ...part.items];
        metadata = part.metadata;
      }
      assert.ok(!more);
      return { items, metadata: metadata!, since };
    };

    const watched = await watch(
      client,
      { resource, namespace },
      (await list(
        brokers.as({ tool: "test", session: "watch" }),
      )).metadata.resourceVersion,
    );
    const start = await list(brokers.as({ tool: "test", session: "start" }));
    let isOver = false;
    const writer = async (seed: number) => {
      const at = chance(seed);
      const some = () => [...names][at(names.size)]!;
      while (!isOver) {
        // Some lists find nothing new.
        if (at(3) > 0) await new Promise((resolve) => setTimeout(resolve, at(600)));
        const burst = at(8) === 0 ? 40 : 1;
        await Promise.all(Array.from({ length: burst }, async () => {
          const name = some();
          const what = at(16);
          if (what === 0) return await create(`n-${crypto.randomUUID()}`);
          if (what === 1) return await create(`z-${crypto.randomUUID()}`);
          if (what <= 3) {
            names.delete(name);
            return await send({ verb: "delete", name }).catch(() => {});
          }
          const patch = { data: { turn: `${turn++}` } };
          const contentType = "application/merge-patch+json";
          await send({ verb: "patch", name, contentType }, patch).then(told, () => {});
        }));
      }
    };
    const writers = Array.from({ length: WRITERS }, (_, at) => writer(seed + 10 * at));
    // Of one session, so that they take one another's lists; one alone has none of them.
    const found = await Promise.all(
      Array.from({ length: LISTERS + 1 }, async (_, at) => {
        const lists: Listed[] = [];
        for (let turn = 0; turn < LISTS; turn++) {
          const session = at < LISTERS ? "test" : `fresh ${turn}`;
          lists.push(await list(brokers.as({ tool: "test", session })));
        }
        return lists;
      }),
    ).finally(async () => {
      isOver = true;
      await Promise.allSettled(writers);
    });
    await Promise.all(writers);
    const last = await send({ verb: "create" }, { metadata: { name: "zz-last" } });
    const events = await watched.until(BigInt(last.metadata!.resourceVersion!));

    const shown = new Map<string, string>();
    for (const { items, metadata, since } of found.flat()) {
      const version = BigInt(metadata.resourceVersion);
      assert.ok(version >= since, "a list is older than its request");
      assert.equal(metadata.continue, undefined);
      const expected = new Map(start.items.map((each) => [each.metadata!.name!, versionOf(each)]));
      for (const event of events) {
        if (event.version > version) break;
        if (event.text === undefined) expected.delete(event.name);
        else expected.set(event.name, event.text);
      }
      const sorted = [...expected].sort(([a], [b]) => a < b ? -1 : 1);
      assert.deepEqual(items.map((each) => [each.metadata!.name, versionOf(each)]), sorted);
      for (const item of items) {
        const known = `${item.metadata!.uid} ${item.metadata!.resourceVersion}`;
        const state = stateOf(item);
        assert.equal(shown.get(known) ?? state, state);
        shown.set(known, state);
      }
    }
  } finally {
    await client.send({ verb: "delete", resource: space, name: namespace }, signal);
  }
}

/** What tells two states of an object apart. */
const versionOf = (
  { metadata, data }: KubeObject & { readonly data?: { readonly turn?: string } },
) => `${metadata?.uid} ${metadata?.resourceVersion} ${data?.turn}`;

/** All that happens after a version. */
async function watch(
  client: KubeClient,
  of: Pick<ResourceRequest, "resource" | "namespace">,
  resourceVersion: string,
) {
  const end = new AbortController();
  const options = { resourceVersion, timeoutSeconds: 300 };
  const stream = await client.open({ verb: "watch", ...of, options }, end.signal);
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  const events: Event[] = [];
  const reading = (async () => {
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const lines = (rest + value).split("\n");
      rest = lines.pop()!;
      for (const line of lines) {
        const { type, object } = JSON.parse(line) as { type: string; object: KubeObject };
        events.push({
          version: BigInt(object.metadata!.resourceVersion!),
          name: object.metadata!.name!,
          ...(type === "DELETED" ? {} : { text: versionOf(object) }),
        });
      }
    }
  })().catch(() => {});
  return {
    async until(version: bigint): Promise<readonly Event[]> {
      while (!events.some((event) => event.version >= version)) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      end.abort();
      await reading;
      return events;
    },
  };
}

for (const broken of [0, 8]) {
  const seed = 1 + Date.now() % 100_000;
  const what = broken === 0 ? "" : `, also where some of its requests fail`;
  Deno.test(
    needs(CONTROL_PLANE, `a list is what was there at its version while others write${what}`),
    async (t) => {
      await t.step(`seed ${seed}`, () => run(seed, broken));
    },
  );
}
