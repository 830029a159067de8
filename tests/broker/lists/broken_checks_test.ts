/** Whatever comes in place of the versions of a list, over the wire: the list is as it would be without. */
import assert from "node:assert/strict";
import { createBrokers } from "../../../lib/broker/broker.ts";
import { createListStore } from "../../../lib/broker/lists/list_store.ts";
import type { KeptList } from "../../../lib/broker/lists/types.ts";
import type { BrokerAnswer } from "../../../lib/broker/types.ts";
import { createClient } from "../../../lib/kube/client.ts";
import { createTransport } from "../../../lib/kube/transport/transport.ts";
import type { Transport } from "../../../lib/kube/types.ts";
import { makePolicy } from "../../../lib/policy/profiles.ts";
import { PROTOBUF_MEDIA_TYPE } from "../../../lib/protobuf/media_type.ts";
import { concatBytes } from "../../../lib/std/bytes.ts";
import { body, field } from "../../protobuf/messages.ts";
import { accessAt } from "../../support/access.ts";
import { LOGGER } from "../../support/clusters.ts";
import { jsonAnswer, type RawAnswer, startRawServer } from "../../support/raw_server.ts";

const OBJECTS = 900;
const PAGE = 500;
const encoder = new TextEncoder();
const FILLING = "filling ".repeat(80);

const names = Array.from({ length: OBJECTS }, (_, at) => `object-${at}`);
const objectOf = (name: string) => ({
  metadata: { name, namespace: "shop", uid: `uid of ${name}`, resourceVersion: "5" },
  data: { filling: FILLING },
});

/** A page of them. @param token of the page before */
function pageOf(
  token: string | null,
  write: (some: string[], next: string | undefined) => RawAnswer,
) {
  const from = Number(token ?? 0);
  const next = from + PAGE < OBJECTS ? `${from + PAGE}` : undefined;
  return write(names.slice(from, from + PAGE), next);
}

const listPage = (token: string | null) =>
  pageOf(token, (some, next) =>
    jsonAnswer({
      kind: "ConfigMapList",
      apiVersion: "v1",
      metadata: { resourceVersion: "7", ...(next === undefined ? {} : { continue: next }) },
      items: some.map(objectOf),
    }));

const versionsOf = (some: readonly string[], next = "") =>
  body(
    "meta.k8s.io/v1",
    "PartialObjectMetadataList",
    field(1, [field(2, "7"), field(3, next)]),
    ...some.map((name) => {
      const { metadata: { namespace, uid, resourceVersion } } = objectOf(name);
      const fields = [
        field(1, name),
        field(3, namespace),
        field(5, uid),
        field(6, resourceVersion),
      ];
      return field(2, [field(1, fields)]);
    }),
  );

