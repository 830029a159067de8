/** Scripts in both ways of writing, against the demo cluster and the real control plane. */
import assert from "node:assert/strict";
import { connect, runningPod, TARGETS, uniqueName } from "../support/clusters.ts";
import { type TestEvaluator, testEvaluator } from "../support/evaluator.ts";
import { needs } from "../support/needs.ts";
import { js } from "../support/script.ts";

/** Scripts that read; the asynchronous form of each must answer the same. */
const PAIRS: readonly (readonly [fact: string, synchronous: string, asynchronous: string])[] = [
  [
    "a list is typed, and in its standard form",
    js`
      const l = k8s.coreV1().namespaces().list(ctx, {});
      [
        l.kind,
        Array.isArray(l.items),
        l.items.some((n) => n.metadata.name === "default"),
        typeof l.metadata.resourceVersion,
      ];
    `,
    js`
      const l = await k8s.coreV1().namespaces().list(ctx, {});
      [
        l.kind,
        Array.isArray(l.items),
        l.items.some((n) => n.metadata.name === "default"),
        typeof l.metadata.resourceVersion,
      ];
    `,
  ],
  [
    "a namespace that does not exist has no items",
    `k8s.coreV1().pods("no-such").list().items`,
    `(await k8s.coreV1().pods("no-such").list()).items`,
  ],
  [
    "names have no case",
    `[k8s.CoreV1(), k8s.coreV1(), k8s.COREV1(), k8s.corev1()].map(c => c.NameSpaces().LIST({Limit: 1}).items.length)`,
    js`
      (await Promise.all(
        [k8s.CoreV1(), k8s.coreV1(), k8s.COREV1(), k8s.corev1()].map((c) =>
          c.NameSpaces().LIST({ Limit: 1 })
        ),
      )).map((l) => l.items.length);
    `,
  ],
  [
    "short names, singulars and kinds are taken",
    `[k8s.coreV1().ns().list().kind, k8s.coreV1().namespace().list().kind, k8s.coreV1().Namespace().list().kind]`,
    js`
      const kind = async (l) => (await l).kind;
      await Promise.all(
        [k8s.coreV1().ns().list(), k8s.coreV1().namespace().list(), k8s.coreV1().Namespace().list()]
          .map(kind),
      );
    `,
  ],
  [
    "the dynamic client takes group, version and resource",
    js`
      k8s.dynamicClient().resource({ group: "", version: "v1", resource: "namespaces" }).list(
        ctx,
        {},
      ).items.some((n) => n.metadata.name === "default");
    `,
    js`
      (await k8s.dynamicClient().resource({ group: "", version: "v1", resource: "namespaces" })
        .list(ctx, {})).items.some((n) => n.metadata.name === "default");
    `,
  ],
  [
    "the discovery client tells version and groups",
    js`
      [
        /^v1\\./.test(k8s.discoveryClient().serverVersion().gitVersion),
        k8s.discoveryClient().serverGroups().groups.some((g) => g.name === "apps"),
        k8s.discoveryClient().serverPreferredResources().some((r) => r.groupVersion === "v1"),
      ];
    `,
    js`
      const d = k8s.discoveryClient();
      const [v, g] = await Promise.all([d.serverVersion(), d.serverGroups()]);
      [
        /^v1\\./.test(v.gitVersion),
        g.groups.some((g) => g.name === "apps"),
        d.serverPreferredResources().some((r) => r.groupVersion === "v1"),
      ];
    `,
  ],
  [
    "what is not there is an error with the server's words",
    js`
      try {
        k8s.coreV1().configMaps("default").get("nope");
      } catch (e) {
        [e instanceof Error, e.name, e.message, e.code, e.reason];
      }
    `,
    js`
      try {
        await k8s.coreV1().configMaps("default").get("nope");
      } catch (e) {
        [e instanceof Error, e.name, e.message, e.code, e.reason];
      }
    `,
  ],
  [
    "a path in a name is refused",
    `try { k8s.coreV1().configMaps("default").get("../secrets/x") } catch (e) { e.message }`,
    `await k8s.coreV1().configMaps("default").get("../secrets/x").catch(e => e.message)`,
  ],
  [
    "calls work anywhere that JavaScript does",
    js`
      const n = () => k8s.coreV1().namespaces().list({ limit: 1 }).items.length;
      const o = {
        get x() {
          return n();
        },
      };
      function* g() {
        yield n();
      }
      [o.x, ...g(), ["a"].map(n)[0], ((a = n()) => a)()];
    `,
    js`
      const n = async () => (await k8s.coreV1().namespaces().list({ limit: 1 })).items.length;
      [await n(), await n(), await n(), await n()];
    `,
  ],
  [
    "a page is limited, and its token continues it",
    js`
      const l = k8s.coreV1().namespaces().list({ limit: 1 });
      const m = k8s.coreV1().namespaces().list({ limit: 1, continue: l.metadata.continue });
      [l.items.length, m.items.length, l.items[0].metadata.name === m.items[0].metadata.name];
    `,
    js`
      const l = await k8s.coreV1().namespaces().list({ limit: 1 });
      const m = await k8s.coreV1().namespaces().list({ limit: 1, continue: l.metadata.continue });
      [l.items.length, m.items.length, l.items[0].metadata.name === m.items[0].metadata.name];
    `,
  ],
];

