/**
 * What can stand at the end of a command line that is being typed: commands, flags and their values,
 * from the definition of the program. Pure but for what it looks up.
 */
import type { Command, Option } from "commander";
import { valuesOf } from "./values.ts";

/** One word that may stand there. */
export interface Candidate {
  /** The whole word, as the program would get it. */
  readonly value: string;
  readonly description?: string;
}

/** What may stand there. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  /** A path may stand there. */
  readonly files: boolean;
}

/** What is not known from the program's definition. */
export interface Lookups {
  /** Names of a kubeconfig's contexts; of none where it cannot be read. */
  contexts(kubeconfig: string | undefined): Promise<readonly string[]>;
}

/**
 * Completes a word.
 *
 * @param program the definition (lib/command_line/program.ts)
 * @param words the words between the program's name and the one being typed
 * @param current what is typed of that one
 */
export async function complete(
  program: Command,
  words: readonly string[],
  current: string,
  lookups: Lookups,
): Promise<Completion> {
  const place = placeAfter(program, words[0] === "help" ? words.slice(1) : words);
  if (place.inProgram) return { candidates: [], files: true };
  const contexts = () => lookups.contexts(place.kubeconfig);
  const valued = async (argument: Option | string, prefix: string, typed: string) => {
    const { values, several, files } = await valuesOf(argument, contexts);
    const before = several ? typed.slice(0, typed.lastIndexOf(",") + 1) : "";
    const taken = before.split(",");
    return startingWith(prefix + typed, {
      files,
      candidates: values.filter((value) => !taken.includes(value))
        .map((value) => ({ value: prefix + before + value })),
    });
  };
  if (place.pending) return await valued(place.pending, "", current);
  const [, flag, typed = ""] = /^(--[a-z-]+)=(.*)$/s.exec(current) ?? [];
  if (flag !== undefined) {
    const option = optionsAt(program, place.command).find(({ long }) => long === flag);
    return option ? await valued(option, `${flag}=`, typed) : NOTHING;
  }
  const flags = startingWith(current, {
    candidates: [
      ...optionsAt(program, place.command).filter(({ long }) => !place.given.has(long ?? ""))
        .map(({ long, description }) => ({ value: long ?? "", description })),
      { value: "--help", description: "print the help" },
    ],
    files: false,
  });
  if (current.startsWith("-")) return flags;
  if (words[0] === "help" || place.command.commands.length > 0) {
    return startingWith(current, { candidates: commandsOf(place), files: false });
  }
  const all = place.command.registeredArguments;
  const argument = all[place.arguments] ?? (all.at(-1)?.variadic ? all.at(-1) : undefined);
  if (argument === undefined) return flags;
  return await valued(argument.name(), "", current);
}

const NOTHING: Completion = { candidates: [], files: false };

/** Where a line is, after some words. */
interface Place {
  readonly command: Command;
  /** How many arguments of the command are given. */
  readonly arguments: number;
  /** Long names of the flags that are given. */
  readonly given: ReadonlySet<string>;
  /** The flag whose value comes next. */
  readonly pending?: Option;
  readonly kubeconfig?: string;
  /** The words belong to the program that `kubecode run` runs. */
  readonly inProgram: boolean;
}

function placeAfter(program: Command, words: readonly string[]): Place {
  let command = program;
  let count = 0;
  let kubeconfig: string | undefined;
  const given = new Set<string>();
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "--") return { command, arguments: count, given, kubeconfig, inProgram: true };
    if (word.startsWith("-") && word !== "-") {
      const [name, value] = splitFlag(word);
      const option = optionsAt(program, command).find(({ long, short }) =>
        long === name || short === name
      );
      if (option?.long) given.add(option.long);
      if (!option?.required) continue;
      if (value === undefined && at === words.length - 1) {
        return { command, arguments: count, given, kubeconfig, inProgram: false, pending: option };
      }
      const text = value ?? words[++at];
      if (option.long === "--kubeconfig") kubeconfig = text;
      continue;
    }
    const sub = count === 0 ? command.commands.find((each) => each.name() === word) : undefined;
    if (sub) command = sub;
    else count += 1;
  }
  return { command, arguments: count, given, kubeconfig, inProgram: false };
}

function splitFlag(word: string): [name: string, value: string | undefined] {
  const at = word.indexOf("=");
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

/** A command's own flags; the program itself takes those of the server too. */
function optionsAt(program: Command, command: Command): readonly Option[] {
  return command.options.filter(({ long }) => command === program || long !== "--version");
}

function commandsOf({ command, arguments: count }: Place): Candidate[] {
  if (count > 0) return [];
  return command.commands.map((sub) => ({ value: sub.name(), description: sub.summary() }));
}

function startingWith(start: string, { candidates, files }: Completion): Completion {
  return { candidates: candidates.filter(({ value }) => value.startsWith(start)), files };
}
