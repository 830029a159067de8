/** What the texts of prompts are made of: scripts, calls of tools, and how changes are made. Pure. */
import type { Here, Road } from "./types.ts";

const FENCE = "```";

/** A fenced block; what it holds is known to have no fence of its own. */
export function block(language: string, text: string): string {
  return [`${FENCE}${language}`, text.trim(), FENCE].join("\n");
}

/**
 * A script for `evaluate_script`: its body is fixed, and what it is about stands before it as
 * constants. `cluster` is `k8s` of the context that is meant.
 */
export function script(
  { context }: Here,
  constants: Readonly<Record<string, unknown>>,
  body: string,
): string {
  const k8s = context === undefined ? "k8s" : `k8s.context(${JSON.stringify(context)})`;
  const lines = Object.entries({ ...constants }).map(([name, value]) =>
    `const ${name} = ${JSON.stringify(value)};`
  );
  return block("js", [`const cluster = ${k8s};`, ...lines, body.trim()].join("\n"));
}

/** One call of a tool, on a line of its own. */
export function call(tool: string, given: Readonly<Record<string, unknown>>): string {
  return `\`${tool} ${JSON.stringify(given)}\``;
}

/** Calls one below the other. */
export function calls(...lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join("\n");
}

/** A call of `execute_kubectl`, or of another program. */
export function command(
  program: "kubectl" | "helm" | "istioctl" | "argocd",
  words: string,
  more: Readonly<Record<string, unknown>> = {},
): string {
  return call(`execute_${program}`, { command: words, ...more });
}

/** Whether the tool of a program is offered. */
export function hasProgram({ offers }: Here, program: "helm" | "istioctl" | "argocd"): boolean {
  return offers(`execute_${program}`);
}

/** The paragraphs of the tools that are there; what is left out is no way to do it. */
export function byRoad(
  { road }: Here,
  ways: Readonly<Partial<Record<Road, readonly string[]>>>,
  otherwise: readonly string[],
): readonly string[] {
  return (road && ways[road]) ?? otherwise;
}

/** For servers without a tool that reads objects, such as one with helm alone. */
export const NOTHING_READS: readonly string[] = [
  "No tool of this server reads the cluster's objects: tell the person that the tool set `code` (`--toolsets code`) is needed for this.",
];

/** A look by a script, which answers in one call. */
export function scriptLook(
  here: Here,
  constants: Readonly<Record<string, unknown>>,
  body: string,
): string {
  return `Run this with \`evaluate_script\`; it answers in one call:\n\n${
    script(here, constants, body)
  }`;
}

/** A change by a script, in a server that makes changes. */
export function scriptChange(
  here: Here,
  constants: Readonly<Record<string, unknown>>,
  body: string,
): string {
  const how = here.mode === "approve"
    ? "with `evaluate_script`: the person is shown the plan and asked."
    : "with `evaluate_script` and `dry_run: true` first, show the person the plan, and run it without once they agree.";
  return `2. Run this ${how}\n\n${script(here, constants, body)}`;
}

/** How a change is made by a tool with `dry_run`, in a server that makes changes. */
export function howToChange({ mode }: Here): string {
  return mode === "approve"
    ? "The person is shown the plan of each change and asked."
    : "Try each change out first (`dry_run: true`) and show the person what it does; make it once they agree.";
}

/** A change that is not made here, and what a person makes it with. */
export function forThePerson(why: string, what: string): string {
  return `2. ${why} Give the person what they can run themselves: ${what}`;
}

/** Why a change is left to the person. */
export const READ_ONLY = "This server is read-only.";

/** `namespace "shop"`, or where else objects are. */
export function inNamespace(namespace: string): string {
  return namespace === "" ? "all namespaces" : `namespace "${namespace}"`;
}
