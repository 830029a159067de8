/** `rolloutUndo`: a deployment goes back to an earlier revision, as by kubectl. */
import assert from "node:assert/strict";
import { connect, TARGETS, uniqueName } from "../support/clusters.ts";
import { type TestEvaluator, testEvaluator } from "../support/evaluator.ts";
import { needs } from "../support/needs.ts";
import { js } from "../support/script.ts";

/** A script on a deployment of its own; AWAIT is left out or `await`. */
const script = (name: string, steps: string, aw = "") =>
  js`
  const deployments = k8s.appsV1().deployments("default");
  const template = (image, env = []) => ({
    metadata: { labels: { app: "${name}" } },
    spec: { containers: [{ name: "main", image: "registry.example/" + image, env }] },
  });
  const create = (image, env) =>
    deployments.create({
      metadata: { name: "${name}" },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: "${name}" } },
        template: template(image, env),
      },
    });
  const set = (image, cause) =>
    deployments.patch("${name}", "merge", {
      metadata: { annotations: { "kubernetes.io/change-cause": cause } },
      spec: { template: template(image) },
    });
  const seen = (d) => [
    d.spec.template.spec.containers[0].image.split("/")[1],
    d.metadata.annotations["kubernetes.io/change-cause"] ?? "",
    Object.keys(d.spec.template.metadata.labels).join(),
  ];
  const failed = (e) => e.message + " | " + e.hint;
  try {
    ${steps}
  } finally {
    AWAIT deployments.delete("${name}");
  }
`.replaceAll("AWAIT", aw);

for (const target of TARGETS) {
  const test = (fact: string, use: (evaluator: TestEvaluator, name: string) => Promise<void>) =>
    Deno.test(
      needs([...target.needs, "time"], `rolloutUndo(), ${target.name}: ${fact}`),
      async () => {
        await using cluster = await connect(target, { readWrite: true });
        await using evaluator = testEvaluator(cluster.brokers);
        await use(evaluator, uniqueName("undo"));
      },
    );

  for (const aw of ["", "await"]) {
    test(`the template of an earlier revision is put back ${aw}`, async (evaluator, name) => {
      const steps = `
        AWAIT create("app:1");
        AWAIT deployments.rolloutStatus("${name}");
        AWAIT set("app:2", "second");
        AWAIT deployments.rolloutStatus("${name}");
        AWAIT set("app:3", "third");
        const before = AWAIT deployments.rolloutUndo("${name}");
        const first = AWAIT deployments.rollback("${name}", {toRevision: 1});
        [seen(before), seen(first)]`;
      assert.deepEqual(await evaluator.value(script(name, steps, aw)), [
        ["app:2", "second", "app"],
        ["app:1", "", "app"],
      ]);
    });
  }

  test("what there is no way back from is said", async (evaluator, name) => {
    const steps = `
      create("app:1");
      const told = [];
      const tryTo = (call) => { try { call() } catch (e) { told.push(failed(e)) } };
      tryTo(() => deployments.rolloutUndo("${name}"));
      tryTo(() => deployments.rolloutUndo("${name}", {toRevision: 7}));
      deployments.patch("${name}", {spec: {paused: true}});
      tryTo(() => deployments.rolloutUndo("${name}"));
      told`;
    const told = await evaluator.value(script(name, steps)) as string[];
    assert.match(told[0]!, /has no earlier revision \| Revisions: 1\./);
    assert.match(told[1]!, /has no revision 7 \| Revisions: 1\./);
    assert.match(told[2]!, /it is paused \| Write patch\(/);
  });

  test("at the revision itself nothing changes", async (evaluator, name) => {
    const steps = `create("app:1"); seen(deployments.rolloutUndo("${name}", 1))`;
    const evaluation = await evaluator.run(script(name, steps));
    assert.ok(evaluation.ok, JSON.stringify(evaluation));
    assert.deepEqual(evaluation.console.map(({ text }) => text), [
      `rolloutUndo changes nothing: "${name}" is at revision 1`,
    ]);
  });

  test(
    "a value that is not shown cannot be put back, and that is said",
    async (evaluator, name) => {
      const steps = `
      create("app:1", [{name: "DB_PASSWORD", value: "hunter2"}]);
      deployments.rolloutStatus("${name}");
      set("app:2", "second");
      let told;
      try { deployments.rolloutUndo("${name}") } catch (e) { told = failed(e) }
      told`;
      const told = String(await evaluator.value(script(name, steps)));
      assert.match(
        told,
        /redacted value .*DB_PASSWORD.* \| Revision 1 has values that scripts are not shown/,
      );
    },
  );
}
