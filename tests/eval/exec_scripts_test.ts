/** exec, several logs at once and subresources in scripts, in both ways of writing, on both clusters. */
import assert from "node:assert/strict";
import type { Broker, BrokerCall } from "../../lib/broker/types.ts";
import { connect, CONTROL_PLANE, runningPod, TARGETS } from "../support/clusters.ts";
import { testEvaluator } from "../support/evaluator.ts";
import { startExecServer } from "../support/exec_server.ts";
import { needs } from "../support/needs.ts";

for (const target of TARGETS) {
  const on = (fact: string) => needs([...target.needs, "time"], `scripts, ${target.name}: ${fact}`);
  Deno.test(on("commands run in containers"), async () => {
    await using cluster = await connect(target, { readWrite: true });
    await using evaluator = testEvaluator(cluster.broker);
    const { namespace, name } = await runningPod(target, cluster);
    // kwok answers an exit code other than 0 with an error of its own; kubelets give the code.
    const exit = target.name === "demo" ? 3 : 0;
    // Nor does it tell a command that its input has ended. kubectl meets both as well.
    const [two, none] =
      (target.name === "demo" ? [["cat"], ["cat"]] : [["head", "-n", "2"], ["true"]]).map((
        command,
      ) => JSON.stringify(command));
    for (const wait of ["", "await "]) {
      const value = await evaluator.value(`
        const pods = k8s.coreV1().pods(${JSON.stringify(namespace)});
        const name = ${JSON.stringify(name)};
        const out = [
          ${wait}pods.exec(name, ["echo", "a  b", "ü"]),
          ${wait}pods.Exec(ctx, name, "echo plain words"),
          ${wait}pods.exec(name, ["sh", "-c", "echo out; echo err >&2; exit ${exit}"]),
          ${wait}pods.exec(name, ${two}, {Stdin: "one\\ntwo\\n"}),
          ${wait}pods.exec(name, ${none}, {stdin: ""}),
          ${wait}pods.exec(name, ["sleep", "60"], {timeoutMs: 5000}),
        ];
        for (const bad of [["no-such-program"], ["ls"]]) {
          try { ${wait}pods.exec(bad[0] === "ls" ? "no-such-pod" : name, bad); out.push("ran") }
          catch (e) { out.push([e.name, e.message, e.reason]) }
        }
        out`) as unknown[];
      assert.deepEqual(value.slice(0, 6), [
        { stdout: "a  b ü\n", stderr: "", exitCode: 0 },
        { stdout: "plain words\n", stderr: "", exitCode: 0 },
        { stdout: "out\n", stderr: "err\n", exitCode: exit },
        { stdout: "one\ntwo\n", stderr: "", exitCode: 0 },
        { stdout: "", stderr: "", exitCode: 0 },
        { stdout: "", stderr: "", exitCode: null, ended: "timeout" },
      ]);
      const [missing, noPod] = value.slice(6) as string[][];
      assert.equal(missing?.[0], "ApiError");
      assert.match(
        missing?.[1] ?? "",
        /^Cannot run "no-such-program" in pod .*executable file not found/,
      );
      assert.deepEqual(noPod, ["ApiError", 'pods "no-such-pod" not found', "NotFound"]);
    }
  });

  Deno.test(on("logs as lines, searched, and of several pods"), async () => {
    await using cluster = await connect(target);
    // Whole logs are compared, of which a model would get the ends.
    await using evaluator = testEvaluator(cluster.broker, { resultCharacters: 10_000_000 });
    const { namespace, name } = await runningPod(target, cluster);
    for (const wait of ["", "await "]) {
      const [text, lines, last, found, none, many, all] = await evaluator.value(`
        const pods = k8s.coreV1().pods(${JSON.stringify(namespace)});
        const name = ${JSON.stringify(name)};
        const text = ${wait}pods.getLogs(name);
        const word = /[A-Za-z]+/.exec(text)[0];
        [
          text,
          ${wait}pods.getLogs(name, {lines: true}),
          ${wait}pods.getLogs(name, {Tail: 1, lines: true}),
          ${wait}pods.getLogs(ctx, name, {grep: word}),
          ${wait}pods.getLogs(name, {grep: /no line has this/g, since: "30d"}),
          ${wait}pods.getLogs({fieldSelector: "metadata.name=" + name, grep: /./g}),
          ${wait}pods.getLogs(name, {allContainers: true, tail: 1}),
        ]`) as [string, string[], string[], string, string, Entry[], Entry[]];
      assert.ok(text.endsWith("\n"));
      // The log may have grown from one read to the next.
      const known = (line: string | undefined) => line !== undefined && text.includes(`${line}\n`);
      assert.ok(lines.length > 0 && known(lines.at(-5) ?? lines[0]));
      assert.ok(lines.every((line) => line !== "" && !line.includes("\n")));
      assert.equal(last.length, 1);
      assert.ok(found.endsWith("\n") && lines.includes(found.split("\n")[0] ?? ""));
      assert.equal(none, "");
      assert.equal(many.length, 1);
      assert.equal(many[0]?.pod, name);
      assert.ok(many[0]?.lines.includes(last[0] ?? ""));
      assert.deepEqual(all.map(({ lines }) => lines.length), all.map(() => 1));
    }
  });
}

