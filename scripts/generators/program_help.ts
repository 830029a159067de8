/** Reads the tree of a program's verbs and flags from what its `--help` prints. */
import { spawn } from "node:child_process";
import type { ProgramName } from "../../lib/programs/types.ts";
import type { FlagKind, KnownFlag, VerbLine } from "../../lib/programs/words/trees/tree.ts";

/** Verbs that no help lists. */
const UNLISTED: Partial<Record<ProgramName, readonly string[]>> = { kubectl: ["options"] };

/** Flags that no help lists, as they are deprecated and still used, and which verbs may have them. */
const UNLISTED_FLAGS: Partial<Record<ProgramName, Readonly<Record<string, RegExp>>>> = {
  kubectl: {
    record: /^(annotate|apply|autoscale|create|edit|expose|label|patch|replace|run|scale|set .*)$/,
    "cpu-percent": /^autoscale$/,
  },
  helm: {
    atomic: /^(install|template|upgrade)$/,
    force: /^(install|rollback|template|upgrade)$/,
    validate: /^template$/,
  },
};

/** Verbs that are understood without the table. */
const LEFT_OUT = new Set(["help"]);

/** pflag's names of types whose last value counts; of any other type all values are kept. */
const SINGLE = /^(string|u?int\d*|float\d*|duration|format)$/;

/** Programs that are started at the same time. */
const AT_ONCE = 2;

/** What a program is asked for. */
type Ask = (...argv: readonly string[]) => Promise<string>;

/** The verbs of an installed program, a verb before those under it, all in the order of the alphabet. */
export async function readProgramTree(name: ProgramName, path: string): Promise<VerbLine[]> {
  const ask = askerOf(path);
  const rootHelp = await ask("--help");
  const ofKubectl = name === "kubectl" && !rootHelp.includes("\nFlags:");
  const everywhere = ofKubectl ? await ask("options") : rootHelp;
  const root = flagsOf(everywhere);
  const lines = [{ path: [], aliases: [], flags: root }, ...await below([])];
  return ofKubectl ? await withOptionalValues(lines, ask) : lines;

  async function unlistedFlags(path: readonly string[]): Promise<KnownFlag[]> {
    const names = Object.entries(UNLISTED_FLAGS[name] ?? {})
      .filter(([, verbs]) => verbs.test(path.join(" "))).map(([flag]) => flag);
    const kinds = await Promise.all(names.map((flag) => probe(ask, path, flag)));
    return names.flatMap((flag, at) => {
      const kind = kinds[at];
      return kind === undefined ? [] : [{ name: flag, kind }];
    });
  }

  async function below(parent: readonly string[]): Promise<VerbLine[]> {
    const help = parent.length === 0 ? rootHelp : await ask(...parent, "--help");
    const unlisted = parent.length === 0 ? UNLISTED[name] ?? [] : [];
    const verbs = [...verbsOf(help), ...unlisted].filter((verb) => !LEFT_OUT.has(verb)).sort();
    const lines = await Promise.all(verbs.map((verb) => verbLines([...parent, verb])));
    return lines.flat();
  }

  async function verbLines(path: readonly string[]): Promise<VerbLine[]> {
    const help = await ask(...path, "--help");
    const aliases = aliasesOf(help).filter((alias) => alias !== path.at(-1));
    const verbs = verbsOf(help).length > 0 ? await below(path) : [];
    const isOfAll = ({ name }: KnownFlag) => root.some((flag) => flag.name === name);
    // What a group gives to its verbs is a global flag to their help.
    const listed = path[0] === "options"
      ? []
      : flagsOf(help).filter((flag) => ofKubectl || !isOfAll(flag));
    const flags = [...listed, ...await unlistedFlags(path)]
      .sort((a, b) => a.name < b.name ? -1 : 1);
    return [{ path, aliases, flags }, ...verbs];
  }
}

