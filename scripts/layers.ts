/**
 * Which folder may import which: the table of docs/architecture.md as data, and the check of one
 * import and of all cycles against it. Pure.
 */

/** One import as written in a file; both paths are relative to the repository, with "/". */
export interface Import {
  readonly from: string;
  /** A file of the repository. */
  readonly to: string;
  /** 1-based. */
  readonly line: number;
  /** `import type`, `export type … from` or `import("…")` in a type. */
  readonly typeOnly: boolean;
}

/** What a layer may import besides itself; `types` allows `import type` only. */
type Allowed = "all" | Readonly<Record<string, "any" | "types">>;

const AUDIT = "lib/audit.ts";
const ERRORS = "lib/errors.ts";
const LOG = "lib/log.ts";
const NEAREST = "lib/nearest.ts";
const VERSION = "lib/version.ts";
const YAML = "lib/kube/yaml.ts";

/**
 * The table, by folder (with a trailing slash) or file. What is not in it may import nothing and be
 * imported by nobody. `lib/errors.ts` and `lib/log.ts` are leaves: a layer that stands on one that
 * may import them may do so too.
 */
const TABLE: Readonly<Record<string, Allowed>> = {
  "main.ts": { "lib/app.ts": "any", [ERRORS]: "any" },
  "lib/app.ts": "all",
  "lib/audit.ts": { [ERRORS]: "any", [LOG]: "types" },
  "lib/clusters.ts": "all",
  "lib/errors.ts": {},
  "lib/log.ts": {},
  "lib/nearest.ts": {},
  "lib/version.ts": {},
  "lib/config/": {
    "lib/kube/": "any",
    "lib/policy/": "any",
    [ERRORS]: "any",
    [LOG]: "types",
    [NEAREST]: "any",
  },
  // A file of a folder that others may use without the rest of it.
  [YAML]: { [ERRORS]: "any" },
  "lib/kube/": { [ERRORS]: "any", [LOG]: "any", [NEAREST]: "any" },
  "lib/policy/": { "lib/kube/": "types", [ERRORS]: "any" },
  "lib/redact/": { "lib/kube/": "types", [ERRORS]: "any" },
  "lib/broker/": {
    "lib/kube/": "any",
    "lib/policy/": "any",
    "lib/redact/": "any",
    [AUDIT]: "types",
    [ERRORS]: "any",
    [LOG]: "any",
    [NEAREST]: "any",
  },
  "lib/eval/": {
    "lib/broker/": "types",
    [AUDIT]: "any",
    [ERRORS]: "any",
    [LOG]: "any",
    [NEAREST]: "any",
  },
  "lib/commands/": { "lib/policy/": "any", [ERRORS]: "any" },
  "lib/tools/": {
    "lib/broker/": "any",
    "lib/eval/": "any",
    "lib/commands/": "any",
    "lib/policy/": "types",
    [YAML]: "any",
    [ERRORS]: "any",
    [LOG]: "any",
    [NEAREST]: "any",
  },
  "lib/server/": {
    [AUDIT]: "any",
    "lib/broker/": "types",
    "lib/tools/": "any",
    "lib/policy/": "any",
    [ERRORS]: "any",
    [LOG]: "any",
  },
  "lib/transport/": { "lib/server/": "any", [ERRORS]: "any", [LOG]: "any" },
  "lib/cli/": {
    "lib/broker/": "any",
    "lib/config/": "any",
    "lib/eval/": "any",
    "lib/kube/": "any",
    "lib/policy/": "any",
    "lib/tools/": "any",
    [ERRORS]: "any",
    [NEAREST]: "any",
    [VERSION]: "any",
  },
  "lib/demo/": { "lib/kube/": "types", [ERRORS]: "any" },
  "tests/": "all",
  "scripts/": "all",
};

/** The most lines that a file of the program may have, unless its name ends in `.generated.ts`. */
export const MAX_LINES = 300;

