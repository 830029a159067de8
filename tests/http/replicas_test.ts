/** Two replicas with one key, in front of a real control plane: either goes on where the other was. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { VARIANTS } from "../e2e/program.ts";
import { CONTROL_PLANE, realKubeconfig } from "../support/clusters.ts";
import { needs } from "../support/needs.ts";
import { js } from "../support/script.ts";
import { connectTo, modern, runScript, type Served, startHttp } from "./served.ts";

const [SOURCE] = VARIANTS;
if (SOURCE === undefined) throw new Error("no program to test");

const newKey = () => randomBytes(32).toString("base64");

/** A namespace of its own with an object in it, and replicas with the keys given. */
async function withReplicas(
  keys: readonly string[],
  use: (replicas: readonly Served[], namespace: string) => Promise<void>,
): Promise<void> {
  const namespace = `http-${crypto.randomUUID().slice(0, 8)}`;
  const start = (flags: readonly string[], key?: string) =>
    startHttp(
      SOURCE!,
      ["--kubeconfig", realKubeconfig(), ...flags],
      key === undefined ? {} : { KUBECODE_STATE_KEY: key },
    );
  await using admin = await start(["--read-write", "--profile", "open"]);
  const client = await connectTo(admin.url);
  await runScript(
    client,
    js`
      const core = k8s.coreV1();
      core.namespaces().create({metadata: {name: "${namespace}"}});
      core.configMaps("${namespace}").create({metadata: {name: "count"}, data: {n: "0"}});
      core.secrets("${namespace}").create({metadata: {name: "s"}, stringData: {password: "kH7-w2Lx.9sQpR4t"}});
    `,
  );
  const replicas: Served[] = [];
  try {
    for (const key of keys) replicas.push(await start(["--approve"], key));
    await use(replicas, namespace);
  } finally {
    for (const replica of replicas) await replica.stop();
    await runScript(client, `k8s.coreV1().namespaces().delete("${namespace}")`);
    await client.close();
  }
}

/** Adds one to the object, whatever it holds. */
const adding = (namespace: string) =>
  js`
    const maps = k8s.coreV1().configMaps("${namespace}");
    const n = Number(maps.get("count").data.n);
    maps.patch("count", "merge", {data: {n: String(n + 1)}});
    n + 1
  `;

const counted = (namespace: string) =>
  `k8s.coreV1().configMaps("${namespace}").get("count").data.n`;

/** A call by hand, whose client can be asked. */
async function call(
  { url }: Served,
  script: string,
  answer: Record<string, unknown> = {},
): Promise<{ requestState?: string; text: string; code?: number }> {
  const meta = { "io.modelcontextprotocol/clientCapabilities": { elicitation: { form: {} } } };
  const request = modern("tools/call", {
    name: "evaluate_script",
    arguments: { script },
    ...answer,
    _meta: meta,
  });
  const { result, error } = await (await fetch(url, request)).json();
  return {
    requestState: result?.requestState,
    text: (result?.content ?? []).map(({ text }: { text: string }) => text).join("\n"),
    code: error?.code,
  };
}

const yes = (requestState: string) => ({
  requestState,
  inputResponses: { approve: { action: "accept", content: { approve: true } } },
});

const test = (fact: string, run: () => Promise<void>) =>
  Deno.test(needs(CONTROL_PLANE, `replicas: ${fact}`), run);

test("a client whose requests go to either in turn is asked once, and its change made once", async () => {
  const key = newKey();
  await withReplicas([key, key], async (replicas, namespace) => {
    let turn = 0;
    const questions: string[] = [];
    const client = await connectTo(replicas[0]!.url, "auto", {
      fetch: (_, init) => fetch(replicas[turn++ % 2]!.url, init),
      answer: (question) => {
        questions.push(question);
        return { action: "accept", content: { approve: true } };
      },
    });
    for (let round = 1; round <= 3; round++) {
      assert.match(await runScript(client, adding(namespace)), new RegExp(`^${round}`));
    }
    assert.equal(questions.length, 3);
    assert.equal(await runScript(client, counted(namespace)), "3");
    await client.close();
  });
});

test("an answer counts once on each, and on the other it meets an object that has changed", async () => {
  const key = newKey();
  await withReplicas([key, key], async ([one, other], namespace) => {
    const script = adding(namespace);
    const { requestState } = await call(one!, script);
    assert.ok(requestState);
    assert.match((await call(other!, script, yes(requestState))).text, /^1/);
    assert.match((await call(other!, script, yes(requestState))).text, /is over/);
    assert.match((await call(one!, script, yes(requestState))).text, /not in the plan|has changed/);
    assert.match((await call(one!, script, yes(requestState))).text, /is over/);
    assert.equal((await call(one!, counted(namespace))).text, "1");
  });
});

test("an answer to another script, a forged state, and one under another key are refused", async () => {
  const [key, other] = [newKey(), newKey()];
  await withReplicas([key, `${other} ${key}`, other], async (replicas, namespace) => {
    const [one, rotating, stranger] = replicas;
    const script = adding(namespace);
    const { requestState } = await call(one!, script);
    assert.ok(requestState);
    assert.match(
      (await call(rotating!, `${script}; 1`, yes(requestState))).text,
      /belongs to a call with other arguments/,
    );
    assert.equal((await call(stranger!, script, yes(requestState))).code, -32602);
    const middle = requestState.length >> 1;
    const flipped = requestState[middle] === "A" ? "B" : "A";
    const forged = requestState.slice(0, middle) + flipped + requestState.slice(middle + 1);
    assert.equal((await call(one!, script, yes(forged))).code, -32602);
    assert.equal((await call(one!, script, yes("x".repeat(200_000)))).code, -32602);
    assert.doesNotMatch(
      atob(requestState.replaceAll("-", "+").replaceAll("_", "/")),
      /count|patch/,
    );
    // The new key is the second of the replicas yet, and the old one opens.
    const again = await call(one!, script);
    assert.match((await call(rotating!, script, yes(again.requestState!))).text, /^1/);
  });
});

test("what is redacted has the same token on each, and another one under another key", async () => {
  const [key, other] = [newKey(), newKey()];
  await withReplicas([key, key, other], async (replicas, namespace) => {
    const script = `k8s.coreV1().secrets("${namespace}").get("s").data.password`;
    const tokens: string[] = [];
    for (const replica of replicas) tokens.push((await call(replica, script)).text);
    assert.match(tokens[0]!, /^\[redacted:/);
    assert.equal(tokens[1], tokens[0]);
    assert.notEqual(tokens[2], tokens[0]);
  });
});
