/** Explanations from the schemas of the demo cluster and of the real control plane. */
import assert from "node:assert/strict";
import { ResolveError } from "../../lib/errors.ts";
import { explain } from "../../lib/kube/explain/explain.ts";
import { connect, CONTROL_PLANE, TARGETS } from "../support/clusters.ts";
import { needs } from "../support/needs.ts";

for (const target of TARGETS) {
  const test = (
    fact: string,
    use: (text: (path: string) => Promise<string>) => Promise<void>,
  ) =>
    Deno.test(needs(target, `explain(), ${target.name}: ${fact}`), async () => {
      await using cluster = await connect(target);
      await use((path) => explain(cluster.client, { path }, cluster.signal));
    });

  test("tells type and fields of a structure", async (text) => {
    const strategy = await text("deployment.spec.strategy");
    assert.match(
      strategy,
      /^deployments\.apps\/v1 Deployment: spec\.strategy <DeploymentStrategy>\n/,
    );
    assert.match(strategy, /^rollingUpdate <RollingUpdateDeployment> — .+\.$/m);
    assert.match(strategy, /^type </m);
    assert.equal(await text("deployments.apps.spec.strategy"), strategy);
    assert.equal(await text("deploy.spec.strategy"), strategy);
    assert.equal(await text("apps/v1/Deployment.spec.strategy"), strategy);
  });

  test("keeps the largest structures short, all fields named", async (text) => {
    for (const [path, fields] of [["pod.spec", 35], ["pod.spec.containers", 20]] as const) {
      const told = await text(path);
      assert.ok(told.length <= 2_000, `${path}: ${told.length}`);
      assert.ok((told.match(/^\w+ </gm)?.length ?? 0) >= fields, told);
    }
    assert.match(await text("pod.spec.containers"), /^name <string> \[required\]/m);
  });

  test("leads on by a name that means the same resource", async (text) => {
    const [, shown] = /explain\("(.*)\.containers"\)$/.exec(await text("pods.spec")) ?? [];
    assert.equal(shown, "pods.spec");
    assert.match(await text("events.events.k8s.io/v1"), /^events\.events\.k8s\.io\/v1 Event\n/);
  });

  test("passes through lists, maps and references", async (text) => {
    assert.match(
      await text("deployment.spec.template.spec.containers.image"),
      /: spec\.template\.spec\.containers\.image <string>\n/,
    );
    assert.match(await text("pod.spec.containers.resources.limits.cpu"), /<Quantity>/);
    assert.match(
      await text("deployment.spec.strategy.rollingUpdate.maxSurge"),
      /<IntOrString>/,
    );
    assert.match(
      await text("crd.spec.versions.schema.openAPIV3Schema.properties.not.not"),
      /<JSONSchemaProps>/,
    );
  });

  test("names what is near where nothing is", async (text) => {
    const failure = (path: string) =>
      text(path).then(
        () => assert.fail(`${path} was explained`),
        (error) => {
          assert.ok(error instanceof ResolveError, String(error));
          return `${error.message} ${error.hint}`;
        },
      );
    assert.match(await failure("deployment.spec.strategi"), /has no field.*"spec\.strategy"/);
    assert.match(await failure("deployment.containers"), /"spec\.template\.spec\.containers"/);
    assert.match(await failure("podz.spec"), /no resource of that name.*"pods"/);
  });
}

const values = "explain(), control plane: names the values that a field can have";
Deno.test(needs(CONTROL_PLANE, values), async () => {
  await using cluster = await connect(CONTROL_PLANE);
  const text = (path: string) => explain(cluster.client, { path }, cluster.signal);
  assert.match(await text("deployment.spec.strategy"), /type <"Recreate"\|"RollingUpdate">/);
  assert.match(
    await text("service.spec.ports.protocol"),
    /<string> default "TCP"\none of "SCTP", "TCP", "UDP"\n/,
  );
});
