/** Integers beyond 2^53 in scripts, which see numbers: what is written back has the digits that were read. */
import assert from "node:assert/strict";
import { connect, CONTROL_PLANE, DEMO, uniqueName } from "../support/clusters.ts";
import { needs } from "../support/needs.ts";
import { testEvaluator } from "../support/evaluator.ts";
import { toolCaller } from "../support/tools.ts";
import { js } from "../support/script.ts";
import { CONFIG_MAPS } from "../support/config_maps.ts";

const GROUP = `${uniqueName("digits")}.example.com`;

/** A definition of objects that hold anything, and a `serial` of 64 bits in a column of their table. */
const DEFINITION = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `counters.${GROUP}` },
  spec: {
    group: GROUP,
    scope: "Namespaced",
    names: { plural: "counters", singular: "counter", kind: "Counter" },
    versions: [{
      name: "v1",
      served: true,
      storage: true,
      additionalPrinterColumns: [{ name: "Serial", type: "integer", jsonPath: ".spec.serial" }],
      schema: {
        openAPIV3Schema: {
          type: "object",
          properties: {
            spec: {
              type: "object",
              "x-kubernetes-preserve-unknown-fields": true,
              properties: { serial: { type: "integer", format: "int64" } },
            },
          },
        },
      },
    }],
  },
};