interface Entry {
  readonly pod: string;
  readonly container?: string;
  readonly lines: readonly string[];
}

/** A pod of a list, with its containers. */
const pod = (name: string, ...containers: string[]) => ({
  metadata: { name, namespace: "shop" },
  spec: { containers: containers.map((name) => ({ name })) },
});

Deno.test("scripts: several logs are read by a bounded number of requests, and say what failed", async () => {
  let items = [pod("a", "main", "side"), pod("b", "main"), pod("c", "main")];
  await using server = startExecServer(() => {}, (url) => {
    if (!url.pathname.endsWith("/log")) {
      return Response.json({ kind: "PodList", apiVersion: "v1", metadata: {}, items });
    }
    if (url.pathname.includes("/c/")) {
      const message = 'container "main" in pod "c" is waiting to start: ContainerCreating';
      return Response.json({ kind: "Status", code: 400, reason: "BadRequest", message }, {
        status: 400,
      });
    }
    return new Response("one\r\nerror: two\nthree".repeat(url.pathname.includes("/b/") ? 300 : 1));
  });
  await using cluster = await connect(server.target);
  await using evaluator = testEvaluator(cluster.broker);
  const logs = (options: string) =>
    evaluator.value(`k8s.coreV1().pods("shop").getLogs(${options})`);
  const failed = {
    pod: "c",
    error: 'container "main" in pod "c" is waiting to start: ContainerCreating',
  };
  assert.deepEqual(await logs(`{labelSelector: {app: "x"}, grep: "error", since: "1h30m"}`), [
    { pod: "a", container: "main", lines: ["error: two"] },
    { pod: "b", lines: ["error: two", ...Array(299).fill("error: two")] },
    failed,
  ]);
  const common = "limitBytes=1048576&sinceSeconds=5400&container=main";
  // A log that is read from its middle is read a second time, for the lines before it.
  // Nor counted: a look at the containers of the pod whose log is refused.
  const asked = server.requests.filter((each) => /pods\?|\/log\?/.test(each));
  const first = asked.filter((each) => !each.includes("tailLines"));
  assert.ok(asked.length - first.length <= 3);
  assert.deepEqual(
    first.map((each) => decodeURIComponent(each)),
    [
      "GET /api/v1/namespaces/shop/pods?limit=51&labelSelector=app=x",
      ...["a", "b", "c"].map((name) => `GET /api/v1/namespaces/shop/pods/${name}/log?${common}`),
    ].map((each) => each.replace(common, reorder(server.requests, common))),
  );
  const [, long] = await logs("{}") as { truncated?: boolean; lines: string[] }[];
  assert.equal(long?.truncated, true, "as many lines as were asked for, and perhaps more");
  const two = await logs(`{container: "side", allContainers: false}`) as Entry[];
  assert.deepEqual(two.map(({ pod, container }) => [pod, container]), [["a", "side"]]);

  items = Array.from({ length: 26 }, (_, at) => pod(`p${at}`, "main", "side"));
  const before = server.requests.length;
  const failure = await evaluator.failure(
    `k8s.coreV1().pods("shop").getLogs({allContainers: true})`,
  );
  assert.match(failure.message, /more than 50 containers/);
  assert.equal(server.requests.length, before + 1);
  items = [pod("c", "main")];
  const all = await evaluator.failure(`k8s.coreV1().pods("shop").getLogs({})`);
  assert.equal(all.message, failed.error);
  const wrong = [
    [`{follow: true}`, /Cannot follow a log/],
    [`{grep: "a|b"}`, /looks like a regular expression/],
    [`{grep: {}}`, /neither text nor a regular expression/],
    [`{since: "yesterday"}`, /Cannot use "yesterday" as since/],
    [`{container: "none"}`, /no selected pod has a container "none"/],
  ] as const;
  const messages = await evaluator.value(`const pods = k8s.coreV1().pods("shop"), told = [];
    for (const options of [${wrong.map(([options]) => options)}]) {
      try { pods.getLogs(options); told.push("done") } catch (e) { told.push(e.message) }
    }
    told`) as string[];
  wrong.forEach(([, words], at) => assert.match(messages[at] ?? "", words));
});

/** The common parameters in the order in which they were sent. */
function reorder(requests: readonly string[], common: string): string {
  const query = requests.find((each) => each.includes("/log?"))?.split("?")[1] ?? "";
  const sorted = (text: string) => text.split("&").sort().join("&");
  return sorted(query) === sorted(common) ? query : common;
}

