/** Scripts that watch and wait, in both ways of writing, against both clusters. */
import assert from "node:assert/strict";
import { connect, type Connected, TARGETS, uniqueName } from "../support/clusters.ts";
import { type TestEvaluator, testEvaluator } from "../support/evaluator.ts";
import { needs } from "../support/needs.ts";
import { js } from "../support/script.ts";

/** A script in both ways of writing: `AWAIT` stands where the asynchronous one waits. */
const both = (script: string) => [
  script.replaceAll("AWAIT ", "").replaceAll("for await", "for"),
  `await 0; ${script.replaceAll("AWAIT ", "await ")}`,
];

for (const target of TARGETS) {
  const test = (
    fact: string,
    use: (evaluator: TestEvaluator, cluster: Connected) => Promise<void>,
  ) =>
    Deno.test(
      needs([...target.needs, "time"], `watching scripts, ${target.name}: ${fact}`),
      async () => {
        await using cluster = await connect(target, { readWrite: true });
        await using evaluator = testEvaluator(cluster.broker);
        await use(evaluator, cluster);
      },
    );
  /** Runs a script in both ways, each with a name of its own. */
  const each = async (
    evaluator: TestEvaluator,
    script: (name: string) => string,
    wanted: unknown,
  ) => {
    for (const way of [0, 1]) {
      const written = both(script(uniqueName("w")))[way]!;
      assert.deepEqual(await evaluator.value(written), wanted, written);
    }
  };

  test("a watch sees what the same script changes", (evaluator) =>
    each(
      evaluator,
      (name) =>
        `const c = k8s.coreV1().configMaps("default");
const w = AWAIT c.watch(ctx, {FieldSelector: "metadata.name=${name}", TimeoutSeconds: 10});
AWAIT c.create({name: "${name}"});
const seen = [];
for await (const {type, object} of w) {
  seen.push(type + object.kind + (object.metadata.managedFields === undefined));
  if (type === "ADDED") AWAIT c.patch("${name}", "merge", {data: {a: "b"}});
  if (type === "MODIFIED") AWAIT c.delete("${name}");
  if (type === "DELETED") break;
}
seen`,
      ["ADDEDConfigMaptrue", "MODIFIEDConfigMaptrue", "DELETEDConfigMaptrue"],
    ));

  test("a watch that nobody waited for sees changes that come after it", async (evaluator) => {
    const name = uniqueName("w");
    const script = `const c = k8s.coreV1().configMaps("default");
const {metadata} = await c.list({limit: 1});
const w = c.watch({resourceVersion: metadata.resourceVersion, fieldSelector: "metadata.name=${name}", timeoutMs: 10000});
c.create({name: "${name}"});
c.delete("${name}");
const seen = []; for await (const e of w) { seen.push(e.type); if (seen.length === 2) break } seen`;
    assert.deepEqual(await evaluator.value(script), ["ADDED", "DELETED"]);
  });

  test("a watch begins with what there is, and ends by its timeout", (evaluator) =>
    each(
      evaluator,
      () =>
        js`
          const seen = [];
          for await (
            const e of k8s.coreV1().namespaces().watch({
              fieldSelector: "metadata.name=default",
              timeoutMs: 150,
            })
          ) seen.push(e.type + e.object.metadata.name);
          seen;
        `,
      ["ADDEDdefault"],
    ));

  test("a watch gives metadata, and managed fields, where they are asked for", (evaluator) =>
    each(
      evaluator,
      () =>
        js`
          const seen = [];
          const n = k8s.coreV1().namespaces();
          const one = { fieldSelector: "metadata.name=default", timeoutMs: 5000 };
          for await (const e of AWAIT n.watch({ ...one, form: "metadata" })) {
            seen.push(e.object.kind, e.object.metadata.managedFields === undefined);
            break;
          }
          for await (const e of AWAIT n.watch({ ...one, managedFields: true })) {
            seen.push(e.object.kind);
            break;
          }
          seen;
        `,
      ["PartialObjectMetadata", true, "Namespace"],
    ));

  test("waitFor gives the object that meets a condition", (evaluator) =>
    each(
      evaluator,
      (name) =>
        `const c = k8s.coreV1().configMaps("default");
AWAIT c.create({name: "${name}", data: {n: "1"}});
const now = AWAIT c.waitFor(ctx, "${name}", o => o.data.n === "1");
const path = AWAIT c.waitFor("${name}", "jsonpath={.data.n}=1");
const state = AWAIT k8s.coreV1().namespaces().waitFor("default", "{.status.phase}=Active");
AWAIT c.delete("${name}");
const gone = AWAIT c.waitFor("${name}", "delete");
[now.data.n, path.metadata.name === "${name}", state.metadata.name, gone]`,
      ["1", true, "default", null],
    ));

  test("waitFor sees a change that comes while it waits", async (evaluator) => {
    const name = uniqueName("w");
    const script = `const c = k8s.coreV1().configMaps("default");
const made = c.waitFor("${name}", "create", {timeoutMs: 10000});
await c.create({name: "${name}", data: {n: "1"}});
const changed = c.waitFor("${name}", o => o.data.n === "2", {timeoutMs: 10000});
await c.patch("${name}", "merge", {data: {n: "2"}});
const deleted = c.waitFor("${name}", "delete", {timeoutMs: 10000});
await changed;
await c.delete("${name}");
[(await made).metadata.name === "${name}", (await changed).data.n, await deleted]`;
    assert.deepEqual(await evaluator.value(script), [true, "2", null]);
  });

  test("waitFor says what it saw last when its time is up, and what is not there", (evaluator) =>
    each(
      evaluator,
      () =>
        js`
          const seen = [];
          try {
            AWAIT k8s.coreV1().namespaces().waitFor("default", "Ready", { timeoutMs: 100 });
          } catch (e) {
            seen.push(e.name, e.message, e.hint);
          }
          try {
            AWAIT k8s.coreV1().namespaces().waitFor("nope", "Ready");
          } catch (e) {
            seen.push(e.message);
          }
          try {
            AWAIT k8s.coreV1().namespaces().waitFor("default", "a b");
          } catch (e) {
            seen.push(e.name);
          }
          seen;
        `,
      [
        "TimeoutError",
        'Cannot wait for namespaces "default" any longer: condition Ready not seen within 100 ms',
        "Last seen: phase Active.",
        'namespaces "nope" not found',
        "InputError",
      ],
    ));

  test("a deployment is scaled, restarted and waited for", (evaluator) =>
    each(
      evaluator,
      (name) =>
        js`
          const d = k8s.appsV1().deployments("default");
          const labels = { app: "${name}" };
          AWAIT d.create({
            name: "${name}",
            spec: {
              replicas: 1,
              selector: { matchLabels: labels },
              template: {
                metadata: { labels },
                spec: {
                  automountServiceAccountToken: false,
                  containers: [{ name: "main", image: "registry.example/app:1" }],
                },
              },
            },
          });
          const first = AWAIT d.rolloutStatus("${name}", { timeoutMs: 15000 });
          const before = (AWAIT d.getScale("${name}")).spec.replicas;
          const after = (AWAIT d.scale("${name}", 2)).spec.replicas;
          AWAIT d.waitFor("${name}", (o) => o.status.availableReplicas === 2, { timeoutMs: 15000 });
          const restarted = AWAIT d.rolloutRestart("${name}");
          const second = AWAIT d.rolloutStatus("${name}", { timeoutMs: 15000 });
          const pods = k8s.coreV1().pods("default");
          const [pod] = (AWAIT pods.list({ labelSelector: labels })).items;
          const evicted = AWAIT pods.evict(pod.metadata.name);
          AWAIT pods.waitFor(pod.metadata.name, "delete", { timeoutMs: 15000 });
          AWAIT d.delete("${name}");
          [
            first.replace("${name}", "it"),
            before,
            after,
            typeof restarted.spec.template.metadata
              .annotations["kubectl.kubernetes.io/restartedAt"],
            second === first,
            evicted,
          ];
        `,
      ['deployment "it" successfully rolled out', 1, 2, "string", true, null],
    ));

  test("a node is cordoned and uncordoned", (evaluator) =>
    each(
      evaluator,
      () =>
        `const n = k8s.coreV1().nodes(); const name = (AWAIT n.list({limit: 1})).items[0].metadata.name;
const on = AWAIT n.cordon(name); const off = AWAIT n.uncordon(name);
[on.spec.unschedulable, off.spec.unschedulable ?? false, typeof k8s.coreV1().pods("default").cordon, typeof n.evict]`,
      [true, false, "undefined", "undefined"],
    ));
}