const TEST = needs(CONTROL_PLANE, "exact numbers, control plane: every road keeps the digits");
Deno.test(TEST, async (t) => {
  await using cluster = await connect(CONTROL_PLANE, { readWrite: true });
  await using scripts = testEvaluator(cluster.brokers);
  const call = toolCaller("resources", cluster);
  await using _ = {
    [Symbol.asyncDispose]: async () => {
      await call("delete_k8s_entity", {
        api_version: "apiextensions.k8s.io/v1",
        resource_kind: "CustomResourceDefinition",
        entity_name: DEFINITION.metadata.name,
      });
    },
  };
  const defined = await call("deploy_k8s_entity", { payload_manifest: DEFINITION });
  assert.ok(!defined.isError, defined.text);
  const counters = await cluster.client.resolve(
    { group: GROUP, resource: "counters" },
    cluster.signal,
  );
  const where = { resource: counters, namespace: "default" } as const;
  /** The object's spec as it is stored, by its bytes. */
  const stored = async (name: string) => {
    const bytes = await cluster.client.send({ verb: "get", name, ...where }, cluster.signal);
    return /"spec":(\{.*?\})(?:,"|\})/.exec(new TextDecoder().decode(bytes))?.[1];
  };
  const make = async (spec: string) => {
    const name = uniqueName("digits");
    const body = new TextEncoder().encode(
      `{"apiVersion":"${GROUP}/v1","kind":"Counter","metadata":{"name":"${name}"},"spec":${spec}}`,
    );
    await cluster.client.send({ verb: "create", ...where, body }, cluster.signal);
    return name;
  };
  const K8S = js`
    const counters = k8s.dynamicClient()
      .resource({ group: "${GROUP}", version: "v1", resource: "counters" })
      .namespace("default");
  `;
  /** Runs a script, with `counters`, and `name`. */
  const run = async (name: string, script: string) => {
    const evaluation = await scripts.run(`${K8S}\nconst name = "${name}";\n${script}`);
    return evaluation.ok
      ? evaluation.result.text
      : `${evaluation.failure.message} ${evaluation.failure.hint}`;
  };

  await t.step("a script writes back what it has read", async () => {
    const WRITES = [
      "(o) => counters.update(o)",
      "(o) => counters.update({ ...o, spec: { ...o.spec } })",
      "(o) => counters.update(JSON.parse(JSON.stringify(o)))",
      '({ spec: { serial } }, name) => counters.patch(name, "merge", { spec: { serial } })',
      "({ spec }, name) => counters.apply({ metadata: { name }, spec }, { force: true })",
      js`({ spec: { serial: value } }, name) =>
        counters.patch(name, "json", ["test", "replace"].map((op) =>
          ({ op, path: "/spec/serial", value })))`,
    ];
    for (const serial of ["9007199254740993", "9223372036854775807", "-9223372036854775808"]) {
      const spec = `{"serial":${serial}}`;
      const names = await Promise.all(WRITES.map(() => make(spec)));
      const got = await run(
        "",
        js`
          const writes = [${WRITES.join(",\n")}];
          ${JSON.stringify(names)}.map((name, at) => {
            const o = counters.get(name);
            o.metadata.labels = { a: "b" };
            writes[at](o, name);
            return typeof o.spec.serial;
          }).join();
        `,
      );
      assert.equal(got, WRITES.map(() => "number").join(), got);
      for (const [at, name] of names.entries()) {
        assert.equal(await stored(name), spec, `${WRITES[at]}`);
      }
    }
  });

  await t.step("what a script prints shows all digits", async () => {
    const serial = "9007199254740993";
    const name = await make(`{"serial":${serial},"list":[${serial}]}`);
    const PRINTS = [
      "o.spec",
      "[o.spec.serial]",
      "counters.list(one).items.map((o) => ({ n: o.spec.serial }))",
      'table([o], ["spec.serial"])',
      "table([o], { n: (o) => o.spec.serial })",
      'table(counters.list({ form: "table", ...one }))',
      "yaml(o)",
      "JSON.stringify(o, null, 2)",
      "BigInt(o.spec.serial)",
      "for (const { object } of counters.watch(one)) { var seen = object; break; } seen",
    ];
    const HEAD = 'const one = { fieldSelector: "metadata.name=" + name }, o = counters.get(name);';
    for (const print of PRINTS) {
      const got = await run(name, `${HEAD}\n${print}`);
      assert.ok(got.includes(serial), `${print}: ${got}`);
      assert.doesNotMatch(got.replaceAll(serial, ""), /\d{16}/, print);
    }
  });

  await t.step("keys with escapes stay what they are, whatever was read before", async () => {
    // The second of each is what V8's own parser takes the first one for.
    for (const [key, other] of [['"', "\\"], ['"\\', '\\"'], ["p\u2028ssword", "p\\u2028s"]]) {
      const spec = JSON.stringify({ "!": 1, [key!]: 2 });
      const name = await make(spec);
      const otherName = await make(JSON.stringify({ "!": 1, [other!]: 2 }));
      const both = js`
        for (const each of ["${otherName}", "${otherName}", name]) {
          const o = counters.get(each);
          o.metadata.labels = { a: "b" };
          counters.update(o);
        }
        Object.keys(counters.get(name).spec)`;
      assert.equal(await run(name, both), JSON.stringify(["!", key]));
      assert.equal(await stored(name), spec.replace("\u2028", "\\u2028"));
    }
  });

  await t.step("two integers that are one number to JavaScript stay what they are", async () => {
    const spec = '{"list":[9007199254740993,9007199254740992],"serial":9007199254740992}';
    const name = await make(spec);
    await run(
      name,
      "const o = counters.get(name); o.metadata.labels = {a: 'b'}; counters.update(o)",
    );
    assert.equal(await stored(name), spec);
    assert.ok((await run(name, "counters.get(name)")).includes(spec));
    const LOST = [
      "[...o.spec.list]",
      "counters.update({ ...o, spec: { ...o.spec } })",
      "o.spec.list[0] = 9007199254740992; counters.update(o)",
    ];
    for (const lost of LOST) {
      const got = await run(name, `const o = counters.get(name); ${lost}`);
      assert.match(got, /Cannot tell which integer 9007199254740992 is/, lost);
    }
    assert.equal(await stored(name), spec);
  });

  await t.step(
    "a script writes a BigInt, or an integer in its own text, by its digits",
    async () => {
      for (
        const serial of [
          "9007199254740993n",
          "9007199254740993",
          "0x20000000000001",
          "9_007_199_254_740_993",
        ]
      ) {
        const name = await make("{}");
        const got = await run(
          name,
          `counters.patch(name, "merge", { spec: { serial: ${serial} } }).spec.serial`,
        );
        assert.equal(got, "9007199254740993", serial);
        assert.equal(await stored(name), '{"serial":9007199254740993}', serial);
      }
      const name = await make("{}");
      const sum =
        "counters.patch(name, 'merge', { spec: { serial: BigInt(counters.get(name).spec.serial) + 1n } })";
      await run(name, "counters.patch(name, 'merge', { spec: { serial: -9007199254740993 } })");
      assert.equal(await stored(name), '{"serial":-9007199254740993}');
      await run(name, sum);
      assert.equal(await stored(name), '{"serial":-9007199254740992}');
    },
  );

  await t.step("what JavaScript has rounded, or JSON has not, is refused", async () => {
    const name = await make('{"serial":1}');
    const REFUSED: readonly (readonly [string, RegExp])[] = [
      ['Number("9007199254740993")', /Cannot write 9007199254740992 .*rounds integers.*BigInt/],
      ["2 ** 60", /Cannot write 1152921504606847000/],
      ["0 / 0", /Cannot write NaN/],
      ["1e400", /Cannot write Infinity/],
    ];
    for (const [value, said] of REFUSED) {
      const got = await run(name, `counters.patch(name, "merge", { spec: { serial: ${value} } })`);
      assert.match(got, said);
    }
    for (const text of ['{"spec":{"serial":1e400}}']) {
      const got = await run(name, `counters.patch(name, "merge", '${text}')`);
      assert.match(got, /a number in it is larger/);
    }
    assert.equal(await stored(name), '{"serial":1}');
  });

  await t.step("a tool stores and shows the digits, of JSON and of YAML", async () => {
    const serial = "9223372036854775807";
    const identity = { api_version: `${GROUP}/v1`, resource_kind: "Counter", target_ns: "default" };
    const name = uniqueName("digits");
    const head = {
      apiVersion: `${GROUP}/v1`,
      kind: "Counter",
      metadata: { name, namespace: "default" },
    };
    const MANIFESTS = [
      { ...head, spec: { serial: 9223372036854775807n } },
      JSON.stringify(head).replace(/\}$/, `,"spec":{"serial":${serial}}}`),
      `${
        JSON.stringify(head).replace(/^\{|\}$/g, "").replaceAll(/,"(kind|metadata)"/g, '\n"$1"')
          .replaceAll(":", ": ").replaceAll(": //", "://")
      }\nspec:\n  serial: ${serial}\n`,
    ];
    for (const payload_manifest of MANIFESTS) {
      const done = await call("deploy_k8s_entity", { payload_manifest, force: true });
      assert.ok(!done.isError, `${done.text}\n${String(payload_manifest)}`);
      assert.equal(await stored(name), `{"serial":${serial}}`);
      const tried = await call("deploy_k8s_entity", { payload_manifest, dry_run: true });
      assert.ok(tried.text.includes(serial), tried.text);
    }
    const got = await call("get_k8s_entity", { ...identity, entity_name: name });
    assert.ok(got.text.includes(`"serial":${serial}`), got.text);
    const listed = await call("scan_k8s_collection", identity);
    assert.ok(listed.text.includes(`"serial":${serial}`), listed.text);
  });
});

