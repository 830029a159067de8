/** The mistakes that are made most, each with the words from which it is repaired. */
import assert from "node:assert/strict";
import { hintFor } from "../../lib/eval/parent/error_hints.ts";
import { formatFailure } from "../../lib/tools/support/evaluation_text.ts";
import { connect, TARGETS } from "../support/clusters.ts";
import { type TestEvaluator, testEvaluator } from "../support/evaluator.ts";
import { needs } from "../support/needs.ts";

/** Scripts that fail, and what their failure says. */
const HINTS: readonly (readonly [script: string, words: RegExp])[] = [
  [`k8s.coreV1().deployments("x").list()`, /Write k8s\.appsV1\(\)\.deployments\(ns\)/],
  [
    `k8s.coreV1().pods("x").rolloutRestart("y")`,
    /pods have no rolloutRestart; deployments, .* have it: k8s\.appsV1\(\)\.deployments\(ns\)\.rolloutRestart/,
  ],
  [
    `k8s.appsV1().statefulSets("x").rollback("y")`,
    /statefulsets have no rolloutUndo; deployments have it: k8s\.appsV1\(\)/,
  ],
  [`k8s.coreV1().nodes().scale("x", 1)`, /nodes have no scale; .*deployments\(ns\)\.scale/],
  [`k8s.coreV1().namespaces().each().sort()`, /is an iteration: write toArray\(\)\.sort/],
  [`k8s.coreV1().pods("").describe("x")`, /Write \.get\(name\)/],
  [`k8s.coreV1().podz("")`, /did you mean "pods"/],
  [`k8s.coreV9()`, /The cluster does not serve it/],
  [
    `const n = k8s.coreV1().namespaces().list().items[0];\nn.spec.nope.more`,
    /left out of objects: write \?\.more/,
  ],
  [
    `k8s.coreV1().namespaces().list().items.map((n) => n.metadta.name)`,
    /There is no "metadta"; did you mean metadata\?/,
  ],
  [`const n = {metadata: {}};\nn.metadata.label["app"]`, /no "label"; did you mean labels\?/],
  [`const n = {metadata: {}};\nn.metadata.labels.app`, /write \?\.app where/],
  [`const r = k8s.coreV1().namespaces().list();\nr.body.items`, /without body or data around it/],
  [`k8s.coreV1().namespaces().List(ctx, {}).Items.length`, /as in the API: items, not Items\./],
  [
    `const l = k8s.coreV1().namespaces().list();\nfor (const n of l.Items) n`,
    /: items, not Items\./,
  ],
  [
    `const n = k8s.coreV1().namespaces().list().items[0];\nn.ObjectMeta.Name`,
    /: metadata, not ObjectMeta\./,
  ],
  [`const n = {};\nn.APIVersion.length + n.UID[0]`, /: apiVersion, not APIVersion\./],
  [`k8s.coreV1().namespaces().watch()`, /Cannot return a watch/],
  [`await 0; k8s.coreV1().namespaces().watch()`, /Cannot return a watch/],
  [`({a: (async () => 1)()})`, /\$\.a: it is a promise.*await Promise\.all/s],
  [`(async function* () { yield 1 })()`, /asynchronous iteration.*for await/s],
];

/** What is there elsewhere and not in a script. */
const ABSENT: readonly (readonly [name: string, hint: RegExp])[] = [
  ["require", /no modules/],
  ["process", /no process/],
  ["Deno", /no process/],
  ["fs", /no process, environment or files/],
  ["fetch", /no network/],
  ["kubectl", /no shell and no kubectl.*k8s\.coreV1/],
  ["execSync", /no shell/],
  ["Buffer", /atob/],
  ["coreV1", /k8s\.coreV1\(\)/],
  ["CoreV1Api", /connected/],
  ["kubernetes", /connected/],
  ["namespaces", /namespace\?/],
  ["quantty", /quantity\?/],
  ["clearTimout", /clearTimeout\?/],
];

Deno.test("hintFor() says what there is in place of what is not", () => {
  for (const [name, hint] of ABSENT) {
    const message = `${name} is not defined`;
    assert.match(hintFor({ name: "ReferenceError", message, source: "", script: "" }) ?? "", hint);
  }
  const message = "unheardOf is not defined";
  assert.equal(
    hintFor({ name: "ReferenceError", message, source: "", script: "" }),
    undefined,
  );
});

