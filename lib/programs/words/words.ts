/**
 * What the words of one start of a program mean. They are brought into a normal form, which the rules
 * are matched with and the program is started with: so what was judged is what runs, however it was
 * written.
 */
import { InputError, PolicyError } from "../../errors.ts";
import { nearestNames } from "../../std/nearest.ts";
import { PROGRAM_NAMES, type ProgramName } from "../types.ts";
import { type Flag, type Grammar, parseArgv, type Parsed, quoted } from "./parse.ts";
import { guardsOf } from "./powers/powers.ts";
import { POWER_TABLES } from "./powers/tables.ts";
import { ARGOCD_TREE } from "./trees/argocd_tree.ts";
import { HELM_TREE } from "./trees/helm_tree.ts";
import { ISTIOCTL_TREE } from "./trees/istioctl_tree.ts";
import { KUBECTL_TREE } from "./trees/kubectl_tree.ts";
import { type KnownVerb, treeOf } from "./trees/tree.ts";

export type { Flag } from "./parse.ts";

/** The words of one start of a program, understood. */
export interface Words {
  readonly program: ProgramName;
  /** The names of the verbs, none an alias: `["create", "job"]`. */
  readonly verb: readonly string[];
  /** By their long names, in the order of the alphabet; of a flag that has one value, the last. */
  readonly flags: readonly Flag[];
  readonly args: readonly string[];
  /** How many of the arguments stand before `--`; undefined without one. */
  readonly dash: number | undefined;
  /** Whether the program prints help and does nothing else. */
  readonly help: boolean;
  /** The argv to start the program with: verb, `--flag=value`, arguments. */
  readonly normal: readonly string[];
}

/** The longest argv, in characters of all words. */
const LIMIT_CHARACTERS = 128 * 1024;

/** The most words of an argv. */
const LIMIT_WORDS = 4096;

const LINES = {
  kubectl: KUBECTL_TREE,
  helm: HELM_TREE,
  istioctl: ISTIOCTL_TREE,
  argocd: ARGOCD_TREE,
} as const;

const grammars = new Map<ProgramName, Grammar>();

/**
 * Reads the words of one start of a program.
 *
 * @param argv without the program's name (see {@linkcode argvOf})
 * @throws {InputError} what the program's parser would refuse
 * @throws {PolicyError} a verb or a flag that is not known
 *
 * @example
 * ```ts
 * readWords("kubectl", ["-n", "shop", "delete", "po", "-lapp=web"]).normal;
 * // ["delete", "--namespace=shop", "--selector=app=web", "po"]
 * ```
 */
export function readWords(program: ProgramName, argv: readonly string[]): Words {
  checkSize(program, argv);
  const grammar = grammarOf(program);
  const words = wordsOf(program, parseArgv(grammar, argv), grammar);
  // Flags before the verb can hide it from cobra: what the normal form says must be the same.
  const again = words.help ? words : wordsOf(program, parseArgv(grammar, words.normal), grammar);
  if (JSON.stringify(again) !== JSON.stringify(words)) {
    throw new InputError(`Cannot start ${program}: its words can be read in two ways`, {
      hint: "Write the verb first, then its flags, then the arguments.",
    });
  }
  return words;
}

/**
 * Reads the beginning of a command, whose last flag may lack its value.
 *
 * @throws {InputError} or {PolicyError} as {@linkcode readWords}
 */
export function readOpenWords(program: ProgramName, argv: readonly string[]): Words {
  const grammar = { ...grammarOf(program), open: true };
  return wordsOf(program, parseArgv(grammar, argv), grammar);
}

/**
 * The argv of a command's words: without the program's name, which may be a path and end in `.exe`.
 *
 * @param offered the programs that have a tool
 * @throws {InputError} another program, a misspelt one, or variables of the environment before it
 */
export function argvOf(
  program: ProgramName,
  words: readonly string[],
  offered: readonly ProgramName[] = PROGRAM_NAMES,
): readonly string[] {
  const [first = ""] = words;
  if (/^[A-Za-z_][A-Za-z_0-9]*\+?=/.test(first)) {
    throw new InputError(`Cannot start ${program}: ${quoted(first)} would set its environment`, {
      hint: `Leave it out: ${program} has the cluster that kubecode gives it.`,
    });
  }
  const name = nameOf(first);
  if (name === program) return words.slice(1);
  if (PROGRAM_NAMES.some((other) => other === name)) {
    const isOffered = offered.some((other) => other === name);
    throw new InputError(`Cannot start ${name}: this is for ${program}`, {
      hint: isOffered
        ? `Use execute_${name}, or begin with ${program}.`
        : `${name} is not installed here.`,
    });
  }
  const isVerb = first === "help" || grammarOf(program).tree.verbs.has(first);
  if (!isVerb && nearestNames(name, [program]).length > 0) {
    throw new InputError(`Cannot start ${quoted(first)}: there is no such program`, {
      hint: `Did you mean ${program}?`,
    });
  }
  return words;
}

