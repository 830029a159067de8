import assert from "node:assert/strict";
import { connect as connectTo } from "node:net";
import { createPlan } from "../../lib/policy/plan.ts";
import { makePolicy } from "../../lib/policy/profiles.ts";
import { createRateLimiter } from "../../lib/policy/rate_limit.ts";
import { testDoor } from "../support/door.ts";
import { createRecorder } from "../support/recorder.ts";

const SERVED = [
  {
    group: "",
    resource: "pods",
    kind: "Pod",
    namespaced: true,
    subresources: ["log", "exec", "status"],
  },
  { group: "", resource: "secrets", kind: "Secret", namespaced: true },
  { group: "apps", resource: "deployments", kind: "Deployment", namespaced: true },
];
const POD = {
  kind: "Pod",
  apiVersion: "v1",
  metadata: { name: "web", namespace: "shop", managedFields: [{ manager: "kubectl" }] },
};

const WRITES = () => makePolicy({ mode: "read-write" });
const READS = () => makePolicy({ mode: "read-only" });

/** Sends bytes as they are, and gives the first line of what comes back. */
function raw(url: string, lines: readonly string[]): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connectTo(Number(new URL(url).port), "127.0.0.1", () => {
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  });
  socket.on("data", (chunk) => {
    resolve(`${chunk}`.split("\r\n")[0] ?? "");
    socket.destroy();
  });
  socket.on("error", reject);
  return promise;
}

Deno.test("the door opens for whoever knows its key, and comes from this machine", async () => {
  const recorder = createRecorder(SERVED);
  await using open = await testDoor(recorder.brokers(WRITES));
  const { origin, pathname } = new URL(open.url);
  const key = pathname.split("/")[1] ?? "";
  assert.match(key, /^[0-9a-f]{32}$/);
  const status = async (url: string, headers: Record<string, string> = {}) => {
    const response = await fetch(url, { headers });
    const { kind, reason, code } = await response.json();
    assert.equal(kind, "Status");
    assert.equal(code, response.status);
    return `${response.status} ${reason}`;
  };
  const others = [
    "/api/v1/pods",
    `/${"0".repeat(32)}/0/api/v1/pods`,
    `/${key.slice(1)}/0/api/v1/pods`,
  ];
  for (const path of others) assert.equal(await status(`${origin}${path}`), "403 Forbidden", path);
  assert.equal(await status(`${origin}/${key}/7/api/v1/pods`), "404 NotFound");
  // The path is put in order before the key is looked at.
  assert.equal(await status(`${open.url}/../../x/0/api/v1/pods`), "403 Forbidden");
  const pods = `${open.url}/api/v1/pods`;
  assert.equal(await status(pods, { origin: "http://evil.example" }), "403 Forbidden");
  assert.equal(await status(pods, { authorization: "Bearer x" }), "403 Forbidden");
  assert.equal(await status(pods, { "impersonate-user": "admin" }), "403 Forbidden");
  assert.equal(await status(pods, { "impersonate-extra-x": "y" }), "403 Forbidden");
  const rebound = [`GET ${new URL(pods).pathname} HTTP/1.1`, "Host: evil.example"];
  assert.match(await raw(open.url, rebound), /^HTTP\/1.1 403/);
  assert.deepEqual(recorder.sent, []);
  const { port } = new URL(open.url);
  const local = [`GET ${new URL(pods).pathname} HTTP/1.1`, `Host: localhost:${port}`];
  assert.match(await raw(open.url, local), /^HTTP\/1.1 200/);
  assert.equal(recorder.sent.length, 1);
});

Deno.test("the door's kubeconfig names the door, and nothing of the cluster", async () => {
  const recorder = createRecorder(SERVED);
  await using open = await testDoor(recorder.brokers(READS), { namespace: "shop" });
  const config = JSON.parse(open.door.kubeconfig);
  assert.deepEqual(config.users, [{ name: "kubecode", user: {} }]);
  assert.equal(config.contexts[0].context.namespace, "shop");
  assert.equal(config.clusters.length, 1);
  assert.deepEqual(Object.keys(config.clusters[0].cluster), ["server"]);
  assert.doesNotMatch(open.door.kubeconfig, /http:\/\/test/);
  const shown = await open.door.hide(`Get "${open.url}/api": refused`);
  assert.equal(shown, 'Get "https://kubecode/0/api": refused');
});