/** A broker that keeps what it is asked, and answers all with an empty object. */
function recorder(served: Broker) {
  const calls: (BrokerCall & { readonly text?: string })[] = [];
  const broker: Broker = {
    ...served,
    async *call(call, body, signal) {
      if (call.op === "names") return yield* served.call(call, body, signal);
      calls.push({ ...call, ...(body ? { text: new TextDecoder().decode(body) } : {}) });
      yield { form: "json", more: false, body: new TextEncoder().encode("{}") };
    },
  };
  return { calls, broker };
}

Deno.test("scripts: subresources by name, in the forms of client-go", async () => {
  await using server = startExecServer(() => {});
  await using cluster = await connect(server.target);
  const { calls, broker } = recorder(cluster.broker);
  await using evaluator = testEvaluator(broker);
  const at = (verb: string, subresource: string) => ({
    verb,
    name: "web-0",
    subresource,
    namespace: "shop",
  });
  const body = { apiVersion: "v1", kind: "Pod", metadata: { name: "web-0" } };
  const forms = [
    [`PODS.subresource("status").get("web-0")`, [at("get", "status"), undefined, {}, undefined]],
    [
      `PODS.Subresource("ephemeralcontainers").update(ctx, "web-0", {name: "web-0"}, {dryRun: true})`,
      [at("update", "ephemeralcontainers"), body, { dryRun: "All" }, undefined],
    ],
    [
      `PODS.subresource("ephemeralcontainers").update({metadata: {name: "web-0"}})`,
      [at("update", "ephemeralcontainers"), body, {}, undefined],
    ],
    [
      `PODS.updateEphemeralContainers("web-0", {metadata: {name: "web-0"}})`,
      [at("update", "ephemeralcontainers"), body, {}, undefined],
    ],
    [
      `PODS.subresource("made-up").patch("web-0", "merge", {a: 1})`,
      [at("patch", "made-up"), { a: 1 }, {}, "application/merge-patch+json"],
    ],
    [
      `PODS.patch(ctx, "web-0", "json", [], {}, "ephemeralcontainers")`,
      [at("patch", "ephemeralcontainers"), [], {}, "application/json-patch+json"],
    ],
    [`PODS.update({name: "web-0"}, {}, "resize")`, [at("update", "resize"), body, {}, undefined]],
    [
      `PODS.bind({name: "web-0", target: {kind: "Node", name: "n"}})`,
      [
        at("create", "binding"),
        {
          ...body,
          kind: "Binding",
          target: { kind: "Node", name: "n" },
        },
        {},
        undefined,
      ],
    ],
    [
      `PODS.subresource("eviction").create("web-0")`,
      [
        at("create", "eviction"),
        { ...body, apiVersion: "policy/v1", kind: "Eviction" },
        {},
        undefined,
      ],
    ],
  ] as const;
  for (const wait of ["", "await "]) {
    const script = forms.map(([form]) => `${wait}${form.replace("PODS", "pods")};\n`).join("");
    await evaluator.value(`const pods = k8s.coreV1().pods("shop");\n${script}1`);
    const asked = calls.splice(0) as unknown as Record<string, unknown>[];
    assert.equal(asked.length, forms.length);
    asked.forEach(({ verb, name, subresource, namespace, contentType, text, options }, at) => {
      const body = text === undefined ? undefined : JSON.parse(String(text));
      const request = [{ verb, name, subresource, namespace }, body, options, contentType];
      assert.deepEqual(request, forms[at]?.[1], `${forms[at]?.[0]}`);
    });
  }
  const wrong = [
    [`subresource("log").get("web-0")`, /Cannot use pods\/log as an object/],
    [`subresource("")`, /"" is no name/],
    [`subresource("status").update("a", {name: "b"})`, /the object's own name is "b"/],
    [`bind({target: {}})`, /is no name/],
  ] as const;
  const messages = await evaluator.value(`const pods = k8s.coreV1().pods("shop"), told = [];
    for (const form of [${wrong.map(([form]) => `() => pods.${form}`)}]) {
      try { form(); told.push("done") } catch (e) { told.push(e.message) }
    }
    told`) as string[];
  wrong.forEach(([, words], at) => assert.match(messages[at] ?? "", words));
  assert.deepEqual(calls, []);
});

const fact =
  "scripts: tokens, approvals and bindings are refused where the policy does not name them";
Deno.test(needs(CONTROL_PLANE, fact), async () => {
  await using cluster = await connect(CONTROL_PLANE, { readWrite: true });
  await using evaluator = testEvaluator(cluster.broker);
  for (
    const script of [
      `k8s.coreV1().serviceAccounts("default").createToken("default", {spec: {}})`,
      `k8s.coreV1().pods("default").bind({name: "x", target: {kind: "Node", name: "n"}})`,
      `k8s.certificatesV1().certificateSigningRequests().updateApproval("x", {name: "x"})`,
    ]
  ) {
    const failure = await evaluator.failure(script);
    assert.equal(failure.name, "PolicyError", `${script}: ${failure.message}`);
  }
});
