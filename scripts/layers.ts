/** The check of one import, and of all cycles, against the table of rooms. Pure. */
import { type Allowed, GROUND, ROOMS } from "./rooms.ts";

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

/** The most files that a folder of the program or its scripts may have, without the folders in it. */
export const MAX_FILES = 15;

/**
 * Why an import is not allowed, as `<file>:<line> <reason>`; undefined when it is.
 */
export function forbiddenImport(wanted: Import): string | undefined {
  const place = `${wanted.from}:${wanted.line}`;
  const from = roomOf(wanted.from);
  const to = roomOf(wanted.to);
  if (from === undefined) {
    return `${place} is in no room: add its folder to the table in scripts/rooms.ts.`;
  }
  if (to === undefined) {
    return `${place} imports ${wanted.to}, which is in no room: add its folder to the table in ` +
      "scripts/rooms.ts.";
  }
  if (from === to) return undefined;
  const allowed = ROOMS[from] ?? {};
  if (allowed === "all") {
    if (isProduct(from) && !isProduct(to)) {
      return `${place} imports ${wanted.to}: the program imports nothing of ${to}.`;
    }
    return undefined;
  }
  if (!GROUND.includes(from) && GROUND.includes(to)) return undefined;
  const entry = longestPrefix(Object.keys(allowed), wanted.to);
  const kind = entry && allowed[entry];
  if (kind === "any" || (kind === "types" && wanted.typeOnly)) return undefined;
  if (kind === "types") {
    return `${place} imports ${wanted.to}: ${from} may import only types from ${entry} (import type).`;
  }
  return `${place} imports ${wanted.to}: ${from} may import ${describe(allowed)}.`;
}

/** The rows of the table in which no file stands: what was there is gone, and so may they. */
export function emptyRooms(files: readonly string[]): string[] {
  const used = new Set(files.map(roomOf));
  return Object.keys(ROOMS).filter((room) => !used.has(room));
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

/**
 * The entries of the import map that are no npm package of one exact version: what is locked is what
 * was asked for.
 *
 * @param imports `imports` of deno.json
 */
export function inexactImports(imports: Readonly<Record<string, string>>): string[] {
  const exact = /^npm:(?:@[^/@]+\/)?[^/@]+@\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;
  return Object.entries(imports).filter(([, specifier]) => !exact.test(specifier))
    .map(([name, specifier]) => `"${name}": "${specifier}"`);
}

/** The room of the table that a file stands in. */
function roomOf(file: string): string | undefined {
  return longestPrefix(Object.keys(ROOMS), file);
}

/** The longest of the files and folders (with a trailing slash) that a file is, or lies in. */
function longestPrefix(places: readonly string[], file: string): string | undefined {
  return places.filter((place) => place.endsWith("/") ? file.startsWith(place) : file === place)
    .sort((a, b) => b.length - a.length)[0];
}

function isProduct(layer: string): boolean {
  return layer === "main.ts" || layer.startsWith("lib/");
}

function describe(allowed: Exclude<Allowed, "all">): string {
  const names = Object.entries(allowed).map(([room, kind]) =>
    kind === "types" ? `types of ${room}` : room
  );
  return names.length === 0 ? "nothing but the ground floor" : `only ${names.join(", ")}`;
}
