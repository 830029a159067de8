import assert from "node:assert/strict";
import {
  APPLY_PATCH,
  deployment,
  JSON_PATCH,
  MERGE_PATCH,
  STRATEGIC_PATCH,
  withDemo,
} from "./client.ts";

const MAPS = "/api/v1/namespaces/shop/configmaps";
const DEPLOYMENTS = "/apis/apps/v1/namespaces/shop/deployments";
const SHOPS = "/apis/demo.kubecode.dev/v1/namespaces/shop/shops";

Deno.test("create sets what a server sets", () =>
  withDemo(async (send) => {
    const { status, json } = await send("POST", MAPS, {
      metadata: { name: "a" },
      data: { k: "v" },
    });
    assert.equal(status, 201);
    assert.equal(json.kind, "ConfigMap");
    assert.equal(json.metadata.namespace, "shop");
    assert.match(json.metadata.uid, /^[0-9a-f-]{36}$/);
    assert.match(json.metadata.resourceVersion, /^\d+$/);
    assert.match(json.metadata.creationTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.deepEqual(json.metadata.managedFields[0].fieldsV1, { "f:data": { "f:k": {} } });
    const generated = await send("POST", MAPS, { metadata: { generateName: "g-" } });
    assert.match(generated.json.metadata.name, /^g-[a-z0-9]{5}$/);
  }));

Deno.test("create refuses a name that is taken, missing or no name", () =>
  withDemo(async (send) => {
    const again = await send("POST", MAPS, { metadata: { name: "shop-config" } });
    assert.equal(again.status, 409);
    assert.equal(again.json.reason, "AlreadyExists");
    assert.equal(again.json.message, 'configmaps "shop-config" already exists');
    const none = await send("POST", MAPS, { data: {} });
    assert.equal(none.status, 422);
    assert.deepEqual(none.json.details.causes, [{
      reason: "FieldValueRequired",
      message: "Required value: name or generateName is required",
      field: "metadata.name",
    }]);
    const bad = await send("POST", MAPS, { metadata: { name: "No_Good" } });
    assert.equal(bad.status, 422);
    assert.match(
      bad.json.message,
      /^ConfigMap "No_Good" is invalid: metadata\.name: Invalid value/,
    );
  }));

Deno.test("create refuses what does not belong where it is sent", () =>
  withDemo(async (send) => {
    const cases: [string, unknown, number, RegExp][] = [
      [MAPS, { kind: "Secret", metadata: { name: "a" } }, 400, /cannot be handled as a ConfigMap/],
      [
        MAPS,
        { apiVersion: "v2", metadata: { name: "a" } },
        400,
        /no kind "ConfigMap" is registered for version "v2"/,
      ],
      [MAPS, { metadata: { name: "a", namespace: "x" } }, 400, /namespace of the provided object/],
      [MAPS, "{", 400, /json parse error/],
      ["/api/v1/namespaces/nope/configmaps", { metadata: { name: "a" } }, 404, /"nope" not found/],
      ["/api/v1/configmaps", { metadata: { name: "a" } }, 405, /does not allow this method/],
    ];
    for (const [path, body, code, message] of cases) {
      const { status, json } = await send("POST", path, body);
      assert.equal(status, code, JSON.stringify(body));
      assert.match(json.message, message);
    }
    const text = await send("POST", MAPS, "a", { "content-type": "text/plain" });
    assert.equal(text.status, 415);
  }));

Deno.test("create names every field that is wrong", () =>
  withDemo(async (send) => {
    const made = deployment("web");
    delete made.spec.selector;
    made.spec.template.spec.containers = [];
    const { status, json } = await send("POST", DEPLOYMENTS, made);
    assert.equal(status, 422);
    assert.equal(
      json.message,
      'Deployment.apps "web" is invalid: [spec.selector: Required value, ' +
        'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match ' +
        "template `labels`, spec.template.spec.containers: Required value]",
    );
    const other = deployment("web");
    other.spec.selector.matchLabels = { app: "other" };
    const mismatch = (await send("POST", DEPLOYMENTS, other)).json;
    assert.match(mismatch.message, /`selector` does not match template `labels`/);
    const typed = deployment("web", { replicas: "two" });
    const wrong = await send("POST", DEPLOYMENTS, typed);
    assert.equal(wrong.status, 400);
    assert.equal(
      wrong.json.message,
      'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal ' +
        "string into Go struct field DeploymentSpec.spec.replicas of type int32",
    );
    const large = await send("POST", DEPLOYMENTS, deployment("web", { replicas: 2 ** 31 }));
    assert.match(large.json.message, /cannot unmarshal number .* of type int32/);
  }));

Deno.test("create treats unknown fields as it is asked to", () =>
  withDemo(async (send) => {
    const made = deployment("web", { replica: 2 });
    const strict = await send("POST", `${DEPLOYMENTS}?fieldValidation=Strict`, made);
    assert.equal(strict.status, 400);
    assert.equal(
      strict.json.message,
      'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: ' +
        'unknown field "spec.replica"',
    );
    const warned = await send("POST", DEPLOYMENTS, made);
    assert.equal(warned.status, 201);
    assert.equal(warned.headers.get("warning"), '299 - "unknown field \\"spec.replica\\""');
    assert.equal(warned.json.spec.replica, undefined);
  }));

Deno.test("create of a custom resource keeps to its schema", () =>
  withDemo(async (send) => {
    const shop = (spec: unknown) => ({ metadata: { name: "x" }, spec });
    const missing = await send("POST", SHOPS, shop({}));
    assert.equal(
      missing.json.message,
      'Shop.demo.kubecode.dev "x" is invalid: spec.domain: Required value',
    );
    const odd = await send("POST", SHOPS, shop({ domain: "x.dev", plan: "gold", replicas: 99 }));
    assert.deepEqual(odd.json.details.causes.map((cause: { field: string }) => cause.field), [
      "spec.plan",
      "spec.replicas",
    ]);
    const typed = await send("POST", SHOPS, shop({ domain: "x.dev", replicas: "3" }));
    assert.equal(typed.status, 422);
    assert.match(typed.json.message, /spec.replicas in body must be of type integer: "string"/);
    const made = await send("POST", SHOPS, {
      ...shop({ domain: "x.dev" }),
      status: { phase: "Ready" },
    });
    assert.equal(made.status, 201);
    assert.equal(made.json.spec.plan, "standard");
    assert.equal(made.json.status, undefined);
  }));

Deno.test("a new definition is served at once, a deleted one no longer", () =>
  withDemo(async (send) => {
    const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    const made = await send("POST", definitions, {
      metadata: { name: "cups.tea.dev" },
      spec: {
        group: "tea.dev",
        scope: "Cluster",
        names: { plural: "cups", singular: "cup", kind: "Cup" },
        versions: [{
          name: "v1",
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
          },
        }],
      },
    });
    assert.equal(made.status, 201);
    const cup = { metadata: { name: "a" }, spec: { full: true } };
    assert.equal((await send("POST", "/apis/tea.dev/v1/cups", cup)).status, 201);
    assert.equal((await send("GET", "/apis/tea.dev/v1")).json.resources[0].kind, "Cup");
    assert.equal((await send("DELETE", `${definitions}/cups.tea.dev`)).status, 200);
    assert.equal((await send("GET", "/apis/tea.dev/v1/cups")).status, 404);
  }));

