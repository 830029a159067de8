/** The kustomize base and components, by the kustomize of the real kubectl. */
import assert from "node:assert/strict";
import { ROOT } from "../../scripts/files.ts";
import { kustomizeManifests } from "../../scripts/generators/kustomize_manifests.ts";
import { HELM } from "../support/clusters.ts";
import { KUSTOMIZE, type Place, placeTest } from "./place.ts";

placeTest("kustomize: its manifests are those of the chart", async () => {
  for (const { path, text } of await kustomizeManifests(HELM)) {
    const committed = await Deno.readTextFile(`${ROOT}/${path}`);
    assert.equal(committed, text, `${path}: run deno task generate kustomize`);
  }
});

const OVERLAYS: Readonly<Record<string, readonly string[]>> = {
  "the base": [],
  "the base with all that is in the cluster": ["write", "exec", "autoscaling"],
};

for (const [name, components] of Object.entries(OVERLAYS)) {
  placeTest(`kustomize: the API server takes ${name}`, async (place) => {
    const { kubectl } = place;
    const said = await kubectl("apply", "--dry-run=server", "-k", await overlay(place, components));
    assert.match(said, /deployment\.apps\/kubecode (?:created|configured) \(server dry run\)/);
    for (const component of components.filter((name) => name !== "autoscaling")) {
      assert.match(said, new RegExp(`clusterrole\\S*/kubecode:kubecode:${component} `));
    }
  });
}

placeTest("kustomize: the example can be built, and says what it adds", async ({ kubectl }) => {
  const text = await kubectl("kustomize", `${KUSTOMIZE}/overlays/example`);
  assert.match(text, /- --read-write$/m);
  assert.match(text, /kind: HorizontalPodAutoscaler/);
  assert.doesNotMatch(text, /^ {2}replicas:/m);
});

/** An overlay for the namespace of a test, beside a copy of the base. */
async function overlay(
  { folder, namespace }: Place,
  components: readonly string[],
): Promise<string> {
  await new Deno.Command("cp", { args: ["-r", KUSTOMIZE, `${folder}/kustomize`] }).output();
  const lines = [
    `namespace: ${namespace}`,
    "resources: [../kustomize/base]",
    `components: [${components.map((name) => `../kustomize/components/${name}`).join(", ")}]`,
    // The namespace is there already.
    "patches:",
    "  - patch: |-",
    "      $patch: delete",
    "      apiVersion: v1",
    "      kind: Namespace",
    "      metadata: {name: kubecode}",
  ];
  await Deno.mkdir(`${folder}/overlay`);
  await Deno.writeTextFile(`${folder}/overlay/kustomization.yaml`, lines.join("\n"));
  return `${folder}/overlay`;
}