Deno.test("the door: the path of a request cannot lead to another one", async () => {
  const recorder = createRecorder(SERVED);
  const policy = () =>
    makePolicy({
      mode: "read-write",
      rules: [{ source: "c.yaml:1", effect: "deny", resources: ["secrets"] }],
    });
  await using open = await testDoor(recorder.brokers(policy));
  const { pathname } = new URL(open.url);
  const paths = [
    "/api/v1/namespaces/shop/pods/../secrets/db",
    "/api/v1/namespaces/shop/pods/%2e%2e/secrets/db",
    "/api/v1/namespaces/shop/pods/..%2fsecrets%2fdb",
    "/api/v1/namespaces/shop/pods%2f..%2fsecrets/db",
    "/api/v1/namespaces/shop%2fsecrets/db/x",
    "/api/v1/namespaces/shop/secrets;x/db",
    "/api/v1/namespaces/shop//secrets/db",
    "//api/v1/namespaces/shop/secrets/db",
    "/api/v1/namespaces/shop/SECRETS/db",
    "/api/v1/namespaces/shop/secret/db",
    "/api/v1/namespaces/shop/secrets/db?watch=0",
    "/api/v1/namespaces/shop/secrets/db#x",
  ];
  for (const path of paths) {
    const lines = [`GET ${pathname}${path} HTTP/1.1`, "Host: 127.0.0.1"];
    assert.match(await raw(open.url, lines), /^HTTP\/1.1 4\d\d/, path);
  }
  assert.deepEqual(recorder.sent, []);
});

Deno.test("the door: bodies that cannot be read change nothing", async () => {
  const recorder = createRecorder(SERVED, {}, () => Response.json(POD));
  await using open = await testDoor(recorder.brokers(WRITES));
  const post = async (body: BodyInit, headers: Record<string, string>) => {
    const response = await open.ask("/api/v1/namespaces/shop/pods", {
      method: "POST",
      body,
      headers,
    });
    const { reason } = await response.json();
    return `${response.status} ${reason}`;
  };
  const json = { "content-type": "application/json" };
  const body = JSON.stringify(POD);
  assert.equal(
    await post(body, { ...json, "content-encoding": "gzip" }),
    "415 UnsupportedMediaType",
  );
  assert.equal(
    await post(body, { "content-type": "application/cbor" }),
    "415 UnsupportedMediaType",
  );
  assert.equal(await post(body, { "content-type": "text/html" }), "415 UnsupportedMediaType");
  const protobuf = { "content-type": "application/vnd.kubernetes.protobuf" };
  assert.equal(await post(body, protobuf), "400 BadRequest");
  assert.equal(await post(new Uint8Array(4 * 1024 * 1024), json), "413 RequestEntityTooLarge");
  assert.deepEqual(recorder.sent, []);
  const yaml = "kind: Pod\napiVersion: v1\nmetadata: {name: web}\n";
  const made = await open.ask("/api/v1/namespaces/shop/pods", {
    method: "POST",
    body: yaml,
    headers: { "content-type": "application/yaml" },
  });
  assert.equal(made.status, 201);
  assert.equal(made.headers.get("content-type"), "application/json");
  await made.body?.cancel();
  assert.equal(recorder.sent.length, 1);
});

Deno.test("the door: a body that is never sent whole is no request, and holds nobody up", async () => {
  const recorder = createRecorder(SERVED, {}, () => Response.json(POD));
  await using open = await testDoor(recorder.brokers(WRITES));
  const { port, pathname } = new URL(open.url);
  const half = connectTo(Number(port), "127.0.0.1");
  half.write(
    `POST ${pathname}/api/v1/namespaces/shop/pods HTTP/1.1\r\nHost: 127.0.0.1\r\n` +
      `Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"kind":"Pod"`,
  );
  const response = await open.ask("/api/v1/namespaces/shop/pods/web");
  assert.equal(response.status, 200);
  await response.body?.cancel();
  half.destroy();
  assert.deepEqual(recorder.sent.map(({ method }) => method), ["GET"]);
});

Deno.test("the door: answers are those of an API server, with managed fields", async () => {
  const recorder = createRecorder(SERVED, { "/api/v1/namespaces/shop/pods/web": POD });
  await using open = await testDoor(recorder.brokers(READS));
  const pod = await open.ask("/api/v1/namespaces/shop/pods/web");
  assert.deepEqual(await pod.json(), POD);
  const refused = await open.ask("/api/v1/namespaces/shop/pods/web", { method: "DELETE" });
  const { message, ...status } = await refused.json();
  assert.deepEqual(status, {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    reason: "Forbidden",
    code: 403,
  });
  assert.match(
    message,
    /^Cannot delete pods "web" in namespace "shop": the server is read-only\. /,
  );
  const unknown = await open.ask("/apis/example.com/v1/widgets");
  assert.equal((await unknown.json()).reason, "NotFound");
  const odd = await open.ask("/api/v1/pods?shards=3");
  assert.equal((await odd.json()).reason, "BadRequest");
});

