/** help(), explain() and apiResources() in scripts, in both ways of writing, on both clusters. */
import assert from "node:assert/strict";
import { connect, DEMO, TARGETS, uniqueName } from "../support/clusters.ts";
import { type TestEvaluator, testEvaluator } from "../support/evaluator.ts";
import { needs } from "../support/needs.ts";
import { js } from "../support/script.ts";

/** Synchronous and asynchronous forms that must answer the same. */
const PAIRS: readonly (readonly [synchronous: string, asynchronous: string])[] = [
  [`help()`, `await 0; help()`],
  [`help("pods")`, `await 0; help("pods")`],
  [`help(ctx, "deploy")`, `await help("deploy")`],
  [`k8s.help("nodes")`, `await 0; k8s.Help("nodes")`],
  [`explain("deployment.spec.strategy")`, `await explain("deployment.spec.strategy")`],
  [`k8s.explain("pod.spec")`, `await k8s.Explain(ctx, "pod.spec")`],
  [
    `explain("pods", {group: "", version: "v1", limitCharacters: 300}).length`,
    `(await explain("pods", {Group: "", Version: "v1", LimitCharacters: 300})).length`,
  ],
  [
    `explain("pod.spec").split("\\n").length`,
    `const text = explain("pod.spec"); await 0; text.split("\\n").length`,
  ],
  [
    `apiResources().map(r => [r.name, r.apiVersion].join())`,
    `(await apiResources()).map(r => [r.name, r.apiVersion].join())`,
  ],
  [`k8s.apiResources().length`, `await 0; k8s.apiResources().length`],
  [
    `try { explain("pod.spex") } catch (e) { [e.name, e.message, e.hint] }`,
    `await explain("pod.spex").catch(e => [e.name, e.message, e.hint])`,
  ],
  [
    `try { explain() } catch (e) { [e.name, e.message, e.hint] }`,
    `await explain().catch(e => [e.name, e.message, e.hint])`,
  ],
  [
    `const f = []; for (const bad of ["podz", 5, {}]) try { help(bad) } catch (e) { f.push(e.name, e.message, e.hint) } f`,
    js`
      await 0;
      const f = [];
      for (const bad of ["podz", 5, {}]) {
        try {
          help(bad);
        } catch (e) {
          f.push(e.name, e.message, e.hint);
        }
      }
      f;
    `,
  ],
];