Deno.test("dryRun=All keeps nothing, of whatever kind the change is", () =>
  withDemo(async (send) => {
    const before = (await send("GET", `${MAPS}/shop-config`)).text;
    const dry = "?dryRun=All";
    assert.equal((await send("POST", `${MAPS}${dry}`, { metadata: { name: "a" } })).status, 201);
    assert.equal((await send("GET", `${MAPS}/a`)).status, 404);
    const patched = await send(
      "PATCH",
      `${MAPS}/shop-config${dry}`,
      { data: { X: "1" } },
      MERGE_PATCH,
    );
    assert.equal(patched.json.data.X, "1");
    assert.equal((await send("DELETE", `${MAPS}/shop-config${dry}`)).status, 200);
    assert.equal((await send("GET", `${MAPS}/shop-config`)).text, before);
  }));

Deno.test("update refuses a stale object, and changes nothing for an equal one", () =>
  withDemo(async (send) => {
    const path = `${MAPS}/shop-config`;
    const object = (await send("GET", path)).json;
    const same = await send("PUT", path, object);
    assert.equal(same.json.metadata.resourceVersion, object.metadata.resourceVersion);
    const changed = await send("PUT", path, { ...object, data: { NEW: "1" } });
    assert.equal(changed.status, 200);
    assert.deepEqual(changed.json.data, { NEW: "1" });
    const stale = await send("PUT", path, { ...object, data: { NEW: "2" } });
    assert.equal(stale.status, 409);
    assert.equal(
      stale.json.message,
      'Operation cannot be fulfilled on configmaps "shop-config": the object has been modified; ' +
        "please apply your changes to the latest version and try again",
    );
    const renamed = { ...object, metadata: { ...object.metadata, name: "other" } };
    assert.equal((await send("PUT", path, renamed)).status, 400);
  }));

