/**
 * The rules of security beside the policy: commands that are refused, exceptions from that, and
 * regular expressions. Commands are compared as what they mean, not as text. Pure.
 */
import { PolicyError } from "../../../errors.ts";
import type { ProgramName } from "../../types.ts";
import type { Flag, Words } from "../words.ts";
import { renderings } from "./renderings.ts";
import { namesObjects, objectsNamed, objectsOf } from "./resources.ts";

/** A command without its end: `kubectl delete pod`, `kubectl replace --force`. */
export interface CommandPattern {
  /** As it was written. */
  readonly text: string;
  readonly verb: readonly string[];
  /** A value that is undefined is any. */
  readonly flags: readonly Flag[];
  readonly args: readonly string[];
  /** Whether it is about the help of a verb, which is never refused. */
  readonly help: boolean;
}

/** A command that is refused. */
export interface DangerousCommand extends CommandPattern {
  /** What it does not refuse, where no pattern can say that. */
  readonly except?: (words: Words) => boolean;
}

/** A command that a regular expression refuses. */
export interface RegexRule {
  readonly pattern: string;
  /** In linear time. */
  matches(text: string): boolean;
  readonly description: string;
  /** Shown instead of the description. */
  readonly errorMessage?: string;
}

/** The rules for one program. */
export interface ProgramRules {
  readonly dangerous: readonly DangerousCommand[];
  /** Excuse from any of them. */
  readonly safe: readonly CommandPattern[];
  readonly regex: readonly RegexRule[];
}

/** The rules of all programs. */
export type SecurityRules = Readonly<Record<ProgramName, ProgramRules>>;

/** Flags with which one command is about many objects. */
const MANY = new Set(["all", "all-namespaces", "field-selector", "selector"]);

/**
 * @throws {PolicyError} a regular expression matches, or a dangerous command that is no exception
 */
export function checkSecurity(words: Words, rules: SecurityRules): void {
  const { dangerous, safe, regex } = rules[words.program];
  checkRegex(words, regex);
  const rule = dangerous.find((command) => isDangerous(words, command) && !command.except?.(words));
  if (rule === undefined || safe.some((pattern) => isSafe(words, pattern))) return;
  throw new PolicyError(
    `Cannot start ${commandOf(words)}: the security rule "${rule.text}" refuses it`,
    { hint: hintFor(words) },
  );
}

function checkRegex(words: Words, rules: readonly RegexRule[]): void {
  if (rules.length === 0) return;
  const texts = renderings(words);
  for (const { matches, description, errorMessage } of rules) {
    if (!texts.some(matches)) continue;
    throw new PolicyError(
      `Cannot start ${commandOf(words)}: a security rule refuses it: ${
        errorMessage ?? description
      }`,
    );
  }
}

/** Whether anything that the words may be about is what the pattern says. */
function isDangerous(words: Words, pattern: CommandPattern): boolean {
  if (!hasVerbAndFlags(words, pattern)) return false;
  if (pattern.args.length === 0) return true;
  if (!namesObjects(words)) return startsWith(words.args, pattern.args);
  const objects = objectsOf(words);
  if (objects === undefined) return true;
  return objectsNamed(words, pattern.args).some((wanted) =>
    objects.some(({ resource, name }) =>
      resource === wanted.resource &&
      (wanted.name === undefined || name === undefined || name === wanted.name)
    )
  );
}

/** Whether all that the words are about is what the pattern says. */
function isSafe(words: Words, pattern: CommandPattern): boolean {
  if (!hasVerbAndFlags(words, pattern)) return false;
  if (pattern.args.length === 0) return true;
  if (!namesObjects(words)) return startsWith(words.args, pattern.args);
  const objects = objectsOf(words) ?? [];
  const wanted = objectsNamed(words, pattern.args);
  const isUnnamed = ({ name, value }: Flag) =>
    MANY.has(name) && value !== "false" && !pattern.flags.some((flag) => flag.name === name);
  return objects.length > 0 && !words.flags.some(isUnnamed) &&
    objects.every((object) =>
      wanted.some(({ resource, name }) =>
        resource === object.resource && (name === undefined || name === object.name)
      )
    );
}

function hasVerbAndFlags(words: Words, pattern: CommandPattern): boolean {
  return !pattern.help && startsWith(words.verb, pattern.verb) &&
    pattern.flags.every(({ name, value }) =>
      words.flags.some((flag) =>
        flag.name === name && (value === undefined || flag.value === value)
      )
    );
}

function startsWith(words: readonly string[], start: readonly string[]): boolean {
  return start.every((word, at) => words[at] === word);
}

/** What passes instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  "kubectl delete":
    'One pod, deployment, service, configmap or secret may be deleted by its name: "kubectl delete pod NAME". ',
  "kubectl exec": 'One program may be run without a shell: "kubectl exec POD -- ls /tmp". ',
};

function hintFor(words: Words): string {
  const instead = INSTEAD[commandOf(words)] ?? "";
  return `${instead}Whoever runs this server can make an exception: safe_patterns in the security file.`;
}

function commandOf({ program, verb }: Words): string {
  return [program, ...verb].join(" ");
}
