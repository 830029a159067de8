/** Several clusters in one script: the control plane, as several users, and the demo beside it. */
import assert from "node:assert/strict";
import type { Broker, BrokerAnswer, BrokerCall, NamesIndex } from "../../lib/broker/types.ts";
import { CONTROL_PLANE, uniqueName } from "../support/clusters.ts";
import { openContexts, type TestContexts } from "../support/contexts.ts";
import { type TestEvaluator, testEvaluator } from "../support/evaluator.ts";
import { needs } from "../support/needs.ts";
import { js } from "../support/script.ts";

/** What most tests allow; `payroll` is there and not among them. */
const ALLOWED = "token,no*,demo,dead,broken";

function test(
  fact: string,
  use: (evaluator: TestEvaluator, contexts: TestContexts) => Promise<void>,
  { allowed = ALLOWED, readWrite = false } = {},
): void {
  Deno.test(needs(CONTROL_PLANE, `contexts in scripts: ${fact}`), async () => {
    await using contexts = await openContexts();
    await using evaluator = testEvaluator(contexts.broker(allowed, { readWrite }));
    await use(evaluator, contexts);
  });
}

/** Synchronous and asynchronous forms that must answer the same. */
const PAIRS: readonly (readonly [synchronous: string, asynchronous: string])[] = [
  [`k8s.contexts()`, `await k8s.contexts()`],
  [`k8s.context("demo").contexts().length`, `(await k8s.context("demo").contexts()).length`],
  [`k8s.Context(ctx, "demo").namespace`, `(await k8s.CONTEXT("demo")).namespace`],
  [
    `k8s.context("demo").coreV1().nodes().list().items.map(n => n.metadata.name)`,
    `(await k8s.context("demo").coreV1().nodes().list()).items.map(n => n.metadata.name)`,
  ],
  [
    `const d = k8s.context("demo"); Object.keys(d.appsV1())`,
    `await 0; const d = k8s.context("demo"); Object.keys(d.appsV1())`,
  ],
  [`Object.keys(k8s.context("demo"))`, `await 0; Object.keys(k8s.context("demo"))`],
  [`k8s.context("demo").help("po")`, `await 0; k8s.context("demo").help("po")`],
  [
    `k8s.context("demo").explain("deployment.spec.strategy")`,
    `await k8s.context("demo").explain("deployment.spec.strategy")`,
  ],
  [
    `k8s.context("demo").apiResources().map(r => r.name)`,
    `(await k8s.context("demo").apiResources()).map(r => r.name)`,
  ],
  [
    `k8s.context("demo").discoveryClient().serverVersion()`,
    `await k8s.context("demo").discoveryClient().serverVersion()`,
  ],
  [
    js`
      k8s.context("demo").dynamicClient().resource({
        group: "apps",
        version: "v1",
        resource: "deployments",
      }).namespace("shop").list().items.length;
    `,
    js`
      (await k8s.context("demo").dynamicClient().resource({
        group: "apps",
        version: "v1",
        resource: "deployments",
      }).namespace("shop").list()).items.length;
    `,
  ],
  [
    `k8s.context("demo").metricsV1beta1Client().nodeMetricses().list().items.length`,
    `(await k8s.context("demo").metricsV1beta1Client().nodeMetricses().list()).items.length`,
  ],
  [
    `let n = 0; for (const p of k8s.context("demo").coreV1().pods("").each({limit: 7})) n++; n`,
    `let n = 0; for await (const p of k8s.context("demo").coreV1().pods("").each({limit: 7})) n++; n`,
  ],
  [
    js`
      const f = [];
      for (const bad of ["payroll", "nowhere", "Demo", 5, "", undefined]) {
        try {
          k8s.context(bad);
        } catch (e) {
          f.push([e.name, e.message, e.hint]);
        }
      }
      f;
    `,
    js`
      await 0;
      const f = [];
      for (const bad of ["payroll", "nowhere", "Demo", 5, "", undefined]) {
        try {
          k8s.context(bad);
        } catch (e) {
          f.push([e.name, e.message, e.hint]);
        }
      }
      f;
    `,
  ],
];

test("both ways of writing answer the same", async (evaluator) => {
  for (const [synchronous, asynchronous] of PAIRS) {
    const value = await evaluator.value(synchronous);
    assert.ok(value !== undefined && value !== "" && value !== 0, synchronous);
    assert.deepEqual(await evaluator.value(asynchronous), value, asynchronous);
  }
});