Deno.test("the door: errors of the API server keep what programs read in them", async () => {
  const status = {
    kind: "Status",
    apiVersion: "v1",
    status: "Failure",
    message: 'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be positive',
    reason: "Invalid",
    details: {
      name: "web",
      group: "apps",
      kind: "Deployment",
      causes: [{
        reason: "FieldValueInvalid",
        message: "must be positive",
        field: "spec.replicas",
      }],
    },
    code: 422,
  };
  const recorder = createRecorder(SERVED, {}, () => Response.json(status, { status: 422 }));
  await using open = await testDoor(recorder.brokers(WRITES));
  const response = await open.ask("/apis/apps/v1/namespaces/shop/deployments", {
    method: "POST",
    body: "{}",
    headers: { "content-type": "application/json" },
  });
  assert.deepEqual(await response.json(), { ...status, metadata: {} });
});

Deno.test("the door: a warning of the API server reaches the program", async () => {
  const recorder = createRecorder(
    SERVED,
    {},
    () =>
      Response.json(POD, { headers: { warning: '299 - "policy/v1beta1 is \\"deprecated\\""' } }),
  );
  await using open = await testDoor(recorder.brokers(WRITES));
  const response = await open.ask("/api/v1/namespaces/shop/pods", {
    method: "POST",
    body: "{}",
    headers: { "content-type": "application/json" },
  });
  await response.body?.cancel();
  assert.equal(response.headers.get("warning"), '299 - "policy/v1beta1 is \\"deprecated\\""');
});

/** A stream that a test writes. */
function written() {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  return {
    readable,
    write: (text: string) => writer.write(new TextEncoder().encode(text)),
    close: () => writer.close(),
    closed: writer.closed,
  };
}

async function nextText(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  const { value } = await reader.read();
  return new TextDecoder().decode(value);
}

