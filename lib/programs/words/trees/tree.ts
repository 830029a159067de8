/**
 * The tree of a program's verbs and flags, as cobra and pflag see it. It is written from the program's
 * own help (scripts/generators/make_program_trees.ts), one line a verb:
 *
 *     create deployment|deploy,dep|image* replicas= dry-run? output/o= edit
 *
 * The path, its other names, its own flags. A flag is `name`, `/short`, and how it takes its value:
 * nothing for a bool, `=` a value (the last one counts), `*` a list (all count), `?` a value that may
 * be left out, `+` a counter. The first line has no path: the flags of every verb.
 */

const KINDS = { "": "bool", "=": "value", "*": "list", "?": "optional", "+": "count" } as const;

/** How a flag takes its value. */
export type FlagKind = (typeof KINDS)[keyof typeof KINDS];

/** A flag that a verb knows. */
export interface KnownFlag {
  readonly name: string;
  readonly short?: string;
  readonly kind: FlagKind;
}

/** A verb of a program; the root is the program itself. */
export interface KnownVerb {
  /** The name of each verb on the way here, none of them an alias. */
  readonly path: readonly string[];
  /** By name and by alias. */
  readonly verbs: ReadonlyMap<string, KnownVerb>;
  /** Its own and those of every verb. */
  readonly flags: readonly KnownFlag[];
}

/** A verb as its line says it. */
export interface VerbLine {
  readonly path: readonly string[];
  readonly aliases: readonly string[];
  readonly flags: readonly KnownFlag[];
}

/** Reads a line. */
export function readVerbLine(line: string): VerbLine {
  const [path = "", aliases = "", flags = ""] = line.split("|");
  const words = (text: string, by: string) => text === "" ? [] : text.split(by);
  return {
    path: words(path, " "),
    aliases: words(aliases, ","),
    flags: words(flags, " ").map(readFlag),
  };
}

/** Writes a line. */
export function writeVerbLine({ path, aliases, flags }: VerbLine): string {
  return [path.join(" "), aliases.join(","), flags.map(writeFlag).join(" ")].join("|");
}

/** The tree of its lines, a verb before those under it. */
export function treeOf(lines: readonly string[]): KnownVerb {
  const [root, ...verbs] = lines.map(readVerbLine);
  const everywhere = root?.flags ?? [];
  const nodes = new Map<string, KnownVerb & { readonly verbs: Map<string, KnownVerb> }>();
  const top = { path: [], verbs: new Map<string, KnownVerb>(), flags: everywhere };
  nodes.set("", top);
  for (const { path, aliases, flags } of verbs) {
    const node = { path, verbs: new Map<string, KnownVerb>(), flags: [...flags, ...everywhere] };
    nodes.set(path.join(" "), node);
    const parent = nodes.get(path.slice(0, -1).join(" "));
    for (const name of [path.at(-1) ?? "", ...aliases]) parent?.verbs.set(name, node);
  }
  return top;
}

function readFlag(text: string): KnownFlag {
  const mark = /[=*?+]$/.exec(text)?.[0] ?? "";
  const [name = "", short] = text.slice(0, text.length - mark.length).split("/");
  return { name, short, kind: KINDS[mark as keyof typeof KINDS] };
}

function writeFlag({ name, short, kind }: KnownFlag): string {
  const mark = Object.entries(KINDS).find(([, known]) => known === kind)?.[0] ?? "";
  return `${name}${short === undefined ? "" : `/${short}`}${mark}`;
}