test("contexts() gives what is allowed, by name, cluster and namespace alone", async (evaluator) => {
  const entry = (name: string, cluster: string, namespace = "default") => ({
    name,
    cluster,
    namespace,
    current: name === "admin",
  });
  assert.deepEqual(await evaluator.value(`k8s.contexts()`), [
    entry("admin", "testbed"),
    entry("token", "testbed", "kube-system"),
    entry("nobody", "testbed"),
    entry("demo", "demo", "shop"),
    entry("dead", "dead"),
    entry("broken", "no-such-cluster"),
  ]);
});

test("each context has its own namespace, discovery, schemas and server", async (evaluator) => {
  const script = js`
    const demo = k8s.context("demo"), token = k8s.context("token");
    const version = (k) => k.discoveryClient().serverVersion().gitVersion;
    ({
      namespaces: [
        namespace,
        k8s.namespace,
        token.namespace,
        demo.namespaceOrDefault(""),
        demo.namespaceOrDefault("x"),
      ],
      config: demo.coreV1().configMaps().get("shop-config").metadata.namespace,
      nodes: demo.coreV1().nodes().list().items.map((n) => n.metadata.name).includes(
        k8s.coreV1().nodes().list().items[0]?.metadata.name,
      ),
      same: version(k8s) === version(token),
      groups: ["admissionregistrationV1", "appsV1"].map((g) => [typeof k8s[g], typeof demo[g]]),
      help: demo.help().includes('namespace ("shop")'),
    });
  `;
  assert.deepEqual(await evaluator.value(script), {
    namespaces: ["default", "default", "kube-system", "shop", "x"],
    config: "shop",
    nodes: false,
    same: true,
    groups: [["function", "undefined"], ["function", "function"]],
    help: true,
  });
});

test("what help(name) writes in a context can be run as it stands", async (evaluator) => {
  const text = String(await evaluator.value(`k8s.context("demo").help("deploy")`));
  assert.match(text, /k8s\.context\("demo"\)\.appsV1\(\)\.deployments\(ns\)/);
  assert.match(text, /^Fields: k8s\.context\("demo"\)\.explain\("deployments"\)/m);
  const help = String(await evaluator.value("help()"));
  assert.match(
    help,
    /^Other clusters: k8s\.context\(name\).*: token, nobody, demo, dead, broken$/m,
  );
  assert.ok(help.length <= 1_200, `${help.length}`);
});

test(
  "without leave there is the current context alone, and the refusal names the flag",
  async (evaluator) => {
    const script = `const refused = [];
for (const name of ["token", "nowhere"]) try { k8s.context(name) } catch (e) { refused.push(e.name, e.hint) }
[k8s.contexts().map(c => c.name), refused, k8s.context("admin").namespace, help().includes("Other clusters")]`;
    const hint = "The person who runs kubecode can allow others by starting it with --contexts.";
    assert.deepEqual(await evaluator.value(script), [
      ["admin"],
      ["PolicyError", hint, "PolicyError", hint],
      "default",
      false,
    ]);
  },
  { allowed: "" },
);