for (const target of TARGETS) {
  const test = (fact: string, use: (evaluator: TestEvaluator) => Promise<void>) =>
    Deno.test(needs([...target.needs, "time"], `mistakes, ${target.name}: ${fact}`), async () => {
      await using cluster = await connect(target);
      await using evaluator = testEvaluator(cluster.broker);
      await use(evaluator);
    });

  test("a failure says how to write it", async (evaluator) => {
    const other: string[] = [];
    for (const [script, words] of HINTS) {
      const text = formatFailure(await evaluator.failure(script));
      if (!words.test(text)) other.push(text);
    }
    assert.deepEqual(other, []);
  });

  test("what there is in place of a global of other places reaches the model", async (evaluator) => {
    const failure = await evaluator.failure(`const x = 1;\nrequire("fs")`);
    assert.deepEqual([failure.line, failure.source], [2, `require("fs")`]);
    assert.match(formatFailure(failure), /no modules/);
  });

  test("all failures of a Promise.all are named, each with its line", async (evaluator) => {
    const failure = await evaluator.failure(`const p = k8s.coreV1().configMaps("default");
const calls = [p.get("first"),
  p.get("second"), p.list(),
  p.get("third")];
for (const each of calls) await each.catch(() => 0);
await Promise.all(calls)`);
    assert.match(failure.message, /"first" not found/);
    assert.equal(failure.line, 2);
    assert.deepEqual(failure.others?.map(({ line }) => line), [3, 4]);
    assert.match(
      formatFailure(failure),
      /\n {2}\| +\^\nalso failed \(line 3\): ApiError: configmaps "second" not found\nalso .*"third"/,
    );
  });

  test("failures of a Promise.all are told within bounds, of functions too", async (evaluator) => {
    const failure = await evaluator.failure(`const p = k8s.coreV1().configMaps("default");
const failed = [];
for (let n = 0; n < 60; n++) failed.push((async () => (await p.get("no-" + n)).data)());
await Promise.allSettled(failed);
await Promise.all(failed)`);
    assert.match(failure.message, /"no-0" not found/);
    assert.deepEqual([failure.others?.length, failure.othersLeftOut], [5, 45]);
    assert.match(formatFailure(failure), /also failed \(line 3\).*\nand 45 more failed/s);
  });

  test("what a script has dealt with is not told", async (evaluator) => {
    const failure = await evaluator.failure(`const p = k8s.coreV1().configMaps("default");
await Promise.all([p.get("a"), p.get("b")].map(c => c.catch(() => null)));
try { await Promise.all([p.get("c"), p.get("d")]) } catch { }
throw new Error("mine")`);
    assert.deepEqual([failure.message, failure.others], ["mine", undefined]);
  });

  test("a failure that nobody looks at is told beside the one that was thrown", async (evaluator) => {
    const failure = await evaluator.failure(`const p = k8s.coreV1().configMaps("default");
p.get("unseen");
await p.list();
await p.get("seen")`);
    assert.match(failure.message, /"seen" not found/);
    assert.match(failure.others?.[0]?.message ?? "", /"unseen" not found/);
  });

  test("objects of the SDK tell what they are", async (evaluator) => {
    for (
      const [script, words] of [
        ["k8s", /^The value of a script's last expression.*table\(rows/s],
        ["k8s.coreV1()", /^k8s\.coreV1\(\): .*pods/],
        [`k8s.coreV1().pods("x")`, /^pods \(Pod, v1.*\nVerbs: get\(name\)/],
        [`k8s.coreV1`, /^k8s\.coreV1 is a function: write k8s\.coreV1\(\)/],
        [`k8s.coreV1().pods("").list`, /is a function: write \.list\(\{labelSelector, /],
        [`await 0; k8s.appsV1().deployments()`, /^deployments \(Deployment, apps\/v1/],
      ] as const
    ) assert.match(String(await evaluator.value(script)), words, script);
    // Nothing else of them has changed.
    assert.deepEqual(
      await evaluator.value(
        `const f = k8s.coreV1; [typeof f, f instanceof Function, f === k8s.coreV1, typeof f.call, f.nope]`,
      ),
      ["function", true, true, "function", null],
    );
  });

  test("an iteration as the value is run", async (evaluator) => {
    const all = await evaluator.value(
      `k8s.coreV1().namespaces().list().items.map(n => n.metadata.name)`,
    );
    for (
      const script of [
        `k8s.coreV1().namespaces().each({limit: 2}).map(n => n.metadata.name)`,
        `(function* () { for (const n of k8s.coreV1().namespaces().each()) yield n.metadata.name })()`,
      ]
    ) assert.deepEqual(await evaluator.value(script), all, script);
    const each = await evaluator.value(`await 0; k8s.coreV1().namespaces().each()`);
    assert.deepEqual((each as { metadata: { name: string } }[]).map((n) => n.metadata.name), all);
    const pages = await evaluator.value(`k8s.coreV1().namespaces().pages({limit: 1})`);
    assert.equal((pages as unknown[][]).length, (all as unknown[]).length);
    const endless = await evaluator.value(
      `const text = (function* () { for (let n = 0;; n++) yield n })(); text`,
    ) as unknown[];
    assert.deepEqual([endless.length, endless.at(-1)], [
      10_001,
      "…[only the first 10000 were taken]",
    ]);
  });

  test("an array of promises as the value is awaited", async (evaluator) => {
    const script = `["default"].map(async n => (await k8s.coreV1().namespaces().get(n)).kind)`;
    assert.deepEqual(await evaluator.value(script), ["Namespace"]);
  });

  test("the dynamic client takes an object's own apiVersion and kind", async (evaluator) => {
    const script = `const d = k8s.dynamicClient();
[d.resource({apiVersion: "v1", kind: "Namespace"}).list().kind,
 d.resource({ApiVersion: "apps/v1", Kind: "Deployment"}).namespace("default").list().kind]`;
    assert.deepEqual(await evaluator.value(script), ["NamespaceList", "DeploymentList"]);
  });
}
