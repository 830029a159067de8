/** What policies are made of, and what is decided about. */
import type { RuleReference } from "../errors.ts";
import type { PolicyVerb, WrittenRule } from "./rules/rule.ts";

/** What the person who started the server allows at most; no rule goes beyond it. */
export const MODES = ["read-only", "read-write", "approve"] as const;

/** One of the modes. */
export type Mode = (typeof MODES)[number];

/** Rules to start from; see profiles.ts. */
export const PROFILE_NAMES = ["none", "guarded", "standard", "open"] as const;

/** One of the profiles. */
export type ProfileName = (typeof PROFILE_NAMES)[number];

/** What is about to be done to a resource, in the terms of Kubernetes' authorization. */
export interface Permission {
  readonly verb: PolicyVerb;
  /** "" is the core group. */
  readonly group: string;
  /** Plural, lower case, as the cluster serves it. */
  readonly resource: string;
  readonly subresource?: string;
  /** Whether the resource lives in namespaces. */
  readonly namespaced: boolean;
  /** Left out or "" for a namespaced resource: all of them. */
  readonly namespace?: string;
  /** Left out: not known before the request has been made, or more than one. */
  readonly name?: string;
}

/** A permission that a request needs beside its own. */
export interface ImpliedPermission extends Permission {
  /** What of it is more than an everyday change, for messages. */
  readonly because?: string;
}

/** Who asks, and where. */
interface Circumstances {
  /** Name of the tool, or of the command at a terminal. */
  readonly tool: string;
  /** Name of the kubeconfig's context. */
  readonly context: string;
}

/** A request for a resource. */
export interface ResourceAction extends Permission, Circumstances {
  /** What the request's body would bring about besides; each needs to be allowed too. */
  readonly implies?: readonly ImpliedPermission[];
}

/** A look at what the cluster serves: its version, names, schemas. */
export interface DiscoveryAction extends Circumstances {
  readonly path: string;
}

/** What is decided about. */
export type Action = DiscoveryAction | ResourceAction;

/** One rule, and where it comes from, for messages: `config.yaml:12`, `profile standard`. */
export interface Rule extends WrittenRule, Omit<RuleReference, "name"> {
  readonly source: string;
  /** It asks a person, and allows nothing by itself: see subject.ts. */
  readonly asksOnly?: true;
}

/** All that decides. */
export interface Policy {
  readonly mode: Mode;
  readonly profile: ProfileName;
  /** In any order: the strictest that applies decides. */
  readonly rules: readonly Rule[];
}

/** What was decided. */
export interface Decision {
  readonly outcome: "allow" | "approve" | "refuse";
  /** What decided, in words: a rule and where it stands, a profile, the mode. */
  readonly rule: string;
  /** The same as data. */
  readonly by: RuleReference;
  /** Secret values are shown. */
  readonly reveal: boolean;
  /** Why it is refused, or needs a person. */
  readonly reason?: string;
  /** The reason says no more than that the rule denies it. */
  readonly reasonIsRule?: boolean;
  /** What to do next. */
  readonly hint?: string;
}
