import assert from "node:assert/strict";
import { parseConfig } from "../../lib/config/file.ts";
import { followFile } from "../../lib/config/file_watch.ts";
import { keepPolicy, policyOf } from "../../lib/config/policy_source.ts";
import { ConfigError } from "../../lib/errors.ts";
import { idleRules } from "../../lib/policy/idle_rules.ts";
import { until } from "../e2e/program.ts";
import { LOGGER } from "../support/clusters.ts";

Deno.test("policyOf() takes the sample of docs/policy.md", async () => {
  const text = await Deno.readTextFile(new URL("../../docs/policy.md", import.meta.url));
  const [, sample = ""] = /```yaml\n(# ~\/\.config[^]*?)```/.exec(text) ?? [];
  const policy = policyOf(parseConfig(sample, "/home/x/config.yaml"), undefined);
  assert.equal(policy.mode, "read-write");
  assert.equal(policy.rules[0]?.name, "production is off limits");
  assert.equal(policy.rules[0]?.source, "config.yaml:6");
});

Deno.test("policyOf() lets a flag go before the file, and is read-only and standard without both", () => {
  const file = parseConfig("policy: {mode: read-write, profile: open}", "c.yaml");
  assert.equal(policyOf(file, undefined).mode, "read-write");
  assert.equal(policyOf(file, "approve").mode, "approve");
  const { mode, profile } = policyOf(undefined, undefined);
  assert.deepEqual({ mode, profile }, { mode: "read-only", profile: "standard" });
});

Deno.test("policyOf() takes core for the core group", () => {
  const rule = "{effect: deny, groups: [core]}";
  const { rules } = policyOf(parseConfig(`policy: {rules: [${rule}]}`, "c.yaml"), undefined);
  assert.deepEqual(rules[0]?.groups, [""]);
});

Deno.test("a rule that would be about nothing, or says what it cannot, is refused by line", () => {
  for (
    const [rule, reason] of [
      ["effect: deny, resources: [pods, secret]", 'must be the plural name "secrets"'],
      ["effect: deny, resources: [po/log]", 'must be the plural name "pods"'],
      ["effect: deny, resources: [deployments.apps]", "its group goes into groups"],
      ["effect: deny, resources: [Pods]", "must be a plural name in lower case"],
      ["effect: deny, resources: [a/b/c]", "must be a plural name in lower case"],
      ["effect: deny, groups: [apps/v1]", "without a version"],
      ["effect: deny, resources: [pods/logs]", 'no subresource "logs"; did you mean log'],
      ["effect: deny, resources: ['*/logs']", 'no subresource "logs"; did you mean log'],
      ["effect: deny, resources: [deployment/scale]", 'must be the plural name "deployments"'],
      ["effect: deny, resources: [secretss]", 'no resource "secretss"; did you mean secrets'],
      ["effect: deny, groups: [app]", 'no API group "app"; did you mean apps'],
      ["effect: deny, groups: [apps], resources: [pods]", "belongs to the group core, not to apps"],
      ["effect: deny, groups: [batch], resources: [job]", 'must be the plural name "jobs"'],
      ["effect: deny, groups: [apps], resources: [widgets]", 'no resource "widgets" in apps'],
      ["effect: deny, namespaces: [Prod]", "must be a namespace"],
      ["effect: deny, tools: [evaluate_scrpt]", 'no tool "evaluate_scrpt"; did you mean'],
      ["effect: dney", "must be allow, deny or approve; did you mean deny?"],
      ["effect: deny, verbs: [lst]", "escalate; did you mean list?"],
      ["effect: deny, tools: [k9s_*]", 'no tool "k9s_*"'],
      ["effect: deny, namespaces: ['']", "must be a namespace"],
      ["effect: deny, reveal: true", "goes with effect: allow only"],
      ["effect: approve, verbs: [delete, get]", "a person is asked about changes"],
      ['effect: deny, name: "a\\nb"', "must be one line of text"],
      ["effect: forbid", "must be allow, deny or approve"],
    ] as const
  ) {
    assert.throws(
      () => parseConfig(`policy:\n  rules:\n    - effect: allow\n    - {${rule}}\n`, "c.yaml"),
      (error: Error) => {
        assert.ok(error instanceof ConfigError);
        assert.ok(error.message.includes('"c.yaml": line 4: policy.rules[1].'), error.message);
        assert.ok(error.message.includes(reason), error.message);
        return true;
      },
    );
  }
});