/** What the program's parser says of a flag, without doing anything: an unknown flag ends it. */
async function probe(
  ask: Ask,
  path: readonly string[],
  flag: string,
): Promise<FlagKind | undefined> {
  // Of two unknown flags it complains of the first, unless that was taken as the value.
  const said = await ask(...path, `--${flag}`, "--no-such-1", "--no-such-2");
  if (said.includes(`unknown flag: --${flag}\n`)) return undefined;
  if (!said.includes("unknown flag: --no-such-1")) return "value";
  const typed = await ask(...path, `--${flag}=no-such-value`, "--no-such-1");
  return typed.includes("ParseBool") ? "bool" : "optional";
}

/** Starts the program in an empty environment, a few at a time. */
function askerOf(path: string): Ask {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (...argv) => {
    if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await outputOf(path, argv);
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}

function outputOf(path: string, argv: readonly string[]): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(path, [...argv], {
    env: { HOME: "/nonexistent", KUBECONFIG: "/nonexistent/config" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  child.stdout.on("data", (chunk) => text += chunk);
  child.stderr.on("data", (chunk) => text += chunk);
  child.on("error", reject);
  child.on("close", () => resolve(text));
  return promise;
}

/** The lines under the headings that match. */
function sections(help: string, heading: RegExp): string[] {
  let inside = false;
  return help.split("\n").filter((line) => {
    if (/^\S.*:$/.test(line)) inside = heading.test(line);
    else if (/^\S/.test(line)) inside = false;
    else return inside;
    return false;
  });
}

function verbsOf(help: string): string[] {
  return sections(help, /Commands( \(.*\))?:$/)
    .flatMap((line) => /^ {2}(\S+) +\S/.exec(line)?.[1] ?? []);
}

function aliasesOf(help: string): string[] {
  const [, line = ""] = /^Aliases:\n *(.*)$/m.exec(help) ?? [];
  return line.split(",").map((alias) => alias.trim()).filter((alias) => alias !== "");
}

function flagsOf(help: string): KnownFlag[] {
  const lines = help.split("\n").filter((line) => !/^ *$/.test(line));
  const own = lines.includes("Flags:") || lines.includes("Global Flags:")
    ? sections(help, /^(Global )?Flags:$/)
    : lines;
  const flags = own.flatMap((line) => kubectlFlag(line) ?? pflagFlag(line) ?? [])
    .filter(({ name }) => name !== "help");
  // Descriptions have examples that look like flags.
  return [...new Map(flags.toReversed().map((flag) => [flag.name, flag])).values()].toReversed();
}

/** `    -o, --output='':`, as kubectl prints it: the default tells the kind. */
function kubectlFlag(line: string): KnownFlag | undefined {
  const [, short, name, value] = /^ {4}(?:-(\S), )?--([\w.-]+)=(.*):$/.exec(line) ?? [];
  if (name === undefined) return undefined;
  const kind = value === "true" || value === "false"
    ? "bool"
    : value?.startsWith("[")
    ? "list"
    : "value";
  return { name, short, kind };
}

/** `  -o, --output format   description`, as pflag prints it. */
export function pflagFlag(line: string): KnownFlag | undefined {
  const [, short, name, type] =
    /^ {2,6}(?:-(\S), )?--([\w.-]+)(?: (\S+(?: \S+)*))?(?: {2,}.*)?$/.exec(line) ?? [];
  return name === undefined ? undefined : { name, short, kind: kindOf(type) };
}

function kindOf(type: string | undefined): FlagKind {
  if (type === undefined) return "bool";
  if (type === "count") return "count";
  if (type.includes("[=")) return "optional";
  return SINGLE.test(type) ? "value" : "list";
}

/** kubectl's help does not say which values may be left out. */
async function withOptionalValues(lines: readonly VerbLine[], ask: Ask): Promise<VerbLine[]> {
  const known = new Map<string, Promise<FlagKind | undefined>>();
  const kindAt = async ({ path }: VerbLine, { name, kind }: KnownFlag): Promise<FlagKind> => {
    if (kind !== "value") return kind;
    if (!known.has(name)) known.set(name, probe(ask, path, name));
    return await known.get(name) ?? kind;
  };
  return await Promise.all(lines.map(async (line) => ({
    ...line,
    flags: await Promise.all(
      line.flags.map(async (flag) => ({ ...flag, kind: await kindAt(line, flag) })),
    ),
  })));
}
