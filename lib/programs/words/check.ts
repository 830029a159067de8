/**
 * Decides whether a start of a program may be: by what its words can do on this machine or past the
 * door, which the policy does not see, and by the rules of the security file. Pure.
 */
import { PolicyError } from "../../errors.ts";
import type { LocalPower } from "../types.ts";
import { quoted } from "./parse.ts";
import { type Outside, outsideOf, outsideOfList, outsideOfPairs } from "./paths.ts";
import { argumentClass, type Class, flagClass, isPower, verbClass } from "./powers/powers.ts";
import { POWER_TABLES } from "./powers/tables.ts";
import { checkSecurity, type SecurityRules } from "./security/rules.ts";
import { type Flag, flagText, type Words } from "./words.ts";

/** What the words of one program are held against. */
export interface WordRules {
  /** `strict` refuses by the rules of security as well. */
  readonly mode: "strict" | "permissive";
  readonly security: SecurityRules;
  /** The local powers that the config file allows to the program. */
  readonly allow: readonly LocalPower[];
  /** Whether a context of the kubeconfig may be named; none may without it. */
  readonly allowsContext?: (name: string) => boolean;
}

/** Why a class is refused, as what the word would do. */
const REASONS: Readonly<Record<LocalPower | "terminal", string>> = {
  files: "would use this machine's files outside of the call's folder",
  remote: "would take something from the network",
  servers: "would name another server, user or credential",
  impersonation: "would speak as another user",
  programs: "would start other programs",
  ports: "would open a port of this machine, or a browser",
  terminal: "needs a person at a terminal",
};

const INSTEAD: Readonly<Record<LocalPower | "terminal", string>> = {
  files: 'Give the content by "stdin" (the path is then "-"), or by "files" and its plain name.',
  remote: 'Give the content by "stdin" (the path is then "-"), or by "files" and its plain name.',
  servers: "Leave it out: the program has the cluster that kubecode gives it.",
  impersonation: "Leave it out.",
  programs: "Leave it out: only the program itself is started here.",
  ports: "Ask the API server instead.",
  terminal: "Leave it out: nobody can answer.",
};

/**
 * Lets the words pass, or says why not.
 *
 * @throws {PolicyError} with what to use instead
 */
export function checkWords(words: Words, rules: WordRules): void {
  // Help reads nothing and asks nobody.
  if (words.help) return;
  checkVerb(words, rules);
  for (const flag of words.flags) checkFlag(words, flag, rules);
  checkArguments(words, rules);
  if (rules.mode === "strict") checkSecurity(words, rules.security);
}

function checkVerb(words: Words, rules: WordRules): void {
  if (words.verb.length === 0) return;
  const found = verbClass(POWER_TABLES[words.program], words.verb);
  checkClass(words, rules, "it", found, words.verb.join(" "));
}

function checkFlag(words: Words, flag: Flag, rules: WordRules): void {
  const found = flagClass(POWER_TABLES[words.program], words.verb, flag.name);
  // What is not asked for is no power.
  const isOff = flag.value === "false" && (found === "terminal" || (found && isPower(found)));
  if (isOff) return;
  const subject = `--${flag.name}`;
  const value = flag.value ?? "";
  switch (found) {
    case "path":
      return checkPlace(words, rules, flagText(flag), subject, outsideOfList(value));
    case "manifest":
      return checkPlace(words, rules, flagText(flag), subject, outsideOfList(value));
    case "kustomization":
      // What it names may be anywhere.
      checkClass(words, rules, subject, "remote");
      return checkPlace(words, rules, flagText(flag), subject, outsideOf(value));
    case "pairs":
      return checkPlace(words, rules, flagText(flag), subject, outsideOfPairs(value));
    case "format":
      return checkPlace(words, rules, flagText(flag), subject, outsideOfFormat(value));
    case "template":
      if (!hasTemplateFile(words)) return;
      return checkPlace(words, rules, flagText(flag), subject, outsideOf(value));
    case "guard":
      return value === "true" ? undefined : checkClass(words, rules, subject, "remote");
    case "context":
      return checkContext(words, rules, flag);
    default:
      return checkClass(words, rules, subject, found);
  }
}

/** `-o jsonpath-file=PATH` and its like. */
function outsideOfFormat(format: string): Outside | undefined {
  const end = format.indexOf("=");
  const isOfFile = end >= 0 && /file/i.test(format.slice(0, end));
  return isOfFile ? outsideOf(format.slice(end + 1)) : undefined;
}

/** `--template` is a path where the format is one of files. */
function hasTemplateFile({ flags }: Words): boolean {
  return flags.some(({ name, value }) => name === "output" && /file/i.test(value ?? ""));
}

function checkArguments(words: Words, rules: WordRules): void {
  const found = argumentClass(POWER_TABLES[words.program], words.verb);
  if (found === "names") return;
  for (const argument of words.args) {
    // `pod:/path` is a file of a container.
    const isElsewhere = found === "copy" && /^[^/\\.~:][^\\:]*:/.test(argument);
    if (!isElsewhere) checkPlace(words, rules, argument, quoted(argument), outsideOf(argument));
  }
}

function checkPlace(
  words: Words,
  rules: WordRules,
  word: string,
  subject: string,
  outside: Outside | undefined,
): void {
  if (outside === undefined || rules.allow.includes(outside)) return;
  throw refusal(words, quoted(word), outside, subject);
}

function checkContext(words: Words, rules: WordRules, { name, value = "" }: Flag): void {
  if (rules.allowsContext?.(value)) return;
  throw new PolicyError(
    `Cannot start ${commandOf(words)}: --${name} names the context ${
      quoted(value)
    }, which may not be used`,
    { hint: "Leave it out, or name one of those that the setting --contexts allows." },
  );
}

function checkClass(
  words: Words,
  rules: WordRules,
  word: string,
  found: Class | undefined,
  subject: string = word,
): void {
  if (found === undefined) {
    throw new PolicyError(
      `Cannot start ${commandOf(words)}: ${word} is new to kubecode, which cannot judge it`,
    );
  }
  if (found === "terminal" || (isPower(found) && !rules.allow.includes(found))) {
    throw refusal(words, word, found, subject);
  }
}

function refusal(
  words: Words,
  word: string,
  reason: LocalPower | "terminal",
  subject: string,
): PolicyError {
  const { instead } = POWER_TABLES[words.program];
  const way = instead[subject] ?? instead[reason] ?? INSTEAD[reason];
  const allow = reason === "terminal"
    ? ""
    : ` The config file can allow it: "programs: {${words.program}: {allow: [${reason}]}}".`;
  return new PolicyError(
    `Cannot start ${commandOf(words)}: ${word} ${REASONS[reason]}`,
    { hint: `${way}${allow}` },
  );
}

function commandOf({ program, verb }: Words): string {
  return [program, ...verb].join(" ");
}