/** The life of an object, in both ways of writing. */
const WRITES = (name: string, aw: "await " | "") =>
  js`
    const c = k8s.coreV1().configMaps("default");
    const made = ${aw}c.create(ctx, {
      name: "${name}",
      labels: { a: "b" },
      data: { k: "v", metadata: "kept" },
    }, {});
    made.data.k = "w";
    const updated = ${aw}c.update(ctx, made, {});
    const merged = ${aw}c.patch(
      ctx,
      "${name}",
      "application/merge-patch+json",
      JSON.stringify({ data: { x: "y" } }),
      {},
    );
    const patched = ${aw}c.patch("${name}", [{ op: "add", path: "/data/z", value: "1" }]);
    const applied = ${aw}c.apply({ metadata: { name: "${name}", labels: { applied: "yes" } } }, {
      force: true,
    });
    const seen = ${aw}c.list(ctx, { LabelSelector: "a=b,applied=yes" });
    const gone = ${aw}c.delete(ctx, "${name}", {});
    const after = ${aw}c.list({ fieldSelector: "metadata.name=${name}" });
    [
      made.metadata.labels,
      updated.data,
      merged.data,
      patched.data,
      applied.metadata.labels,
      seen.items.length,
      gone,
      after.items.length,
    ];
  `;

for (const target of TARGETS) {
  const on = (fact: string) => needs(target, `scripts, ${target.name}: ${fact}`);
  const test = (
    fact: string,
    use: (evaluator: TestEvaluator) => Promise<void>,
    readWrite = false,
  ) =>
    Deno.test(on(fact), async () => {
      await using cluster = await connect(target, { readWrite });
      await using evaluator = testEvaluator(cluster.broker);
      await use(evaluator);
    });

  for (const [fact, synchronous, asynchronous] of PAIRS) {
    test(`${fact}, in both ways of writing`, async (evaluator) => {
      const value = await evaluator.value(synchronous);
      assert.notEqual(value, undefined);
      assert.deepEqual(await evaluator.value(asynchronous), value);
    });
  }

  test(
    "an object is created, changed, applied and deleted, in both ways of writing",
    async (evaluator) => {
      const wanted = [
        { a: "b" },
        { k: "w", metadata: "kept" },
        { k: "w", metadata: "kept", x: "y" },
        { k: "w", metadata: "kept", x: "y", z: "1" },
        { a: "b", applied: "yes" },
        1,
        null,
        0,
      ];
      assert.deepEqual(await evaluator.value(WRITES(uniqueName("sync"), "")), wanted);
      assert.deepEqual(await evaluator.value(WRITES(uniqueName("async"), "await ")), wanted);
    },
    true,
  );

  test(
    "mutations keep the order of the program, and reads see what came before them",
    async (evaluator) => {
      const name = uniqueName("order");
      const script = `const c = k8s.coreV1().configMaps("default");
c.create({name: "${name}", data: {n: "0"}});
for (let i = 1; i <= 5; i++) c.patch("${name}", "merge", {data: {n: String(i)}});
const read = c.get("${name}");
c.delete("${name}");
(await read).data.n`;
      assert.equal(await evaluator.value(script), "5");
    },
    true,
  );

  test("a forgotten await gives the data", async (evaluator) => {
    const script = `const list = k8s.coreV1().namespaces().list();
await 0;
[list.items.length > 0, JSON.stringify(list).length > 10, "items" in list, Object.keys(list).includes("items")]`;
    assert.deepEqual(await evaluator.value(script), [true, true, true, true]);
  });

  test("a function that nobody awaits runs to the end of its calls", async (evaluator) => {
    const name = uniqueName("floating");
    const script = `async function main() { const c = k8s.coreV1().configMaps("default");
  await c.create({name: "${name}-1"}); await c.create({name: "${name}-2"}); console.log("made") }
main();
"done"`;
    const evaluation = await evaluator.run(script);
    assert.ok(evaluation.ok && evaluation.result.text === "done");
    assert.deepEqual(evaluation.console, [{ level: "log", text: "made" }]);
    const count =
      `k8s.coreV1().configMaps("default").list().items.filter(c => c.metadata.name.startsWith("${name}")).length`;
    assert.equal(await evaluator.value(count), 2);
  }, true);

  test("a selector says exactly what it was given, or is refused", async (evaluator) => {
    const label = uniqueName("sel");
    const made = `const c = k8s.coreV1().configMaps("default");
for (const n of ["1", "2", "3"]) c.create({name: "${label}-" + n, labels: {app: "${label}", n}});
const names = selector => c.list({labelSelector: selector}).items.map(i => i.metadata.labels.n);
`;
    const forms = js`
      [
        names({ app: "${label}" }),
        names({
          matchLabels: { app: "${label}" },
          matchExpressions: [{ key: "n", operator: "In", values: ["1", "3"] }],
        }),
        names({
          matchLabels: { app: "${label}" },
          matchExpressions: [{ key: "n", operator: "NotIn", values: ["1"] }, {
            key: "x",
            operator: "DoesNotExist",
          }],
        }),
        names("app=${label},n=2"),
      ];
    `;
    assert.deepEqual(await evaluator.value(made + forms), [
      ["1", "2", "3"],
      ["1", "3"],
      ["2", "3"],
      ["2"],
    ]);
    for (
      const bad of [
        "undefined",
        "null",
        '["a"]',
        "{app: undefined}",
        '{app: ["a"]}',
        "{matchLabels: {}, x: 1}",
        '{matchExpressions: [{key: "n", operator: "Is"}]}',
      ]
    ) {
      const failure = await evaluator.failure(
        `k8s.coreV1().configMaps("default").deleteCollection({}, {labelSelector: ${bad}})`,
      );
      assert.match(failure.message, /selector/, bad);
    }
    const left = js`
      k8s.coreV1().configMaps("default").deleteCollection({}, {
        labelSelector: {
          matchLabels: { app: "${label}" },
          matchExpressions: [{ key: "n", operator: "In", values: ["2"] }],
        },
      });
      k8s.coreV1().configMaps("default").list({ labelSelector: "app=${label}" }).items.length;
    `;
    assert.equal(await evaluator.value(left), 2);
  }, true);

  test("a deletion keeps its dry run and its preconditions, together too", async (evaluator) => {
    const name = uniqueName("del");
    const script = `const c = k8s.coreV1().configMaps("default");
const uid = c.create({name: "${name}"}).metadata.uid;
c.delete("${name}", {dryRun: ["All"], preconditions: {uid}});
c.delete("${name}", {dryRun: "All"});
let refused; try { c.delete("${name}", {preconditions: {uid: "other"}}) } catch (e) { refused = e.reason }
const before = c.list({fieldSelector: "metadata.name=${name}"}).items.length;
c.delete("${name}", {preconditions: {uid}, propagationPolicy: "Background"});
[refused, before, c.list({fieldSelector: "metadata.name=${name}"}).items.length]`;
    assert.deepEqual(await evaluator.value(script), ["Conflict", 1, 0]);
  }, true);

  test(
    "a collection goes by a selector, or where all of it is said, and is counted",
    async (evaluator) => {
      const label = uniqueName("all");
      const script = `const maps = k8s.coreV1().configMaps("default");
      for (const n of [1, 2]) maps.create({metadata: {name: "${label}-" + n, labels: {of: "${label}"}}});
      let said; try { maps.deleteCollection() } catch (e) { said = e.message }
      const tried = maps.deleteCollection({all: true}, {labelSelector: "of=${label}", dryRun: "All"});
      [said, tried, maps.deleteCollection({}, {labelSelector: "of=${label}"})]`;
      assert.deepEqual(await evaluator.value(script), [
        "Cannot delete a collection of configmaps: neither a selector nor {all: true} is given",
        { deleted: 2 },
        { deleted: 2 },
      ]);
    },
    true,
  );

  test(
    "one object of all namespaces is refused, and so is a collection without one",
    async (evaluator) => {
      for (
        const call of [
          `pods("").get("x")`,
          `pods(undefined).delete("x")`,
          `configMaps("").deleteCollection()`,
          `configMaps().deleteCollection()`,
        ]
      ) {
        const failure = await evaluator.failure(`k8s.coreV1().${call}`);
        assert.match(failure.message, /no namespace given/, call);
      }
      for (const call of [`patch(undefined, "merge", {})`, `get(undefined)`, `delete(null)`]) {
        const failure = await evaluator.failure(`k8s.coreV1().configMaps("default").${call}`);
        assert.match(failure.message, /is no name/, call);
      }
    },
    true,
  );

  test("a failed call that nobody looks at fails the script, with its line", async (evaluator) => {
    for (
      const call of [
        `k8s.coreV1().pods("default").get("nope")`,
        `k8s.coreV1().pods("default").delete("nope")`,
      ]
    ) {
      const failure = await evaluator.failure(`await 0;\n  ${call};\n"done"`);
      assert.deepEqual([failure.line, failure.message], [2, 'pods "nope" not found']);
    }
  }, true);

  test("a refused change names the way to allow it", async (evaluator) => {
    const failure = await evaluator.failure(`k8s.coreV1().configMaps("default").delete("x")`);
    assert.equal(failure.name, "PolicyError");
    assert.match(`${failure.message} ${failure.hint}`, /read-only.*--read-write/);
  });

  Deno.test(on("logs are text, and bytes by doRaw"), async () => {
    await using cluster = await connect(target);
    await using evaluator = testEvaluator(cluster.broker);
    const { namespace, name } = await runningPod(target, cluster);
    const call = `k8s.coreV1().pods("${namespace}").getLogs("${name}", {tailLines: 3})`;
    const text = await evaluator.value(`const t = ${call}; t.split("\\n").length + ":" + t`);
    assert.match(String(text), /^4:/);
    assert.equal(
      await evaluator.value(`const t = await ${call}; t.split("\\n").length + ":" + t`),
      text,
    );
    for (const aw of ["", "await "]) {
      const bytes = await evaluator.value(
        `const b = ${aw}${call}.doRaw(ctx); [b.length > 0, String.fromCharCode.apply(null, b).split("\\n").length]`,
      );
      assert.deepEqual(bytes, [true, 4], aw);
    }
  });

  test("what there is can be looked up", async (evaluator) => {
    const value = await evaluator.value(js`
      const seen = [];
      for (const k in k8s) seen.push(k);
      [
        seen.includes("appsV1"),
        Object.keys(k8s.appsV1()).includes("deployments"),
        Object.keys(k8s.coreV1().pods("x")).includes("getLogs"),
        typeof k8s.COREV1,
        typeof k8s.nope,
        typeof k8s.coreV1().podz,
        "APPSV1" in k8s,
      ];
    `);
    assert.deepEqual(value, [true, true, true, "function", "undefined", "undefined", true]);
    const failure = await evaluator.failure(`k8s.coreV1().podz("x").list()`);
    assert.match(failure.hint ?? "", /did you mean "pods"/);
  });

  test("a custom resource defined by the same script is found", async (evaluator) => {
    const group = `${uniqueName("s")}.example.com`;
    const client = `${group.split(".")[0]}`.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
    const script = js`
      const crds = k8s.apiextensionsV1().customResourceDefinitions();
      crds.create({
        metadata: { name: "gadgets.${group}" },
        spec: {
          group: "${group}",
          scope: "Namespaced",
          names: { plural: "gadgets", singular: "gadget", kind: "Gadget" },
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
      const made = k8s.dynamicClient().resource({
        group: "${group}",
        version: "v1",
        resource: "gadgets",
      }).namespace("default").create(ctx, { name: "g", spec: { size: 1 } }, {});
      const viaClient = k8s["${client}V1"]().gadgets("default").get("g");
      crds.delete("gadgets.${group}");
      [made.kind, made.apiVersion === "${group}/v1", viaClient.spec.size];
    `;
    assert.deepEqual(await evaluator.value(script), ["Gadget", true, 1]);
  }, true);
}