Deno.test("keepPolicy() takes another policy whole or not at all", async () => {
  const path = await Deno.makeTempFile();
  try {
    const file = parseConfig("policy: {profile: open}", path);
    const kept = keepPolicy(file, undefined);
    const write = (text: string) => Deno.writeTextFile(path, text);
    await write("policy: {profile: guarded}");
    await kept.reload();
    assert.equal(kept.current().profile, "guarded");
    for (const faulty of ["policy: {profile: none, rules: [{}]}", "policy: {mode: approve}", ""]) {
      await write(faulty);
      await assert.rejects(kept.reload(), ConfigError);
      assert.equal(kept.current().profile, "guarded");
    }
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("followFile() reads a file that has changed and is no longer being written", async () => {
  const path = await Deno.makeTempFile();
  let seen = "";
  const followed = followFile(
    path,
    async () => void (seen = await Deno.readTextFile(path)),
    LOGGER,
    5,
  );
  try {
    await Deno.writeTextFile(path, "one");
    await until(() => seen === "one");
    await Deno.writeTextFile(`${path}.new`, "two");
    await Deno.rename(`${path}.new`, path);
    await until(() => seen === "two");
    await Deno.remove(path);
    await Deno.writeTextFile(path, "three");
    await followed.reload();
    assert.equal(seen, "three");
  } finally {
    followed.close();
    await Deno.remove(path);
  }
});

Deno.test("rules about what only a cluster knows are taken", () => {
  for (
    const rule of [
      "effect: deny, resources: [widgets]",
      "effect: deny, groups: [example.com], resources: [pods]",
      "effect: deny, groups: [example.com], resources: [podss/logs]",
      "effect: deny, groups: ['*'], resources: [podss]",
      "effect: deny, resources: ['pod*/log', '*/status', 'widgets/thing']",
      "effect: deny, groups: [core, apps], resources: [pods, deployments/scale, events]",
      "effect: deny, groups: [metrics.k8s.io], resources: [pods, nodes]",
      "effect: deny, groups: [events.k8s.io], resources: [events]",
    ]
  ) assert.ok(parseConfig(`policy:\n  rules:\n    - {${rule}}\n`, "c.yaml"), rule);
});

Deno.test("all faults of a file are told at once, each with its line", () => {
  const file = [
    "policy:",
    "  mode: read-wirte",
    "  rules:",
    "    - {effect: forbid}",
    "    - {effect: deny, resources: [pods/logs]}",
    "    - {effekt: deny}",
  ].join("\n");
  assert.throws(() => parseConfig(file, "c.yaml"), (error: Error) => {
    assert.match(error.message, /line 2: policy\.mode: .*did you mean read-write/);
    assert.match(error.message, /line 4: policy\.rules\[0\]\.effect: must be allow/);
    assert.match(error.message, /line 5: policy\.rules\[1\]\.resources\[0\]: .*"logs"/);
    assert.match(error.message, /line 6: policy\.rules\[2\]\.effekt: there is no such setting/);
    assert.doesNotMatch(error.message, /rules\[2\]\.effect: must be given/);
    return true;
  });
});

Deno.test("idleRules() names rules that change nothing, and contexts that are not there", () => {
  const policy = (rule: string, profile = "standard") =>
    policyOf(parseConfig(`policy: {profile: ${profile}, rules: [{${rule}}]}`, "c.yaml"), undefined);
  const read = "effect: allow, verbs: [get, list, watch], namespaces: [production]";
  const [words] = idleRules(policy(read));
  assert.match(words ?? "", /rule "#1" \(c\.yaml:1\) changes nothing/);
  assert.match(words ?? "", /effect: deny, verbs: \[create, update, patch, delete/);
  for (
    const [rule, profile] of [
      [read, "none"],
      [read, "guarded"],
      [`${read}, reveal: true`, "standard"],
      ["effect: allow, resources: [pods/attach]", "standard"],
      ["effect: allow, verbs: [bind]", "standard"],
      ["effect: deny", "standard"],
      ["effect: deny, contexts: [test, 'dev-*']", "standard"],
    ] as const
  ) assert.deepEqual(idleRules(policy(rule, profile), ["test", "dev-1"]), [], rule);
  assert.match(
    idleRules(policy("effect: deny, contexts: [tset]"), ["test"])[0] ?? "",
    /no context of the kubeconfig fits tset/,
  );
});
