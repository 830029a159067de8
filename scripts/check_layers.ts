/**
 * Checks what the compiler does not: the table of rooms, import cycles in lib/, exact versions of
 * packages, and how many files a folder has. Prints each problem; exit code 1 when there is one.
 */
import { pathToFileURL } from "node:url";
import { CODE, ROOT, typescriptFiles } from "./files.ts";
import {
  emptyRooms,
  forbiddenImport,
  type Import,
  importCycles,
  inexactImports,
  MAX_FILES,
} from "./layers.ts";

/** The parts of `deno info --json` that are read here. */
interface ModuleGraph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly error?: string;
    readonly dependencies?: readonly {
      readonly code?: Resolution;
      readonly type?: Resolution;
    }[];
  }[];
}

interface Resolution {
  readonly specifier?: string;
  readonly span: { readonly start: { readonly line: number } };
}

/**
 * The imports of the files, by Deno's own parser.
 *
 * @param files relative to the root
 * @param root absolute; the repository by default
 * @throws {Error} when Deno cannot be run or a file does not parse
 */
export async function readImports(
  files: readonly string[],
  root: string = ROOT,
): Promise<Import[]> {
  const known = new Set(files);
  const base = `${pathToFileURL(root)}/`;
  const list = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    const lines = files.map((file) => `import ${JSON.stringify(base + file)};`);
    await Deno.writeTextFile(list, lines.join("\n"));
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", "--no-config", "--no-lock", "--no-npm", "--no-remote", list],
      stdin: "null",
    }).output();
    const text = new TextDecoder();
    if (code !== 0) throw new Error(`Cannot read imports: ${text.decode(stderr)}`);
    return collect(JSON.parse(text.decode(stdout)), base, known);
  } finally {
    await Deno.remove(list);
  }
}

function collect(graph: ModuleGraph, base: string, known: ReadonlySet<string>): Import[] {
  const local: Import[] = [];
  for (const module of graph.modules) {
    const from = module.specifier.slice(base.length);
    if (!module.specifier.startsWith(base) || !known.has(from)) continue;
    if (module.error !== undefined) throw new Error(`Cannot read "${from}": ${module.error}`);
    for (const { code, type } of module.dependencies ?? []) {
      const target = code?.specifier ?? type?.specifier;
      if (!target?.startsWith(base)) continue;
      local.push({
        from,
        to: target.slice(base.length),
        line: ((code ?? type)?.span.start.line ?? 0) + 1,
        typeOnly: code === undefined,
      });
    }
  }
  return local;
}

/** All problems of the tree, one text each; none when it is as it should be. */
export async function findProblems(): Promise<string[]> {
  const files = await typescriptFiles(CODE);
  const local = await readImports(files);
  const problems = local.map(forbiddenImport).filter((problem) => problem !== undefined);
  for (const cycle of importCycles(local.filter(({ from }) => from.startsWith("lib/")))) {
    problems.push(`Import cycle: ${[...cycle, cycle[0]].join(" → ")}`);
  }
  const { imports } = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`));
  for (const entry of inexactImports(imports)) {
    problems.push(`deno.json imports ${entry}: give an npm package and its exact version.`);
  }
  for (const room of emptyRooms(files)) {
    problems.push(`${room} is a row of scripts/rooms.ts, and no file stands there.`);
  }
  for (const [folder, count] of filesByFolder(files)) {
    if (count > MAX_FILES) {
      problems.push(`${folder} has ${count} files, more than ${MAX_FILES}: make rooms of it.`);
    }
  }
  return problems;
}

/** How many files each folder of lib/ and scripts/ has, without those that are made. */
function filesByFolder(files: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const file of files.filter((file) => /^(?:lib|scripts)\//.test(file))) {
    if (file.endsWith(".generated.ts")) continue;
    const folder = file.slice(0, file.lastIndexOf("/"));
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return counts;
}

if (import.meta.main) {
  const problems = await findProblems();
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) Deno.exit(1);
}
