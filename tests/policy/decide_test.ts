import assert from "node:assert/strict";
import { PolicyError } from "../../lib/errors.ts";
import type { Verb } from "../../lib/names/requests.ts";
import { approvalMissing, decide, enforce } from "../../lib/policy/decide.ts";
import { makePolicy } from "../../lib/policy/profiles.ts";
import type { Mode, ProfileName, ResourceAction, Rule } from "../../lib/policy/types.ts";

const MODES: readonly Mode[] = ["read-only", "read-write", "approve"];
const PROFILES: readonly ProfileName[] = ["none", "guarded", "standard", "open"];

/** `delete apps deployments/scale web@shop`: verb, group ("-" for core), resource, object. */
function action(text: string, rest: Partial<ResourceAction> = {}): ResourceAction {
  const [verb, group = "", path = "", object = ""] = text.split(" ");
  const [resource = "", subresource] = path.split("/");
  const [name, namespace] = object.split("@");
  return {
    verb: verb as Verb,
    group: group === "-" ? "" : group,
    resource,
    ...(subresource ? { subresource } : {}),
    namespaced: !["nodes", "namespaces", "clusterroles", "persistentvolumes"].includes(resource) &&
      !resource.startsWith("certificate") && !resource.startsWith("clusterrole"),
    ...(namespace ? { namespace } : {}),
    ...(name ? { name } : {}),
    tool: "evaluate_script",
    context: "test",
    ...rest,
  };
}

const rule = (fields: Partial<Rule>): Rule => ({
  name: "r",
  source: "c.yaml:1",
  effect: "allow",
  ...fields,
});

/**
 * What each profile gives: r for a read (in every mode), w for a change (refused read-only, allowed
 * read-write, asked about in approve), a for what is asked about in approve and refused else, - for a
 * refusal in every mode; in the order of PROFILES.
 */
const TABLE: readonly (readonly [string, string])[] = [
  ["get - pods web@shop", "-rrr"],
  ["list - pods @shop", "-rrr"],
  ["watch - pods @shop", "-rrr"],
  ["get - pods/log web@shop", "-rrr"],
  ["get - pods/status web@shop", "-rrr"],
  ["get apps deployments/scale web@shop", "-rrr"],
  ["get example.com wobbles w@shop", "-rrr"],
  ["list - pods", "--rr"],
  ["watch - pods", "--rr"],
  ["list - nodes", "--rr"],
  ["get - nodes n1", "--rr"],
  ["list - namespaces", "--rr"],
  ["get - namespaces shop", "--rr"],
  ["get - secrets s@shop", "--rr"],
  ["list - secrets @shop", "--rr"],
  ["list - secrets", "--rr"],
  ["list - configmaps @shop", "--rr"],
  ["create - configmaps c@shop", "--ww"],
  ["create apps deployments web@shop", "-www"],
  ["update apps deployments web@shop", "-www"],
  ["patch apps deployments web@shop", "-www"],
  ["delete apps deployments web@shop", "-www"],
  ["deletecollection apps deployments @shop", "--ww"],
  ["patch apps deployments/scale web@shop", "-www"],
  ["update apps deployments/status web@shop", "-www"],
  ["create - pods/eviction web@shop", "-www"],
  ["patch - pods/resize web@shop", "-www"],
  ["get - pods/resize web@shop", "-rrr"],
  ["delete - namespaces shop", "--ww"],
  ["patch - nodes n1", "--ww"],
  ["create - pods/exec web@shop", "--ww"],
  ["get - pods/exec web@shop", "--ww"],
  ["patch - pods/ephemeralcontainers web@shop", "--ww"],
  ["get - pods/ephemeralcontainers web@shop", "-rrr"],
  ["get - pods/attach web@shop", "---w"],
  ["create - pods/attach web@shop", "---w"],
  ["get - pods/portforward web@shop", "---w"],
  ["get - pods/proxy web@shop", "---w"],
  ["create - services/proxy web@shop", "---w"],
  ["get - nodes/proxy n1", "---w"],
  ["create - pods/binding web@shop", "---w"],
  ["create - bindings b@shop", "---w"],
  ["create - serviceaccounts/token sa@shop", "---w"],
  ["update - namespaces/finalize shop", "---w"],
  ["update certificates.k8s.io certificatesigningrequests/approval c", "---w"],
  ["patch certificates.k8s.io certificatesigningrequests/status c", "---w"],
  ["get certificates.k8s.io certificatesigningrequests/status c", "--rr"],
  ["create certificates.k8s.io certificatesigningrequests c", "--ww"],
  ["bind rbac.authorization.k8s.io clusterroles cluster-admin", "--aw"],
  ["escalate rbac.authorization.k8s.io roles r@shop", "-aaw"],
  // Of another group, exec is nobody's everyday.
  ["create example.com pods/exec web@shop", "----"],
  ["get subresources.kubevirt.io virtualmachineinstances/console v@shop", "----"],
  ["get - things/whatever t@shop", "----"],
  ["use - pods web@shop", "----"],
  ["create authorization.k8s.io subjectaccessreviews", "--rr"],
  ["create authorization.k8s.io localsubjectaccessreviews @shop", "-rrr"],
  ["create evil.example selfsubjectaccessreviews", "--ww"],
  ["create authentication.k8s.io tokenreviews", "--ww"],
  // What one may oneself belongs to discovery.
  ["create authorization.k8s.io selfsubjectaccessreviews", "rrrr"],
  ["create authentication.k8s.io selfsubjectreviews", "rrrr"],
];

