import assert from "node:assert/strict";
import { decide } from "../../lib/policy/decide.ts";
import { idleRules } from "../../lib/policy/idle_rules.ts";
import { makePolicy } from "../../lib/policy/profiles.ts";
import { policyFor, type Subject } from "../../lib/policy/subject.ts";
import type { Mode, ProfileName, Rule } from "../../lib/policy/types.ts";

const ANN: Subject = { user: "ann", groups: ["dev"] };
const BOB: Subject = { user: "bob", groups: [] };

const rule = (fields: Partial<Rule>): Rule => ({ effect: "allow", source: "c.yaml:1", ...fields });

/** What happens to a deletion of a Pod by each of them. */
function outcomes(
  fields: Partial<Rule>,
  { profile = "none", mode = "read-write" }: { profile?: ProfileName; mode?: Mode } = {},
) {
  const policy = makePolicy({ mode, profile, rules: [rule(fields)] });
  return [ANN, BOB, undefined].map((subject) =>
    decide({
      verb: "delete",
      group: "",
      resource: "pods",
      namespaced: true,
      namespace: "shop",
      name: "web",
      tool: "evaluate_script",
      context: "c",
    }, policyFor(policy, subject)).outcome
  );
}

Deno.test("policyFor() allows by a rule only those whom it names", () => {
  assert.deepEqual(outcomes({ users: ["ann"] }), ["allow", "refuse", "refuse"]);
  assert.deepEqual(outcomes({ users: ["a*"] }), ["allow", "refuse", "refuse"]);
  assert.deepEqual(outcomes({ userGroups: ["dev"] }), ["allow", "refuse", "refuse"]);
  assert.deepEqual(outcomes({ users: ["ann"], userGroups: ["ops"] }), [
    "refuse",
    "refuse",
    "refuse",
  ]);
  assert.deepEqual(outcomes({ users: ["*"] }), ["allow", "allow", "refuse"]);
  assert.deepEqual(outcomes({ userGroups: ["*"] }), ["allow", "refuse", "refuse"]);
  assert.deepEqual(outcomes({}), ["allow", "allow", "allow"]);
});

Deno.test("policyFor() denies by a rule those whom it names, and whoever has proved nothing", () => {
  const standard = { profile: "standard" } as const;
  assert.deepEqual(outcomes({ effect: "deny", users: ["ann"] }, standard), [
    "refuse",
    "allow",
    "refuse",
  ]);
  assert.deepEqual(outcomes({ effect: "deny", userGroups: ["dev"] }, standard), [
    "refuse",
    "allow",
    "refuse",
  ]);
});

Deno.test("policyFor() asks about changes of those whom a rule names; it allows others nothing", () => {
  const asks = { effect: "approve", users: ["ann"] } as const;
  assert.deepEqual(outcomes(asks, { profile: "standard" }), ["approve", "allow", "approve"]);
  assert.deepEqual(outcomes(asks), ["approve", "refuse", "refuse"]);
});

Deno.test("policyFor() leaves no user's name in what another sees", () => {
  const policy = makePolicy({ rules: [rule({ users: ["ann"] }), rule({ userGroups: ["dev"] })] });
  for (const subject of [ANN, BOB, undefined]) {
    assert.doesNotMatch(JSON.stringify(policyFor(policy, subject)), /ann|"dev"/);
  }
});

Deno.test("a rule that names users and was held against nobody allows nothing, and denies", () => {
  const action = {
    verb: "get",
    group: "",
    resource: "pods",
    namespaced: true,
    namespace: "shop",
    name: "web",
    tool: "evaluate_script",
    context: "c",
  } as const;
  const whole = (effect: Rule["effect"], profile: ProfileName) =>
    decide(action, makePolicy({ profile, rules: [rule({ effect, users: ["ann"] })] })).outcome;
  assert.equal(whole("allow", "none"), "refuse");
  assert.equal(whole("deny", "standard"), "refuse");
});

Deno.test("idleRules() tells of rules that name users where nobody proves to be one", () => {
  const policy = makePolicy({
    rules: [rule({ effect: "deny", users: ["ann"], verbs: ["delete"] })],
  });
  assert.deepEqual(idleRules(policy), []);
  assert.match(
    idleRules(policy, undefined, { hasCallers: false })[0]!,
    /ann here.* denies everybody/,
  );
});
