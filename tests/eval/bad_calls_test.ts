/** Calls that cannot be made, and clusters that fail in the middle: what a script is told. */
import assert from "node:assert/strict";
import { createBrokers } from "../../lib/broker/broker.ts";
import { refuseUnknown } from "../../lib/eval/realm/input/known_options.ts";
import { createClient } from "../../lib/kube/client.ts";
import { optionsOf } from "../../lib/names/requests.ts";
import { createTransport } from "../../lib/kube/transport/transport.ts";
import { formatFailure } from "../../lib/tools/support/evaluation_text.ts";
import { accessAt } from "../support/access.ts";
import { connect, LOGGER, TARGETS } from "../support/clusters.ts";
import { testEvaluator } from "../support/evaluator.ts";
import { jsonAnswer, type RawAnswer, startRawServer } from "../support/raw_server.ts";
import { needs } from "../support/needs.ts";
import { makePolicy } from "../../lib/policy/profiles.ts";

const MAPS = `k8s.coreV1().configMaps("default")`;

/** Calls that must fail, with what is said of each: what was asked, and what to write. */
const CALLS: readonly (readonly [call: string, words: RegExp])[] = [
  [`${MAPS}.list({labelselctor: "a=b"})`, /option "labelselctor".*Did you mean labelSelector/s],
  [
    `${MAPS}.list({namespace: "shop"})`,
    /"default" and "shop" are two namespaces\nWrite configmaps\("shop"\)\.list/,
  ],
  [`${MAPS}.deleteCollection({}, {namespace: "shop"})`, /goes to configmaps\("<namespace>"\)/],
  [`k8s.coreV1().nodes().list({namespace: "shop"})`, /nodes are cluster-scoped/],
  [
    `k8s.coreV1().pods("default").getLogs("x", {sinse: "1h"})`,
    /option "sinse".*Did you mean since\? Options: since, grep, lines, tail, allContainers, /s,
  ],
  [
    `k8s.coreV1().pods("default").getLogs({lableSelector: "a=b"})`,
    /option "lableSelector".*Did you mean labelSelector\? Options: since, /s,
  ],
  [`k8s.coreV1().pods("default").watch({lableSelector: "a=b"})`, /Options: .*timeoutMs, form/],
  [`${MAPS}.list("a=b")`, /Cannot use "a=b" as options: they must be an object/],
  [`${MAPS}.list({limit: {}})`, /as option limit: it must be a string, number or boolean/],
  [`${MAPS}.list({form: "wide"})`, /Cannot use "wide" as form/],
  [`${MAPS}.list({labelSelector: undefined})`, /selector/],
  [`${MAPS}.get()`, /Cannot get configmaps: undefined is no name.*Write get\("<name>"\)/s],
  [`${MAPS}.get({named: "x"})`, /is no name/],
  [`${MAPS}.get("")`, /is no name/],
  [`${MAPS}.get("../secrets/x")`, /Cannot use "\.\.\/secrets\/x" as name/],
  [`${MAPS}.get("a%2fb")`, /Cannot use "a%2fb" as name/],
  [`${MAPS}.delete("..")`, /Cannot use "\.\." as name/],
  [`k8s.coreV1().configMaps("a/../b").list()`, /Cannot use "a\/\.\.\/b" as namespace/],
  [`k8s.coreV1().configMaps(5).list()`, /Cannot use 5 as a namespace: it is no string/],
  [
    `k8s.coreV1().configMaps("").delete("x")`,
    /Cannot delete configmaps "x" over all namespaces: no namespace given/,
  ],
  [`k8s.coreV1().configMaps("").get("x")`, /no namespace given.*configmaps\("<namespace>"\)/s],
  [`k8s.coreV1().configMaps("No_Such").create({metadata: {name: "x"}})`, /No_Such/],
  [`${MAPS}.create("words alone")`, /Cannot write "words alone" as ConfigMap: it is no object/],
  [`${MAPS}.create("a: [")`, /Cannot read "the YAML": line 1, column 5/],
  [`${MAPS}.apply("a: 1\\n---\\nb: 2")`, /it holds 2 YAML documents/],
  [`${MAPS}.create([1])`, /Cannot write \[1\] as ConfigMap: it is no object/],
  [`${MAPS}.create()`, /Cannot write undefined as ConfigMap/],
  [`${MAPS}.create({data: {a: "b"}})`, /name or generateName is required/],
  [`${MAPS}.update({data: {a: "b"}})`, /Cannot update configmaps: undefined is no name/],
  [`${MAPS}.apply({data: {a: "b"}})`, /Cannot apply configmaps: undefined is no name/],
  [`${MAPS}.create({name: "Not_Valid"})`, /"Not_Valid" is invalid: metadata\.name/],
  [`${MAPS}.create({kind: "Secret", metadata: {name: "x"}})`, /Secret|kind/],
  [`${MAPS}.create({metadata: {name: "x"}, dat: {a: "b"}})`, /unknown field "dat"/],
  [`${MAPS}.patch("x")`, /no patch given.*Write patch\(name, "merge"/s],
  [`${MAPS}.patch("x", "merge", "{bad")`, /it is not JSON/],
  [`${MAPS}.patch("x", "overlay", {})`, /there is no patch type "overlay".*"strategic"/s],
  [`${MAPS}.patch("x", "stategic", {})`, /no patch type "stategic"; did you mean strategic\?/],
  [`k8s.coreV1().configMaps().patch("x", "stategic", {})`, /did you mean strategic\?/],
  [`k8s.coreV1().configMaps().patch("x", "Overlay", {})`, /no patch type "Overlay"/],
  [`k8s.coreV1().configMaps().patch("x", "team", {})`, /"x" not found|"team"/],
  [
    `k8s.coreV1().pods().delete("x", "Background")`,
    /"Background" is no namespace\nWrite delete\("x", {propagationPolicy: "Background"}\)\./,
  ],
  [`k8s.appsV1().deployments().scale("x", "three")`, /"three" is no number of replicas/],
  [`k8s.appsV1().deployments().scale("x", {replicas: "3x"})`, /"3x" is no number of replicas/],
  [`k8s.appsV1().deployments().scale("x", NaN)`, /NaN is no number of replicas/],
  [`k8s.appsV1().deployments().scale("x", " ")`, /" " is no number of replicas/],
  [`k8s.appsV1().deployments().scale("x", "4")`, /"x" not found/],
  [`k8s.appsV1().deployments().scale("x", "default", {replicas: "4"})`, /"x" not found/],
  [
    `${MAPS}.create({name: "x", data: {x: "é".repeat(1.6e6)}})`,
    /it has 32000\d\d bytes, the API server takes 3145728/,
  ],
  [`k8s.coreV1().pods("default").get("x", {}, "nope")`, /pods\/nope/],
  [`k8s.dynamicClient().resource({resource: "podz"}).list()`, /Cannot resolve "podz"/],
  [`k8s.dynamicClient().resource({}).list()`, /no name given.*resource\(\{group/s],
  [
    `k8s.dynamicClient().resource({apiVersion: "no.such/v1", kind: "X"}).list()`,
    /"X" in no\.such\/v1/,
  ],
];

Deno.test("refuseUnknown() knows every option that the broker takes", () => {
  const told = (what: string) => {
    const resource = { resource: "pods", namespaced: true };
    try {
      refuseUnknown({ query: { "?": 1 }, method: "read", resource }, what);
    } catch (error) {
      return (error as { hint?: string }).hint?.slice("Options: ".length, -1).split(", ");
    }
  };
  for (const verb of ["get", "list", "watch"] as const) {
    assert.deepEqual(optionsOf(verb).filter((name) => !told(verb)?.includes(name)), []);
  }
  for (const what of ["log", "logs"]) {
    const unknown = optionsOf("get", "log").filter((name) => !told(what)?.includes(name));
    // A log that is followed has no end: refused by name.
    assert.deepEqual(unknown, ["follow"]);
  }
});

for (const target of TARGETS) {
  const on = (fact: string) => needs(target, `bad calls, ${target.name}: ${fact}`);
  Deno.test(on("each is told with what was asked and what to write"), async () => {
    await using cluster = await connect(target, { readWrite: true });
    await using evaluator = testEvaluator(cluster.broker);
    // One script for all: a failure that is caught tells what one that is not would.
    const told = (aw: string) =>
      evaluator.value(
        `const told = [];\n${
          CALLS.map(([call]) =>
            `try { ${aw}${call}; told.push("succeeded") } catch (e) { told.push(e.message + "\\n" + e.hint) }`
          ).join("\n")
        }\ntold`,
      ) as Promise<string[]>;
    for (const aw of ["", "await "]) {
      const got = await told(aw);
      const other = CALLS.flatMap(([call, words], at) =>
        words.test(got[at]!) ? [] : [`${aw}${call}: ${got[at]}`]
      );
      assert.deepEqual(other, []);
    }
  });

  Deno.test(on("the causes of a refused object are had by field"), async () => {
    await using cluster = await connect(target, { readWrite: true });
    await using evaluator = testEvaluator(cluster.broker);
    const script =
      `try { k8s.appsV1().deployments("default").create({name: "x", spec: {replicas: -1}}) }
catch (e) { [e.code, e.reason, e.causes.map(c => c.field)] }`;
    const [code, reason, fields] = await evaluator.value(script) as [number, string, string[]];
    assert.deepEqual([code, reason], [422, "Invalid"]);
    assert.ok(fields.includes("spec.selector"), `${fields}`);
  });

  Deno.test(on("the status is had by the names that clients have for it"), async () => {
    await using cluster = await connect(target);
    await using evaluator = testEvaluator(cluster.broker);
    const script = `try { ${MAPS}.get("no-such") } catch (e) {
const names = [e.code, e.status, e.statusCode, e.response.statusCode, e.body.code, e.body.reason];
[...names, ...Object.keys(e)] }`;
    const names = [404, 404, 404, 404, 404, "NotFound", "hint", "code", "reason"];
    assert.deepEqual(await evaluator.value(script), names);
  });
}

/** An API server with config maps, one broken group, and whatever answers to the rest. */
function fakeCluster(answer: () => RawAnswer, aggregated: boolean) {
  const maps = {
    resource: "configmaps",
    responseKind: { group: "", version: "v1", kind: "ConfigMap" },
    scope: "Namespaced",
    singularResource: "configmap",
    verbs: ["get", "list", "create", "delete"],
  };
  const discovery = (items: unknown[]) =>
    jsonAnswer({ kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", items });
  const group = (name: string, version: unknown) => ({ metadata: { name }, versions: [version] });
  const metrics = { groupVersion: "metrics.k8s.io/v1beta1", version: "v1beta1" };
  const server = startRawServer(({ path }) => {
    if (path === "/api") return discovery([group("", { version: "v1", resources: [maps] })]);
    if (path === "/apis") {
      return aggregated
        ? discovery([group("metrics.k8s.io", { ...metrics, freshness: "Stale", resources: [] })])
        : jsonAnswer({
          kind: "APIGroupList",
          groups: [{ name: "metrics.k8s.io", versions: [metrics], preferredVersion: metrics }],
        });
    }
    if (path.startsWith("/apis/metrics")) {
      const status = { kind: "Status", code: 503, message: "service unavailable" };
      return jsonAnswer(status, "503 Service Unavailable", "Retry-After: 0\r\n");
    }
    return answer();
  });
  const access = accessAt(`http://127.0.0.1:${server.port}`);
  const transport = createTransport(access, {
    userAgent: "kubecode/test",
    logger: LOGGER,
    env: () => undefined,
  });
  const client = createClient(access, transport, { discoveryTimeoutMs: 10_000 });
  const brokers = createBrokers({
    connect: () => Promise.resolve(client),
    policy: () => makePolicy({ mode: "read-write" }),
    logger: LOGGER,
  });
  return {
    broker: brokers.as({ tool: "test", session: "test" }),
    server,
    async [Symbol.asyncDispose]() {
      client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

for (const aggregated of [true, false]) {
  const how = aggregated ? "aggregated discovery" : "discovery group by group";
  Deno.test(`bad calls: a broken API is named and the rest works, by ${how}`, async () => {
    const list = { kind: "ConfigMapList", apiVersion: "v1", metadata: {}, items: [] };
    await using cluster = fakeCluster(() => jsonAnswer(list), aggregated);
    await using evaluator = testEvaluator(cluster.broker);
    assert.deepEqual(await evaluator.value(`${MAPS}.list().items`), []);
    for (
      const script of [
        `k8s.metricsV1beta1Client().podMetricses("").list()`,
        `k8s.dynamicClient().resource({group: "metrics.k8s.io", version: "v1beta1", resource: "pods"})`,
        `help("nodemetrics")`,
      ]
    ) {
      assert.match(
        formatFailure(await evaluator.failure(script)),
        /metrics\.k8s\.io\/v1beta1 is broken: (?:its API server does not answer|service unavailable)/,
        script,
      );
    }
  });
}

Deno.test("bad calls: a change without an answer is said to be unknown, and sent once", async () => {
  await using cluster = fakeCluster(() => "close", true);
  await using evaluator = testEvaluator(cluster.broker);
  for (const script of [`${MAPS}.create({name: "x"})`, `await ${MAPS}.create({name: "x"})`]) {
    const before = cluster.server.requests.length;
    const failure = await evaluator.failure(script);
    assert.match(formatFailure(failure), /change was made is unknown.*not sent again/s);
    const sent = cluster.server.requests.slice(before).filter(({ method }) => method === "POST");
    assert.equal(sent.length, 1);
  }
});