for (const target of TARGETS) {
  const test = (
    fact: string,
    use: (evaluator: TestEvaluator) => Promise<void>,
    readWrite = false,
  ) =>
    Deno.test(needs([...target.needs, "time"], `guide, ${target.name}: ${fact}`), async () => {
      await using cluster = await connect(target, { readWrite });
      await using evaluator = testEvaluator(cluster.broker);
      await use(evaluator);
    });

  test("both ways of writing answer the same", async (evaluator) => {
    for (const [synchronous, asynchronous] of PAIRS) {
      const value = await evaluator.value(synchronous);
      assert.ok(value !== undefined && value !== "", synchronous);
      assert.deepEqual(await evaluator.value(asynchronous), value, asynchronous);
    }
  });

  test("help() is a short orientation that names what works", async (evaluator) => {
    const text = String(await evaluator.value("help()"));
    assert.ok(text.length <= 1_200, `${text.length}`);
    for (const name of ["help(", "explain(", "apiResources(", "list(", "getLogs(", "appsV1"]) {
      assert.ok(text.includes(name), name);
    }
  });

  test("help(name) tells how a script calls a resource", async (evaluator) => {
    const pods = String(await evaluator.value(`help("po")`));
    assert.match(pods, /^pods \(Pod, v1, short po\): k8s\.coreV1\(\)\.pods\(ns\)/);
    assert.match(pods, /^Verbs: .*list\({labelSelector.*getLogs\(name/m);
    assert.match(pods, /^Subresources: .*log/m);
    const nodes = String(await evaluator.value(`help("nodes")`));
    assert.match(nodes, /k8s\.coreV1\(\)\.nodes\(\), not namespaced/);
    assert.doesNotMatch(nodes, /getLogs/);
    assert.match(String(await evaluator.value(`help("deployments.apps")`)), /k8s\.appsV1\(\)/);
    assert.match(String(await evaluator.value(`help("appsV1")`)), /deployments.*statefulSets/);
  });

  test("each verb of the SDK has its signature", async (evaluator) => {
    for (const name of ["pods", "deployments", "nodes", "jobs"]) {
      const text = String(await evaluator.value(`help("${name}")`));
      assert.doesNotMatch(text, /\(…\)/, "add it to lib/sdk_guide/signatures.ts");
    }
  });

  test("help(name) tells how a verb or a global is called", async (evaluator) => {
    const cases = [
      ["getLogs", /^k8s\.coreV1\(\)\.pods\(ns\)\.getLogs\(name\|{labelSelector}, .*grep/],
      ["logs", /\.getLogs\(/],
      ["pods.exec()", /^k8s\.coreV1\(\)\.pods\(ns\)\.exec\(name, \[/],
      ["ROLLOUTRESTART", /^k8s\.appsV1\(\)\.deployments\(ns\)\.rolloutRestart\(name\)$/],
      ["rollback", /^k8s\.appsV1\(\)\.deployments\(ns\)\.rolloutUndo\(name, {toRevision}\)$/],
      ["table", /^table\(rows, \[/],
      ["x509", /^x509\(secret\.data\["tls\.crt"\]\): .*notAfter/],
      ["apiResources", /verbs is shown where/],
    ] as const;
    for (const [name, text] of cases) {
      assert.match(String(await evaluator.value(`help("${name}")`)), text);
    }
    for (
      const [typo, near] of [
        ["getLog", "getLogs"],
        ["polisy", "policy"],
        ["awiat", "await"],
        ["apsV1", "appsV1"],
      ]
    ) {
      const { hint } = await evaluator.failure(`help("${typo}")`);
      assert.equal(hint, `Did you mean "${near}"?`);
    }
  });

  test("help(name) and search_api name the verbs that scripts have", async (evaluator) => {
    const script = `const wrong = [];
for (const { name, apiVersion } of apiResources()) {
  const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "core";
  const text = help(name + "." + group);
  const [, client, resource] = /: k8s\\.(\\w+)\\(\\)\\.(\\w+)\\(/.exec(text);
  const told = /^Verbs: (.*)/m.exec(text)[1];
  const object = k8s[client]()[resource]();
  const names = [...told.matchAll(/(?:^|, )(\\w+)\\(/g)].map(m => m[1]);
  for (const verb of names) if (typeof object[verb] !== "function") wrong.push(resource + " " + verb);
  for (const verb of Object.keys(object)) {
    const basic = /^(get|list|pages|each|create|update|updateStatus|patch|apply|delete|deleteCollection)$/;
    if (!names.includes(verb) && !basic.test(verb)) wrong.push(resource + " without " + verb);
  }
}
wrong`;
    assert.deepEqual(await evaluator.value(script), []);
  });

  test("help(name) names no verb that the cluster does not offer", async (evaluator) => {
    const text = String(await evaluator.value(`help("pods.metrics.k8s.io")`));
    assert.match(text, /k8s\.metricsV1beta1\(\)\.pods\(ns\)/);
    assert.match(text, /^Verbs: .*list\(/m);
    assert.doesNotMatch(text, /create|patch|delete|getLogs/);
    assert.match(text, /explain\("pods\.metrics\.k8s\.io\/v1beta1"\)/);
  });

  test("what help(name) writes can be run as it stands", async (evaluator) => {
    const script = `const ns = "default", wrong = [];
for (const { name } of apiResources()) {
  const call = /: (k8s\\.\\w+)\\(\\)\\.(\\w+)\\(/.exec(help(name));
  const client = call && k8s[call[1].slice(4)];
  if (!client || typeof client()[call[2]] !== "function") wrong.push(name);
}
wrong`;
    assert.deepEqual(await evaluator.value(script), []);
  });

  test("apiResources() has a row for each resource", async (evaluator) => {
    const rows = await evaluator.value("apiResources()") as Record<string, unknown>[];
    const row = rows.find(({ name }) => name === "deployments");
    assert.deepEqual(row, {
      name: "deployments",
      shortNames: ["deploy"],
      apiVersion: "apps/v1",
      namespaced: true,
      kind: "Deployment",
    });
    // The verbs that nearly all have are not shown, but there.
    const listed = await evaluator.value(
      `apiResources().filter(r => r.verbs.includes("list")).map(r => r.name)`,
    ) as string[];
    assert.ok(listed.includes("deployments") && listed.includes("nodes"));
    const metrics = rows.find(({ apiVersion }) => `${apiVersion}`.startsWith("metrics"));
    assert.deepEqual(metrics?.verbs, ["get", "list"]);
    assert.equal(rows.find(({ name }) => name === "nodes")?.namespaced, false);
    const keys = rows.map(({ name, apiVersion }) => `${apiVersion}`.replace(/\/.*/, "/") + name);
    assert.equal(new Set(keys).size, rows.length);
  });

  test("a script may use the names for itself", async (evaluator) => {
    const script =
      `const help = 1, explain = 2; function apiResources() { return 3 } help + explain + apiResources()`;
    assert.equal(await evaluator.value(script), 6);
  });

  test("an explanation that fails and that nobody looks at fails the script", async (evaluator) => {
    const failure = await evaluator.failure(`await 0;\nexplain("pod.spex");\n"done"`);
    assert.deepEqual([failure.name, failure.line], ["ResolveError", 2]);
    assert.match(failure.hint ?? "", /"spec"/);
  });

  test("a custom resource is explained like any other", async (evaluator) => {
    const group = `${uniqueName("x")}.example.com`;
    const define = `k8s.apiextensionsV1().customResourceDefinitions().create({
  metadata: {name: "gears.${group}"},
  spec: {group: "${group}", scope: "Namespaced", names: {plural: "gears", singular: "gear", kind: "Gear", shortNames: ["gr"]},
    versions: [{name: "v1", served: true, storage: true, schema: {openAPIV3Schema: {type: "object", properties: {
      spec: {type: "object", required: ["teeth"], description: "What is wanted. More.", properties: {
        teeth: {type: "integer", description: "How many teeth."},
        finish: {type: "string", enum: ["Raw", "Polished"], default: "Raw"},
        mates: {type: "array", items: {type: "object", properties: {ratio: {"x-kubernetes-int-or-string": true}}}}}}}}}}]}});
help("gears.${group}")`;
    assert.match(String(await evaluator.value(define)), /^gears \(Gear, .*\/v1, short gr\)/);
    try {
      // A definition is served a moment before it is described.
      const path = `gears.${group}.spec`;
      let text: unknown;
      for (let tries = 0; tries < 100 && typeof text !== "string"; tries++) {
        if (tries > 0) await new Promise((resolve) => setTimeout(resolve, 100));
        text = await evaluator.value(`try { explain("${path}") } catch (e) { null }`);
      }
      assert.equal(
        text,
        [
          `gears.${group}/v1 Gear: spec <object>`,
          "What is wanted.",
          "teeth <integer> [required] — How many teeth.",
          'finish <"Raw"|"Polished"> default "Raw"',
          "mates <[]object>",
        ].join("\n"),
      );
      assert.match(
        String(await evaluator.value(`explain("${path}.mates.ratio")`)),
        /<IntOrString>/,
      );
      assert.match(
        String(await evaluator.value(`explain("gear.${group}.metadata")`)),
        /ObjectMeta/,
      );
    } finally {
      await evaluator.value(
        `k8s.apiextensionsV1().customResourceDefinitions().delete("gears.${group}")`,
      );
    }
  }, true);
}

Deno.test("guide: help of the policy tells what mode, profile and rules allow", async () => {
  await using readOnly = await connect(DEMO);
  await using evaluator = testEvaluator(readOnly.broker);
  for (const script of [`help("policy")`, `await 0; help("Mode")`]) {
    const text = String(await evaluator.value(script));
    assert.match(text, /^mode read-only: changes are refused\. .*--read-write/);
    assert.match(text, /\nprofile standard: /);
  }
  const caught =
    `try { k8s.coreV1().configMaps("default").create({name: "x"}) } catch (e) { e.hint }`;
  assert.match(String(await evaluator.value(caught)), /--read-write/);
});

Deno.test("guide: help() needs no cluster", async () => {
  const broker = {
    namespace: () => Promise.resolve("default"),
    isRead: () => true,
    // deno-lint-ignore require-yield
    call: async function* () {
      await Promise.reject(new Error("no cluster"));
    },
  };
  await using evaluator = testEvaluator(broker);
  for (const script of ["help()", "await 0; help()"]) {
    assert.match(String(await evaluator.value(script)), /explain\("pods\.spec"\)/);
  }
});
