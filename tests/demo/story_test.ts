import assert from "node:assert/strict";
import { type Json, MERGE_PATCH, type Send, STRATEGIC_PATCH, withDemo } from "./client.ts";

const SHOP = "/api/v1/namespaces/shop";
const DEPLOYMENTS = "/apis/apps/v1/namespaces/shop/deployments";

async function podsOf(send: Send, app: string): Promise<Json[]> {
  return (await send("GET", `${SHOP}/pods?labelSelector=app%3D${app}`)).json.items;
}

const waiting = (pod: Json) => pod.status.containerStatuses[0].state.waiting?.reason;

Deno.test("the shop has about thirty pods on three nodes", () =>
  withDemo(async (send) => {
    const pods = (await send("GET", "/api/v1/pods")).json.items;
    assert.ok(pods.length >= 28 && pods.length <= 36, `${pods.length}`);
    assert.equal((await send("GET", "/api/v1/nodes")).json.items.length, 3);
    const ips = pods.map((pod: Json) => pod.status.podIP).filter(Boolean);
    assert.equal(new Set(ips).size, ips.length);
  }));

Deno.test("checkout crashes until it is told where payments are", () =>
  withDemo(async (send) => {
    const [pod] = await podsOf(send, "checkout");
    const [status] = pod.status.containerStatuses;
    assert.equal(waiting(pod), "CrashLoopBackOff");
    assert.equal(status.restartCount, 14);
    assert.equal(status.lastState.terminated.exitCode, 1);
    for (const query of ["", "?previous=true"]) {
      const log = await send("GET", `${SHOP}/pods/${pod.metadata.name}/log${query}`);
      assert.match(log.text, /PAYMENTS_URL is missing/);
    }
    const env = [{ name: "PAYMENTS_URL", value: "http://payments-api.payments:8080" }];
    const fix = { spec: { template: { spec: { containers: [{ name: "checkout", env }] } } } };
    await send("PATCH", `${DEPLOYMENTS}/checkout`, fix, STRATEGIC_PATCH);
    const mended = await podsOf(send, "checkout");
    assert.deepEqual(mended.map((one) => one.status.phase), ["Running", "Running"]);
    assert.equal(mended.some((one) => one.metadata.name === pod.metadata.name), false);
    const { status: rollout } = (await send("GET", `${DEPLOYMENTS}/checkout`)).json;
    assert.equal(rollout.readyReplicas, 2);
    const ready = (await send("GET", `${SHOP}/endpoints/checkout`)).json.subsets[0].addresses;
    assert.equal(ready.length, 2);
  }));

Deno.test("recommendations has endpoints once its selector is right", () =>
  withDemo(async (send) => {
    const slices = "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices" +
      "?labelSelector=kubernetes.io/service-name%3Drecommendations";
    assert.deepEqual((await send("GET", slices)).json.items[0].endpoints, []);
    const fix = { spec: { selector: { app: "recommendations" } } };
    await send("PATCH", `${SHOP}/services/recommendations`, fix, MERGE_PATCH);
    assert.equal((await send("GET", slices)).json.items[0].endpoints.length, 2);
  }));

Deno.test("search-indexer is pending for want of memory until it asks for less", () =>
  withDemo(async (send) => {
    const [pod] = await podsOf(send, "search-indexer");
    assert.equal(pod.status.phase, "Pending");
    assert.equal(pod.spec.nodeName, undefined);
    const events = (await send(
      "GET",
      `${SHOP}/events?fieldSelector=involvedObject.name%3D${pod.metadata.name},reason%3DFailedScheduling`,
    )).json.items;
    assert.match(events[0].message, /3 Insufficient memory/);
    assert.ok(events[0].count > 1);
    const resources = { requests: { memory: "2Gi" }, limits: { memory: "2Gi" } };
    const fix = {
      spec: { template: { spec: { containers: [{ name: "search-indexer", resources }] } } },
    };
    await send("PATCH", `${DEPLOYMENTS}/search-indexer`, fix, STRATEGIC_PATCH);
    assert.equal((await podsOf(send, "search-indexer"))[0].status.phase, "Running");
  }));

Deno.test("catalog-v2 cannot pull its image until the tag is right", () =>
  withDemo(async (send) => {
    const [pod] = await podsOf(send, "catalog-v2");
    assert.equal(waiting(pod), "ImagePullBackOff");
    const log = await send("GET", `${SHOP}/pods/${pod.metadata.name}/log`);
    assert.equal(log.status, 400);
    assert.match(log.json.message, /is waiting to start: trying and failing to pull image/);
    const image = "registry.demo.kubecode.dev/shop/catalog:2.0.1";
    const fix = { spec: { template: { spec: { containers: [{ name: "catalog-v2", image }] } } } };
    await send("PATCH", `${DEPLOYMENTS}/catalog-v2`, fix, STRATEGIC_PATCH);
    const pods = await podsOf(send, "catalog-v2");
    assert.deepEqual(pods.map((one) => one.status.phase), ["Running", "Running"]);
  }));

Deno.test("each trouble has its warning events, with counts", () =>
  withDemo(async (send) => {
    const warnings = (await send("GET", `${SHOP}/events?fieldSelector=type%3DWarning`)).json.items;
    for (const name of ["checkout", "search-indexer", "catalog-v2", "recommendations", "shop"]) {
      const own = warnings.filter((one: Json) => one.involvedObject.name.startsWith(name));
      assert.ok(own.some((one: Json) => one.count > 5), name);
    }
  }));

