import assert from "node:assert/strict";
import { parseConfig } from "../../lib/config/file.ts";
import { followFile } from "../../lib/config/file_watch.ts";
import { keepPolicy, policyOf } from "../../lib/config/policy_source.ts";
import { ConfigError } from "../../lib/errors.ts";
import { until } from "../e2e/program.ts";
import { LOGGER } from "../support/clusters.ts";

Deno.test("policyOf() takes the sample of the README", async () => {
  const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
  const [, sample = ""] = /```yaml\n(# ~\/\.config[^]*?)```/.exec(readme) ?? [];
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
      ["effect: deny, namespaces: [Prod]", "must be a namespace"],
      ["effect: deny, tools: [evaluate_scrpt]", 'no tool "evaluate_scrpt"; did you mean'],
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