const OUTCOMES: Readonly<Record<string, Readonly<Record<Mode, string>>>> = {
  "r": { "read-only": "allow", "read-write": "allow", "approve": "allow" },
  "w": { "read-only": "refuse", "read-write": "allow", "approve": "approve" },
  "a": { "read-only": "refuse", "read-write": "refuse", "approve": "approve" },
  "-": { "read-only": "refuse", "read-write": "refuse", "approve": "refuse" },
};

Deno.test("decide() gives what the table says, in each mode and profile", () => {
  for (const [text, expected] of TABLE) {
    for (const mode of MODES) {
      for (const [at, profile] of PROFILES.entries()) {
        const decision = decide(action(text), makePolicy({ mode, profile }));
        const where = `${text}, ${mode}, ${profile}: ${decision.rule}`;
        assert.equal(decision.outcome, OUTCOMES[expected[at] ?? ""]?.[mode], where);
        assert.equal(decision.reveal, false, where);
        assert.equal(decision.reason === undefined, decision.outcome === "allow", where);
      }
    }
  }
});

Deno.test("decide() names what decided", () => {
  const deny = rule({ name: "no prod", effect: "deny", namespaces: ["prod"] });
  const policy = makePolicy({ rules: [deny] });
  assert.equal(decide(action("get - pods w@prod"), policy).rule, 'rule "no prod" (c.yaml:1)');
  assert.equal(
    decide(action("get - pods w@shop"), policy).rule,
    'rule "everyday" (profile standard)',
  );
  assert.equal(decide(action("delete - pods w@shop"), policy).rule, "mode read-only");
  assert.equal(decide(action("get - pods/proxy w@shop"), policy).rule, "profile standard");
});

Deno.test("decide() lets deny win over allow, whatever the order, and no rule go beyond the mode", () => {
  const allow = rule({ verbs: ["delete"], names: ["web"] });
  const deny = rule({ effect: "deny", resources: ["pods"] });
  for (const rules of [[allow, deny], [deny, allow]]) {
    const policy = makePolicy({ mode: "read-write", profile: "open", rules });
    assert.equal(decide(action("delete - pods web@shop"), policy).outcome, "refuse");
    assert.equal(decide(action("delete - services web@shop"), policy).outcome, "allow");
  }
  const readOnly = makePolicy({ profile: "open", rules: [allow] });
  assert.equal(decide(action("delete - pods web@shop"), readOnly).outcome, "refuse");
});

