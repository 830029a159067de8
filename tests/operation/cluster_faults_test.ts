/** The way to the API server is cut under a script, and comes back. */
import assert from "node:assert/strict";
import { until, VARIANTS } from "../e2e/program.ts";
import { startHttp } from "../http/served.ts";
import { connect, CONTROL_PLANE, realKubeconfig, uniqueName } from "../support/clusters.ts";
import { needs } from "../support/needs.ts";
import { childrenOf, evaluate, untilReadiness } from "./operation.ts";

const SOURCE = VARIANTS.find(({ name }) => name === "source")!;

/** A way to the API server that can be cut. */
interface Way extends AsyncDisposable {
  readonly kubeconfig: string;
  /** Bytes that the API server has sent by it. */
  readonly received: number;
  cut(isCut: boolean): void;
}

async function startWay(): Promise<Way> {
  const text = await Deno.readTextFile(realKubeconfig());
  const target = new URL(/server: (\S+)/.exec(text)![1]!);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  let isCut = false;
  let received = 0;
  const close = (one: Deno.Conn) => {
    open.delete(one);
    try {
      one.close();
    } catch {
      // It is closed.
    }
  };
  const counted = () =>
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        received += chunk.length;
        controller.enqueue(chunk);
      },
    });
  const serving = (async () => {
    for await (const client of listener) {
      if (isCut) {
        client.close();
        continue;
      }
      const server = await Deno.connect({ hostname: target.hostname, port: Number(target.port) });
      for (const one of [client, server]) open.add(one);
      const ways = [
        client.readable.pipeTo(server.writable),
        server.readable.pipeThrough(counted()).pipeTo(client.writable),
      ];
      void Promise.allSettled(ways).then(() => [client, server].forEach(close));
    }
  })().catch(() => {});
  const kubeconfig = await Deno.makeTempFile();
  const { port } = listener.addr as Deno.NetAddr;
  await Deno.writeTextFile(kubeconfig, text.replaceAll(target.host, `127.0.0.1:${port}`));
  return {
    kubeconfig,
    get received() {
      return received;
    },
    cut(value) {
      isCut = value;
      if (isCut) [...open].forEach(close);
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      [...open].forEach(close);
      await serving;
      await Deno.remove(kubeconfig);
    },
  };
}

/** A namespace with config maps of 20 KB, which goes with its block. */
async function namespaceWith(count: number) {
  const cluster = await connect(CONTROL_PLANE, { readWrite: true });
  const { client, signal } = cluster;
  const [namespaces, configMaps] = await Promise.all(
    ["namespaces", "configmaps"].map((resource) => client.resolve({ resource }, signal)),
  );
  const name = uniqueName("cut");
  const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const create = (object: string) =>
    client.send({
      verb: "create",
      resource: configMaps!,
      namespace: name,
      body: bytes({ metadata: { name: object }, data: { text: "x".repeat(20_000) } }),
    }, signal);
  await client.send({
    verb: "create",
    resource: namespaces!,
    body: bytes({ metadata: { name } }),
  }, signal);
  for (let n = 0; n < count; n++) await create(`map-${n}`);
  return {
    name,
    create,
    async [Symbol.asyncDispose]() {
      await client.send({ verb: "delete", resource: namespaces!, name }, signal);
      await cluster[Symbol.asyncDispose]();
    },
  };
}

Deno.test(
  needs(CONTROL_PLANE, "the API server goes away in mid script and comes back"),
  async () => {
    await using way = await startWay();
    await using served = await startHttp(SOURCE, ["--kubeconfig", way.kubeconfig]);
    await untilReadiness(served, 200);
    const count = `(await k8s.coreV1().namespaces().list()).items.length > 0`;
    const script = `const first = ${count}; await new Promise((done) => setTimeout(done, 2_000));
    let second; try { second = ${count}; } catch (error) { second = error.message; } [first, second]`;
    const answer = evaluate(served, script);
    await until(() => childrenOf(served.pid).length > 0);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    way.cut(true);
    const { text } = await answer;
    assert.match(text, /true,\s*\\*"Cannot reach the API server/);
    way.cut(false);
    assert.match((await evaluate(served, count)).text, /"true"/);
  },
);

Deno.test(
  needs(CONTROL_PLANE, "a list that is cut in its middle has each object once, or fails"),
  async () => {
    await using namespace = await namespaceWith(40);
    await using way = await startWay();
    await using served = await startHttp(SOURCE, ["--kubeconfig", way.kubeconfig]);
    const list = (limit: number) =>
      `const names = []; for (const page of k8s.coreV1().configMaps("${namespace.name}").pages({limit: ${limit}}))
        names.push(...page.items.map(({metadata}) => metadata.name));
      [names.length, new Set(names).size, names.filter(name => name.startsWith("map-")).length].join()`;
    const expected = /"text":"(4[01],4[01],40)"/;
    const whole = expected.exec((await evaluate(served, list(100))).text)?.[1];
    assert.ok(whole);
    // In the first page, between pages, and in one large page; the way is back at once, and soon.
    for (
      const [limit, afterBytes, awayMs] of [[5, 30_000, 0], [5, 400_000, 300], [100, 200_000, 300]]
    ) {
      const start = way.received;
      const answer = evaluate(served, list(limit!));
      await until(() => way.received - start > afterBytes!);
      way.cut(true);
      await new Promise((resolve) => setTimeout(resolve, awayMs));
      way.cut(false);
      const { text } = await answer;
      if (text.includes('"isError":true')) assert.match(text, /Cannot reach the API server/);
      else assert.equal(expected.exec(text)?.[1], whole, text.slice(0, 500));
    }
    assert.equal(expected.exec((await evaluate(served, list(5))).text)?.[1], whole);
  },
);

Deno.test(
  needs(CONTROL_PLANE, "a watch whose connection is cut goes on, and tells each change once"),
  async () => {
    await using namespace = await namespaceWith(3);
    await using way = await startWay();
    await using served = await startHttp(SOURCE, ["--kubeconfig", way.kubeconfig]);
    const script = `const seen = [];
      for (const {type, object} of k8s.coreV1().configMaps("${namespace.name}").watch({timeoutSeconds: 25})) {
        if (!object.metadata.name.startsWith("map-")) continue;
        seen.push(type + " " + object.metadata.name);
        console.log("saw " + object.metadata.name);
        if (object.metadata.name === "map-last") break;
      }
      seen.join()`;
    const answer = evaluate(served, script);
    // Three objects of 20 KB have been told.
    await until(() => way.received > 60_000);
    await namespace.create("map-before");
    way.cut(true);
    await namespace.create("map-while");
    way.cut(false);
    await namespace.create("map-after");
    await namespace.create("map-last");
    const { text } = await answer;
    const told = /"text":"((?:[A-Z]+ map-[\w-]+,?)+)/.exec(text)?.[1]?.split(",");
    assert.ok(told, text.slice(0, 1_000));
    assert.deepEqual(
      told.toSorted(),
      ["0", "1", "2", "before", "while", "after", "last"].map((name) => `ADDED map-${name}`)
        .toSorted(),
    );
  },
);
