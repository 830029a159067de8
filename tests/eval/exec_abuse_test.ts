/** What commands of scripts must not become: sessions left behind, memory, a way round the policy. */
import assert from "node:assert/strict";
import { connect } from "../support/clusters.ts";
import { type TestEvaluator, testEvaluator } from "../support/evaluator.ts";
import { type ExecServer, type ExecSession, startExecServer } from "../support/exec_server.ts";
import { needs } from "../support/needs.ts";

const PODS = `k8s.coreV1().pods("shop")`;
const EXEC = `${PODS}.exec("web-0", ["run"])`;

const test = (
  fact: string,
  serve: (session: ExecSession, query: URLSearchParams) => void | Promise<void>,
  use: (evaluator: TestEvaluator, server: ExecServer) => Promise<void>,
  readWrite = true,
) =>
  Deno.test(needs(["time"], `commands of scripts: ${fact}`), async () => {
    await using server = startExecServer(serve);
    await using cluster = await connect(server.target, { readWrite });
    await using evaluator = testEvaluator(cluster.broker);
    await use(evaluator, server);
    await server.untilOpen(0);
  });

const silent = () => {};

/** Writes for as long as somebody listens, up to 1 GB. */
async function flood(session: ExecSession) {
  const text = "x".repeat(64 * 1024);
  for (let sent = 0; sent < 1e9 && session.isOpen(); sent += text.length) {
    session.send(1, text);
    session.send(2, text);
    while (session.isOpen() && session.waiting() > 1024 * 1024) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

test("output without end is cut, and the session ended", flood, async (evaluator) => {
  for (const wait of ["", "await "]) {
    const script = `const r = ${wait}${PODS}.exec("web-0", "yes", {timeoutMs: 60000});
      [r.stdout.length, r.stderr.length, r.truncated, r.ended, r.exitCode]`;
    const ended = await evaluator.run(script, 60_000);
    assert.deepEqual(ended.ok && JSON.parse(ended.result.text), [
      1024 * 1024,
      1024 * 1024,
      true,
      "output",
      null,
    ]);
  }
});

test("a command without end leaves its script time to answer", silent, async (evaluator) => {
  for (const wait of ["", "await "]) {
    const script = `(${wait}${PODS}.exec("web-0", "sleep 9", {timeoutMs: 1e9})).ended`;
    const ended = await evaluator.inTime(script, 5_000);
    assert.deepEqual(ended.ok ? ended.result.text : ended.failure, "timeout");
  }
});

test("a script that is killed leaves no session behind", silent, async (evaluator, server) => {
  for (const script of [`await 0; ${EXEC}; for (;;);`, `${EXEC}; 1`, `await ${EXEC}`]) {
    const running = evaluator.run(script, 3_000);
    await server.untilOpen(1);
    await running;
    await server.untilOpen(0);
  }
});

test(
  "a script that fails or is cancelled leaves no session behind",
  silent,
  async (evaluator, server) => {
    for (const script of [`await 0; ${EXEC}; setTimeout(() => { throw 1 }, 50)`, `await ${EXEC}`]) {
      const abort = new AbortController();
      const running = evaluator.run(script, 20_000, abort.signal);
      await server.untilOpen(1);
      abort.abort();
      assert.equal((await running).ok, false);
      await server.untilOpen(0);
    }
  },
);

test("a standard input that nobody reads is bounded", silent, async (evaluator) => {
  const failure = await evaluator.failure(
    `${PODS}.exec("web-0", "cat", {stdin: "x".repeat(4 * 1024 * 1024)})`,
  );
  assert.match(failure.message, /4194304 bytes, the API server takes 3145728/);
  const text = `r = ${PODS}.exec("web-0", "cat", {stdin: "x".repeat(1024 * 1024), timeoutMs: 500})`;
  assert.equal(await evaluator.value(`const ${text}; r.ended`), "timeout");
});

/** Without the looks at the pods that come before. */
const commandsOf = ({ requests }: ExecServer) => requests.filter((each) => each.includes("/exec?"));

test("commands come one after the other, in the order of the program", (session, query) => {
  session.send(1, query.get("command") ?? "");
  session.succeed();
}, async (evaluator, server) => {
  const script = `const all = await Promise.all(["a", "b", "c"].map(c => ${PODS}.exec("web-0", c)));
    all.map(r => r.stdout)`;
  assert.deepEqual(await evaluator.value(script), ["a", "b", "c"]);
  assert.deepEqual(commandsOf(server).map((each) => each.slice(-1)), ["a", "b", "c"]);
});

test("what is written is text, whatever it looks like", (session) => {
  session.send(1, ',"managedFields":[{"fieldsType":"FieldsV1"}],"x":1');
  session.send(2, '"}\u2028\u0000{"__proto__":{"a":1}}');
  session.succeed();
}, async (evaluator) => {
  const script = `const r = ${EXEC}; [r.stdout, r.stderr, Object.keys(r)]`;
  assert.deepEqual(await evaluator.value(script), [
    ',"managedFields":[{"fieldsType":"FieldsV1"}],"x":1',
    '"}\u2028\u0000{"__proto__":{"a":1}}',
    ["stdout", "stderr", "exitCode"],
  ]);
});

/** Every way to write it; each ends before anything is sent to the server. */
const FORMS = [
  `${PODS}.exec("web-0", ["ls"])`,
  `${PODS}.Exec(ctx, "web-0", ["ls"], {})`,
  `k8s.dynamicClient().resource({version: "v1", resource: "pods"}).namespace("shop").exec("x", "ls")`,
  `${PODS}.get("web-0", {}, "exec")`,
  `${PODS}.get("web-0", {}, "EXEC")`,
  `${PODS}.create({name: "web-0"}, {}, "exec")`,
  `${PODS}.update({name: "web-0"}, {}, "exec")`,
  `${PODS}.patch("web-0", "merge", {}, {}, "exec")`,
  `${PODS}.subresource("exec").create("web-0", {})`,
  `${PODS}.subresource("Exec").create("web-0", {})`,
  `${PODS}.subresource("exec?command=ls&").get("web-0")`,
  `${PODS}.get("web-0/exec?command=ls")`,
  `${PODS}.get("web-0", {command: "ls"}, "exec")`,
  `${PODS}.subresource("attach").get("web-0")`,
  `${PODS}.subresource("portforward").create("web-0", {})`,
  `Object.prototype.op = "exec"; Object.prototype.command = ["ls"]; ${PODS}.get("web-0", {}, "exec")`,
  `Array.prototype.toJSON = () => ["ls"]; ${PODS}.exec("web-0", ["ls"])`,
];

test("in read-only mode no form of exec is more than words", silent, async (evaluator, server) => {
  const forms = FORMS.map((form) => `() => { ${form} }`);
  const told = await evaluator.value(`const told = [];
    for (const form of [${forms}]) {
      try { form(); told.push("done") } catch (e) { told.push(e.name + ": " + e.message) }
    }
    told.join("\\n")`);
  const awaited = FORMS.map((form) => `async () => { ${form.replace("k8s.", "await k8s.")} }`);
  const toldLater = await evaluator.value(`const told = [];
    for (const form of [${awaited}]) {
      try { await form(); told.push("done") } catch (e) { told.push(e.name + ": " + e.message) }
    }
    told.join("\\n")`);
  for (const all of [told, toldLater]) {
    const lines = String(all).split("\n");
    assert.equal(lines.length, FORMS.length);
    lines.forEach((line, at) =>
      assert.match(line, /^(PolicyError|InputError|ResolveError): Cannot/, `${FORMS[at]}`)
    );
  }
  assert.deepEqual(server.requests, []);
}, false);

test(
  "names and containers cannot change the path or the query",
  (session) => session.succeed(),
  async (evaluator, server) => {
    const names = ["../x", "a/b", "..", "a%2fb", "", "x?command=rm"];
    const ran = await evaluator.value(`const ran = [];
      for (const name of ${JSON.stringify(names)}) {
        try { ${PODS}.exec(name, "ls"); ran.push(name) } catch {}
      }
      ran`);
    assert.deepEqual(ran, ["x?command=rm"]);
    await evaluator.value(
      `${PODS}.exec("x", ["a&command=b", "c=d#e"], {container: "m&stdin=true"}).exitCode`,
    );
    assert.deepEqual(commandsOf(server), [
      "GET /api/v1/namespaces/shop/pods/x%3Fcommand%3Drm/exec?stdout=true&stderr=true&command=ls",
      "GET /api/v1/namespaces/shop/pods/x/exec?container=m%26stdin%3Dtrue&stdout=true&stderr=true" +
      "&command=a%26command%3Db&command=c%3Dd%23e",
    ]);
  },
);