Deno.test("decide() takes a denied resource with all that is below it", () => {
  const policy = makePolicy({
    mode: "read-write",
    profile: "open",
    rules: [rule({ effect: "deny", resources: ["pods"] })],
  });
  for (const sub of ["", "/log", "/status", "/exec", "/proxy", "/eviction"]) {
    assert.equal(decide(action(`get - pods${sub} web@shop`), policy).outcome, "refuse", sub);
  }
  const logs = makePolicy({ rules: [rule({ effect: "deny", resources: ["pods/log"] })] });
  assert.equal(decide(action("get - pods/log web@shop"), logs).outcome, "refuse");
  assert.equal(decide(action("get - pods web@shop"), logs).outcome, "allow");
});

Deno.test("decide() takes exec, attach and port-forward for the same by either verb", () => {
  for (const verb of ["get", "create"] as const) {
    const policy = makePolicy({
      mode: "read-write",
      rules: [rule({ effect: "deny", verbs: [verb], resources: ["pods/exec"] })],
    });
    for (const other of ["get", "create"]) {
      assert.equal(decide(action(`${other} - pods/exec web@shop`), policy).outcome, "refuse");
    }
  }
});

Deno.test("decide() takes what a rule says of delete for said of deletecollection, unless it allows", () => {
  const where = { namespaces: ["shop"], verbs: ["delete"] as const };
  const many = action("deletecollection - pods @shop");
  for (const [effect, outcome] of [["deny", "refuse"], ["approve", "approve"]] as const) {
    for (const more of [{}, { names: ["db-0"] }]) {
      const policy = makePolicy({
        mode: "read-write",
        rules: [rule({ effect, ...where, ...more })],
      });
      assert.equal(decide(many, policy).outcome, outcome);
      assert.equal(decide(action("deletecollection - pods @other"), policy).outcome, "allow");
      assert.equal(decide(action("patch - pods web-0@shop"), policy).outcome, "allow");
    }
  }
  const one = makePolicy({ mode: "read-write", profile: "none", rules: [rule(where)] });
  assert.equal(decide(action("delete - pods web-0@shop"), one).outcome, "allow");
  assert.equal(decide(many, one).outcome, "refuse");
});

Deno.test("decide() refuses a list over all namespaces that a rule speaks of in part only", () => {
  const allowed = makePolicy({ profile: "none", rules: [rule({ namespaces: ["team-*"] })] });
  const denied = makePolicy({ rules: [rule({ effect: "deny", namespaces: ["kube-system"] })] });
  for (const verb of ["list", "watch", "deletecollection"]) {
    for (const policy of [allowed, denied]) {
      const spanning = decide(action(`${verb} - pods`), policy);
      assert.equal(spanning.outcome, "refuse");
      assert.match(spanning.hint ?? "", /^Name one namespace; .*(team-\*|kube-system)/);
      const empty = decide(action(`${verb} - pods`, { namespace: "" }), policy);
      assert.equal(empty.outcome, "refuse");
    }
  }
  for (const policy of [allowed, denied]) {
    assert.equal(decide(action("list - pods @team-a"), policy).outcome, "allow");
  }
  assert.equal(decide(action("list - pods @other"), allowed).outcome, "refuse");
  assert.equal(decide(action("list - pods @kube-system"), denied).outcome, "refuse");
  // What belongs to the cluster belongs to none of them.
  assert.equal(decide(action("list - nodes"), allowed).outcome, "refuse");
  assert.equal(decide(action("list - nodes"), denied).outcome, "allow");
  assert.equal(decide(action("get - nodes n@team-a"), allowed).outcome, "refuse");
});

