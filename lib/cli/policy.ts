/**
 * `kubecode policy`: what is allowed, and by which rule. A resource that is not in the list of those
 * that every cluster has is looked up by the client and not through the broker: the answer must not
 * depend on whether the policy in question allows the lookup.
 */
import { policySection } from "../config/policy_yaml.ts";
import type { Settings } from "../config/settings/settings.ts";
import { InputError, KubecodeError, ResolveError } from "../errors.ts";
import { EXIT } from "../exit.ts";
import type { KubeClient } from "../kube/client.ts";
import type { ClusterAccess } from "../kube/types.ts";
import { decide, describeAction } from "../policy/decide.ts";
import { readReference } from "../names/resolve.ts";
import { idleRules } from "../policy/idle_rules.ts";
import { type KnownResource, knownResource } from "../policy/rules/known_resources.ts";
import { TOOL_NAMES } from "../policy/rules/known_tools.ts";
import { policyFor } from "../policy/subject.ts";
import { PROFILES } from "../policy/profiles.ts";
import { type PolicyVerb, RULE_VERBS } from "../policy/rules/rule.ts";
import {
  type Policy,
  PROFILE_NAMES,
  type ProfileName,
  type ResourceAction,
} from "../policy/types.ts";
import { nearHint } from "../std/nearest.ts";
import { type Printer, processPrinter } from "./print.ts";

/** What the command is asked. */
export type PolicyCommand =
  | {
    readonly kind: "check";
    readonly verb: string;
    /** `plural[.group][/subresource]`; other names where the cluster can be asked. */
    readonly resource: string;
    readonly name?: string;
    readonly tool: string;
    /** For whom; left out, for whoever started the process. */
    readonly user?: string;
    readonly groups: readonly string[];
  }
  | { readonly kind: "show"; readonly profile?: string };

/** The parts that it needs. */
export interface PolicyParts {
  readonly settings: Settings;
  readonly wholePolicy: () => Policy;
  access(): Promise<ClusterAccess>;
  connect(): Promise<KubeClient>;
  /** @throws {ConfigError} there is no such context as was named */
  requireNamed(): Promise<void>;
  /** Names of all contexts; undefined where the configuration cannot be read. */
  contextNames(): Promise<readonly string[] | undefined>;
}

/**
 * Answers a `kubecode policy` command.
 *
 * @returns the exit code: failed for what is not allowed without a person's approval
 * @throws {InputError} an unknown verb or profile
 * @throws {ResolveError} a resource that the cluster does not serve
 */
export async function answerPolicy(
  parts: PolicyParts,
  command: PolicyCommand,
  signal: AbortSignal,
  printer: Printer = processPrinter(),
): Promise<number> {
  const contexts = await parts.contextNames();
  // Rules can be checked where there is no kubeconfig; where there is one, a context that it has not
  // is a typo.
  if (contexts !== undefined) await parts.requireNamed();
  if (command.kind === "show") {
    const idle = idleRules(parts.wholePolicy(), contexts);
    return show(parts.wholePolicy(), command.profile, idle, printer);
  }
  const { user, groups } = command;
  const policy = policyFor(parts.wholePolicy(), user === undefined ? undefined : { user, groups });
  const action = await actionOf(parts, command, signal);
  const { outcome, rule, reason, reasonIsRule, hint, reveal } = decide(action, policy);
  const word = { allow: "allowed", approve: "to be approved", refuse: "refused" }[outcome];
  printer.out(`${word}: ${describeAction(action)}${whereOf(action)}`);
  printer.out(`by: ${rule}`);
  if (reason && !reasonIsRule) printer.out(`reason: ${reason}`);
  if (hint) printer.out(`hint: ${hint}`);
  if (reveal) printer.out("secret values are shown");
  return outcome === "allow" ? EXIT.ok : EXIT.failed;
}

function show(
  policy: Policy,
  profile: string | undefined,
  idle: readonly string[],
  printer: Printer,
): number {
  if (profile === undefined) {
    for (const words of idle) printer.out(`# Warning: ${words}`);
    printer.out(policySection(policy).trimEnd());
  } else if (Object.hasOwn(PROFILES, profile)) {
    // Not under the profile itself, where a rule that is deleted from the file would stay in force.
    printer.out(`# The rules of the profile ${profile}, to start from.`);
    printer.out(
      policySection({ profile: "none", rules: PROFILES[profile as ProfileName] }).trimEnd(),
    );
  } else {
    throw new InputError(`Cannot show profile "${profile}": there is no such profile`, {
      hint: nearHint(profile, PROFILE_NAMES) ?? `There is ${PROFILE_NAMES.join(", ")}.`,
    });
  }
  return EXIT.ok;
}

async function actionOf(
  parts: PolicyParts,
  { verb, resource: given, name, tool }: Extract<PolicyCommand, { kind: "check" }>,
  signal: AbortSignal,
): Promise<ResourceAction> {
  if (!RULE_VERBS.includes(verb as PolicyVerb)) {
    throw new InputError(`Cannot check "${verb}": there is no such verb`, {
      hint: nearHint(verb, RULE_VERBS) ?? `Verbs: ${RULE_VERBS.join(", ")}.`,
    });
  }
  if (!TOOL_NAMES.includes(tool)) {
    throw new InputError(`Cannot check for tool "${tool}": there is no such tool`, {
      hint: nearHint(tool, TOOL_NAMES) ?? `Tools: ${TOOL_NAMES.join(", ")}.`,
    });
  }
  const [plural = "", subresource] = given.toLowerCase().split("/");
  const { group, resource, namespaced } = await resourceOf(parts, plural, signal);
  const namespace = namespaced ? await namespaceOf(parts, verb) : undefined;
  return {
    verb: verb as PolicyVerb,
    group,
    resource,
    ...(subresource ? { subresource } : {}),
    namespaced,
    ...(namespace ? { namespace } : {}),
    ...(name === undefined ? {} : { name }),
    tool,
    context: await contextOf(parts),
  };
}

/** From the list of resources that every cluster has, else from the cluster, else as written. */
async function resourceOf(
  parts: PolicyParts,
  given: string,
  signal: AbortSignal,
): Promise<Pick<KnownResource, "group" | "resource" | "namespaced">> {
  const known = knownResource(given);
  if (known) return known;
  try {
    return await (await parts.connect()).resolve({ resource: given }, signal);
  } catch (error) {
    if (error instanceof ResolveError || !(error instanceof KubecodeError)) throw error;
    const { resource, group = "" } = readReference({ resource: given });
    return { resource, group, namespaced: true };
  }
}

async function namespaceOf({ settings, access }: PolicyParts, verb: string) {
  const spans = verb === "list" || verb === "watch" || verb === "deletecollection";
  if (settings.allNamespaces) return undefined;
  if (settings.namespace !== undefined || spans) return settings.namespace;
  return await access().then(({ namespace }) => namespace, () => "default");
}

async function contextOf({ settings, access }: PolicyParts): Promise<string> {
  return settings.context ?? await access().then(({ context }) => context, () => "");
}

function whereOf({ namespaced, namespace, context }: ResourceAction): string {
  const where = namespaced && !namespace ? " in all namespaces" : "";
  return `${where}${context === "" ? "" : `, context "${context}"`}`;
}