Deno.test("a bad rollout leaves the healthy pods alone", () =>
  withDemo(async (send) => {
    const fix = {
      spec: { template: { spec: { containers: [{ name: "storefront", image: "x:broken" }] } } },
    };
    await send("PATCH", `${DEPLOYMENTS}/storefront`, fix, STRATEGIC_PATCH);
    const pods = await podsOf(send, "storefront");
    assert.equal(pods.filter((pod) => pod.status.phase === "Running").length, 3);
    assert.equal(pods.filter((pod) => waiting(pod) === "ImagePullBackOff").length, 1);
  }));

Deno.test("scale changes the pods, and says so", () =>
  withDemo(async (send) => {
    const scale = `${DEPLOYMENTS}/storefront/scale`;
    const before = (await send("GET", scale)).json;
    assert.deepEqual([before.kind, before.spec, before.status], [
      "Scale",
      { replicas: 3 },
      { replicas: 3, selector: "app=storefront" },
    ]);
    await send("PATCH", scale, { spec: { replicas: 5 } }, MERGE_PATCH);
    assert.equal((await podsOf(send, "storefront")).length, 5);
    const current = (await send("GET", scale)).json;
    await send("PUT", scale, { ...current, spec: { replicas: 1 } });
    assert.equal((await podsOf(send, "storefront")).length, 1);
    assert.equal((await send("PUT", scale, current)).status, 409);
  }));

Deno.test("eviction respects the disruption budget", () =>
  withDemo(async (send) => {
    const evict = (name: string) =>
      send("POST", `${SHOP}/pods/${name}/eviction`, {
        apiVersion: "policy/v1",
        kind: "Eviction",
        metadata: { name },
      });
    const refused = await evict("redis-0");
    assert.equal(refused.status, 429);
    // The server does not know when: a time would have clients ask again, and wait.
    assert.equal(refused.headers.get("retry-after"), null);
    assert.equal(
      refused.json.message,
      "Cannot evict pod as it would violate the pod's disruption budget.",
    );
    const [pod] = await podsOf(send, "storefront");
    assert.equal((await evict(pod.metadata.name)).status, 201);
    assert.equal((await send("GET", `${SHOP}/pods/${pod.metadata.name}`)).status, 404);
  }));

Deno.test("logs are cut as they are asked for", () =>
  withDemo(async (send) => {
    const [pod] = await podsOf(send, "storefront");
    const log = (query: string) => send("GET", `${SHOP}/pods/${pod.metadata.name}/log?${query}`);
    const all = (await log("timestamps=true")).text.trimEnd().split("\n");
    assert.ok(all.length > 100);
    assert.equal((await log("tailLines=3&timestamps=true")).text, `${all.slice(-3).join("\n")}\n`);
    assert.equal((await log("tailLines=0")).text, "");
    assert.equal((await log("limitBytes=10")).text.length, 10);
    const recent = (await log("sinceSeconds=120&timestamps=true")).text.trimEnd().split("\n");
    assert.ok(recent.length < 40 && recent.every((line) => all.includes(line)));
    const [time = ""] = all.at(-5)?.split(" ") ?? [];
    const since = await log(`sinceTime=${time}`);
    assert.equal(since.text.trimEnd().split("\n").length, 5);
    assert.equal((await log("tailLines=-1")).status, 422);
    assert.match((await log("container=x")).json.message, /container x is not valid for pod/);
    assert.match((await log("previous=true")).json.message, /previous terminated container/);
  }));

Deno.test("exec by another way than WebSocket says why it is not possible", () =>
  withDemo(async (send) => {
    const { status, json } = await send("POST", `${SHOP}/pods/redis-0/exec?command=ls`);
    assert.equal(status, 500);
    assert.equal(json.reason, "InternalError");
    assert.match(json.message, /runs no containers/);
    assert.equal((await send("POST", `${SHOP}/pods/none/exec?command=ls`)).status, 404);
  }));

Deno.test("the rest of the story is there", () =>
  withDemo(async (send) => {
    const secret = (await send("GET", `${SHOP}/secrets/db-credentials`)).json;
    assert.equal(atob(secret.data.password), "demo-not-a-secret");
    const [job] = (await send("GET", "/apis/batch/v1/namespaces/platform/jobs")).json.items;
    assert.equal(job.status.conditions[0].type, "Failed");
    const ingress =
      (await send("GET", "/apis/networking.k8s.io/v1/namespaces/shop/ingresses/shop")).json;
    const services = ingress.spec.rules[0].http.paths.map((path: Json) =>
      path.backend.service.name
    );
    const found = await Promise.all(
      services.map((name: string) => send("GET", `${SHOP}/services/${name}`)),
    );
    assert.deepEqual(found.map(({ status }) => status), [200, 200, 404]);
    const payments = (await send("GET", "/api/v1/namespaces/payments/pods")).json.items;
    assert.ok(payments.length > 0 && payments.every((pod: Json) => pod.status.phase === "Running"));
    const shops = (await send("GET", "/apis/demo.kubecode.dev/v1/shops")).json.items;
    assert.deepEqual(shops.map((shop: Json) => shop.status.phase), ["Ready", "Degraded"]);
  }));