/**
 * Why an import is not allowed, as `<file>:<line> <reason>`; undefined when it is.
 */
export function forbiddenImport(wanted: Import): string | undefined {
  const place = `${wanted.from}:${wanted.line}`;
  const from = layerOf(wanted.from);
  const to = layerOf(wanted.to);
  if (from === undefined) {
    return `${place} is in no layer: add its folder to the table in scripts/layers.ts.`;
  }
  if (to === undefined) {
    return `${place} imports ${wanted.to}, which is in no layer: add its folder to the table in ` +
      "scripts/layers.ts.";
  }
  const folder = folderOf(to);
  if (from === to || from === folder) return undefined;
  const allowed = TABLE[from] ?? {};
  if (allowed === "all") {
    if (isProduct(from) && !isProduct(to)) {
      return `${place} imports ${wanted.to}: the program imports nothing of ${to}.`;
    }
    return undefined;
  }
  const kind = allowed[to] ?? (folder && allowed[folder]);
  if (kind === "any" || (kind === "types" && wanted.typeOnly)) return undefined;
  if (kind === "types") {
    return `${place} imports ${wanted.to}: ${from} may import only types from ${to} (import type).`;
  }
  return `${place} imports ${wanted.to}: ${from} may import ${describe(allowed)}.`;
}

/**
 * Cycles among the imports, as the files in their order: none when there is none, else at least one
 * of each knot. Type-only imports count, a file that imports itself too.
 */
export function importCycles(imports: readonly Import[]): string[][] {
  const next = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    next.set(from, (next.get(from) ?? new Set()).add(to));
  }
  const done = new Set<string>();
  const path: string[] = [];
  const cycles: string[][] = [];
  const visit = (file: string) => {
    const start = path.indexOf(file);
    if (start >= 0) {
      cycles.push(path.slice(start));
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const each of next.get(file) ?? []) visit(each);
    path.pop();
    done.add(file);
  };
  for (const file of [...next.keys()].sort()) visit(file);
  return cycles;
}

/** A package of which the tree asks for more than one version, and where. */
export interface VersionConflict {
  readonly name: string;
  readonly versions: ReadonlyMap<string, readonly string[]>;
}

/**
 * The packages asked for in more than one version.
 *
 * @param specifiers `npm:` specifiers, each with the file that has it
 */
export function versionConflicts(
  specifiers: readonly { readonly file: string; readonly specifier: string }[],
): VersionConflict[] {
  const packages = new Map<string, Map<string, string[]>>();
  for (const { file, specifier } of specifiers) {
    const match = /^npm:\/?((?:@[^/@]+\/)?[^/@]+)(?:@([^/]+))?/.exec(specifier);
    const [, name, version = "(none)"] = match ?? [];
    if (name === undefined) continue;
    const versions = packages.get(name) ?? new Map<string, string[]>();
    packages.set(name, versions);
    versions.set(version, [...versions.get(version) ?? [], file]);
  }
  return [...packages].filter(([, versions]) => versions.size > 1)
    .map(([name, versions]) => ({ name, versions }));
}

function layerOf(file: string): string | undefined {
  return Object.keys(TABLE).find((layer) =>
    layer.endsWith("/") ? file.startsWith(layer) : file === layer
  );
}

/** The folder of the table that a file of the table belongs to. */
function folderOf(layer: string): string | undefined {
  return Object.keys(TABLE).find((other) =>
    other !== layer && other.endsWith("/") && layer.startsWith(other)
  );
}

function isProduct(layer: string): boolean {
  return layer === "main.ts" || layer.startsWith("lib/");
}

function describe(allowed: Exclude<Allowed, "all">): string {
  const names = Object.entries(allowed).map(([layer, kind]) =>
    kind === "types" ? `types of ${layer}` : layer
  );
  return names.length === 0 ? "nothing of the project" : `only ${names.join(", ")}`;
}
