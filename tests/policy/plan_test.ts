import assert from "node:assert/strict";
import { PolicyError } from "../../lib/errors.ts";
import { diffObjects } from "../../lib/policy/diff.ts";
import {
  approvalOf,
  type ChangeFacts,
  type ChangeToPlan,
  createPlan,
  fingerprintOf,
} from "../../lib/policy/plan.ts";
import { planText, questionText } from "../../lib/policy/plan_text.ts";

const FACTS: ChangeFacts = {
  verb: "update",
  group: "apps",
  version: "v1",
  resource: "deployments",
  namespace: "shop",
  name: "web",
  body: { metadata: { name: "web", resourceVersion: "7" }, spec: { replicas: 2 } },
};

const subject = { context: "dev", cluster: "here", verb: "x", resource: "y", gravity: 1 } as const;

const change = (what: string, lines: string[] = []): ChangeToPlan => ({
  what,
  subject,
  lines,
  fingerprint: what,
  asks: true,
});

Deno.test("diffObjects() names what differs by path, and leaves out what the server writes", () => {
  const before = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", uid: "u", resourceVersion: "1", generation: 1, labels: { a: "1" } },
    spec: {
      replicas: 2,
      containers: [{ name: "app", image: "x:1" }, { name: "side", image: "y:1" }],
      args: ["a", "b"],
    },
    status: { replicas: 2 },
  };
  const after = {
    ...before,
    metadata: { ...before.metadata, resourceVersion: "2", generation: 2, labels: { b: "2" } },
    spec: {
      replicas: 5,
      containers: [{ name: "side", image: "y:1" }, { name: "app", image: "x:2" }],
      args: ["a", "c"],
    },
    status: { replicas: 5 },
  };
  assert.deepEqual(diffObjects(before, after), [
    '- metadata.labels.a: "1"',
    "spec.replicas: 2 → 5",
    'spec.containers[app].image: "x:1" → "x:2"',
    'spec.args[1]: "b" → "c"',
    '+ metadata.labels.b: "2"',
    "spec.containers: order app, side → side, app",
  ]);
  assert.ok(diffObjects(before, after, { status: true }).includes("status.replicas: 2 → 5"));
  const long = (end: string) => ({ metadata: {}, data: { run: `${"#".repeat(300)} echo ${end}` } });
  assert.match(
    diffObjects(long("good"), long("evil")).join(),
    /^data.run: ….* echo good" → ….* echo evil"$/,
  );
  assert.deepEqual(diffObjects(before, before), []);
  assert.deepEqual(diffObjects(undefined, { metadata: { name: "x" }, data: { k: "v" } }), [
    'metadata.name: "x"',
    'data.k: "v"',
  ]);
  assert.deepEqual(
    diffObjects({ metadata: { name: "x" }, data: { k: "v" } }, { metadata: { name: "x" } }),
    [
      '- data.k: "v"',
    ],
  );
});

Deno.test("diffObjects() says from how many and to how many a scale goes, 0 too", () => {
  const scale = (spec: object, apiVersion = "autoscaling/v1") => ({
    apiVersion,
    kind: "Scale",
    metadata: { name: "web" },
    spec,
  });
  assert.deepEqual(diffObjects(scale({}), scale({ replicas: 2 })), ["spec.replicas: 0 → 2"]);
  assert.deepEqual(diffObjects(scale({ replicas: 2 }), scale({})), ["spec.replicas: 2 → 0"]);
  const other = scale({ kilos: 1 }, "example.com/v1");
  assert.ok(!diffObjects(undefined, other).join().includes("replicas"));
});

