import assert from "node:assert/strict";
import { startDemo } from "../../lib/demo/demo.ts";
import { type Json, tokenOf, withDemo } from "./client.ts";

const AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

Deno.test("startDemo() refuses a request without the token", () =>
  withDemo(async (_send, demo) => {
    const response = await fetch(`${demo.access.server}/api`);
    const status = await response.json();
    assert.equal(response.status, 401);
    assert.equal(status.reason, "Unauthorized");
    assert.equal(status.kind, "Status");
  }));

Deno.test("startDemo() describes how it is reached", () =>
  withDemo((_send, demo) => {
    assert.match(demo.access.server, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.equal(demo.access.context, "demo");
    assert.equal(demo.access.namespace, "shop");
    assert.ok(demo.kubeconfig.includes(`server: ${demo.access.server}/${tokenOf(demo)}`));
    return Promise.resolve();
  }));

Deno.test("startDemo() gives each cluster a token of its own", async () => {
  const [one, two] = await Promise.all([startDemo(), startDemo()]);
  try {
    assert.notEqual(tokenOf(one), tokenOf(two));
    const response = await fetch(`${one.access.server}/api`, {
      headers: { authorization: `Bearer ${tokenOf(two)}` },
    });
    await response.body?.cancel();
    assert.equal(response.status, 401);
  } finally {
    await Promise.all([one.close(), two.close()]);
  }
});

Deno.test("startDemo() ends when its signal is aborted", async () => {
  const controller = new AbortController();
  const demo = await startDemo({ signal: controller.signal });
  controller.abort();
  await demo.close();
  await assert.rejects(fetch(`${demo.access.server}/api`));
});

Deno.test("close() ends a watch that is under way", async () => {
  const demo = await startDemo();
  const response = await fetch(`${demo.access.server}/api/v1/pods?watch=1`, {
    headers: { authorization: `Bearer ${tokenOf(demo)}` },
  });
  const reading = response.text();
  await demo.close();
  assert.ok((await reading).includes('"ADDED"'));
});

Deno.test("discovery says the same in both forms", () =>
  withDemo(async (send) => {
    const groups = (await send("GET", "/apis")).json.groups as Json[];
    const plain = new Set<string>();
    for (
      const version of [
        "api/v1",
        ...groups.flatMap((group) => group.versions.map((one: Json) => `apis/${one.groupVersion}`)),
      ]
    ) {
      const list = (await send("GET", `/${version}`)).json;
      assert.equal(list.kind, "APIResourceList");
      for (const resource of list.resources) {
        plain.add(
          `${version.replace(/^apis?\//, "")}/${resource.name}:${[...resource.verbs].sort()}`,
        );
      }
    }
    const merged = new Set<string>();
    for (const root of ["/api", "/apis"]) {
      const answer = await send("GET", root, undefined, { accept: AGGREGATED });
      assert.equal(answer.headers.get("content-type"), AGGREGATED);
      for (const group of answer.json.items) {
        for (const version of group.versions) {
          const at = [group.metadata.name, version.version].filter(Boolean).join("/");
          for (const resource of version.resources) {
            merged.add(`${at}/${resource.resource}:${[...resource.verbs].sort()}`);
            for (const sub of resource.subresources ?? []) {
              merged.add(`${at}/${resource.resource}/${sub.subresource}:${[...sub.verbs].sort()}`);
            }
          }
        }
      }
    }
    assert.deepEqual([...merged].sort(), [...plain].sort());
    assert.ok(plain.has("v1/pods/log:get"));
  }));

Deno.test("discovery names pods as a real server does", () =>
  withDemo(async (send) => {
    const list = (await send("GET", "/api/v1")).json;
    const pods = list.resources.find((one: Json) => one.name === "pods");
    assert.deepEqual({ ...pods, verbs: pods.verbs.length }, {
      name: "pods",
      singularName: "pod",
      namespaced: true,
      kind: "Pod",
      verbs: 8,
      shortNames: ["po"],
      categories: ["all"],
    });
  }));

Deno.test("the server is ready, has a version, and knows no other paths", () =>
  withDemo(async (send) => {
    assert.equal((await send("GET", "/readyz")).text, "ok");
    assert.equal((await send("GET", "/version")).json.gitVersion, "v1.36.3");
    for (const path of ["/apis/no.such.group/v1", "/nowhere"]) {
      const answer = await send("GET", path);
      assert.equal(answer.status, 404, path);
      assert.equal(answer.text, "404 page not found\n");
    }
    for (const path of ["/api/v1/nothings", "/api/v2", "/apis/apps/v2"]) {
      const answer = await send("GET", path);
      assert.equal(answer.status, 404, path);
      assert.equal(answer.json.message, "the server could not find the requested resource");
    }
  }));

Deno.test("openapi/v3 has a document for each group version, complete in itself", () =>
  withDemo(async (send) => {
    const { paths } = (await send("GET", "/openapi/v3")).json;
    assert.ok(paths["apis/demo.kubecode.dev/v1"]);
    for (const [place, { serverRelativeURL }] of Object.entries<Json>(paths)) {
      const { text, json } = await send("GET", serverRelativeURL);
      assert.equal(json.openapi, "3.0.0", place);
      for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
        assert.ok(json.components.schemas[name as string], `${place}: ${name}`);
      }
    }
    const apps = (await send("GET", "/openapi/v3/apis/apps/v1")).json;
    const spec = apps.components.schemas["io.k8s.api.apps.v1.DeploymentSpec"];
    assert.deepEqual(spec.required, ["selector", "template"]);
  }));

Deno.test("reviews answer who one is and what one may", () =>
  withDemo(async (send) => {
    const me = await send("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {
      apiVersion: "authentication.k8s.io/v1",
      kind: "SelfSubjectReview",
    });
    assert.equal(me.status, 201);
    assert.equal(me.json.status.userInfo.username, "demo");
    const may = await send("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
      spec: { resourceAttributes: { verb: "delete", resource: "pods" } },
    });
    assert.equal(may.json.status.allowed, true);
    assert.equal(may.json.kind, "SelfSubjectAccessReview");
  }));
