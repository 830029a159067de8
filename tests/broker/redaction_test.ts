/** What scripts see of secrets, and what they can do with the tokens, on the demo and the real control plane. */
import assert from "node:assert/strict";
import { redacted } from "../../lib/broker/stages/show.ts";
import type { KubeClient } from "../../lib/kube/client.ts";
import { createRedactor } from "../../lib/redact/redactor.ts";
import type { ResourceRequest } from "../../lib/kube/wire/request.ts";
import { createPlan } from "../../lib/policy/plan.ts";
import { planText } from "../../lib/policy/plan_text.ts";
import {
  connect,
  type Connected,
  DEMO,
  runningPod,
  TARGETS,
  uniqueName,
} from "../support/clusters.ts";
import { type TestEvaluator, testEvaluator } from "../support/evaluator.ts";
import { needs } from "../support/needs.ts";
import { js } from "../support/script.ts";

const TOKEN = /^\[redacted:[0-9a-f]{12}\]$/;
const PASSWORD = "Sesame-4711-open";

const SECRETS = `const secrets = k8s.coreV1().secrets("default");`;
const MAPS = `const maps = k8s.coreV1().configMaps("default");`;
const DEPLOYMENTS = `const deployments = k8s.appsV1().deployments("default");`;

interface Bed {
  readonly connected: Connected;
  readonly evaluator: TestEvaluator;
  /** An object as it is, past the broker. */
  raw(resource: string, name: string): Promise<Fields>;
}

// deno-lint-ignore no-explicit-any -- objects of many kinds
type Fields = any;

/** What each attempt came to in one script: the error's name and message. */
async function outcomes(
  { evaluator }: Pick<Bed, "evaluator">,
  preparation: string,
  attempts: readonly string[],
): Promise<readonly string[]> {
  const functions = attempts.map((attempt) => `() => { ${attempt} }`).join(",\n");
  return await evaluator.value(`${preparation}
    [${functions}].map((attempt) => {
      try { attempt(); return "done" } catch (e) { return e.name + ": " + e.message }
    })`) as string[];
}

