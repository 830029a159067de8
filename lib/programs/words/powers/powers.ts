/**
 * What a program's verbs and flags can do on this machine, or past the door: a table for each program.
 * A verb or a flag that is in no row is refused: a new version has it, and nobody has looked at it.
 */
import { LOCAL_POWERS, type LocalPower } from "../../types.ts";

/** What a verb or a flag is, besides a power. */
const OTHERS = [
  /** Nothing that the door does not see. */
  "harmless",
  /** Its value is a file or a folder. */
  "path",
  /** Its value is a file, a folder or a URL. */
  "manifest",
  /** Its value is a kustomization: it may name what the network has. */
  "kustomization",
  /** Its value is `key=file`, or several. */
  "pairs",
  /** Its value is a format, which may name a file with a template. */
  "format",
  /** Its value is a template, or the file with it where the format says so. */
  "template",
  /** Its value is a context of the kubeconfig. */
  "context",
  /** It talks to a person at a terminal. */
  "terminal",
  /** It holds back what files ask of the network. It is set where nothing is said; off, that needs `remote`. */
  "guard",
] as const;

/** What one verb or flag is. */
export type Class = (typeof OTHERS)[number] | LocalPower;

/** What the arguments of a verb are: all of them names, files, charts, or `pod:file`. */
export type ArgumentClass = "names" | "path" | "manifest" | "copy";

/** Names by class, separated by spaces; those of verbs by commas, since verbs have spaces. */
type Rows = Partial<Readonly<Record<Class, string>>>;

/** The table of a program. */
export interface PowerTable {
  readonly verbs: Rows;
  readonly flags: Rows;
  /** Flags that are something else with a verb: of the verb and those under it. */
  readonly flagsOf?: Readonly<Record<string, Rows>>;
  /** Verbs whose arguments are more than names, by what they are. */
  readonly args: Partial<Readonly<Record<ArgumentClass, string>>>;
  /** What to use instead, by verb, `--flag` or power, where {@linkcode LocalPower} says too little. */
  readonly instead: Readonly<Record<string, string>>;
}

/** The guards among a verb's flags. */
export function guardsOf({ flags }: PowerTable): readonly string[] {
  return flags.guard === undefined ? [] : [...namesIn(flags.guard, " ")];
}

/** The class of a verb; undefined where it is in no row. */
export function verbClass({ verbs }: PowerTable, verb: readonly string[]): Class | undefined {
  return classIn(verbs, verb.join(" "), ",");
}

/** The class of a verb's flag; undefined where it is in no row. */
export function flagClass(
  { flags, flagsOf = {} }: PowerTable,
  verb: readonly string[],
  name: string,
): Class | undefined {
  for (let depth = verb.length; depth > 0; depth--) {
    const rows = flagsOf[verb.slice(0, depth).join(" ")];
    const found = rows && classIn(rows, name, " ");
    if (found !== undefined) return found;
  }
  return classIn(flags, name, " ");
}

/** What the arguments of a verb are. */
export function argumentClass({ args }: PowerTable, verb: readonly string[]): ArgumentClass {
  for (let depth = verb.length; depth > 0; depth--) {
    const path = verb.slice(0, depth).join(" ");
    const found = Object.entries(args).find(([, verbs]) => namesIn(verbs, ",").has(path));
    if (found !== undefined) return found[0] as ArgumentClass;
  }
  return "names";
}

/** Whether a class is a power that the config file may allow. */
export function isPower(found: Class): found is LocalPower {
  return LOCAL_POWERS.some((power) => power === found);
}

function classIn(rows: Rows, name: string, separator: string): Class | undefined {
  const found = Object.entries(rows).find(([, names]) => namesIn(names, separator).has(name));
  return found?.[0] as Class | undefined;
}

/** Tables are constants: each text is split once. */
const split = new Map<string, ReadonlySet<string>>();

function namesIn(text: string, separator: string): ReadonlySet<string> {
  const key = separator + text;
  const known = split.get(key);
  if (known !== undefined) return known;
  const plain = text.trim().replaceAll(/\s+/g, " ");
  const names = new Set(plain.split(separator).map((name) => name.trim()));
  split.set(key, names);
  return names;
}