/** A body that ends in what is no chunk. */
function cut(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = `Content-Type: ${PROTOBUF_MEDIA_TYPE}\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const chunk = `HTTP/1.1 200 OK\r\n${head}${bytes.length.toString(16)}\r\n`;
  return concatBytes([encoder.encode(chunk), bytes, encoder.encode("\r\nZZ\r\n")]).slice();
}

function protobuf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = `Content-Type: ${PROTOBUF_MEDIA_TYPE}\r\nContent-Length: ${bytes.length}\r\n\r\n`;
  return concatBytes([encoder.encode(`HTTP/1.1 200 OK\r\n${head}`), bytes]).slice();
}

const versionsPage = (token: string | null) =>
  pageOf(token, (some, next) => protobuf(versionsOf(some, next)));

const failed = (code: number, reason: string, head = "") =>
  jsonAnswer({ kind: "Status", status: "Failure", code, reason }, `${code} ${reason}`, head);
const text = (words: string) =>
  `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${words.length}\r\n\r\n${words}`;

const whole = versionsOf(names);
const half = whole.subarray(0, whole.length / 2);

/** What may come instead; the second page's token is given where it is that page. */
const ANSWERS: Readonly<Record<string, (token: string | null) => RawAnswer>> = {
  "403": () => failed(403, "Forbidden"),
  "406": () => failed(406, "NotAcceptable"),
  "410": () => failed(410, "Expired"),
  "429 for long": () => failed(429, "TooManyRequests", "Retry-After: 3600\r\n"),
  "500": () => failed(500, "InternalError"),
  "500 on the second page": (token) =>
    token === null ? versionsPage(token) : failed(500, "InternalError"),
  "tokens that expire, and no list without": (token) =>
    token === null ? versionsPage(token) : failed(410, "Expired"),
  "the list as JSON": listPage,
  "a login page": () => text("<html>Log in"),
  "nothing": () => text(""),
  "garbage": () => protobuf(Uint8Array.from({ length: 5_000 }, (_, at) => at * at)),
  "half a message": () => protobuf(half),
  "a connection that is cut": () => cut(half),
  "a connection that is cut on the second page": (token) =>
    token === null ? versionsPage(token) : cut(half),
  "another list": () => protobuf(body("v1", "ConfigMapList", field(1, [field(2, "7")]))),
  "an empty list": () => protobuf(versionsOf([])),
  "the same page again": () => protobuf(versionsOf(names.slice(0, PAGE), "again")),
  "objects twice": () => protobuf(versionsOf([...names, names[3]!])),
  "no versions": () =>
    protobuf(body(
      "meta.k8s.io/v1",
      "PartialObjectMetadataList",
      ...names.map((name) => field(2, [field(1, [field(1, name)])])),
    )),
  "objects that are in no list": () => protobuf(versionsOf([...names.slice(1), "made up"])),
};

const CONFIG_MAPS = {
  kind: "APIResourceList",
  groupVersion: "v1",
  resources: [{
    name: "configmaps",
    singularName: "configmap",
    namespaced: true,
    kind: "ConfigMap",
    verbs: ["get", "list"],
  }],
};

/** A broker over a server, which answers questions for versions as it is told. */
function serve(versions: (token: string | null) => RawAnswer) {
  const checks = { answer: versionsPage as typeof versions, asked: 0, lists: 0 };
  const server = startRawServer(({ path, headers }) => {
    const { pathname, searchParams } = new URL(path, "http://x");
    if (pathname === "/api") return jsonAnswer({ kind: "APIVersions", versions: ["v1"] });
    if (pathname === "/api/v1") return jsonAnswer(CONFIG_MAPS);
    if (pathname === "/apis") return jsonAnswer({ kind: "APIGroupList", groups: [] });
    const token = searchParams.get("continue");
    const isCheck = headers.some(([name, value]) => name === "accept" && value.includes("as=Part"));
    if (isCheck) checks.asked += 1;
    else checks.lists += 1;
    return isCheck ? checks.answer(token) : listPage(token);
  });
  const access = accessAt(`http://127.0.0.1:${server.port}`);
  const transport: Transport = createTransport(access, {
    userAgent: "kubecode/test",
    logger: LOGGER,
    env: () => undefined,
  });
  const client = createClient(access, transport, { discoveryTimeoutMs: 30_000 });
  const store = createListStore<KeptList>(64 * 1024 * 1024);
  const policy = makePolicy({ mode: "read-only", rules: [] });
  const broker = createBrokers({
    connect: () => Promise.resolve(client),
    policy: () => policy,
    logger: LOGGER,
    lists: store,
  }).as({ tool: "test", session: "test" });
  return {
    checks,
    server,
    fail: () => checks.answer = versions,
    list: (signal: AbortSignal) =>
      broker.call(
        { op: "request", verb: "list", resource: "configmaps", namespace: "shop" },
        undefined,
        signal,
      ),
    async [Symbol.asyncDispose]() {
      store[Symbol.dispose]();
      client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function namesIn(parts: AsyncIterable<BrokerAnswer>): Promise<string[]> {
  let found: string[] = [];
  let isOver = false;
  for await (const { body, again, more } of parts) {
    assert.ok(!isOver, "a part behind the last");
    isOver = !more;
    const { items } = JSON.parse(new TextDecoder().decode(body)) as {
      items: ReturnType<typeof objectOf>[];
    };
    const some = items.map(({ metadata }) => metadata.name);
    found = again ? some : [...found, ...some];
  }
  assert.ok(isOver);
  return found;
}

const never = new AbortController().signal;

Deno.test("a list comes whole, whatever comes in place of its versions", async (t) => {
  for (const [what, answer] of Object.entries(ANSWERS)) {
    await t.step(what, async () => {
      await using served = serve(answer);
      const { checks, list } = served;
      assert.deepEqual(await namesIn(list(never)), names);
      assert.deepEqual(await namesIn(list(never)), names);
      assert.deepEqual([checks.asked, checks.lists], [2, 2]);
      served.fail();
      assert.deepEqual(await namesIn(list(never)), names);
      assert.ok(checks.asked > 2);
      assert.deepEqual(await namesIn(list(never)), names);
    });
  }
});

Deno.test("who stops reading a list, or gives up, leaves no request behind", async () => {
  await using served = serve(() => "silence");
  const { checks, list, server } = served;
  await namesIn(list(never));
  const asked = Promise.withResolvers<void>();
  checks.answer = () => {
    asked.resolve();
    return "silence";
  };
  // The pages of before come first.
  const left = list(never);
  assert.equal((await left.next()).value?.more, true);
  await asked.promise;
  const { open } = server;
  await left.return(undefined);
  await server.untilOpen(open - 1);

  const given = new AbortController();
  let before = 0;
  checks.answer = () => {
    before = server.open;
    given.abort(new Error("enough"));
    return "silence";
  };
  await assert.rejects(namesIn(list(given.signal)));
  await server.untilOpen(before - 1);
  checks.answer = versionsPage;
  assert.deepEqual(await namesIn(list(never)), names);
});
