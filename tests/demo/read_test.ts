import assert from "node:assert/strict";
import { type Json, MERGE_PATCH, tokenOf, withDemo } from "./client.ts";

const PODS = "/api/v1/namespaces/shop/pods";
const names = (list: Json) => list.items.map((item: Json) => item.metadata.name);

Deno.test("list has a kind of its own, its items have none", () =>
  withDemo(async (send) => {
    const { json } = await send("GET", PODS);
    assert.equal(json.kind, "PodList");
    assert.equal(json.apiVersion, "v1");
    assert.match(json.metadata.resourceVersion, /^\d+$/);
    assert.equal(json.items[0].kind, undefined);
    assert.equal(json.items[0].apiVersion, undefined);
    const one = (await send("GET", `${PODS}/${json.items[0].metadata.name}`)).json;
    assert.equal(one.kind, "Pod");
    assert.equal(one.apiVersion, "v1");
  }));

Deno.test("list of custom resources leaves kind and version on the items", () =>
  withDemo(async (send) => {
    const { json } = await send("GET", "/apis/demo.kubecode.dev/v1/shops");
    assert.deepEqual(json.items.map((item: Json) => item.kind), ["Shop", "Shop"]);
  }));

Deno.test("get of what is not there answers as the API server words it", () =>
  withDemo(async (send) => {
    const { status, json } = await send("GET", "/apis/apps/v1/namespaces/shop/deployments/x");
    assert.equal(status, 404);
    assert.deepEqual(json, {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: 'deployments.apps "x" not found',
      reason: "NotFound",
      details: { name: "x", group: "apps", kind: "deployments" },
      code: 404,
    });
  }));

Deno.test("list selects by labels in each form", () =>
  withDemo(async (send) => {
    const count = async (selector: string) => {
      const { json } = await send("GET", `${PODS}?labelSelector=${encodeURIComponent(selector)}`);
      return json.items.length;
    };
    const all = await count("");
    assert.equal(await count("app=checkout"), 2);
    assert.equal(await count("app==checkout"), 2);
    assert.equal(await count("app!=checkout"), all - 2);
    assert.equal(await count("app in (checkout, cart)"), 4);
    assert.equal(await count("app notin (checkout,cart)"), all - 4);
    assert.equal(await count("pod-template-hash,app in (checkout)"), 2);
    assert.equal(await count("!pod-template-hash"), 2);
    assert.equal(await count("nope"), 0);
  }));

Deno.test("list refuses selectors it cannot read", () =>
  withDemo(async (send) => {
    for (
      const query of ["labelSelector=a%20b", "labelSelector=a%3D%3Fb", "labelSelector=a%20in%20b"]
    ) {
      const { status, json } = await send("GET", `${PODS}?${query}`);
      assert.equal(status, 400, query);
      assert.equal(json.reason, "BadRequest");
    }
  }));

