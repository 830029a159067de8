/** Rules to start from, as data of the same form as a person's own. */
import type { WrittenRule } from "./rules/rule.ts";
import type { Mode, Policy, ProfileName, Rule } from "./types.ts";

type ProfileRule = WrittenRule & { readonly name: string };

/** The profiles by name. The mode decides about changes in each of them. */
export const PROFILES: Readonly<Record<ProfileName, readonly ProfileRule[]>> = {
  /** Nothing but what the person's own rules allow. */
  none: [],
  /** Objects in a namespace that is named. */
  guarded: [
    { name: "in a namespace", effect: "allow", namespaces: ["?*"] },
    {
      name: "no secrets and configmaps",
      effect: "deny",
      groups: [""],
      resources: ["secrets", "configmaps"],
    },
    { name: "no deletecollection", effect: "deny", verbs: ["deletecollection"] },
    {
      name: "no exec",
      effect: "deny",
      verbs: ["create", "update", "patch"],
      resources: ["pods/exec", "pods/ephemeralcontainers"],
    },
  ],
  /** Everything but what is not everyday: see classify.ts. */
  standard: [{ name: "everyday", effect: "allow" }],
  /** Everything that is known. */
  open: [
    { name: "everyday", effect: "allow" },
    { name: "rights", effect: "allow", verbs: ["bind", "escalate"] },
    {
      name: "admission, aggregation",
      effect: "allow",
      resources: [
        "mutatingadmissionpolicies",
        "mutatingadmissionpolicybindings",
        "mutatingwebhookconfigurations",
        "validatingadmissionpolicies",
        "validatingadmissionpolicybindings",
        "validatingwebhookconfigurations",
        "apiservices",
      ],
    },
    {
      name: "tunnels, tokens, approvals",
      effect: "allow",
      resources: [
        "pods/attach",
        "pods/portforward",
        "pods/proxy",
        "pods/binding",
        "bindings",
        "services/proxy",
        "nodes/proxy",
        "serviceaccounts/token",
        "certificatesigningrequests/approval",
        "certificatesigningrequests/status",
        "namespaces/finalize",
      ],
    },
  ],
};

/** A policy of a mode, a profile and the person's own rules. */
export function makePolicy(
  { mode = "read-only", profile = "standard", rules = [] }: {
    readonly mode?: Mode;
    readonly profile?: ProfileName;
    readonly rules?: readonly Rule[];
  } = {},
): Policy {
  const source = `profile ${profile}`;
  return {
    mode,
    profile,
    rules: [...rules, ...PROFILES[profile].map((rule) => ({ ...rule, source, profile }))],
  };
}
