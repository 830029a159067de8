/**
 * The texts that a regular expression is matched with. Rules were written for what people type, so one
 * command has several: with all its flags and with each of them alone, in long and short form, before
 * and after the arguments, and the names of built-in resources in each of their forms. All spellings of a command
 * have the same texts. Pure.
 */
import { PolicyError } from "../../../errors.ts";
import { flagText, shortFlagText, type Words } from "../words.ts";
import { namesObjects, namesOfType, takesPod } from "./resources.ts";

/** Characters of all texts of one command. */
const LIMIT_CHARACTERS = 1024 * 1024;

/** Resources of one command. */
const LIMIT_TYPES = 200;

/** How a flag can be written. */
const STYLES: readonly ((words: Words, flag: Words["flags"][number]) => string)[] = [
  (_words, flag) => flagText(flag),
  (_words, { name, value }) =>
    value === undefined || value === "true" ? `--${name}` : `--${name} ${value}`,
  shortFlagText,
];

/**
 * The texts of a command, each once.
 *
 * @throws {PolicyError} too many words to be judged
 */
export function renderings(words: Words): readonly string[] {
  const texts = new Set<string>();
  let characters = 0;
  for (const args of argumentForms(words)) {
    for (const style of STYLES) {
      const flags = words.flags.map((flag) => style(words, flag));
      for (const some of [flags, ...flags.map((flag) => [flag])]) {
        for (const rest of [[...some, args], [args, ...some]]) {
          const text = [words.program, ...words.verb, ...rest].filter(Boolean).join(" ");
          characters += text.length;
          if (characters > LIMIT_CHARACTERS) throw tooLong(words);
          texts.add(text);
        }
      }
    }
  }
  return [...texts];
}

/** The arguments as they are, and with each form of the resources' names. */
function argumentForms(words: Words): readonly string[] {
  const { args, dash } = words;
  const [types = "", ...names] = args;
  // Each form has a place in the lists of names: plural, singular, short.
  const each = [...new Set(types.split(","))];
  if (each.length > LIMIT_TYPES) throw tooLong(words);
  const pod = /^[^/]+\/([^/]+)$/.exec(types)?.[1];
  const bare = takesPod(words) && pod !== undefined ? [[pod, ...names]] : [];
  const forms = !namesObjects(words) ? [] : [0, 1, 2].flatMap((form) => [
    args.map((argument, at) => renamed(argument, at, form)),
    ...each.map((type) => [renamed(type, 0, form), ...names]),
  ]);
  const texts = [args, ...bare, ...forms].flatMap((changed) => [
    changed.join(" "),
    ...(dash === undefined
      ? []
      : [[...changed.slice(0, dash), "--", ...changed.slice(dash)].join(" ")]),
  ]);
  return [...new Set(texts)];
}

/** An argument whose type has another of its names. */
function renamed(argument: string, at: number, form: number): string {
  const [types = "", ...name] = argument.split("/");
  if (at > 0 && name.length === 0) return argument;
  const named = types.split(",").map((type) => namesOfType(type)[form] ?? namesOfType(type)[0]);
  return [named.join(","), ...name].join("/");
}

function tooLong({ program, verb }: Words): PolicyError {
  return new PolicyError(
    `Cannot start ${
      [program, ...verb].join(" ")
    }: it is too long for the rules of the security file`,
    { hint: 'Give what is long by "stdin" or "files".' },
  );
}
