import assert from "node:assert/strict";
import { ResolveError } from "../../lib/errors.ts";
import {
  type ApiIndex,
  parseAggregated,
  parseResourceList,
} from "../../lib/kube/discovery/discovery.ts";
import { resolveResource } from "../../lib/kube/discovery/resolve.ts";
import { qualifiedName } from "../../lib/names/resolve.ts";

const resource = (name: string, kind: string, shortNames: string[] = []) => ({
  resource: name,
  responseKind: { group: "", version: "", kind },
  scope: "Namespaced",
  singularResource: kind.toLowerCase(),
  shortNames,
  verbs: ["get", "list"],
});

const INDEX: ApiIndex = parseAggregated({
  kind: "APIGroupDiscoveryList",
  items: [
    {
      metadata: {},
      versions: [{
        version: "v1",
        resources: [resource("pods", "Pod", ["po"]), resource("events", "Event", ["ev"])],
      }],
    },
    {
      metadata: { name: "apps" },
      versions: [
        { version: "v1", resources: [resource("deployments", "Deployment", ["deploy"])] },
        { version: "v1beta1", resources: [resource("deployments", "Deployment", ["deploy"])] },
      ],
    },
    {
      metadata: { name: "events.k8s.io" },
      versions: [{ version: "v1", resources: [resource("events", "Event", ["ev"])] }],
    },
    {
      metadata: { name: "metrics.k8s.io" },
      versions: [
        { version: "v1beta1", resources: [resource("pods", "PodMetrics")] },
        { version: "v1alpha1", freshness: "Stale", resources: [] },
      ],
    },
  ],
});

const resolve = (name: string, group?: string, version?: string) =>
  qualifiedName(resolveResource(INDEX, { resource: name, group, version }));

Deno.test("resolveResource() takes plural, singular and short names and kinds, whatever their case", () => {
  for (const name of ["pods", "PODS", "pod", "Pod", "po"]) assert.equal(resolve(name), "pods/v1");
  for (const name of ["deploy", "Deployment", "deployments"]) {
    assert.equal(resolve(name), "deployments.apps/v1");
  }
});

Deno.test("resolveResource() prefers the core group and the preferred version, and follows what is said", () => {
  assert.equal(resolve("events"), "events/v1");
  assert.equal(resolve("events", "events.k8s.io"), "events.events.k8s.io/v1");
  assert.equal(resolve("events", "core"), "events/v1");
  assert.equal(resolve("deployments", "APPS", "V1BETA1"), "deployments.apps/v1beta1");
  assert.equal(resolve("podmetricses", "metrics.k8s.io"), "pods.metrics.k8s.io/v1beta1");
});

Deno.test("resolveResource() names what is near, where it is served, and a server that is away", () => {
  const fault = (name: string, group?: string, version?: string) => {
    try {
      resolve(name, group, version);
    } catch (error) {
      assert.ok(error instanceof ResolveError);
      return `${error.message} | ${error.hint ?? ""}`;
    }
    throw new Error(`${name} was resolved`);
  };
  assert.match(fault("podz"), /no resource of that name \| Did you mean "pods"\?/);
  assert.match(fault("deployments", ""), /serves it elsewhere \| .*deployments\.apps\/v1/);
  assert.match(fault("things", "nope.example"), /no such group/);
  assert.match(fault("nodes", "metrics.k8s.io"), /its API server does not answer/);
  assert.match(fault("../secrets"), /Cannot resolve/);
});

Deno.test("parseResourceList() puts subresources under their resource", () => {
  const [pods] = parseResourceList(
    {
      resources: [
        { name: "pods", kind: "Pod", namespaced: true, verbs: ["get"], singularName: "pod" },
        { name: "pods/log", kind: "Pod", namespaced: true, verbs: ["get"] },
      ],
    },
    "",
    "v1",
  );
  assert.deepEqual(pods?.subresources, [{ name: "log", kind: "Pod", verbs: ["get"] }]);
});
