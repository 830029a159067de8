/**
 * Reads an argv as cobra and pflag do: the verb is searched first, then its flags are parsed
 * (cobra's `Find`, pflag's `parseArgs`). Pure.
 */
import { InputError, PolicyError } from "../../errors.ts";
import { nearestNames } from "../../std/nearest.ts";
import { shown } from "../../std/shown.ts";
import type { KnownFlag, KnownVerb } from "./trees/tree.ts";

/** A flag as it was given: `value` is undefined where it may be left out, and was. */
export interface Flag {
  readonly name: string;
  readonly value: string | undefined;
}

/** What an argv says, in the order in which it says it. */
export interface Parsed {
  readonly verb: KnownVerb;
  readonly flags: readonly Flag[];
  readonly args: readonly string[];
  /** How many of the arguments stand before `--`; undefined without one. */
  readonly dash: number | undefined;
  /** Whether the program would print its help and do nothing else. */
  readonly help: boolean;
}

/** A program as its parser sees it. */
export interface Grammar {
  readonly program: string;
  readonly tree: KnownVerb;
  /** Whether `_` in a flag's name is `-`. */
  readonly underscores: boolean;
  /** Whether the argv is the beginning of one: the value of its last flag may be missing. */
  readonly open?: boolean;
}

/** cobra gives each verb this flag, after it has found the verb. */
const HELP: KnownFlag = { name: "help", short: "h", kind: "bool" };

/** As Go's `strconv.ParseBool` has them. */
const BOOLS: Readonly<Record<string, "true" | "false">> = {
  ...Object.fromEntries(["1", "t", "T", "true", "TRUE", "True"].map((text) => [text, "true"])),
  ...Object.fromEntries(["0", "f", "F", "false", "FALSE", "False"].map((text) => [text, "false"])),
};

/** The longest word that a message repeats, in characters. */
const SHOWN = 60;

/**
 * Reads the argv, which is without the program's name.
 *
 * @throws {InputError} what pflag refuses
 * @throws {PolicyError} a verb or a flag that the tree has not
 */
export function parseArgv(grammar: Grammar, argv: readonly string[]): Parsed {
  const asked = find(grammar, argv);
  // `help create job` is `create job --help`.
  const isHelp = asked.verb.path.length === 0 && firstWord(grammar, asked) === "help";
  const found = isHelp ? find(grammar, without(grammar, asked, "help")) : asked;
  const parsed = parseFlags(grammar, found.verb, found.rest);
  const help = isHelp || parsed.flags.findLast(({ name }) => name === "help")?.value === "true";
  const [unknown] = parsed.args;
  const isGroup = found.verb.verbs.size > 0;
  if (isGroup && unknown !== undefined) {
    const bare = parsed.flags.find(({ value }) => value === undefined);
    throw unknownVerb(grammar, found.verb, unknown, bare);
  }
  return {
    ...parsed,
    verb: found.verb,
    flags: parsed.flags.filter(({ name }) => name !== "help"),
    help,
  };
}

/** A word of the argv in a message: short, in one line. */
export function quoted(word: string): string {
  const text = word.length > SHOWN ? `${word.slice(0, SHOWN)}…` : word;
  return `"${shown(text)}"`;
}

interface Found {
  readonly verb: KnownVerb;
  readonly rest: readonly string[];
}

/** cobra's `Find`: a verb may stand after flags, and loses its place in what is left to parse. */
function find(grammar: Grammar, argv: readonly string[]): Found {
  let [verb, rest] = [grammar.tree, argv];
  for (;;) {
    const word = firstWord(grammar, { verb, rest });
    const next = word === undefined ? undefined : verb.verbs.get(word);
    if (word === undefined || next === undefined) return { verb, rest };
    rest = without(grammar, { verb, rest }, word);
    verb = next;
  }
}

/** The first word that is no flag and no flag's value, as far as this verb's flags tell. */
function firstWord(grammar: Grammar, { verb, rest }: Found): string | undefined {
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at] ?? "";
    if (word === "--") return undefined;
    if (takesNext(grammar, verb, word)) {
      // cobra gives up where no word is left after the value.
      if (at + 2 >= rest.length) return undefined;
      at += 1;
    } else if (word !== "" && !word.startsWith("-")) return word;
  }
  return undefined;
}

/** The argv without the first such word. */
function without(grammar: Grammar, { verb, rest }: Found, unwanted: string): readonly string[] {
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at] ?? "";
    if (word === "--") return rest;
    if (takesNext(grammar, verb, word)) at += 1;
    else if (word === unwanted) return [...rest.slice(0, at), ...rest.slice(at + 1)];
  }
  return rest;
}

/** Whether the next word is this flag's value: of a flag that it does not know, cobra thinks so. */
function takesNext(grammar: Grammar, verb: KnownVerb, word: string): boolean {
  if (!word.startsWith("-") || word.includes("=")) return false;
  if (word.startsWith("--")) return takesValue(longFlag(grammar, verb.flags, word.slice(2)));
  return word.length === 2 && takesValue(shortFlag(verb.flags, word.slice(1)));
}

