/** A server under load and in trouble: fair to callers, counted, ready when its cluster is. */
import assert from "node:assert/strict";
import { until, VARIANTS } from "../e2e/program.ts";
import { modern, startHttp } from "../http/served.ts";
import { CONTROL_PLANE, realKubeconfig, uniqueName } from "../support/clusters.ts";
import { needs } from "../support/needs.ts";
import { ask, childrenOf, evaluate, isGone, sample } from "./operation.ts";

const SOURCE = VARIANTS.find(({ name }) => name === "source")!;

const bearer = (user: string) => ({
  authorization: `Bearer ${user}-${"0123456789abcdef".repeat(3)}`,
});

/** A file that lets ann and bob in. */
async function tokensFile(): Promise<string> {
  const lines = await Promise.all(["ann", "bob"].map(async (user) => {
    const token = bearer(user).authorization.slice("Bearer ".length);
    const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
    return `${user} sha256:${new Uint8Array(hash).toHex()}`;
  }));
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, lines.join("\n"));
  return path;
}

const pause = (ms: number) => `await new Promise((done) => setTimeout(done, ${ms})); "done"`;

Deno.test("fifty calls of one caller do not hold up another's, and what finds no room is told to come again", async () => {
  const tokens = await tokensFile();
  await using served = await startHttp(SOURCE, [
    `--tokens-file=${tokens}`,
    "--max-scripts=2",
    "--max-waiting=40",
  ]);
  await evaluate(served, "1", bearer("bob"));
  let ended = 0;
  const many = Array.from({ length: 50 }, async () => {
    const answer = await evaluate(served, pause(200), bearer("ann"));
    if (answer.status === 200) ended += 1;
    return answer;
  });
  await until(() => ended >= 2);
  const before = ended;
  const own = await evaluate(served, "1 + 1", bearer("bob"));
  assert.match(own.text, /"2"/);
  // Half of the scripts are ann's at most, so that none had to end first.
  assert.ok(ended - before <= 6, `${ended - before} of ann's ended meanwhile`);
  const answers = await Promise.all(many);
  const shed = answers.filter(({ status }) => status === 503);
  assert.equal(shed.length, 29);
  assert.ok(shed.every(({ headers }) => Number(headers.get("retry-after")) >= 1));
  assert.ok(answers.every(({ status, text }) => status === 503 || text.includes("done")));

  const refused = await ask(served, "/metrics");
  assert.equal(refused.status, 401);
  const { text } = await ask(served, "/metrics", bearer("ann"));
  assert.equal(sample(text, "kubecode_calls_shed_total"), 29);
  assert.equal(
    sample(text, 'kubecode_tool_calls_total{tool="evaluate_script",outcome="ok"}'),
    23,
  );
  assert.equal(sample(text, "kubecode_tenants"), 2);
  assert.equal(sample(text, "kubecode_scripts_waiting"), 0);
  assert.equal(sample(text, 'kubecode_http_requests_total{path="/metrics",code="401"}'), 1);
  // Nobody is named.
  assert.doesNotMatch(text, /ann|bob/);
  await Deno.remove(tokens);
});

Deno.test("metrics count what the policy refuses and what callers make up, without its names", async () => {
  await using served = await startHttp(SOURCE, ["--log-level=debug"]);
  await evaluate(served, `k8s.coreV1().configMaps("shop").delete("x")`);
  await evaluate(served, `k8s.coreV1().namespaces().list().items.length`);
  await evaluate(served, `k8s.coreV1().secrets("shop").list().items.length`);
  await ask(served, "/made-up-path?token=s3cret");
  const madeUp = modern("tools/call", { name: "made_up_tool", arguments: {} });
  await (await fetch(served.url, madeUp)).body?.cancel();
  const { text } = await ask(served, "/metrics");
  assert.equal(sample(text, 'kubecode_denials_total{by="policy"}'), 1);
  assert.equal(sample(text, "kubecode_redacted_answers_total"), 1);
  assert.equal(sample(text, 'kubecode_http_requests_total{path="none",code="404"}'), 1);
  assert.doesNotMatch(text, /made/);
  assert.match(served.log(), /debug http request method=POST path=\/mcp status=200 how=none/);
  assert.doesNotMatch(served.log(), /s3cret/);
});

Deno.test("a child that is killed fails its script alone", async () => {
  await using served = await startHttp(SOURCE);
  // What is refused is counted: from then on the script runs.
  const refused = `try { k8s.coreV1().configMaps("shop").create({}) } catch {}`;
  const answer = evaluate(served, `${refused}; ${pause(30_000)}`);
  while (sample((await ask(served, "/metrics")).text, 'kubecode_denials_total{by="policy"}') < 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (const pid of childrenOf(served.pid)) Deno.kill(pid, "SIGKILL");
  const { status, text } = await answer;
  assert.equal(status, 200);
  assert.match(text, /"isError":true/);
  assert.match((await evaluate(served, "1 + 1")).text, /"2"/);
});

Deno.test(
  needs(CONTROL_PLANE, "SIGTERM under load: each change is made once, or said not to be"),
  async () => {
    const prefix = uniqueName("drain");
    const served = await startHttp(SOURCE, [
      "--kubeconfig",
      realKubeconfig(),
      "--read-write",
      "--max-scripts=2",
    ]);
    const create = (n: number) =>
      `k8s.coreV1().configMaps("default").create({metadata: {name: "${prefix}-${n}"}}).metadata.name`;
    const answers = Array.from(
      { length: 12 },
      (_, n) => evaluate(served, create(n)).catch(() => ({ status: 0, text: "" })),
    );
    await until(() => childrenOf(served.pid).length > 0);
    const children = childrenOf(served.pid);
    await Promise.race(answers);
    Deno.kill(served.pid, "SIGTERM");
    const told = await Promise.all(answers);
    assert.equal(await served.ended, 0);
    assert.ok(children.every(isGone));
    await using after = await startHttp(SOURCE, ["--kubeconfig", realKubeconfig(), "--read-write"]);
    const { text } = await evaluate(
      after,
      `const maps = k8s.coreV1().configMaps("default");
     const names = maps.list().items.map((one) => one.metadata.name).filter((name) => name.startsWith("${prefix}"));
     for (const name of names) maps.delete(name);
     names`,
    );
    for (const [n, { status, text: answer }] of told.entries()) {
      const isMade = text.includes(`${prefix}-${n}\\"`);
      const isTold = status === 200 && answer.includes(`${prefix}-${n}`) &&
        !answer.includes('"isError":true');
      assert.equal(isTold, isMade, `${n}: ${status} ${answer}`);
    }
  },
);