Deno.test("the door: a watch comes event by event, redacted, and ends as the server ends it", async () => {
  const stream = written();
  const recorder = createRecorder(SERVED, {}, () => new Response(stream.readable));
  await using open = await testDoor(recorder.brokers(READS));
  const response = await open.ask("/api/v1/secrets?watch=true&resourceVersion=5");
  const reader = response.body!.getReader();
  const secret = {
    kind: "Secret",
    metadata: { name: "db" },
    data: { password: btoa("hunter2-hunter2") },
  };
  const line = JSON.stringify({ type: "ADDED", object: secret });
  await stream.write(line.slice(0, 40));
  await stream.write(`${line.slice(40)}\n`);
  const event = await nextText(reader);
  assert.ok(event.endsWith("\n"));
  assert.match(atob(JSON.parse(event).object.data.password), /^\[redacted:[0-9a-f]{12}\]$/);
  const gone = { type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired" } };
  await stream.write(`${JSON.stringify(gone)}\n`);
  assert.deepEqual(JSON.parse(await nextText(reader)), gone);
  await stream.close();
  assert.equal((await reader.read()).done, true);
  assert.equal(recorder.sent.length, 1, "a watch is one request");
});

Deno.test("the door: a followed log comes line by line, each judged with those before it", async () => {
  const stream = written();
  const recorder = createRecorder(SERVED, {}, () => new Response(stream.readable));
  await using open = await testDoor(recorder.brokers(READS));
  const response = await open.ask("/api/v1/namespaces/shop/pods/web/log?container=c&follow=true");
  assert.equal(response.headers.get("content-type"), "text/plain");
  const reader = response.body!.getReader();
  await stream.write("one\n\ntw");
  assert.equal(await nextText(reader), "one\n\n");
  await stream.write("o\n- name: DB_PASSWORD\n");
  assert.equal(await nextText(reader), "two\n- name: DB_PASSWORD\n");
  await stream.write("  value: kestrel-harbour-42\n");
  assert.match(await nextText(reader), /^ {2}value: \[redacted:[0-9a-f]{12}\]\n$/);
  await stream.close();
  assert.equal((await reader.read()).done, true);
});

Deno.test("the door: who leaves, and who closes the door, ends the request behind it", async () => {
  const signals: AbortSignal[] = [];
  const recorder = createRecorder(SERVED, {}, (_request, signal) => {
    signals.push(signal);
    return new Response(
      new ReadableStream({
        start(controller) {
          signal.addEventListener("abort", () => controller.error(signal.reason));
        },
      }),
    );
  });
  const open = await testDoor(recorder.brokers(READS));
  const left = await open.ask("/api/v1/pods?watch=true");
  await left.body?.cancel();
  while (!signals[0]?.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
  const kept = await open.ask("/api/v1/pods?watch=true");
  await open.door.close();
  await kept.text().catch(() => {});
  assert.deepEqual(signals.map(({ aborted }) => aborted), [true, true]);
  await assert.rejects(open.ask("/version"));
});

Deno.test("the door: a plan is what the program reads, and who waits in vain is told so", async () => {
  const recorder = createRecorder(
    SERVED,
    { "/api/v1/namespaces/shop/pods/web": POD },
    ({ method }) => method === "POST" ? Response.json(POD, { status: 201 }) : undefined,
  );
  const plan = createPlan(0);
  await using open = await testDoor(recorder.brokers(WRITES), {}, { plan });
  const pod = "/api/v1/namespaces/shop/pods/web";
  const deleted = await open.ask(pod, { method: "DELETE" });
  await deleted.body?.cancel();
  assert.equal(plan.changes.length, 1);
  assert.match(recorder.sent.at(-1)?.path ?? "", /dryRun=All/);
  const gone = await open.ask(pod);
  assert.equal((await gone.json()).reason, "NotFound");
  const watch = await open.ask("/api/v1/namespaces/shop/pods?watch=true");
  assert.match(
    await open.door.ended,
    /^it waits for what a trial does not bring about \(GET .*pods\)$/,
  );
  await watch.body?.cancel();
});

Deno.test("the door: whoever asks too often is told when to ask again", async () => {
  const recorder = createRecorder(SERVED);
  const limiter = createRateLimiter({ read: 2, write: 1, other: 1 }, () => 0);
  await using open = await testDoor(recorder.brokers(READS), {
    admit: (isRead) => limiter.take("proxy", isRead ? "read" : "write"),
  });
  for (const expected of [200, 200, 429]) {
    const response = await open.ask("/api/v1/pods");
    assert.equal(response.status, expected);
    assert.equal(response.headers.get("retry-after"), expected === 429 ? "30" : null);
    await response.body?.cancel();
  }
  assert.equal(recorder.sent.length, 2);
});

Deno.test("the door: lists and watches are as the plan leaves their objects", async () => {
  const named = (name: string, more = {}) => ({
    ...POD,
    metadata: { name, namespace: "shop", uid: `uid-${name}`, resourceVersion: "7", ...more },
  });
  const events = ["web", "db", "api"].map((name) =>
    JSON.stringify({ type: "ADDED", object: named(name) })
  ).join("\n");
  const recorder = createRecorder(
    SERVED,
    {
      "/api/v1/namespaces/shop/pods/web": named("web"),
      "/api/v1/namespaces/shop/pods/db": named("db"),
      "/api/v1/namespaces/shop/pods": {
        kind: "PodList",
        apiVersion: "v1",
        metadata: { resourceVersion: "9" },
        items: ["web", "db", "api"].map((name) => named(name)),
      },
    },
    ({ method, path }) => {
      if (method === "POST") return Response.json(named("new"), { status: 201 });
      if (method === "PATCH") return Response.json(named("db", { labels: { a: "b" } }));
      return path.includes("watch=true") ? new Response(`${events}\n`) : undefined;
    },
  );
  await using open = await testDoor(recorder.brokers(WRITES), {}, { plan: createPlan(0) });
  const pods = "/api/v1/namespaces/shop/pods";
  const change = async (method: string, path: string, type: string, body?: string) => {
    const response = await open.ask(path, { method, body, headers: { "content-type": type } });
    assert.ok(response.ok, await response.text());
  };
  await change("DELETE", `${pods}/web`, "application/json");
  await change(
    "PATCH",
    `${pods}/db`,
    "application/merge-patch+json",
    '{"metadata":{"labels":{"a":"b"}}}',
  );
  await change("POST", pods, "application/json", JSON.stringify(named("new")));
  const words = (
    { metadata: { name, labels } }: { metadata: { name: string; labels?: unknown } },
  ) => `${name}${labels === undefined ? "" : JSON.stringify(labels)}`;
  const list = async (query: string) =>
    (await (await open.ask(`${pods}?${query}`)).json()).items.map(words);
  assert.deepEqual(await list("limit=500"), ['db{"a":"b"}', "api"]);
  assert.deepEqual(await list("fieldSelector=metadata.name%3Dnew"), ['db{"a":"b"}', "api", "new"]);
  const watch = async (query: string) =>
    (await (await open.ask(`${pods}?watch=true&${query}`)).text()).trim().split("\n")
      .map((line) => words(JSON.parse(line).object));
  assert.deepEqual(await watch("resourceVersion=9"), ['db{"a":"b"}', "api"]);
  const started = await watch("fieldSelector=metadata.name%3Dnew&sendInitialEvents=true");
  assert.deepEqual(started, ["new", 'db{"a":"b"}', "api"]);
});
