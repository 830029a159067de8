/** SIGTERM: what runs may end, what comes is told to come again, what is cut is named. */
import assert from "node:assert/strict";
import { until, VARIANTS } from "../e2e/program.ts";
import { modern, type Served, startHttp } from "../http/served.ts";
import { ask, childrenOf, isGone, untilReadiness } from "./operation.ts";

const SOURCE = VARIANTS.find(({ name }) => name === "source")!;

function evaluate({ url }: Served, script: string, id = 1): Promise<Response> {
  const request = modern("tools/call", {
    name: "evaluate_script",
    arguments: { script, timeout: 60_000 },
  });
  return fetch(url, { ...request, body: String(request.body).replace(`"id":1`, `"id":${id}`) });
}

const pause = (ms: number) => `await new Promise((done) => setTimeout(done, ${ms})); "done"`;

/** Sends a script, and waits until it runs. */
async function running(
  served: Served,
  script: string,
): Promise<{ readonly answer: Promise<string> }> {
  const answer = evaluate(served, script).then((response) => response.text()).catch(String);
  await until(() => childrenOf(served.pid).length > 0);
  // From the child's start to the script's.
  await new Promise((resolve) => setTimeout(resolve, 500));
  return { answer };
}

Deno.test("drain: a script that runs has its answer, whoever comes is told to come again", async () => {
  await using served = await startHttp(SOURCE);
  const { answer } = await running(served, pause(4_000));
  const children = childrenOf(served.pid);
  Deno.kill(served.pid, "SIGTERM");
  await untilReadiness(served, 503);
  assert.equal((await ask(served, "/healthz")).status, 200);
  const refused = await evaluate(served, "1");
  assert.equal(refused.status, 503);
  assert.ok(Number(refused.headers.get("retry-after")) > 0);
  assert.match(await refused.text(), /ending/);
  assert.match(await answer, /done/);
  assert.equal(await served.ended, 0);
  assert.ok(children.every(isGone));
});

Deno.test("drain: what runs for longer is cut, and named with its caller", async () => {
  await using served = await startHttp(SOURCE, ["--drain-timeout=300ms"]);
  const { answer } = await running(served, pause(50_000));
  const children = childrenOf(served.pid);
  assert.equal(await served.stop(), 0);
  assert.match(
    served.log(),
    /warn call cut off: the server ends tool=evaluate_script caller=\S* ranMs=\d+/,
  );
  assert.doesNotMatch(await answer, /"done"/);
  assert.ok(children.every(isGone));
});

Deno.test("drain: a second signal ends at once, with all children", async () => {
  await using served = await startHttp(SOURCE);
  const { answer } = await running(served, pause(50_000));
  const children = childrenOf(served.pid);
  const started = performance.now();
  Deno.kill(served.pid, "SIGTERM");
  await untilReadiness(served, 503);
  assert.equal(await served.stop(), 130);
  assert.ok(performance.now() - started < 20_000);
  await answer;
  await until(() => children.every(isGone));
});
