/** The tool over the demo cluster and the real control plane. */
import assert from "node:assert/strict";
import { ResolveError } from "../../lib/errors.ts";
import { SEARCH_CHARACTERS, searchApiTool } from "../../lib/tools/code/search_api.ts";
import { connect, TARGETS } from "../support/clusters.ts";
import { needs } from "../support/needs.ts";

const ORIGIN = { tool: "test", session: "test" };

for (const target of TARGETS) {
  const test = (fact: string, use: (search: (query: string) => Promise<string>) => Promise<void>) =>
    Deno.test(needs(target, `search_api, ${target.name}: ${fact}`), async () => {
      await using cluster = await connect(target);
      const tool = searchApiTool(cluster.brokers);
      await use(async (query) => {
        const input = tool.input.parse({ query });
        const { text: [text = ""] } = await tool.run(input, {
          origin: ORIGIN,
          signal: cluster.signal,
        });
        assert.ok(text.length <= SEARCH_CHARACTERS, `${query}: ${text.length} characters`);
        return text;
      });
    });

  test("answers words with how a script calls the resource", async (search) => {
    const text = await search("scale a deployment");
    assert.match(
      text,
      /^deployments \(deploy\) apps\/v1 Deployment: k8s\.appsV1\(\)\.deployments\(ns\)\n/,
    );
    assert.match(text, /verbs: .*list.*; subresources: .*scale/);
    assert.match(text, /verbs: .*scale\(name, replicas\)/);
    assert.match(await search("pods"), /verbs: .*getLogs\(name\|{labelSelector}, /);
    assert.match(await search("nodes"), /k8s\.coreV1\(\)\.nodes\(\)\n/);
    assert.match(await search("pods"), /k8s\.metricsV1beta1\(\)\.pods\(ns\)/);
  });

  test("answers a path with the schema's words", async (search) => {
    assert.match(
      await search("deployment.spec.strategy"),
      /rollingUpdate <RollingUpdateDeployment>/,
    );
    assert.match(await search("pods.spec"), /^containers <\[\]Container> \[required\]/m);
    await assert.rejects(search("deployment.spec.strategi"), (error: unknown) => {
      assert.ok(error instanceof ResolveError);
      assert.match(error.hint ?? "", /"spec\.strategy"/);
      return true;
    });
  });

  test("answers verbs and globals with how they are called", async (search) => {
    for (const query of ["logs", "getLogs", "read the logs"]) {
      assert.match(await search(query), /^k8s\.coreV1\(\)\.pods\(ns\)\.getLogs\(/);
    }
    assert.match(await search("exec"), /^k8s\.coreV1\(\)\.pods\(ns\)\.exec\(/);
    assert.match(await search("table"), /^table\(rows, /);
    assert.match(await search("globals"), /^Globals: k8s, ctx, .*quantity, x509/);
    assert.match(await search("await"), /Promise\.all/);
    assert.match(await search("quantity"), /"250m"\): 0\.25/);
    assert.match(await search("x509"), /notAfter/);
    assert.match(await search("clients"), /batchV1\(\).*discoveryClient\(\)/);
    assert.match(await search("list"), /^k8s\.coreV1\(\)\.pods\(ns\)\.list\(/);
    assert.match(await search("x509 secret"), /^secrets [^]*\nx509\(secret/);
    assert.match(await search("list of ingresses"), /^ingresses /);
  });

  test("is told what there is where nothing fits", async (search) => {
    assert.match(await search("podz"), /^pods /);
    assert.match(await search("qqqqqqqq"), /^Nothing .*core, .*apps/);
    // A group is no resource, though it has dots.
    assert.match(await search("networking.k8s.io"), /k8s\.networkingV1\(\)\.ingresses\(ns\)/);
  });
}

Deno.test("searchApiTool() takes a query only, and reads only", () => {
  const tool = searchApiTool({} as Parameters<typeof searchApiTool>[0]);
  for (
    const bad of [{}, { query: "" }, { query: "  " }, { query: 5 }, { query: "x".repeat(201) }]
  ) {
    assert.equal(tool.input.safeParse(bad).success, false, JSON.stringify(bad));
  }
  assert.deepEqual(tool.input.parse({ query: " pods " }), { query: "pods" });
  assert.equal(tool.annotations.readOnlyHint, true);
  assert.equal(tool.annotations.destructiveHint, false);
});