Deno.test("decide() takes what is done to a namespace for done to what is in it", () => {
  const policy = makePolicy({
    mode: "read-write",
    rules: [rule({ effect: "deny", namespaces: ["prod"] })],
  });
  assert.equal(decide(action("delete - namespaces prod"), policy).outcome, "refuse");
  assert.equal(decide(action("get - namespaces prod"), policy).outcome, "refuse");
  assert.equal(decide(action("delete - namespaces shop"), policy).outcome, "allow");
  assert.equal(decide(action("list - namespaces"), policy).outcome, "allow");
  // A rule that allows a namespace does not allow to do away with it.
  const allowed = makePolicy({
    mode: "read-write",
    profile: "none",
    rules: [rule({ namespaces: ["shop"] })],
  });
  assert.equal(decide(action("delete - namespaces shop"), allowed).outcome, "refuse");
});

Deno.test("decide() goes by names as RBAC's resourceNames: what is about many is not about one", () => {
  const allowed = makePolicy({
    mode: "read-write",
    profile: "none",
    rules: [rule({ resources: ["configmaps"], names: ["app-*"] })],
  });
  const denied = makePolicy({
    mode: "read-write",
    rules: [rule({ effect: "deny", resources: ["configmaps"], names: ["ca"] })],
  });
  for (const policy of [allowed, denied]) {
    assert.equal(decide(action("get - configmaps app-1@shop"), policy).outcome, "allow");
    for (const verb of ["list", "watch", "deletecollection", "create"]) {
      const decision = decide(action(`${verb} - configmaps @shop`), policy);
      assert.equal(decision.outcome, "refuse", verb);
      assert.match(decision.hint ?? "", /^Name one object; /);
    }
  }
  assert.equal(decide(action("get - configmaps ca@shop"), denied).outcome, "refuse");
  assert.equal(decide(action("get - configmaps ca@shop"), allowed).outcome, "refuse");
  const any = makePolicy({ profile: "none", rules: [rule({ names: ["*"] })] });
  assert.equal(decide(action("list - configmaps @shop"), any).outcome, "allow");
});

Deno.test("decide() lets rules speak of groups, tools and contexts", () => {
  const policy = makePolicy({
    profile: "none",
    rules: [
      rule({ groups: ["apps", "*.example.com"], tools: ["k8s_*"], contexts: ["dev-?"] }),
    ],
  });
  const asked = { tool: "k8s_get", context: "dev-1" };
  assert.equal(decide(action("get apps deployments w@s", asked), policy).outcome, "allow");
  assert.equal(decide(action("get a.example.com things w@s", asked), policy).outcome, "allow");
  assert.equal(decide(action("get - pods w@s", asked), policy).outcome, "refuse");
  assert.equal(decide(action("get example.com things w@s", asked), policy).outcome, "refuse");
  for (const other of [{ tool: "evaluate_script" }, { context: "prod" }, { context: "dev-12" }]) {
    const decision = decide(action("get apps deployments w@s", { ...asked, ...other }), policy);
    assert.equal(decision.outcome, "refuse");
  }
});

Deno.test("decide() allows what is not everyday only to a rule that names it", () => {
  const powers = ["pods/attach", "pods/portforward", "services/proxy", "things/console"];
  for (const path of powers) {
    const [resource, sub] = path.split("/");
    const outcome = (resources?: string[]) => {
      const rules = [rule({ ...(resources ? { resources } : {}) })];
      return decide(
        action(`create - ${path} x@shop`),
        makePolicy({ mode: "read-write", profile: "none", rules }),
      ).outcome;
    };
    assert.equal(outcome(), "refuse");
    for (const vague of ["*", "*/*", `${resource}/*`, `${resource}`, `${resource}/${sub?.[0]}*`]) {
      assert.equal(outcome([vague]), "refuse", vague);
    }
    assert.equal(outcome([path]), "allow");
    assert.equal(outcome([`*/${sub}`]), "allow");
  }
  const bind = "bind rbac.authorization.k8s.io clusterroles edit";
  for (const [verbs, outcome] of [[["*"], "refuse"], [["bind"], "allow"]] as const) {
    const policy = makePolicy({ mode: "read-write", rules: [rule({ verbs })] });
    assert.equal(decide(action(bind), policy).outcome, outcome);
  }
});