for (const target of TARGETS) {
  const on = (fact: string) => needs(target, `redaction on the ${target.name}: ${fact}`);
  const test = (fact: string, run: (bed: Bed) => Promise<void>) =>
    Deno.test(on(fact), async () => {
      await using connected = await connect(target, { readWrite: true });
      await using evaluator = testEvaluator(connected.broker);
      const { client, signal } = connected;
      await run({
        connected,
        evaluator,
        async raw(resource, name) {
          const resolved = await client.resolve({ resource }, signal);
          const request = { verb: "get", resource: resolved, namespace: "default", name } as const;
          return JSON.parse(new TextDecoder().decode(await client.send(request, signal)));
        },
      });
    });

  test("a secret is read as tokens, and written back as itself", async ({ evaluator, raw }) => {
    const name = uniqueName("secret");
    const read = await evaluator.value(`${SECRETS}
      const made = secrets.create({metadata: {name: "${name}"}, stringData: {password: "${PASSWORD}", user: "shop"}});
      const got = secrets.get("${name}");
      const listed = secrets.list().items.find(s => s.metadata.name === "${name}");
      [made.data.password, got.data.password, listed.data.password, got.data.user, got.metadata.name]`) as string[];
    assert.match(read[0]!, TOKEN);
    assert.deepEqual(read.slice(0, 3), [read[0], read[0], read[0]]);
    assert.match(read[3]!, TOKEN);
    assert.equal(read[4], name);
    await evaluator.value(`${SECRETS}
      const s = secrets.get("${name}"); s.metadata.labels = {touched: "yes"}; s.data.more = btoa("new");
      secrets.update(s).metadata.name`);
    const { data, metadata } = await raw("secrets", name);
    assert.equal(atob(data.password), PASSWORD);
    assert.equal(atob(data.user), "shop");
    assert.equal(atob(data.more), "new");
    assert.equal(metadata.labels.touched, "yes");
  });

  test("a token anywhere else is refused, and nothing is written", async ({ evaluator, raw }) => {
    const name = uniqueName("secret");
    await evaluator.value(`${SECRETS} ${MAPS}
      secrets.create({metadata: {name: "${name}"}, stringData: {password: "${PASSWORD}", other: "x-${PASSWORD}"}});
      maps.create({metadata: {name: "${name}"}, data: {a: "b"}}); 1`);
    const token = `const t = secrets.get("${name}").data.password;`;
    const attempts = [
      `maps.create({metadata: {name: "${name}-2"}, data: {x: t}})`,
      `maps.patch("${name}", "application/merge-patch+json", {data: {a: t}})`,
      `const m = maps.get("${name}"); m.data.a = "is " + t; maps.update(m)`,
      `const s = secrets.get("${name}"); s.metadata.annotations = {x: t}; secrets.update(s)`,
      `const s = secrets.get("${name}"); s.data.other = t; secrets.update(s)`,
      `const s = secrets.get("${name}"); s.stringData = {password: t}; secrets.update(s)`,
      `secrets.create({metadata: {name: "${name}-2"}, data: {password: t}})`,
      `secrets.patch("${name}", "application/strategic-merge-patch+json", {metadata: {labels: {x: t}}})`,
      `secrets.patch("${name}", "application/json-patch+json", [{op: "add", path: "/metadata/annotations", value: {x: t}}])`,
      js`
        secrets.patch("${name}", "application/json-patch+json", [{
          op: "copy",
          from: "/data/password",
          path: "/metadata/annotations/x",
        }]);
      `,
      `secrets.patch("${name}", "application/json-patch+json", [{op: "move", from: "/data", path: "/metadata/annotations"}])`,
      `secrets.patch("${name}", "application/json-patch+json", [{op: "test", path: "/data/password", value: btoa("guess")}])`,
      `maps.apply({apiVersion: "v1", kind: "ConfigMap", metadata: {name: "${name}", namespace: "default"}, data: {a: t}})`,
      `maps.create({metadata: {name: "${name}-3"}, data: {x: "[redacted:0123456789ab]"}})`,
    ];
    const said = await outcomes({ evaluator }, `${SECRETS} ${MAPS} ${token}`, attempts);
    said.forEach((one, at) => assert.match(one, /^PolicyError: .*redacted/, `${attempts[at]}`));
    const [map, secret] = [await raw("configmaps", name), await raw("secrets", name)];
    assert.deepEqual(map.data, { a: "b" });
    assert.deepEqual(secret.metadata.annotations, undefined);
    assert.equal(atob(secret.data.other), `x-${PASSWORD}`);
  });

  test("what says that a value is secret cannot be taken away from it", async ({ evaluator, raw }) => {
    const name = uniqueName("web");
    const container = {
      name: "web",
      image: "registry.example/app:1",
      args: ["--password", "open-by-flag"],
      env: [{ name: "DB_PASSWORD", value: "open-by-name" }, { name: "LEVEL", value: "info" }],
    };
    const [made, env, args] = await evaluator.value(`${DEPLOYMENTS}
      const d = deployments.create({metadata: {name: "${name}"}, spec: {replicas: 0, selector: {matchLabels: {app: "${name}"}},
        template: {metadata: {labels: {app: "${name}"}}, spec: {containers: [${
      JSON.stringify(container)
    }]}}}});
      const c = d.spec.template.spec.containers[0]; [d.metadata.name, c.env, c.args]`) as [
      string,
      { name: string; value: string }[],
      string[],
    ];
    assert.equal(made, name);
    assert.match(env[0]!.value, TOKEN);
    assert.equal(env[1]!.value, "info");
    assert.match(args[1]!, TOKEN);
    const at = "/spec/template/spec/containers/0";
    const json = (operations: unknown) =>
      `deployments.patch("${name}", "application/json-patch+json", ${JSON.stringify(operations)})`;
    const attempts = [
      json([{ op: "replace", path: `${at}/env/0/name`, value: "HARMLESS" }]),
      json([{ op: "replace", path: `${at}/args/0`, value: "--harmless" }]),
      json([{ op: "remove", path: `${at}/args/0` }]),
      `const d = deployments.get("${name}"); d.spec.template.spec.containers[0].args[0] = "--x"; deployments.update(d)`,
      `const d = deployments.get("${name}"); d.spec.template.spec.containers[0].env[0].name = "X"; deployments.update(d)`,
    ];
    const said = await outcomes({ evaluator }, DEPLOYMENTS, attempts);
    said.forEach((one, at) => assert.match(one, /^PolicyError: .*redacted/, `${attempts[at]}`));
    const image = await evaluator.value(`${DEPLOYMENTS}
      deployments.patch("${name}", "application/strategic-merge-patch+json",
        {spec: {template: {spec: {containers: [{name: "web", image: "registry.example/app:2"}]}}}})
        .spec.template.spec.containers[0].image`);
    assert.equal(image, "registry.example/app:2");
    const after = (await raw("deployments", name)).spec.template.spec.containers[0];
    assert.deepEqual(after.env, container.env);
    assert.deepEqual(after.args, container.args);
  });

  test("a column shows nothing that its object hides, whatever its heading says", async ({ evaluator }) => {
    const group = `${uniqueName("t")}.example.com`;
    const shown = await evaluator.value(js`
      const definitions = k8s.apiextensionsV1().customResourceDefinitions();
      const group = ${JSON.stringify(group)};
      const column = (name, jsonPath, type = "string") => ({ name, type, jsonPath });
      definitions.create({
        metadata: { name: "notes." + group },
        spec: {
          group,
          scope: "Namespaced",
          names: { plural: "notes", singular: "note", kind: "Note" },
          versions: [{
            name: "v1",
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
            },
            additionalPrinterColumns: [
              column("Remark", ".spec.password"),
              column("Colour", ".spec.colour"),
              column("Code", ".spec.pin", "integer"),
              column("Everything", ".spec"),
            ],
          }],
        },
      });
      const notes = k8s.dynamicClient().resource({ group, version: "v1", resource: "notes" })
        .namespace("default");
      notes.create({
        apiVersion: group + "/v1",
        kind: "Note",
        metadata: { name: "n" },
        spec: { password: ${JSON.stringify(PASSWORD)}, colour: "blue", pin: 471123 },
      });
      const list = notes.list({ form: "table" });
      const whole = notes.list({ form: "table", includeObject: "Object" });
      const none = notes.list({ form: "table", includeObject: "None" });
      const one = notes.get("n", { form: "table" });
      const read = notes.get("n");
      definitions.delete("notes." + group);
      [list, whole, none, one].map(({ rows }) => [
        rows[0].cells.slice(0, 5),
        JSON.stringify(rows[0].object ?? null),
      ]).concat([[read.spec.password]]);
    `) as [string[], string][];
    assert.doesNotMatch(JSON.stringify(shown), /Sesame/);
    const token = (shown.pop() as unknown as [string])[0];
    const [list, whole, none, one] = shown;
    for (const [cells] of shown) {
      assert.deepEqual([cells[1], cells[2], cells[3]], [token, "blue", 471123]);
    }
    assert.match(
      list![1],
      /^\{"kind":"PartialObjectMetadata","apiVersion":"meta\.k8s\.io\/v1","metadata":/,
    );
    assert.doesNotMatch(list![1], /"spec"/);
    assert.match(whole![1], /"colour":"blue"/);
    assert.equal(none![1], "null");
    assert.equal(one![1], list![1]);
  });

  test("errors do not quote what is hidden", async ({ evaluator }) => {
    const name = uniqueName("secret");
    await evaluator.value(`${SECRETS}
      secrets.create({metadata: {name: "${name}"}, stringData: {password: "${PASSWORD}"}}); 1`);
    const said = await outcomes({ evaluator }, SECRETS, [
      `const s = secrets.get("${name}"); s.metadata.labels = {x: "not a label!"}; secrets.update(s)`,
      `const s = secrets.get("${name}"); s.data.bad = "%%%"; secrets.update(s)`,
    ]);
    for (const one of said) {
      assert.match(one, /^ApiError: /);
      assert.ok(!one.includes(PASSWORD) && !one.includes(btoa(PASSWORD)), one);
    }
  });

  test("guesses that are written down do not find a short secret", async ({ evaluator, raw }) => {
    const name = uniqueName("pin");
    const found = await evaluator.value(`${SECRETS} ${MAPS}
      const guesses = {};
      for (let n = 0; n < 500; n++) guesses["g" + n + ".password"] = String(493500 + n);
      secrets.create({metadata: {name: "${name}"}, stringData: {pin: "493817"}});
      maps.create({metadata: {name: "${name}"}, data: guesses});
      const pin = secrets.get("${name}").data.pin;
      const hits = (data) => Object.values(data).filter((token) => token === pin).length;
      const inMap = hits(maps.get("${name}").data);
      secrets.patch("${name}", "application/merge-patch+json", {stringData: guesses});
      const s = secrets.get("${name}");
      const hidden = Object.values(s.data).every((token) => token.startsWith("[redacted:"));
      const read = [inMap, hits(s.data), hidden, new Set(Object.values(s.data)).size];
      s.metadata.labels = {touched: "yes"};
      secrets.update(s);
      read`);
    // The pin's own, and all are still what they were.
    assert.deepEqual(found, [0, 1, true, 501]);
    const { data } = await raw("secrets", name);
    assert.equal(atob(data.pin), "493817");
    assert.equal(atob(data["g7.password"]), "493507");
  });

  test("an error answers few guesses", async ({ evaluator }) => {
    const name = uniqueName("pin");
    const said = await evaluator.value(`${SECRETS}
      const guesses = {};
      for (let n = 0; n < 500; n++) guesses["g" + n] = "no label " + (493500 + n);
      secrets.create({metadata: {name: "${name}"}, stringData: {pin: "493817"}});
      let said;
      try { secrets.patch("${name}", "application/merge-patch+json", {metadata: {labels: guesses}}) } catch (e) { said = e }
      [said.name, said.message, JSON.stringify(said.causes ?? [])]`) as string[];
    assert.equal(said[0], "ApiError");
    const quoted = new Set(
      said.slice(1).join().match(/4935\d\d|4936\d\d|4937\d\d|4938\d\d|4939\d\d/g),
    );
    assert.ok(quoted.size <= 60, `${quoted.size} guesses`);
  });

  test("a watch, a table, the small form and copies of a secret show tokens too", async ({ evaluator }) => {
    const name = uniqueName("copy");
    const text = await evaluator.run(js`
      ${SECRETS}
      ${MAPS}
      const name = "${name}";
      const copy = JSON.stringify({ kind: "Secret", data: { user: btoa("${PASSWORD}") } });
      const annotations = { "kubectl.kubernetes.io/last-applied-configuration": copy };
      secrets.create({ metadata: { name, annotations }, stringData: { a: "${PASSWORD}" } });
      maps.create({
        metadata: { name },
        data: {
          "app.properties": "db.password=${PASSWORD}\\nlevel=info",
          DB_PASSWORD: "${PASSWORD}",
        },
      });
      const seen = [];
      for (const event of k8s.coreV1().secrets("default").watch({ timeoutSeconds: 2 })) {
        seen.push(event);
        if (event.object.metadata.name === name) break;
      }
      [
        seen,
        secrets.list({ form: "table" }),
        secrets.list({ form: "metadata" }),
        secrets.get(name, { form: "metadata" }),
        maps.get(name),
        maps.list(),
      ];
    `);
    assert.ok(text.ok, JSON.stringify(text));
    assert.ok(!text.result.text.includes(PASSWORD));
    assert.ok(!text.result.text.includes(btoa(PASSWORD)));
    assert.match(text.result.text, /level=info/);
    assert.match(text.result.text, /\[redacted:/);
  });

  test("selectors do not tell what a hidden value is", async ({ evaluator }) => {
    const said = await outcomes({ evaluator }, "", [
      `k8s.coreV1().secrets("default").list({fieldSelector: "data.password=x"})`,
      `k8s.coreV1().pods("default").list({labelSelector: "db-password=x"})`,
      `k8s.coreV1().pods("default").list({labelSelector: "app=x,api-token in (a, b)"})`,
    ]);
    for (const one of said) assert.match(one, /^PolicyError: /);
  });

  test("tokens of what a script says itself tell nothing of others' values", async ({ evaluator }) => {
    const name = uniqueName("secret");
    const [real, echoed] = await evaluator.value(`${SECRETS}
      secrets.create({metadata: {name: "${name}"}, stringData: {password: "${PASSWORD}"}});
      let said = "";
      try { k8s.coreV1().pods("default").list({labelSelector: "password=${PASSWORD} !"}) } catch (e) { said = e.message }
      [secrets.get("${name}").data.password, said]`) as [string, string];
    assert.match(real, TOKEN);
    assert.ok(!echoed.includes(real));
  });

  Deno.test(on("a rule reveals what it covers, and nothing else"), async () => {
    const rules = [{
      source: "test",
      effect: "allow",
      verbs: ["get"],
      resources: ["secrets"],
      namespaces: ["default"],
      reveal: true,
    }] as const;
    await using connected = await connect(target, { readWrite: true, rules });
    await using evaluator = testEvaluator(connected.broker);
    const name = uniqueName("revealed");
    const [read, listed, kept] = await evaluator.value(`${SECRETS}
      secrets.create({metadata: {name: "${name}"}, stringData: {password: "${PASSWORD}"}});
      const one = () => secrets.list().items.find(s => s.metadata.name === "${name}");
      const listed = one();
      listed.metadata.labels = {seen: "yes"};
      secrets.update(listed);
      const got = secrets.get("${name}");
      [got.data.password, listed.data.password, [got.metadata.labels.seen, atob(got.data.password)]]`) as [
      string,
      string,
      [string, string],
    ];
    assert.equal(read, btoa(PASSWORD));
    assert.match(listed, TOKEN);
    assert.deepEqual(kept, ["yes", PASSWORD]);
  });

  test("guesses are not compared by trying them out", async ({ evaluator }) => {
    const name = uniqueName("guessed");
    const [real, tried, again] = await evaluator.value(js`
      ${SECRETS};
      secrets.create({ metadata: { name: "${name}" }, stringData: { password: "${PASSWORD}" } });
      const guess = () =>
        secrets.create({ metadata: { name: "${name}-2" }, stringData: { password: "${PASSWORD}" } }, {
          dryRun: "All",
        }).data.password;
      [secrets.get("${name}").data.password, guess(), guess()];
    `) as string[];
    assert.match(tried!, TOKEN);
    assert.equal(new Set([real, tried, again]).size, 3);
  });

  test("many guesses in one patch tell nothing", async ({ evaluator }) => {
    const name = uniqueName("guessed");
    const said = await outcomes(
      { evaluator },
      js`
        ${DEPLOYMENTS};
        deployments.create({
          metadata: { name: "${name}" },
          spec: {
            replicas: 0,
            selector: { matchLabels: { app: "x" } },
            template: {
              metadata: { labels: { app: "x" } },
              spec: {
                containers: [{
                  name: "c",
                  image: "x:1",
                  env: [{ name: "GREETING", value: "hi" }, {
                    name: "DB_PASSWORD",
                    value: "${PASSWORD}",
                  }],
                }],
              },
            },
          },
        });
        const env = "/spec/template/spec/containers/0/env";
        const patch = (...operations) =>
          deployments.patch("${name}", "json", operations, { dryRun: "All" });
      `,
      [
        js`
          patch({ op: "add", path: "/metadata/annotations", value: { a: "wrong", b: "${PASSWORD}" } }, {
            op: "remove",
            path: "/metadata/annotations",
          }, { op: "replace", path: env + "/1/name", value: "OTHER" });
        `,
        js`
          patch({ op: "add", path: "/metadata/annotations", value: { a: "wrong" } }, {
            op: "remove",
            path: "/metadata/annotations",
          }, { op: "replace", path: env + "/1/name", value: "OTHER" });
        `,
        `patch({op: "remove", path: env + "/0"}, {op: "test", path: env + "/0/value", value: "${PASSWORD}"})`,
        `patch({op: "remove", path: env + "/0"}, {op: "test", path: env + "/0/value", value: "wrong"})`,
      ],
    );
    for (const one of said) assert.match(one, /^PolicyError: /);
    assert.deepEqual(said.slice(0, 2).map((one) => one), [said[0], said[0]]);
  });

  test("a token in base64 is refused, and the value stays", async ({ evaluator, raw }) => {
    const name = uniqueName("encoded");
    const said = await outcomes(
      { evaluator },
      `${SECRETS}
      secrets.create({metadata: {name: "${name}"}, stringData: {password: "${PASSWORD}"}});`,
      [
        `const s = secrets.get("${name}"); s.data.password = btoa(s.data.password); secrets.update(s)`,
        `secrets.patch("${name}", "merge", {data: {password: btoa(secrets.get("${name}").data.password)}})`,
      ],
    );
    for (const one of said) assert.match(one, /^PolicyError: .*base64/);
    assert.equal(atob((await raw("secrets", name)).data.password), PASSWORD);
  });

  test("a script that plans reads tokens, also where the plan shows its own words", async ({ connected }) => {
    const name = uniqueName("planned");
    const plan = createPlan(Date.now());
    const broker = connected.brokers.as({ tool: "test", session: "test", plan });
    await using evaluator = testEvaluator(broker);
    const shown = await evaluator.value(`${SECRETS}
      const made = secrets.create({metadata: {name: "${name}"}, stringData: {password: "${PASSWORD}"}});
      made.data.password`);
    assert.match(`${shown}`, TOKEN);
    const text = planText(plan);
    assert.match(text, /create secrets default\/planned-/);
    assert.ok(text.includes(`stringData.password: "${PASSWORD}"`), text);
    assert.ok(!text.includes(btoa(PASSWORD)), text);
  });
}

Deno.test("redaction: what a command writes is redacted, and tokens are no input of it", async () => {
  await using connected = await connect(DEMO, { readWrite: true });
  await using evaluator = testEvaluator(connected.broker);
  const { namespace, name } = await runningPod(DEMO, connected);
  const pods = `const pods = k8s.coreV1().pods("${namespace}");`;
  const result = await evaluator.value(
    `${pods} pods.exec("${name}", ["echo", "ready\\nDB_PASSWORD=${PASSWORD}"])`,
  ) as { stdout: string; exitCode: number };
  assert.equal(result.exitCode, 0);
  assert.match(result.stdout, /ready/);
  assert.match(result.stdout, /DB_PASSWORD=\[redacted:[0-9a-f]{12}\]/);
  const failure = await evaluator.failure(
    `${pods} pods.exec("${name}", ["echo", "[redacted:0123456789ab]"])`,
  );
  assert.equal(failure.name, "PolicyError");
});

Deno.test("redaction: what else is said of a part of an answer stays", async () => {
  const resource = { group: "", resource: "secrets" } as ResourceRequest["resource"];
  const kube = { access: { context: "test" } } as KubeClient;
  for (const items of [[], [{ metadata: { name: "a" }, data: { a: btoa("b") } }]]) {
    const body = new TextEncoder().encode(JSON.stringify({ kind: "SecretList", items }));
    const change = { request: { verb: "list", resource }, effect: "read" } as const;
    const part = { form: "json", more: true, again: true, body } as const;
    const { body: _, ...said } = await redacted(createRedactor(), change, part, { kube });
    assert.deepEqual(said, { form: "json", more: true, again: true });
  }
});

Deno.test("redaction: of a log that limitBytes has cut, the cut line is left out", async () => {
  const log = "GET /\ndatabase postgres://app:Sesame-4711-open@db:5432/shop\n";
  const resource = { group: "", resource: "pods" } as ResourceRequest["resource"];
  const kube = { access: { context: "test" } } as KubeClient;
  const logOf = (options: ResourceRequest["options"]) =>
    ({ request: { verb: "get", resource, subresource: "log", options }, effect: "read" }) as const;
  const shown = async (limitBytes: number) => {
    const body = new TextEncoder().encode(log.slice(0, limitBytes));
    const answer = { form: "bytes", more: false, body } as const;
    return new TextDecoder().decode(
      (await redacted(createRedactor(), logOf({ limitBytes }), answer, { kube })).body,
    );
  };
  assert.equal(await shown(log.indexOf("@")), "GET /\n");
  assert.match(
    await shown(log.length + 1),
    /^GET \/\ndatabase postgres:\/\/app:\[redacted:\w+\]@db/,
  );
  // Of one line the words are left.
  assert.equal(
    new TextDecoder().decode(
      (await redacted(
        createRedactor(),
        logOf({ limitBytes: 20 }),
        { form: "bytes", more: false, body: new TextEncoder().encode("a line password=Sesa") },
        { kube },
      )).body,
    ),
    "a line ",
  );
});