/** The first words of a program's commands, other names included. */
export function verbsOf(program: ProgramName): readonly string[] {
  return [...grammarOf(program).tree.verbs.keys()];
}

/** The name of a program as it is known, of a path to it. */
function nameOf(word: string): string {
  return (word.split(/[/\\]/).at(-1) ?? "").toLowerCase().replace(/\.exe$/, "");
}

function checkSize(program: ProgramName, argv: readonly string[]): void {
  const characters = argv.reduce((sum, word) => sum + word.length + 1, 0);
  if (characters > LIMIT_CHARACTERS) {
    throw new InputError(
      `Cannot start ${program}: its words have ${characters} characters, more than ${LIMIT_CHARACTERS}`,
      { hint: 'Give what is long by "stdin" or "files".' },
    );
  }
  if (argv.length > LIMIT_WORDS) {
    throw new InputError(
      `Cannot start ${program}: ${argv.length} words, more than ${LIMIT_WORDS}`,
      {
        hint: "Start it more than once, each time for some of them.",
      },
    );
  }
  const bad = argv.find((word) => word.includes("\0") || !word.isWellFormed());
  if (bad !== undefined) {
    throw new InputError(`Cannot start ${program}: ${quoted(bad)} is no text that a program takes`);
  }
}

function grammarOf(program: ProgramName): Grammar {
  const known = grammars.get(program);
  if (known !== undefined) return known;
  const grammar = {
    program,
    tree: treeOf(LINES[program]),
    underscores: program === "kubectl",
  };
  grammars.set(program, grammar);
  return grammar;
}

function wordsOf(program: ProgramName, parsed: Parsed, { tree, open }: Grammar): Words {
  const verb = parsed.verb.path;
  if (parsed.help) {
    const normal = [...verb, "--help"];
    return { program, verb, flags: [], args: [], dash: undefined, help: true, normal };
  }
  // The beginning of a command is about what it says, and nothing else.
  const flags = normalFlags(parsed, open ? [] : guardsOf(POWER_TABLES[program]));
  const { args, dash } = parsed;
  const normal = [...verb, ...flags.map(flagText), ...args.slice(0, dash)];
  if (dash !== undefined) normal.push("--", ...args.slice(dash));
  if (tree === parsed.verb && flags.length > 0) throw noVerb(program);
  return { program, verb, flags, args, dash, help: false, normal };
}

/** By name, with guards; of a flag with one value the last, of the others all, in their order. */
function normalFlags({ verb, flags }: Parsed, guards: readonly string[]): Flag[] {
  // A verb's own flags stand before those of every verb, and hide them.
  const kinds = new Map(verb.flags.map(({ name, kind }) => [name, kind] as const).toReversed());
  const isKept = ({ name }: Flag, at: number) =>
    kinds.get(name) === "list" || kinds.get(name) === "count" ||
    flags.findLastIndex((flag) => flag.name === name) === at;
  const unsaid = guards
    .filter((name) => kinds.has(name) && !flags.some((flag) => flag.name === name))
    .map((name) => ({ name, value: "true" }));
  return [...flags.filter(isKept), ...unsaid].sort((a, b) =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : 0
  );
}

/** `--name=value`. */
export function flagText({ name, value }: Flag): string {
  return value === undefined ? `--${name}` : `--${name}=${value}`;
}

/** `-n value` where the flag has a letter, `-A` where it is true. */
export function shortFlagText({ program, verb }: Words, { name, value }: Flag): string {
  const { flags } = verbOf(grammarOf(program), verb);
  const short = flags.find((flag) => flag.name === name)?.short;
  const flag = short === undefined ? `--${name}` : `-${short}`;
  return value === undefined || value === "true" ? flag : `${flag} ${value}`;
}

function verbOf({ tree }: Grammar, path: readonly string[]): KnownVerb {
  return path.reduce((verb, name) => verb.verbs.get(name) ?? verb, tree);
}

function noVerb(program: ProgramName): PolicyError {
  return new PolicyError(`Cannot start ${program}: there are flags and no verb`, {
    hint: `"${program} --help" lists its verbs.`,
  });
}
