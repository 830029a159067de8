/** The tasks of tasks.ts on both clusters, in both ways of writing. */
import assert from "node:assert/strict";
import { connect, TARGETS, type TestTarget, uniqueName } from "../support/clusters.ts";
import { testEvaluator } from "../support/evaluator.ts";
import { needs } from "../support/needs.ts";
import { type Kubectl, openCluster } from "./kubectl.ts";
import { loadTaskObjects, shopDefinition, untilMetrics, untilSettled } from "./objects.ts";
import { scriptOf, type Task, TASKS } from "./tasks.ts";

for (const { name, needs: wanted } of TARGETS) {
  Deno.test(needs([...wanted, "kubectl", "time"], `tasks, ${name}`), async (test) => {
    await using cluster = await openCluster(name);
    const { kubectl } = cluster;
    const namespace = uniqueName("tasks");
    await using _objects = await loadTaskObjects(
      kubectl,
      namespace,
      name === "demo" ? undefined : await shopDefinition(),
    );
    if (name === "demo") {
      // Nothing of its story has changed but what is new.
      await kubectl("-n shop label deployment storefront seen=yes");
    } else {
      await untilSettled(kubectl, namespace);
    }
    await using connected = await connect(cluster.target);
    await using evaluator = testEvaluator(connected.broker);
    for (const task of TASKS) {
      await test.step(task.name, async () => {
        if (task.name === "top_memory") await untilMetrics(kubectl, namespace);
        await holds(task, name, kubectl, evaluator);
      });
    }
    await test.step("who_deletes_pods, as the API server itself decides", async () => {
      if (name === "demo") return console.log("skipped: the demo decides about nobody's rights");
      const may = (who: string, where = namespace) =>
        kubectl.succeeds(`auth can-i delete pods -n ${where} --as=${who}`);
      const robot = `system:serviceaccount:${namespace}:robot`;
      assert.deepEqual(
        await Promise.all([
          may(robot),
          may(robot, "default"),
          may(`${namespace}-janitor`),
          may(`${namespace}-reader`),
          may(`${namespace}-deployer`),
          may(`x --as-group=${namespace}-janitors`, "default"),
        ]),
        [true, false, true, false, false, true],
      );
    });
  });
}

/** Clusters move: an answer is wrong when it is wrong again and again. */
async function holds(
  task: Task,
  target: TestTarget["name"],
  kubectl: Kubectl,
  evaluator: ReturnType<typeof testEvaluator>,
): Promise<void> {
  const script = scriptOf(task);
  for (let tries = 1;; tries++) {
    const done = await evaluator.run(script);
    // The same in an asynchronous script, in which nothing is awaited: it waits where it is touched.
    const awaited = await evaluator.run(`await 0;\n${script}`);
    assert.ok(done.ok, JSON.stringify(done));
    assert.ok(awaited.ok, JSON.stringify(awaited));
    const { text } = done.result;
    try {
      await task.check(JSON.parse(text), kubectl);
      await task.check(JSON.parse(awaited.result.text), kubectl);
    } catch (error) {
      if (tries < 5) continue;
      throw error;
    }
    assert.match(text, task.finds[target]);
    console.log(
      `${task.name}: ${script.length} bytes of script, ${text.length} of result, ${done.calls} calls`,
    );
    return;
  }
}