function takesValue(flag: KnownFlag | undefined): boolean {
  return flag === undefined || flag.kind === "value" || flag.kind === "list";
}

/** pflag's `parseArgs`: flags may stand between arguments, until `--`. */
function parseFlags(
  grammar: Grammar,
  verb: KnownVerb,
  argv: readonly string[],
): Pick<Parsed, "flags" | "args" | "dash"> {
  const known = [...verb.flags, HELP];
  const flags: Flag[] = [];
  const args: string[] = [];
  let at = 0;
  while (at < argv.length) {
    const word = argv[at++] ?? "";
    if (word === "--") return { flags, args: [...args, ...argv.slice(at)], dash: args.length };
    if (word === "-" || !word.startsWith("-")) args.push(word);
    else if (word.startsWith("--")) flags.push(parseLong(word));
    else flags.push(...parseShort(word));
  }
  return { flags, args, dash: undefined };

  function parseLong(word: string): Flag {
    const [, name = "", value] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === "" || name.startsWith("-")) throw wrong(`${quoted(word)} is no flag`);
    const flag = longFlag(grammar, known, name);
    if (flag === undefined) throw unknownFlag(grammar, verb, `--${name}`);
    return valued(flag, value ?? (takesValue(flag) ? next(word) : undefined));
  }

  function parseShort(word: string): Flag[] {
    const flags: Flag[] = [];
    for (let letters = word.slice(1); letters !== "";) {
      const flag = shortFlag(known, letters[0] ?? "");
      if (flag === undefined) throw unknownFlag(grammar, verb, `-${letters[0]}`, word);
      const after = letters.slice(1);
      letters = "";
      if (after.length > 1 && after.startsWith("=")) flags.push(valued(flag, after.slice(1)));
      else if (!takesValue(flag)) {
        flags.push(valued(flag, undefined));
        letters = after;
      } else flags.push(valued(flag, after === "" ? next(word) : after));
    }
    return flags;
  }

  function next(word: string): string | undefined {
    const value = argv[at++];
    if (value === undefined && !grammar.open) throw wrong(`${quoted(word)} needs a value`);
    return value;
  }

  function valued({ name, kind }: KnownFlag, value: string | undefined): Flag {
    if (kind !== "bool") return { name, value };
    const bool = value === undefined ? "true" : Object.hasOwn(BOOLS, value) && BOOLS[value];
    if (!bool) throw wrong(`--${name} is true or false, not ${quoted(value ?? "")}`);
    return { name, value: bool };
  }

  function wrong(reason: string): InputError {
    return new InputError(`Cannot start ${commandOf(grammar, verb)}: ${reason}`);
  }
}

function longFlag(
  { underscores }: Grammar,
  flags: readonly KnownFlag[],
  name: string,
): KnownFlag | undefined {
  const wanted = underscores ? name.replaceAll("_", "-") : name;
  return flags.find((flag) => flag.name === wanted);
}

function shortFlag(flags: readonly KnownFlag[], letter: string): KnownFlag | undefined {
  return flags.find(({ short }) => short === letter);
}

/** `kubectl create job`: a verb in messages. */
export function commandOf({ program }: Pick<Grammar, "program">, verb: Pick<KnownVerb, "path">) {
  return [program, ...verb.path].join(" ");
}

/** @param bare a flag without the value that it may have: `--dry-run server` is a flag and a word */
function unknownVerb(
  grammar: Grammar,
  verb: KnownVerb,
  word: string,
  bare: Flag | undefined,
): PolicyError {
  const names = [...verb.verbs.keys()];
  const [near] = nearestNames(word, names);
  const command = commandOf(grammar, verb);
  const own = [...new Set(verb.verbs.values())].map(({ path }) => path.at(-1)).join(", ");
  return new PolicyError(`Cannot start ${command}: it has no verb ${quoted(word)}`, {
    hint: near !== undefined
      ? `Did you mean "${command} ${near}"?`
      : bare !== undefined
      ? `If it is the value of a flag: --${bare.name}=${shown(word.slice(0, SHOWN))}.`
      : `${command} has ${own}.`,
  });
}

function unknownFlag(
  grammar: Grammar,
  verb: KnownVerb,
  flag: string,
  word: string = flag,
): PolicyError {
  const command = commandOf(grammar, verb);
  const names = [...verb.flags, HELP].map(({ name }) => `--${name}`);
  const begun = names.filter((name) => flag.length > 3 && name.startsWith(flag));
  const near = begun.length > 0 ? begun : nearestNames(flag, flag.startsWith("--") ? names : []);
  const where = word === flag ? "" : ` (in ${quoted(word)})`;
  return new PolicyError(`Cannot start ${command}: it has no flag ${quoted(flag)}${where}`, {
    hint: near.length > 0
      ? `Did you mean ${near.slice(0, 3).join(" or ")}? Names of flags are written whole.`
      : `"${command} --help" lists its flags.`,
  });
}