Deno.test("diffObjects() lets nothing in a value break a line, move a cursor or turn the order", () => {
  const lines = diffObjects(undefined, {
    metadata: { annotations: { "a\n- delete pods x": "\u001b[2J\u202eevil\u2028x\u0085" } },
  });
  assert.equal(lines.length, 1);
  assert.doesNotMatch(lines[0] ?? "", /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  assert.match(lines[0] ?? "", /\\u\{202e\}evil/);
});

Deno.test("fingerprintOf() tells every difference but resourceVersion and the order of keys", () => {
  const print = fingerprintOf(FACTS);
  const same = {
    ...FACTS,
    body: { spec: { replicas: 2 }, metadata: { resourceVersion: "8", name: "web" } },
  };
  assert.equal(fingerprintOf(same), print);
  const others: ChangeFacts[] = [
    { ...FACTS, verb: "patch" },
    { ...FACTS, group: "" },
    { ...FACTS, version: "v2" },
    { ...FACTS, resource: "pods" },
    { ...FACTS, subresource: "status" },
    { ...FACTS, namespace: "other" },
    { ...FACTS, name: "x" },
    { ...FACTS, context: "staging" },
    { ...FACTS, contentType: "application/json" },
    { ...FACTS, options: { force: true } },
    { ...FACTS, body: undefined },
    { ...FACTS, body: { metadata: { name: "web" }, spec: { replicas: 3 } } },
    { ...FACTS, body: { metadata: { name: "web" }, spec: { replicas: "2" } } },
    { ...FACTS, body: { metadata: { name: "web" }, spec: { replicas: 2 }, ["__proto__x"]: 1 } },
    {
      ...FACTS,
      body: JSON.parse('{"metadata":{"name":"web"},"spec":{"replicas":2},"__proto__":{"a":1}}'),
    },
    { ...FACTS, body: [{ op: "replace" }] },
    { ...FACTS, body: { spec: { resourceVersion: "1", replicas: 2 }, metadata: { name: "web" } } },
  ];
  const prints = new Set([print, ...others.map(fingerprintOf)]);
  assert.equal(prints.size, others.length + 1);
});

Deno.test("approvalOf() gives each change once, and after a strange one none at all", () => {
  const plan = createPlan(5);
  for (const what of ["a", "b", "a"]) plan.add(change(what));
  const approval = approvalOf(plan);
  const take = (what: string) => approval.take({ what, fingerprint: what });
  assert.equal(approval.startedAt, 5);
  assert.equal(take("b").what, "b");
  assert.equal(take("a").what, "a");
  assert.equal(take("a").what, "a");
  assert.deepEqual(approval.left(), []);
  assert.throws(() => take("a"), PolicyError);

  const other = approvalOf(plan);
  assert.throws(
    () => other.take({ what: "c", fingerprint: "c" }),
    /Cannot c: this very change was not/,
  );
  assert.throws(
    () => other.take({ what: "b", fingerprint: "b" }),
    /Cannot b: the run has left its plan \(with: c\)/,
  );
  assert.equal(other.left().length, 3);
});

Deno.test("diffObjects() shows all that changes in a long text, and planText() says what is cut", () => {
  const filler = "a line that stays\n".repeat(50);
  const map = (text: string) => ({ kind: "ConfigMap", data: { text } });
  const before = map(`size=1\n${filler}safe=true\n${filler}`);
  const after = map(`size=2\n${filler}safe=EVIL\n${filler}`);
  const [line = ""] = diffObjects(before, after);
  assert.match(line, /size=1.*safe=true.* → .*size=2.*safe=EVIL/);
  const plan = createPlan(0);
  plan.add(change("update configmaps shop/x", diffObjects(before, map("x".repeat(5_000)))));
  assert.match(planText(plan), /^1 change \(NOT ALL IS SHOWN: 1 are cut\):/);
});

Deno.test("planText() says first when not all of a plan is shown", () => {
  const plan = createPlan(0);
  assert.equal(planText(plan), "No changes.");
  plan.add(change("delete pods shop/web-0"));
  assert.equal(planText(plan), "1 change:\n1. delete pods shop/web-0\n1 change: 1 x y");
  plan.add(change("create x", Array.from({ length: 100 }, (_, at) => `line ${at}`)));
  assert.match(planText(plan), /^2 changes \(NOT ALL IS SHOWN: 40 lines are left out\):/);
  assert.match(planText(plan), /… 40 more lines\n\(Gravest first/);
  for (let at = 0; at < 50; at++) plan.add(change(`c${at}`, ["x".repeat(1000)]));
  const text = planText(plan);
  assert.ok(text.length < 20_000, `${text.length}`);
  assert.match(text, /NOT ALL IS SHOWN/);
  assert.match(text, /52. c49/);
});

Deno.test("diffObjects() writes keys so that no two fields share a path", () => {
  const after = { kind: "X", data: { 'a"."b': 1, a: { b: 2 }, "a.b": 3, "c d": 4, "a\u200bb": 5 } };
  const lines = diffObjects({ kind: "X", data: { z: 0 } }, after);
  assert.deepEqual(lines.slice(1), [
    String.raw`+ data."a\".\"b": 1`,
    "+ data.a.b: 2",
    '+ data."a.b": 3',
    '+ data."c d": 4',
    String.raw`+ data."a\u{200b}b": 5`,
  ]);
});

Deno.test("a question says where first, then the gravest, and counts at its end", () => {
  const plan = createPlan(0);
  const at = (namespace: string | undefined, gravity: 0 | 3, verb: string, resource: string) => ({
    ...change(`${verb} ${resource} ${namespace ?? plan.changes.length}`, ["- spec.x: 1"]),
    subject: {
      ...{ context: "prod\u202e", cluster: "prod-eu", verb, resource, gravity },
      ...(namespace === undefined ? {} : { namespace }),
    },
  });
  plan.add(at("shop", 0, "create", "pods"));
  plan.add(at("cart", 0, "create", "pods"));
  plan.add(at(undefined, 3, "delete", "namespaces"));
  const lines = questionText(plan, "evaluate_script").split("\n");
  assert.equal(
    lines[0],
    'Context "prod\\u{202e}", cluster "prod-eu", namespaces "shop", "cart". ' +
      "evaluate_script asks to make 3 changes:",
  );
  assert.equal(lines[1], "3. delete namespaces 2");
  assert.equal(lines.at(-1), "3 changes: 2 create pods, 1 delete namespaces");
  assert.deepEqual(lines.filter((line) => line.startsWith("-")), []);
});

Deno.test("a name of a cluster's discovery adds no line to the count of a question", () => {
  const plan = createPlan(0);
  const resource = "widgets.example.com/status\n0 changes: nothing";
  plan.add({ ...change("update widgets.example.com"), subject: { ...subject, resource } });
  assert.equal(
    questionText(plan, "evaluate_script").split("\n").at(-1),
    "1 change: 1 x widgets.example.com/status\\u{a}0 changes: nothing",
  );
});

Deno.test("diffObjects() and fingerprintOf() tell integers apart that are one number to JavaScript", () => {
  const of = (serial: bigint) => ({ kind: "X", spec: { serial } });
  const [old, young] = [of(9007199254740992n), of(9007199254740993n)];
  assert.deepEqual(diffObjects(old, young), [
    "spec.serial: 9007199254740992 → 9007199254740993",
  ]);
  assert.notEqual(
    fingerprintOf({ ...FACTS, body: old }),
    fingerprintOf({ ...FACTS, body: young }),
  );
});