Deno.test("exact numbers, demo: a 64-bit field keeps its digits", async () => {
  await using cluster = await connect(DEMO, { readWrite: true });
  await using scripts = testEvaluator(cluster.brokers);
  const SCRIPT = js`
    const pods = k8s.coreV1().pods("shop");
    const spec = { containers: [{ name: "a", image: "a" }], terminationGracePeriodSeconds: 9007199254740993n };
    pods.create({ metadata: { name: "digits" }, spec });
    pods.patch("digits", "merge", { metadata: { labels: { a: "b" } } });
    const found = pods.get("digits");
    [found.spec.terminationGracePeriodSeconds, found.spec.terminationGracePeriodSeconds > 5];
  `;
  const { ok, ...rest } = await scripts.run(SCRIPT);
  assert.ok(ok && "result" in rest, JSON.stringify(rest));
  assert.equal(rest.result.text, "[9007199254740993,true]");
});

/** Random documents of integers that JavaScript rounds, many of them to the same number. */
function documents(count: number): string[] {
  let seed = 5;
  const next = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor(seed / 65536) % below;
  };
  const integer = () =>
    `${next(2) ? "-" : ""}${(2n ** BigInt(53 + next(3) * next(30)) + BigInt(next(5)))}`;
  const value = (depth: number): string => {
    const members = () => Array.from({ length: next(5) }, () => value(depth + 1));
    switch (next(depth > 3 ? 3 : 5)) {
      case 0:
      case 1:
        return integer();
      case 2:
        return ["1", "0.5", "null", '"9007199254740993"', "{}", "[]"][next(6)]!;
      case 3:
        return `[${members().join(",")}]`;
      default:
        return `{${members().map((one, at) => `"k${at}":${one}`).join(",")}}`;
    }
  };
  return Array.from({ length: count }, () => value(0));
}

Deno.test("exact numbers: documents of any shape are written and shown as they were read", async () => {
  const specs = documents(300);
  const object = (spec: string, at: number) =>
    `{"metadata":{"name":"o${at}"},"spec":${spec},"apiVersion":"v1","kind":"ConfigMap"}`;
  const objects = specs.map(object);
  const written: string[] = [];
  const bytes = (text: string) => new TextEncoder().encode(text);
  await using scripts = testEvaluator({
    ...CONFIG_MAPS,
    async *call(call, body, signal) {
      if (call.op !== "request") return yield* CONFIG_MAPS.call(call, body, signal);
      if (call.verb === "update") written.push(new TextDecoder().decode(body));
      const list = `{"metadata":{},"items":[${objects.join(",")}]}`;
      yield { form: "json", more: false, body: bytes(call.verb === "list" ? list : "{}") };
    },
  });
  const { ok, ...rest } = await scripts.run(js`
    const cms = k8s.coreV1().configMaps("shop");
    const { items } = cms.list();
    for (const item of items) cms.update(item);
    items;
  `);
  assert.ok(ok && "result" in rest, JSON.stringify(rest));
  assert.deepEqual(written, objects);
  assert.equal(rest.result.text, `[${objects.join(",")}]`);
});
