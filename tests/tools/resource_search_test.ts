import assert from "node:assert/strict";
import type { NamesIndex } from "../../lib/broker/types.ts";
import { rankResources } from "../../lib/tools/support/resource_search.ts";

const named = (resource: string, kind: string, shortNames: string[] = []) => ({
  resource,
  singular: kind.toLowerCase(),
  kind,
  shortNames,
  namespaced: true,
  verbs: ["get", "list"],
  subresources: [],
});

const INDEX: NamesIndex = {
  versions: [
    {
      group: "",
      version: "v1",
      preferred: true,
      resources: [named("pods", "Pod", ["po"]), named("configmaps", "ConfigMap", ["cm"])],
    },
    {
      group: "policy",
      version: "v1",
      preferred: true,
      resources: [named("poddisruptionbudgets", "PodDisruptionBudget", ["pdb"])],
    },
    {
      group: "networking.k8s.io",
      version: "v1",
      preferred: true,
      resources: [
        named("ingresses", "Ingress", ["ing"]),
        named("networkpolicies", "NetworkPolicy", ["netpol"]),
      ],
    },
    {
      group: "gateway.example.com",
      version: "v1",
      preferred: true,
      resources: [named("httproutes", "HTTPRoute")],
    },
    {
      group: "gateway.example.com",
      version: "v1alpha1",
      preferred: false,
      resources: [named("httproutes", "HTTPRoute")],
    },
  ],
};

const names = (query: string) =>
  rankResources(INDEX, query).map(({ client, resource }) => `${client}.${resource.resource}`);

Deno.test("rankResources() finds a resource by each of its names", () => {
  for (const name of ["pods", "Pod", "po", "list the pods!"]) {
    assert.equal(names(name)[0], "coreV1.pods", name);
  }
});

Deno.test("rankResources() finds a kind by the words of its name", () => {
  assert.equal(names("disruption budget")[0], "policyV1.poddisruptionbudgets");
  assert.equal(names("network policies")[0], "networkingV1.networkpolicies");
  assert.equal(names("config")[0], "coreV1.configmaps");
  assert.equal(names("routes")[0], "gatewayV1.httproutes");
});

Deno.test("rankResources() finds the resources of a group", () => {
  assert.deepEqual(
    names("networking.k8s.io"),
    [
      "networkingV1.networkpolicies",
      "networkingV1.ingresses",
    ].sort(),
  );
  assert.deepEqual(names("core"), ["coreV1.pods", "coreV1.configmaps"]);
});

Deno.test("rankResources() puts a preferred version before the others", () => {
  assert.deepEqual(names("httproute"), ["gatewayV1.httproutes", "gatewayV1alpha1.httproutes"]);
});

Deno.test("rankResources() gives what is near where nothing fits", () => {
  assert.deepEqual(names("podz"), ["coreV1.pods"]);
  assert.deepEqual(names("configmpas.data"), ["coreV1.configmaps"]);
  assert.deepEqual(names("zzzzzz"), []);
  assert.deepEqual(names("?"), []);
});