Deno.test("decide() wants all that a request implies to be allowed too", () => {
  const implies = [action("bind rbac.authorization.k8s.io clusterroles cluster-admin")];
  const create = action("create rbac.authorization.k8s.io clusterrolebindings b", { implies });
  const standard = decide(create, makePolicy({ mode: "read-write" }));
  assert.equal(standard.outcome, "refuse");
  assert.match(standard.reason ?? "", /it would bind clusterroles "cluster-admin"/);
  const open = (mode: Mode) => decide(create, makePolicy({ mode, profile: "open" })).outcome;
  assert.equal(open("read-write"), "allow");
  assert.equal(open("approve"), "approve");
  assert.equal(open("read-only"), "refuse");
});

Deno.test("decide() asks a person where a rule or the mode says so, for changes alone", () => {
  const policy = makePolicy({
    mode: "read-write",
    rules: [rule({ effect: "approve", resources: ["deployments"] })],
  });
  assert.equal(decide(action("get apps deployments w@shop"), policy).outcome, "allow");
  assert.equal(decide(action("delete - pods w@shop"), policy).outcome, "allow");
  assert.equal(decide(action("delete apps deployments w@shop"), policy).outcome, "approve");
  assert.equal(decide(action("patch apps deployments/scale w@shop"), policy).outcome, "approve");
  const alone = makePolicy({
    mode: "read-write",
    profile: "none",
    rules: [rule({ effect: "approve" })],
  });
  assert.equal(decide(action("delete - pods w@shop"), alone).outcome, "approve");
  assert.equal(decide(action("get - pods w@shop"), alone).outcome, "refuse");
});

Deno.test("decide() reveals secrets to requests that a rule with reveal covers whole", () => {
  const policy = makePolicy({
    rules: [rule({ resources: ["secrets"], namespaces: ["shop"], reveal: true })],
  });
  assert.equal(decide(action("get - secrets s@shop"), policy).reveal, true);
  assert.equal(decide(action("list - secrets @shop"), policy).reveal, true);
  assert.equal(decide(action("list - secrets"), policy).reveal, false);
  assert.equal(decide(action("get - secrets s@prod"), policy).reveal, false);
  assert.equal(decide(action("get - pods s@shop"), policy).reveal, false);
});

Deno.test("decide() allows discovery unless a tool or context is denied everything", () => {
  const look = { path: "/version", tool: "evaluate_script", context: "prod" };
  for (const profile of PROFILES) {
    assert.equal(decide(look, makePolicy({ profile })).outcome, "allow");
  }
  const outcome = (fields: Partial<Rule>) =>
    decide(look, makePolicy({ rules: [rule({ effect: "deny", ...fields })] })).outcome;
  assert.equal(outcome({ contexts: ["prod"] }), "refuse");
  assert.equal(outcome({ contexts: ["prod"], resources: ["*"], verbs: ["*"] }), "refuse");
  assert.equal(outcome({ contexts: ["dev"] }), "allow");
  assert.equal(outcome({ tools: ["evaluate_*"] }), "refuse");
  assert.equal(outcome({ contexts: ["prod"], resources: ["pods"] }), "allow");
  assert.equal(outcome({ contexts: ["prod"], verbs: ["delete"] }), "allow");
});

Deno.test("enforce() says what was refused, where, why, and the way out", () => {
  const remove = action("delete - pods web-0@shop");
  assert.throws(
    () => enforce(remove, makePolicy()),
    (error: PolicyError) => {
      assert.ok(error instanceof PolicyError);
      assert.equal(
        error.message,
        'Cannot delete pods "web-0" in namespace "shop": the server is read-only',
      );
      assert.match(error.hint ?? "", /--read-write/);
      return true;
    },
  );
  const decision = enforce(remove, makePolicy({ mode: "approve" }));
  assert.equal(decision.outcome, "approve");
  assert.match(approvalMissing(remove, decision).message, /a person has to approve it/);
});
