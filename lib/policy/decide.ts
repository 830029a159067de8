/**
 * What may be done: decided from the resolved request, never from text. Pure. What is not known is
 * refused.
 */
import { PolicyError } from "../errors.ts";
import type { Verb } from "../kube/types.ts";

/** What is about to be done, in the terms of Kubernetes' authorization. */
export interface Action {
  readonly verb: Verb;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** What the person who started the server allows. */
export interface PolicyMode {
  /** `--read-write`: changes are allowed too. */
  readonly readWrite: boolean;
}

/** What was decided, with the words for a refusal. */
export type Decision =
  | { readonly allow: true }
  | { readonly allow: false; readonly reason: string; readonly hint: string };

const READ_VERBS: ReadonlySet<Verb> = new Set(["get", "list", "watch"]);

/** Subresources whose `get` reads state and does nothing else. A `get` of exec or proxy acts. */
const READ_SUBRESOURCES: ReadonlySet<string> = new Set(["status", "scale", "log"]);

/** Subresources through which everyday changes go. */
const WRITE_SUBRESOURCES: ReadonlySet<string> = new Set(["status", "scale", "eviction"]);

/** Resources whose `create` asks a question and stores nothing. */
const QUESTIONS: ReadonlySet<string> = new Set([
  "authentication.k8s.io/selfsubjectreviews",
  "authorization.k8s.io/selfsubjectaccessreviews",
  "authorization.k8s.io/selfsubjectrulesreviews",
  "authorization.k8s.io/subjectaccessreviews",
  "authorization.k8s.io/localsubjectaccessreviews",
]);

/** Whether an action leaves the cluster as it was. */
export function isRead({ verb, group, resource, subresource }: Action): boolean {
  if (verb === "create") return subresource === undefined && QUESTIONS.has(`${group}/${resource}`);
  return READ_VERBS.has(verb) &&
    (subresource === undefined || READ_SUBRESOURCES.has(subresource));
}

/** Decides about one action. */
export function decide(action: Action, mode: PolicyMode): Decision {
  if (isRead(action)) return { allow: true };
  const changes = !READ_VERBS.has(action.verb) &&
    (action.subresource === undefined || WRITE_SUBRESOURCES.has(action.subresource));
  if (!changes) {
    return {
      allow: false,
      reason: `kubecode does not give access to ${action.resource}/${action.subresource}`,
      hint: "Use kubectl for this.",
    };
  }
  if (!mode.readWrite) {
    return {
      allow: false,
      reason: "the server is read-only",
      hint: "The person who runs kubecode can allow changes by starting it with --read-write.",
    };
  }
  return { allow: true };
}

/** Throws {@linkcode PolicyError} for an action that is not allowed. */
export function enforce(action: Action, mode: PolicyMode): void {
  const decision = decide(action, mode);
  if (decision.allow) return;
  throw new PolicyError(`Cannot ${describeAction(action)}: ${decision.reason}`, {
    hint: decision.hint,
  });
}

/** `delete pods "web-0" in namespace "shop"`. */
export function describeAction({ verb, resource, subresource, namespace, name }: Action): string {
  const what = subresource ? `${resource}/${subresource}` : resource;
  return `${verb} ${what}${name === undefined ? "" : ` "${name}"`}${
    namespace ? ` in namespace "${namespace}"` : ""
  }`;
}