test("errors name the context they come from; those of the current one are as ever", async (evaluator) => {
  for (
    const [script, words] of [
      [`coreV1().configMaps("shop").get("x")`, /configmaps "x" not found \(context "demo"\)$/],
      [`coreV1().pods("shop").waitFor("x", "Ready")`, /"x" not found \(context "demo"\)$/],
      [
        `coreV1().configMaps("shop").waitFor("shop-config", "delete", {timeoutMs: 50})`,
        /\(context "demo"\) any longer/,
      ],
      [
        `dynamicClient().resource({group: "", version: "v1", resource: "podz"})`,
        /serve it \(context "demo"\)$/,
      ],
      [`help("podz")`, /has that name \(context "demo"\)$/],
      [`explain("pod.spex")`, /\(context "demo"\)$/],
      [`coreV1().configMaps("shop").delete("shop-config")`, /read-only \(context "demo"\)$/],
    ] as const
  ) {
    for (const form of [`k8s.context("demo").${script}`, `await k8s.context("demo").${script}`]) {
      assert.match((await evaluator.failure(form)).message, words, form);
    }
    // What is not there needs no waiting for.
    if (script.includes('"delete"')) continue;
    assert.doesNotMatch((await evaluator.failure(`k8s.${script}`)).message, /\(context/, script);
  }
  const miss = await evaluator.failure(`k8s.context("demo").coreV1().podz("")`);
  assert.match(miss.hint ?? "", /k8s\.context\("demo"\)\.coreV1\(\); did you mean "pods"\?/);
  const nobody = await evaluator.failure(`k8s.context("nobody").coreV1().secrets("").list()`);
  assert.match(nobody.message, /"nobody" cannot list.*\(context "nobody"\)$/);
});

test("one that cannot be reached, or used, fails its own calls alone", async (evaluator) => {
  const script = `const names = ["admin", "dead", "demo", "broken", "token"];
const all = await Promise.allSettled(names.map(n => k8s.context(n).coreV1().namespaces().list()));
all.map((each, at) => [names[at], each.status, each.reason?.message ?? each.value.items.length > 0])`;
  const rows = await evaluator.value(script) as [string, string, unknown][];
  assert.deepEqual(rows.map(([name, status]) => `${name} ${status}`), [
    "admin fulfilled",
    "dead rejected",
    "demo fulfilled",
    "broken rejected",
    "token fulfilled",
  ]);
  assert.match(String(rows[1]?.[2]), /context "dead"/);
  assert.match(String(rows[3]?.[2]), /context "broken"/);
  const blocking = `const told = [];
for (const n of ["dead", "broken"]) try { k8s.context(n).coreV1() } catch (e) { told.push(e.message, e.hint) }
[k8s.context("demo").coreV1().pods("").list().items.length > 0, ...told]`;
  const [works, ...told] = await evaluator.value(blocking) as [boolean, ...string[]];
  assert.equal(works, true);
  assert.match(told.join("\n"), /context "dead"[\s\S]*context "broken"/);
  assert.doesNotMatch(told.join("\n"), /payroll|testbed/);
});

test("changes keep the order of the program, whichever context they go to", async (evaluator) => {
  const name = uniqueName("ordered");
  const script =
    `const a = k8s.coreV1().configMaps("default"), b = k8s.context("token").coreV1().configMaps("default");
a.create({name: "${name}", data: {n: "1"}});
b.patch("${name}", "merge", {data: {n: "2"}});
a.patch("${name}", "merge", {data: {m: "3"}});
const seen = b.get("${name}");
const gone = b.delete("${name}");
[(await seen).data, await gone, (await a.get("${name}").catch(e => e)).code]`;
  assert.deepEqual(await evaluator.value(script), [{ n: "2", m: "3" }, null, 404]);
}, { readWrite: true });

test("watches, waits, rollouts and drains stay in their context", async (evaluator) => {
  const name = uniqueName("watched");
  const script = js`
    const there = k8s.context("demo"), maps = there.coreV1().configMaps();
    const seen = [];
    const watching = (async () => {
      for await (
        const { type, object } of maps.watch({
          fieldSelector: "metadata.name=${name}",
          timeoutSeconds: 10,
        })
      ) {
        seen.push(type + " " + object.metadata.namespace);
        if (type === "DELETED") break;
      }
    })();
    await maps.create({ name: "${name}" });
    const found = await maps.waitFor("${name}", (o) => true);
    await maps.delete("${name}");
    await maps.waitFor("${name}", "delete");
    await watching;
    const [deployment] = (await there.appsV1().deployments("shop").list()).items.filter((d) =>
      d.status.readyReplicas === d.spec.replicas
    );
    const status = await there.appsV1().deployments().rolloutStatus(deployment.metadata.name);
    const [node] = (await there.coreV1().nodes().list()).items;
    const drain = await there.coreV1().nodes().drain(node.metadata.name).catch((e) => e.message);
    [
      seen,
      found.metadata.namespace,
      typeof status,
      drain,
      (await there.coreV1().nodes().get(node.metadata.name)).spec.unschedulable,
    ];
  `;
  const [seen, namespace, status, drain, cordoned] = await evaluator.value(script) as unknown[];
  assert.deepEqual([seen, namespace, status, cordoned], [
    ["ADDED shop", "DELETED shop"],
    "shop",
    "string",
    true,
  ]);
  assert.match(String(drain), /Cannot drain node ".*" \(context "demo"\)/);
}, { readWrite: true });

/** Scripts that try to get at what is not allowed, or to hold the server up. */
const ATTACKS: readonly (readonly [script: string, value: unknown])[] = [
  [
    js`
      const out = [];
      for (
        const n of [
          "__proto__",
          "constructor",
          "../payroll",
          "demo/../payroll",
          "payroll\\u0000",
          "*",
          "no*",
          "PAYROLL",
        ]
      ) {
        try {
          k8s.context(n);
          out.push(n);
        } catch (e) {
          if (e.name !== "PolicyError" || /payroll/.test(e.hint)) out.push(e.name, e.hint);
        }
      }
      out;
    `,
    [],
  ],
  [`JSON.stringify(k8s.contexts()).includes("payroll")`, false],
  // The context of a call is neither an option nor found on a prototype.
  [
    `const node = k8s.context("demo").coreV1().nodes().list().items[0].metadata.name;
Object.prototype.context = "demo";
const get = o => { try { return k8s.coreV1().nodes().get(node, o) } catch (e) { return e.code ?? e.name } };
[get(), get({context: "demo"}), get({Context: "demo"})]`,
    [404, "InputError", "InputError"],
  ],
  [
    js`
      try {
        Object.defineProperty(Object.prototype, "context", {
          set() {
            throw new Error("seen");
          },
          get() {
            return "payroll";
          },
          configurable: true,
        });
      } catch {}
      k8s.context("demo").coreV1().pods("shop").list().items.length > 0;
    `,
    true,
  ],
  [
    `JSON.stringify = () => '"payroll"'; String.prototype.includes = () => true; Array.prototype.find = () => ({name: "payroll"});
k8s.context("demo").namespace`,
    "shop",
  ],
  [`k8s.context(new String("demo")) ? 1 : 0`, "InputError"],
  [`k8s.context({toString() { return "payroll" }})`, "InputError"],
  [`k8s.context("x".repeat(5000))`, "InputError"],
  [`let k = k8s; for (let i = 0; i < 1000; i++) k = k.context("demo"); k.namespace`, "shop"],
  [
    `for (let i = 0; i < 100000; i++) try { k8s.context("name-" + i) } catch (e) { if (e.name === "LimitError") throw e }`,
    "LimitError",
  ],
  [
    `for (let i = 0; i < 100000; i++) k8s.context("demo"); k8s.context("demo") === k8s.context("demo")`,
    true,
  ],
];

test("attacks end as they must", async (evaluator) => {
  for (const [script, wanted] of ATTACKS) {
    const evaluation = await evaluator.run(script);
    const got = evaluation.ok
      ? (evaluation.result.type === "json"
        ? JSON.parse(evaluation.result.text)
        : evaluation.result.text)
      : evaluation.failure.name;
    assert.deepEqual(got, wanted, script);
  }
});

const INDEX: NamesIndex = {
  versions: [{
    group: "",
    version: "v1",
    preferred: true,
    resources: [{
      resource: "pods",
      singular: "pod",
      kind: "Pod",
      shortNames: ["po"],
      namespaced: true,
      verbs: ["get", "list"],
      subresources: [],
    }],
  }],
};

/** Answers no list before lists of three contexts are asked for, and discovery of the current one only. */
function meetingBroker(): Broker {
  const waiting = new Set<string>();
  const met = Promise.withResolvers<void>();
  async function answer(call: BrokerCall): Promise<unknown> {
    const { context = "here" } = call;
    if (call.op === "contexts") {
      return [{ name: context, cluster: "c", namespace: "default", current: context === "here" }];
    }
    if (call.op === "names" && context === "here") return INDEX;
    if (call.op !== "request") return await new Promise<never>(() => {});
    waiting.add(context);
    if (waiting.size === 3) met.resolve();
    await met.promise;
    return { metadata: {}, items: [{ metadata: { name: context } }] };
  }
  return {
    namespace: () => Promise.resolve("default"),
    isRead: () => true,
    async *call(call): AsyncGenerator<BrokerAnswer> {
      const body = new TextEncoder().encode(JSON.stringify(await answer(call)));
      yield { form: "json", more: false, body };
    },
  };
}

Deno.test("contexts in scripts: reads of several run side by side from the first call on", async () => {
  await using evaluator = testEvaluator(meetingBroker());
  const script =
    `const lists = await Promise.all(["a", "b", "c"].map(n => k8s.context(n).coreV1().pods("").list()));
lists.map(l => l.items[0].metadata.name)`;
  assert.deepEqual(await evaluator.value(script), ["a", "b", "c"]);
});
