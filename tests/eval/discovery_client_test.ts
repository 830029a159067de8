/** client-go's discovery client in scripts: what it gives, and what is said of what it has not. */
import assert from "node:assert/strict";
import { connect, DEMO, TARGETS } from "../support/clusters.ts";
import { testEvaluator } from "../support/evaluator.ts";
import { needs } from "../support/needs.ts";

const D = "k8s.discoveryClient()";

/** What must fail, with the way out that is told. */
const HINTS: readonly (readonly [call: string, hint: RegExp])[] = [
  // Its name is near to that of the client of discovery.k8s.io, and to anything that is listed.
  [`${D}.endpointSlices("shop").list()`, /^Write k8s\.discoveryV1\(\)\.endpointSlices\(ns\)\.$/],
  [
    `${D}.listNamespacedEndpointSlice("shop")`,
    /^Write k8s\.discoveryV1\(\)\.endpointSlices\(ns\)\.list\(\)\.$/,
  ],
  [`${D}.pods("shop").list()`, /^Write k8s\.coreV1\(\)\.pods\(ns\)\.$/],
  [`${D}.serverGroup()`, /did you mean "serverGroups"\?/],
  [`${D}.serverVersions()`, /did you mean "serverVersion"\?/],
  [`${D}.nothingLikeIt()`, /Object\.keys\(k8s\.discoveryClient\(\)\) lists what there is/],
  [
    `${D}.serverResourcesForGroupVersion("no/v1")`,
    /^k8s\.discoveryClient\(\)\.serverGroups\(\) lists them\.$/,
  ],
  [`${D}.serverResourcesForGroupVersion()`, /serverGroups\(\) lists them/],
];

Deno.test("what the discovery client has not is told with where it is", async () => {
  await using cluster = await connect(DEMO);
  await using evaluator = testEvaluator(cluster.broker);
  for (const [call, hint] of HINTS) {
    assert.match((await evaluator.failure(call)).hint ?? "", hint, call);
  }
});

for (const target of TARGETS) {
  Deno.test(needs(target, `discovery client, ${target.name}: gives what is served`), async () => {
    await using cluster = await connect(target);
    await using evaluator = testEvaluator(cluster.broker);
    const value = await evaluator.value(`
      const d = ${D};
      const names = list => list.resources.map(each => each.name);
      const core = d.serverResourcesForGroupVersion("v1");
      const [groups, all] = d.serverGroupsAndResources();
      const namespaced = d.serverPreferredNamespacedResources();
      ({
        core: [core.kind, core.groupVersion, names(core).includes("nodes")],
        pod: core.resources.find(each => each.name === "pods"),
        apps: groups.find(each => each.name === "apps").preferredVersion.groupVersion,
        first: groups[0].name,
        every: all.some(each => names(each).includes("nodes")),
        namespaced: namespaced.some(each => names(each).includes("pods")),
        clustered: namespaced.some(each => names(each).includes("nodes")),
        caseless: d.ServerVersion().major === d.serverVersion().major,
      })`) as Record<string, unknown>;
    const { pod, ...rest } = value;
    assert.deepEqual(rest, {
      core: ["APIResourceList", "v1", true],
      apps: "apps/v1",
      first: "",
      every: true,
      namespaced: true,
      clustered: false,
      caseless: true,
    });
    const { kind, singularName, shortNames } = pod as Record<string, unknown>;
    assert.deepEqual([kind, singularName, shortNames], ["Pod", "pod", ["po"]]);
  });
}
