import assert from "node:assert/strict";
import { parseConfig } from "../../lib/config/file.ts";
import { policySection } from "../../lib/config/policy_yaml.ts";
import { PROFILES } from "../../lib/policy/profiles.ts";

Deno.test("policySection() writes each profile's rules so that the loader takes them", () => {
  for (const rules of Object.values(PROFILES)) {
    const text = policySection({ profile: "none", rules });
    assert.deepEqual(parseConfig(text, "c.yaml").config.policy, { profile: "none", rules });
  }
});

Deno.test("policySection() has the fields of a rule in the order in which one is read", () => {
  const rule = {
    reveal: true,
    tools: ["eval"],
    contexts: ["dev-*"],
    names: ["no", "5", "*", "a, b", "null", "1e3"],
    namespaces: ["?*"],
    resources: ["pods/attach"],
    groups: [""],
    verbs: ["get"],
    effect: "allow",
    source: "config.yaml:3",
    name: '#1: it\'s "so"',
  } as const;
  const text = policySection({ mode: "approve", profile: "open", rules: [rule] });
  assert.equal(
    text,
    `policy:
  mode: approve
  profile: open
  rules:
    # config.yaml:3
    - name: "#1: it's \\"so\\""
      effect: allow
      verbs: [get]
      groups: [""]
      resources: [pods/attach]
      namespaces: ["?*"]
      names: ["no", "5", "*", "a, b", "null", "1e3"]
      contexts: [dev-*]
      tools: [eval]
      reveal: true
`,
  );
  const { source: _, ...written } = rule;
  assert.deepEqual(parseConfig(text, "c.yaml").config.policy, {
    mode: "approve",
    profile: "open",
    rules: [written],
  });
});
