/** What requests come to beside their verb, under rules that deny just that, on both clusters. */
import assert from "node:assert/strict";
import { changeOf } from "../../lib/broker/change.ts";
import { mayHaveMovedOn } from "../../lib/broker/stages/version_pin.ts";
import { prepare } from "../../lib/broker/stages/prepare.ts";
import { PATCH_TYPES } from "../../lib/names/requests.ts";
import type { ResourceRequest } from "../../lib/kube/wire/request.ts";
import { createRedactor } from "../../lib/redact/redactor.ts";
import { makePolicy } from "../../lib/policy/profiles.ts";
import { decide } from "../../lib/policy/decide.ts";
import type { PolicyVerb } from "../../lib/policy/rules/rule.ts";
import type { Rule } from "../../lib/policy/types.ts";
import { connect, runningPod, TARGETS, uniqueName } from "../support/clusters.ts";
import { testEvaluator } from "../support/evaluator.ts";
import { needs } from "../support/needs.ts";

const deny = (rule: Partial<Rule>): Rule => ({ source: "c.yaml:1", effect: "deny", ...rule });

for (const target of TARGETS) {
  const on = (fact: string) => needs(target, `implied, ${target.name}: ${fact}`);
  const test = (
    fact: string,
    rules: readonly Rule[],
    run: (parts: {
      readonly own: (script: string) => Promise<string>;
      /** Without those rules. */
      readonly free: (script: string) => Promise<string>;
    }) => Promise<void>,
  ) =>
    Deno.test(on(fact), async () => {
      await using cluster = await connect(target, { readWrite: true });
      await using ruled = await connect(target, { readWrite: true, rules });
      // The demo is another one for each connection: one client serves both.
      const brokers = target.name === "demo" ? ruled : cluster;
      await using free = testEvaluator(brokers.broker);
      await using own = testEvaluator(ruled.broker);
      const said = (evaluator: typeof own) => async (script: string) => {
        const done = await evaluator.run(script);
        return done.ok ? done.result.text : `${done.failure.name}: ${done.failure.message}`;
      };
      await run({ own: said(own), free: said(free) });
    });

  test(
    "an apply or update that would create is a creation",
    [deny({ verbs: ["create"], resources: ["configmaps", "leases"], names: ["new-*"] })],
    async ({ own }) => {
      const name = uniqueName("new");
      const maps = `k8s.coreV1().configMaps("default")`;
      const leases = `k8s.coordinationV1().leases("default")`;
      for (
        const script of [
          `${maps}.create({metadata: {name: "${name}"}})`,
          `${maps}.apply({metadata: {name: "${name}"}})`,
          `${maps}.patch("${name}", "apply", {apiVersion: "v1", kind: "ConfigMap", metadata: {name: "${name}"}})`,
          `${leases}.update({metadata: {name: "${name}"}, spec: {}})`,
        ]
      ) assert.match(await own(script), /^PolicyError: .*create/, script);
      assert.equal(
        await own(`${maps}.list().items.some(m => m.metadata.name === "${name}")`),
        "false",
      );
    },
  );

  if (target.name === "control plane") {
    test(
      "what is there may be applied to and updated",
      [deny({ verbs: ["create"], resources: ["configmaps"] })],
      async ({ own, free }) => {
        const name = uniqueName("there");
        const maps = `k8s.coreV1().configMaps("default")`;
        await free(`${maps}.create({metadata: {name: "${name}"}, data: {a: "1"}})`);
        assert.equal(
          await own(`${maps}.apply({metadata: {name: "${name}"}, data: {b: "2"}}).data.b`),
          "2",
        );
        assert.equal(
          await own(`const m = ${maps}.get("${name}"); m.data.a = "3"; ${maps}.update(m).data.a`),
          "3",
        );
      },
    );

    test(
      "an eviction deletes",
      [deny({ verbs: ["delete"], resources: ["pods"] })],
      async ({ own }) => {
        await using cluster = await connect(target, { readWrite: true });
        const { namespace, name } = await runningPod(target, cluster);
        const script = `k8s.coreV1().pods("${namespace}").evict("${name}")`;
        assert.match(await own(script), /^PolicyError: .*delete pods/);
      },
    );

    test(
      "who may not read is not shown the object as the answer to a change",
      [deny({ verbs: ["get", "list", "watch"], resources: ["configmaps"] })],
      async ({ own }) => {
        const name = uniqueName("unread");
        const maps = `k8s.coreV1().configMaps("default")`;
        const made = await own(`${maps}.create({metadata: {name: "${name}"}, data: {a: "1"}})`);
        assert.deepEqual(Object.keys(JSON.parse(made)).toSorted(), [
          "apiVersion",
          "kind",
          "metadata",
        ]);
        const patched = await own(`${maps}.patch("${name}", "merge", {}, {dryRun: "All"})`);
        assert.ok(!patched.includes('"data"'), patched);
      },
    );
  }

  test(
    "a namespace is created unless its own name is denied",
    [deny({ namespaces: ["prod-*"] })],
    async ({ own }) => {
      const create = (name: string) =>
        own(
          `k8s.coreV1().namespaces().create({metadata: {name: "${name}"}}, {dryRun: "All"}).metadata.name`,
        );
      const name = uniqueName("dev");
      assert.equal(await create(name), name);
      assert.match(await create(uniqueName("prod")), /^PolicyError/);
    },
  );

  Deno.test(on("what was looked at is what is changed"), async () => {
    await using cluster = await connect(target, { readWrite: true });
    const { client, signal } = cluster;
    const resource = await client.resolve({ resource: "configmaps" }, signal);
    const name = uniqueName("pinned");
    const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
    const where = { resource, namespace: "default" } as const;
    const object = { metadata: { name }, data: { password: "Sesame-4711-open", a: "1" } };
    await client.send({ ...where, verb: "create", body: encode(object) }, signal);
    const merge = { verb: "patch", name, contentType: PATCH_TYPES.merge } as const;
    for (
      const [contentType, patch] of [
        [PATCH_TYPES.merge, { data: { b: "2" } }],
        [PATCH_TYPES.strategic, { data: { b: "2" } }],
        [PATCH_TYPES.json, [{ op: "add", path: "/data/b", value: "2" }]],
      ] as const
    ) {
      const request: ResourceRequest = { ...where, ...merge, contentType, body: encode(patch) };
      const decision = {
        outcome: "allow",
        rule: "test",
        by: { name: "test" },
        reveal: false,
      } as const;
      const action = { ...request, group: "", resource: "configmaps", namespaced: true };
      const prepared = await prepare(
        {
          ...changeOf(request, { kube: client, signal }),
          action: { ...action, tool: "test", context: "test" },
          decision,
          look: decision,
        },
        {
          origin: { tool: "test", session: "test" },
          policy: makePolicy({ mode: "read-write" }),
          kube: client,
          context: undefined,
          managedFields: false,
          redactor: createRedactor(),
          pause: () => Promise.resolve(),
          facts: {},
          signal,
        },
      );
      assert.match(prepared.pinned ?? "", /^\d+$/);
      // Somebody else comes first.
      const other = encode({ data: { a: crypto.randomUUID() } });
      await client.send({ ...where, ...merge, body: other }, signal);
      const error = await client.send(prepared.request, signal).then(
        () => undefined,
        (error) => error,
      );
      assert.ok(mayHaveMovedOn(error), `${contentType}: ${error}`);
    }
  });
}

Deno.test("admission and aggregation must be allowed by name, and are in the profile open", () => {
  const outcome = (
    verb: PolicyVerb,
    group: string,
    resource: string,
    profile: "standard" | "open",
  ) =>
    decide(
      { verb, group, resource, namespaced: false, tool: "test", context: "c" },
      makePolicy({ mode: "read-write", profile }),
    ).outcome;
  const admission = "admissionregistration.k8s.io";
  for (
    const [group, resource] of [
      [admission, "validatingadmissionpolicies"],
      [admission, "mutatingwebhookconfigurations"],
      ["apiregistration.k8s.io", "apiservices"],
    ] as const
  ) {
    assert.equal(outcome("create", group, resource, "standard"), "refuse");
    assert.equal(outcome("list", group, resource, "standard"), "allow");
    assert.equal(outcome("create", group, resource, "open"), "allow");
  }
});