Deno.test("list selects by the fields that a kind has for that", () =>
  withDemo(async (send) => {
    const list = async (path: string, selector: string) =>
      (await send("GET", `${path}?fieldSelector=${encodeURIComponent(selector)}`)).json;
    const pending = await list(PODS, "status.phase=Pending");
    assert.equal(pending.items.length, 3);
    const running = await list("/api/v1/pods", "status.phase!=Pending,metadata.namespace=shop");
    assert.equal(running.items.length, 15);
    const onNode = await list("/api/v1/pods", "spec.nodeName=demo-1");
    assert.ok(onNode.items.every((pod: Json) => pod.spec.nodeName === "demo-1"));
    const warnings = await list("/api/v1/events", "type=Warning,involvedObject.kind=Pod");
    assert.ok(warnings.items.length >= 5);
    const wrong = await list(PODS, "spec.foo=1");
    assert.equal(wrong.code, 400);
    assert.equal(wrong.message, "field label not supported: spec.foo");
    const other = await list("/api/v1/configmaps", "data.a=1");
    assert.equal(
      other.message,
      '"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
  }));

Deno.test("list pages keep to the state of the first page", () =>
  withDemo(async (send) => {
    const whole = names((await send("GET", PODS)).json);
    const first = (await send("GET", `${PODS}?limit=7`)).json;
    assert.equal(first.items.length, 7);
    assert.equal(first.metadata.remainingItemCount, whole.length - 7);
    await send("DELETE", `${PODS}/${whole.at(-1)}`);
    const pages = [first];
    while (pages.at(-1).metadata.continue) {
      const token = encodeURIComponent(pages.at(-1).metadata.continue);
      pages.push((await send("GET", `${PODS}?limit=7&continue=${token}`)).json);
    }
    assert.deepEqual(pages.flatMap(names), whole);
    assert.ok(
      pages.every((page) => page.metadata.resourceVersion === first.metadata.resourceVersion),
    );
    assert.equal(pages.at(-1).metadata.remainingItemCount, undefined);
  }));

Deno.test("list says that a continue token has expired, and how to go on", () =>
  withDemo(async (send) => {
    const old = { v: "meta.k8s.io/v1", rv: 5, start: "shop/p\0" };
    const { status, json } = await send("GET", `${PODS}?continue=${btoa(JSON.stringify(old))}`);
    assert.equal(status, 410);
    assert.equal(json.reason, "Expired");
    const next = await send(
      "GET",
      `${PODS}?continue=${encodeURIComponent(json.metadata.continue)}`,
    );
    assert.equal(next.status, 200);
    assert.ok(next.json.items.length > 0);
    assert.equal((await send("GET", `${PODS}?continue=%21`)).status, 400);
  }));

Deno.test("list at an exact version shows what was then", () =>
  withDemo(async (send) => {
    const before = (await send("GET", PODS)).json;
    await send("DELETE", `${PODS}/redis-0`);
    const version = before.metadata.resourceVersion;
    const exact = `${PODS}?resourceVersion=${version}&resourceVersionMatch=Exact`;
    assert.deepEqual((await send("GET", exact)).json.items, before.items);
    const future = await send("GET", `${PODS}?resourceVersion=999999999`);
    assert.equal(future.status, 504);
  }));

Deno.test("list comes as metadata alone, or as a table", () =>
  withDemo(async (send) => {
    const partial = await send("GET", PODS, undefined, {
      accept: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
    });
    assert.equal(partial.json.kind, "PartialObjectMetadataList");
    assert.deepEqual(Object.keys(partial.json.items[0]), ["kind", "apiVersion", "metadata"]);
    const accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    const table =
      (await send("GET", `${PODS}?labelSelector=app%3Dcheckout`, undefined, { accept })).json;
    assert.equal(table.kind, "Table");
    assert.deepEqual(table.columnDefinitions.map((column: Json) => column.name).slice(0, 5), [
      "Name",
      "Ready",
      "Status",
      "Restarts",
      "Age",
    ]);
    const cells = table.rows[0].cells;
    assert.deepEqual(cells.slice(1, 3), ["0/1", "CrashLoopBackOff"]);
    assert.match(cells[3], /^14 \(.*ago\)$/);
    const shops =
      (await send("GET", "/apis/demo.kubecode.dev/v1/shops", undefined, { accept })).json;
    assert.deepEqual(shops.rows.map((row: Json) => [row.cells[0], row.cells[3]]), [
      ["berlin", "Ready"],
      ["lisbon", "Degraded"],
    ]);
    const none = await send("GET", PODS, undefined, {
      accept: "application/vnd.kubernetes.protobuf",
    });
    assert.equal(none.status, 406);
  }));

Deno.test("events are the same in both groups, under other names", () =>
  withDemo(async (send) => {
    const core = (await send("GET", "/api/v1/namespaces/shop/events")).json.items;
    const other = (await send("GET", "/apis/events.k8s.io/v1/namespaces/shop/events")).json.items;
    assert.equal(core.length, other.length);
    assert.equal(other[0].note, core[0].message);
    assert.deepEqual(other[0].regarding, core[0].involvedObject);
    assert.equal(other[0].message, undefined);
  }));

Deno.test("metrics are of what runs", () =>
  withDemo(async (send) => {
    const pods = (await send("GET", "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods")).json;
    assert.equal(pods.kind, "PodMetricsList");
    assert.match(pods.items[0].containers[0].usage.cpu, /^\d+n$/);
    const node = (await send("GET", "/apis/metrics.k8s.io/v1beta1/nodes/demo-1")).json;
    assert.match(node.usage.memory, /^\d+Ki$/);
    assert.equal((await send("POST", "/apis/metrics.k8s.io/v1beta1/nodes", {})).status, 405);
  }));

/** The first events of a watch, then its end. */
async function watch(server: string, token: string, path: string, count: number): Promise<Json[]> {
  const response = await fetch(`${server}${path}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const events: Json[] = [];
  let text = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    events.push(...lines.map((line) => JSON.parse(line)));
    if (events.length >= count) break;
  }
  return events;
}

Deno.test("watch tells what is there, then what changes", () =>
  withDemo(async (send, demo) => {
    const { server } = demo.access;
    const token = tokenOf(demo);
    const maps = "/api/v1/namespaces/shop/configmaps";
    const initial = await watch(server, token, `${maps}?watch=true`, 2);
    assert.deepEqual(initial.map((event) => [event.type, event.object.kind]), [
      ["ADDED", "ConfigMap"],
      ["ADDED", "ConfigMap"],
    ]);
    const { resourceVersion } = (await send("GET", maps)).json.metadata;
    const selecting = `${maps}?watch=1&resourceVersion=${resourceVersion}&labelSelector=a%3Db`;
    await send("POST", maps, { metadata: { name: "seen", labels: { a: "b" } } });
    await send("POST", maps, { metadata: { name: "unseen" } });
    await send("PATCH", `${maps}/seen`, { data: { x: "1" } }, MERGE_PATCH);
    await send("PATCH", `${maps}/seen`, { metadata: { labels: { a: null } } }, MERGE_PATCH);
    const events = await watch(server, token, selecting, 3);
    assert.deepEqual(events.map((event) => [event.type, event.object.metadata.name]), [
      ["ADDED", "seen"],
      ["MODIFIED", "seen"],
      ["DELETED", "seen"],
    ]);
  }));

Deno.test("watch marks the end of the initial state when asked to", () =>
  withDemo(async (_send, demo) => {
    const path = "/api/v1/namespaces/shop/configmaps?watch=1&sendInitialEvents=true" +
      "&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan";
    const events = await watch(demo.access.server, tokenOf(demo), path, 3);
    assert.equal(events[2].type, "BOOKMARK");
    assert.equal(events[2].object.metadata.annotations["k8s.io/initial-events-end"], "true");
  }));

Deno.test("watch ends after its timeout, and from too long ago with an error event", () =>
  withDemo(async (send) => {
    const ended = await send("GET", "/api/v1/nodes?watch=1&timeoutSeconds=1&allowWatchBookmarks=1");
    const kinds = ended.text.trim().split("\n").map((line) => JSON.parse(line).type);
    assert.deepEqual(kinds, ["ADDED", "ADDED", "ADDED", "BOOKMARK"]);
    const old = await send("GET", "/api/v1/nodes?watch=1&resourceVersion=1");
    assert.equal(old.status, 200);
    assert.equal(old.json.type, "ERROR");
    assert.equal(old.json.object.code, 410);
  }));