Deno.test("status changes by its subresource only, spec not by it", () =>
  withDemo(async (send) => {
    const path = `${SHOPS}/lisbon`;
    const patch = { spec: { plan: "free" }, status: { phase: "Ready" } };
    const main = (await send("PATCH", path, patch, MERGE_PATCH)).json;
    assert.equal(main.spec.plan, "free");
    assert.equal(main.status.phase, "Degraded");
    assert.equal(main.metadata.generation, 2);
    const again = { spec: { plan: "premium" }, status: { phase: "Ready" } };
    const status = (await send("PATCH", `${path}/status`, again, MERGE_PATCH)).json;
    assert.equal(status.spec.plan, "free");
    assert.equal(status.status.phase, "Ready");
    assert.equal(status.metadata.generation, 2);
  }));

Deno.test("what must not change does not", () =>
  withDemo(async (send) => {
    const selector = { spec: { selector: { matchLabels: { app: "x" } } } };
    const answer = await send("PATCH", `${DEPLOYMENTS}/cart`, selector, MERGE_PATCH);
    assert.equal(answer.status, 422);
    assert.match(answer.json.message, /field is immutable/);
    const pod = { spec: { hostname: "x" } };
    const pods = await send("PATCH", "/api/v1/namespaces/shop/pods/redis-0", pod, MERGE_PATCH);
    assert.match(pods.json.message, /pod updates may not change fields other than/);
  }));

Deno.test("patch by JSON patch adds, tests, and refuses what does not apply", () =>
  withDemo(async (send) => {
    const path = `${MAPS}/shop-config`;
    const good = [
      { op: "test", path: "/data/CURRENCY", value: "EUR" },
      { op: "add", path: "/data/a~1b", value: "1" },
      { op: "move", from: "/data/LOG_LEVEL", path: "/data/LEVEL" },
      { op: "remove", path: "/data/CATALOG_URL" },
    ];
    const { json } = await send("PATCH", path, good, JSON_PATCH);
    assert.deepEqual(json.data, {
      CURRENCY: "EUR",
      LEVEL: "info",
      "a/b": "1",
      "banner.txt": "Free shipping on everything\n",
    });
    for (
      const bad of [
        { op: "test", path: "/data/CURRENCY", value: "USD" },
        { op: "remove", path: "/data/none" },
        { op: "leap", path: "/data" },
      ]
    ) assert.equal((await send("PATCH", path, [bad], JSON_PATCH)).status, 422, bad.op);
    assert.equal((await send("PATCH", path, {}, JSON_PATCH)).status, 400);
  }));

