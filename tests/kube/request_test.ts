import assert from "node:assert/strict";
import { InputError, type KubecodeError } from "../../lib/errors.ts";
import { PATCH_TYPES, VERBS } from "../../lib/names/requests.ts";
import { buildRequest, type ResourceRequest } from "../../lib/kube/wire/request.ts";
import type { ApiResource } from "../../lib/kube/types.ts";

const pods: ApiResource = {
  group: "",
  version: "v1",
  resource: "pods",
  kind: "Pod",
  singular: "pod",
  shortNames: ["po"],
  namespaced: true,
  verbs: VERBS,
  subresources: [{ name: "log", kind: "Pod", verbs: ["get"] }],
};
const nodes: ApiResource = { ...pods, resource: "nodes", kind: "Node", namespaced: false };
const deployments: ApiResource = { ...pods, group: "apps", resource: "deployments" };

const path = (request: Partial<ResourceRequest>) =>
  buildRequest({ verb: "get", resource: pods, ...request }).path;

Deno.test("buildRequest() makes the paths of the API conventions", () => {
  assert.equal(path({ namespace: "shop", name: "web-0" }), "/api/v1/namespaces/shop/pods/web-0");
  assert.equal(path({ verb: "list" }), "/api/v1/pods");
  assert.equal(path({ resource: nodes, name: "n1" }), "/api/v1/nodes/n1");
  assert.equal(
    path({ verb: "list", resource: deployments, namespace: "shop" }),
    "/apis/apps/v1/namespaces/shop/deployments",
  );
  assert.equal(
    path({ namespace: "shop", name: "web-0", subresource: "log", options: { tailLines: 5 } }),
    "/api/v1/namespaces/shop/pods/web-0/log?tailLines=5",
  );
});

Deno.test("buildRequest() encodes names and options, whatever they hold", () => {
  assert.equal(
    path({ namespace: "shop", name: "a b?c#d:e" }),
    "/api/v1/namespaces/shop/pods/a%20b%3Fc%23d%3Ae",
  );
  assert.equal(
    path({ verb: "list", options: { labelSelector: "a in (b,c)&x=/" } }),
    "/api/v1/pods?labelSelector=a+in+%28b%2Cc%29%26x%3D%2F",
  );
});

Deno.test("buildRequest() refuses names that would change what is asked for", () => {
  for (const name of ["", ".", "..", "../secrets/x", "a/b", "a%2fb", "%2e%2e"]) {
    assert.throws(() => path({ namespace: "shop", name }), InputError, name);
    assert.throws(() => path({ namespace: name || "/", name: "x" }), InputError, name);
  }
});

Deno.test("buildRequest() refuses namespaces that cannot be, instead of finding nothing there", () => {
  const list = (namespace: string) => () =>
    buildRequest({ verb: "list", resource: pods, namespace });
  assert.throws(list("*"), (error: KubecodeError) => /""/.test(error.hint ?? ""));
  for (const namespace of ["a?b", "kube system", "Shop", "-a", "a.b", "x".repeat(64)]) {
    assert.throws(list(namespace), /no namespace can have that name/, namespace);
  }
});

Deno.test("buildRequest() refuses verbs and subresources that are not served", () => {
  const readable = { ...pods, verbs: ["get", "list"] };
  assert.throws(() => path({ verb: "delete", resource: readable, namespace: "x", name: "y" }), {
    message: "Cannot delete pods: the cluster does not offer that verb",
  });
  assert.throws(
    () => path({ namespace: "x", name: "y", subresource: "exec" }),
    /no such subresource/,
  );
});

Deno.test("buildRequest() refuses a namespace where there is none, and none where there must be one", () => {
  assert.throws(
    () => path({ resource: nodes, namespace: "x", name: "y" }),
    /belongs to the cluster/,
  );
  assert.throws(() => path({ name: "y" }), /no namespace given/);
  assert.throws(() => path({ verb: "deletecollection" }), /no namespace given/);
});

Deno.test("buildRequest() refuses paths that the API server would read as another verb", () => {
  for (const verb of ["list", "watch"] as const) {
    assert.throws(() => path({ verb, name: "y" }), /Cannot (list|watch) \S+: a name was given/);
  }
  for (const verb of ["deletecollection", "create", "list"] as const) {
    assert.throws(() => path({ verb, subresource: "log" }), /no name given/);
  }
});

Deno.test("buildRequest() names an option that does not exist, and the nearest that does", () => {
  assert.throws(
    () => path({ verb: "list", options: { labelSelektor: "x" } }),
    (error: InputError) => {
      assert.match(error.message, /"labelSelektor": there is no such option/);
      assert.equal(error.hint, "Did you mean labelSelector?");
      return true;
    },
  );
});

Deno.test("buildRequest() sends a body with its content type, and asks for the form wanted", () => {
  const body = new TextEncoder().encode("{}");
  const patch = buildRequest({
    verb: "patch",
    resource: pods,
    namespace: "x",
    name: "y",
    body,
    contentType: PATCH_TYPES.merge,
  });
  assert.equal(patch.method, "PATCH");
  assert.equal(patch.headers?.["content-type"], "application/merge-patch+json");
  const table = buildRequest({ verb: "list", resource: pods, form: "table" });
  assert.match(table.headers?.accept ?? "", /as=Table/);
});
