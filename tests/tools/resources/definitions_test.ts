/** Custom resources through the tools for any resource: one manifest with its definition, and one plural in two groups. */
import assert from "node:assert/strict";
import { connect, CONTROL_PLANE, uniqueName } from "../../support/clusters.ts";
import { needs } from "../../support/needs.ts";
import { toolCaller, valueOf } from "../../support/tools.ts";

const SCHEMA = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

function definition(group: string, plural: string, kind: string) {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { plural, singular: kind.toLowerCase(), kind },
      versions: [{
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: SCHEMA },
      }],
    },
  };
}

Deno.test(
  needs(
    CONTROL_PLANE,
    "resource tools, control plane: definitions come first, and a plural of two groups is no guess",
  ),
  async () => {
    await using cluster = await connect(CONTROL_PLANE, { readWrite: true });
    const call = toolCaller("resources", cluster);
    const letter = crypto.randomUUID().replaceAll(/[^a-f]/g, "").slice(0, 6);
    const [plural, kind] = [`consoles${letter}`, `Console${letter}`];
    const groups = [uniqueName("a"), uniqueName("b")].map((name) => `${name}.example.com`);
    const object = (group: string, name: string) => ({
      apiVersion: `${group}/v1`,
      kind,
      metadata: { name, namespace: "default" },
      spec: { of: group },
    });
    try {
      const items = groups.flatMap((group) => [
        object(group, "one"),
        definition(group, plural, kind),
      ]);
      const manifest = JSON.stringify({ kind: "List", items });
      const tried = valueOf(
        await call("deploy_k8s_entity", { payload_manifest: manifest, dry_run: true }),
      );
      assert.deepEqual(tried.notTried, ["one", "one"]);
      const { applied } = valueOf(await call("deploy_k8s_entity", { payload_manifest: manifest }));
      assert.deepEqual((applied as { name: string }[]).map(({ name }) => name), [
        ...groups.map((group) => `${plural}.${group}`),
        "one",
        "one",
      ]);

      const where = { api_version: "v1", resource_kind: plural, target_ns: "default" };
      const read = await call("get_k8s_entity", { ...where, entity_name: "one" });
      const { spec } = valueOf(read) as { spec: { of: string } };
      const other = groups.find((group) => group !== spec.of)!;
      assert.match(read.notes, new RegExp(`of ${spec.of}; ${other} has`));
      const listed = await call("scan_k8s_collection", where);
      assert.match(listed.notes, new RegExp(`of ${spec.of}; ${other} has`));

      for (const given of [where, { ...where, resource_kind: kind }]) {
        const { isError, text } = await call("delete_k8s_entity", { ...given, entity_name: "one" });
        assert.ok(isError, text);
        for (const group of groups) assert.match(text, new RegExp(group));
      }
      const guess = await call("deploy_k8s_entity", {
        ...where,
        payload_manifest: { metadata: { name: "two" } },
      });
      assert.match(guess.text, /Cannot tell which/);
      // The manifest's own group decides.
      const two = object(other, "two");
      valueOf(await call("deploy_k8s_entity", { ...where, payload_manifest: two }));
      const at = { ...where, api_group: other, entity_name: "two" };
      assert.deepEqual(
        (valueOf(await call("get_k8s_entity", at)) as { spec: object }).spec,
        two.spec,
      );
      assert.equal((await call("get_k8s_entity", at)).notes, "");
      // Held by a finalizer, it is not deleted but about to be.
      const held = { ...two, metadata: { ...two.metadata, finalizers: ["example.com/held"] } };
      valueOf(await call("deploy_k8s_entity", { payload_manifest: held }));
      const { deleting } = valueOf(await call("delete_k8s_entity", at));
      assert.deepEqual((deleting as { finalizers: unknown }).finalizers, ["example.com/held"]);
      const guarded = toolCaller("guarded", cluster);
      const again = await guarded("k8s_delete", {
        namespace: "default",
        group: other,
        version: "v1",
        plural,
        name: "two",
        approved: true,
      });
      const { deleting: held2, deleted } = valueOf(again);
      assert.equal(deleted, undefined);
      assert.deepEqual((held2 as { finalizers: unknown }).finalizers, ["example.com/held"]);
      assert.match(again.notes, /example\.com\/held/);
      valueOf(
        await call("deploy_k8s_entity", {
          payload_manifest: { ...two, metadata: { ...two.metadata, finalizers: [] } },
          force: true,
        }),
      );
    } finally {
      for (const group of groups) {
        await call("delete_k8s_entity", {
          api_version: "apiextensions.k8s.io/v1",
          resource_kind: "customresourcedefinitions",
          entity_name: `${plural}.${group}`,
        });
      }
    }
  },
);