Deno.test("patch by strategic merge merges lists by their keys", () =>
  withDemo(async (send) => {
    const path = `${DEPLOYMENTS}/checkout`;
    const spec = (container: unknown, more = {}) => ({
      spec: { template: { spec: { containers: [container], ...more } } },
    });
    const added = spec({
      name: "checkout",
      env: [{ name: "CART_URL", value: "x" }, { name: "N", value: "1" }],
    });
    const first =
      (await send("PATCH", path, added, STRATEGIC_PATCH)).json.spec.template.spec.containers;
    assert.deepEqual(first[0].env, [
      { name: "CART_URL", value: "x" },
      { name: "LOG_LEVEL", value: "info" },
      { name: "N", value: "1" },
    ]);
    const sidecar = spec({ name: "side", image: "busybox:1.37" }, {
      "$setElementOrder/containers": [{ name: "side" }, { name: "checkout" }],
    });
    const second = (await send("PATCH", path, sidecar, STRATEGIC_PATCH)).json.spec.template.spec;
    assert.deepEqual(second.containers.map((one: { name: string }) => one.name), [
      "side",
      "checkout",
    ]);
    const gone = spec({ name: "side", $patch: "delete" });
    const third = (await send("PATCH", path, gone, STRATEGIC_PATCH)).json.spec.template.spec;
    assert.deepEqual(third.containers.map((one: { name: string }) => one.name), ["checkout"]);
    const custom = await send("PATCH", `${SHOPS}/berlin`, {}, STRATEGIC_PATCH);
    assert.equal(custom.status, 415);
  }));

Deno.test("apply creates, merges, and takes back what is no longer applied", () =>
  withDemo(async (send) => {
    const path = `${DEPLOYMENTS}/web?fieldManager=one`;
    const object = deployment("web");
    object.spec.template.spec.containers[0].env = [{ name: "A", value: "1" }, {
      name: "B",
      value: "2",
    }];
    const made = await send("PATCH", path, object, APPLY_PATCH);
    assert.equal(made.status, 201);
    assert.equal(made.json.metadata.managedFields[0].operation, "Apply");
    object.spec.template.spec.containers[0].env.shift();
    const again = (await send("PATCH", path, object, APPLY_PATCH)).json;
    assert.deepEqual(again.spec.template.spec.containers[0].env, [{ name: "B", value: "2" }]);
    assert.equal(again.spec.template.spec.containers[0].imagePullPolicy, "IfNotPresent");
    const same = (await send("PATCH", path, object, APPLY_PATCH)).json;
    const live = (await send("GET", `${DEPLOYMENTS}/web`)).json;
    assert.equal(same.metadata.resourceVersion, live.metadata.resourceVersion);
    const nobody = await send("PATCH", `${DEPLOYMENTS}/web`, object, APPLY_PATCH);
    assert.equal(nobody.status, 422);
  }));

Deno.test("apply names the manager whose field it would change, unless forced", () =>
  withDemo(async (send) => {
    const path = `${DEPLOYMENTS}/web?fieldManager=`;
    await send("PATCH", `${path}one`, deployment("web", { replicas: 1 }), APPLY_PATCH);
    const mine = deployment("web", { replicas: 2 });
    const refused = await send("PATCH", `${path}two`, mine, APPLY_PATCH);
    assert.equal(refused.status, 409);
    assert.equal(
      refused.json.message,
      'Apply failed with 1 conflict: conflict with "one": .spec.replicas',
    );
    assert.deepEqual(refused.json.details.causes, [{
      reason: "FieldManagerConflict",
      message: 'conflict with "one"',
      field: ".spec.replicas",
    }]);
    const forced = await send("PATCH", `${path}two&force=true`, mine, APPLY_PATCH);
    assert.equal(forced.json.spec.replicas, 2);
    const back = await send("PATCH", `${path}one`, deployment("web", { replicas: 1 }), APPLY_PATCH);
    assert.match(back.json.message, /conflict with "two": \.spec\.replicas/);
  }));

Deno.test("apply conflicts with an update, naming its version and path", () =>
  withDemo(async (send) => {
    const image = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "cart" },
      spec: { template: { spec: { containers: [{ name: "cart", image: "cart:9" }] } } },
    };
    const { json } = await send("PATCH", `${DEPLOYMENTS}/cart?fieldManager=x`, image, APPLY_PATCH);
    assert.equal(
      json.message,
      'Apply failed with 1 conflict: conflict with "before-first-apply" using apps/v1: ' +
        '.spec.template.spec.containers[name="cart"].image',
    );
  }));

Deno.test("delete answers with a Status, or the object where that is the custom", () =>
  withDemo(async (send) => {
    const map = await send("DELETE", `${MAPS}/summer-sale-2024`);
    assert.equal(map.json.status, "Success");
    assert.equal(map.json.details.name, "summer-sale-2024");
    const pod = await send("DELETE", "/api/v1/namespaces/shop/pods/redis-0");
    assert.equal(pod.json.kind, "Pod");
    assert.ok(pod.json.metadata.deletionTimestamp);
  }));

Deno.test("delete holds to its preconditions", () =>
  withDemo(async (send) => {
    const options = { kind: "DeleteOptions", apiVersion: "v1", preconditions: { uid: "other" } };
    const { status, json } = await send("DELETE", `${MAPS}/shop-config`, options);
    assert.equal(status, 409);
    assert.match(
      json.message,
      /the UID in the precondition \(other\) does not match the UID in record/,
    );
  }));

Deno.test("delete takes what was owned, or orphans it", () =>
  withDemo(async (send) => {
    const sets = async (app: string) =>
      (await send("GET", `/apis/apps/v1/namespaces/shop/replicasets?labelSelector=app%3D${app}`))
        .json.items;
    await send("DELETE", `${DEPLOYMENTS}/cart`, { propagationPolicy: "Background" });
    assert.deepEqual(await sets("cart"), []);
    await send("DELETE", `${DEPLOYMENTS}/search`, { propagationPolicy: "Orphan" });
    const [left] = await sets("search");
    assert.equal(left.metadata.ownerReferences, undefined);
  }));

Deno.test("delete waits for finalizers", () =>
  withDemo(async (send) => {
    const map = { metadata: { name: "kept", finalizers: ["tea.dev/wait"] } };
    await send("POST", MAPS, map);
    const marked = await send("DELETE", `${MAPS}/kept`);
    assert.ok(marked.json.metadata.deletionTimestamp);
    assert.equal((await send("GET", `${MAPS}/kept`)).status, 200);
    await send("PATCH", `${MAPS}/kept`, { metadata: { finalizers: null } }, MERGE_PATCH);
    assert.equal((await send("GET", `${MAPS}/kept`)).status, 404);
  }));

Deno.test("deletecollection deletes what is selected, a namespace everything in it", () =>
  withDemo(async (send) => {
    await send("POST", MAPS, { metadata: { name: "a", labels: { x: "1" } } });
    const gone = await send("DELETE", `${MAPS}?labelSelector=x%3D1`);
    assert.equal(gone.json.kind, "ConfigMapList");
    assert.equal(gone.json.items.length, 1);
    assert.equal((await send("GET", `${MAPS}/shop-config`)).status, 200);
    const namespace = await send("DELETE", "/api/v1/namespaces/shop");
    assert.equal(namespace.json.status.phase, "Terminating");
    assert.deepEqual((await send("GET", "/api/v1/namespaces/shop/pods")).json.items, []);
    assert.equal((await send("GET", "/api/v1/namespaces/shop")).status, 404);
  }));

Deno.test("a body over 3 MiB is refused", () =>
  withDemo(async (send) => {
    const big = { metadata: { name: "big" }, data: { x: "y".repeat(3 * 2 ** 20) } };
    const { status, json } = await send("POST", MAPS, big);
    assert.equal(status, 413);
    assert.equal(json.reason, "RequestEntityTooLarge");
  }));

Deno.test("a Secret's stringData ends up in data", () =>
  withDemo(async (send) => {
    const secret = { metadata: { name: "s" }, stringData: { a: "ä" } };
    const { json } = await send("POST", "/api/v1/namespaces/shop/secrets", secret);
    assert.deepEqual(json.data, { a: "w6Q=" });
    assert.equal(json.stringData, undefined);
    assert.equal(json.type, "Opaque");
  }));
