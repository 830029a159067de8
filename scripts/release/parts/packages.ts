/** The npm packages whose code is in the program, from the paths of the files it was made of. Pure. */

/** One package, as the program has it. */
export interface Package {
  readonly name: string;
  readonly version: string;
  /** The folder that it lies in; undefined where another package brings its code along. */
  readonly folder?: string;
}

/** In Deno's cache: `…/npm/<registry>/<name>/<version>/`, where a copy has `_1` behind its version. */
const CACHED = /^(.*\/npm\/[^/]+\/((?:@[^/]+\/)?[^/@.][^/]*)\/(\d[^/_]*)(?:_\d+)?)\//;

/** In the source map of a package that was itself bundled, by pnpm. */
const BROUGHT = /\/\.pnpm\/([^/]+)\/node_modules\/((?:@[^/]+\/)?[^/]+)\//;

/** The packages of these paths, sorted and each once. */
export function packagesOf(paths: Iterable<string>): Package[] {
  const found = new Map<string, Package>();
  for (const path of paths) {
    const one = packageOf(path);
    if (one) found.set(`${one.name}@${one.version}`, one);
  }
  return [...found].sort(([a], [b]) => a < b ? -1 : 1).map(([, one]) => one);
}

function packageOf(path: string): Package | undefined {
  const [, id = "", brought] = BROUGHT.exec(path) ?? [];
  if (brought !== undefined) {
    // `@scope+name@1.0.0_peer@2.0.0`
    const version = /^@?[^@]+@([^_(]+)/.exec(id)?.[1];
    return version === undefined ? undefined : { name: brought, version };
  }
  const [, folder, name, version] = CACHED.exec(path) ?? [];
  return name && version && folder ? { name, version, folder } : undefined;
}

/** What the lock file says of a package. */
export interface Locked {
  /** `sha512-…` of the package's archive. */
  readonly integrity?: string;
  /** Names of the packages it needs; with a version where there are several. */
  readonly dependencies?: readonly string[];
}

/** The entry of the lock file for a package; its keys have peers behind the version. */
export function lockedAs(
  lock: Readonly<Record<string, Locked>>,
  { name, version }: Package,
): Locked | undefined {
  const key = Object.keys(lock).find((key) =>
    key === `${name}@${version}` || key.startsWith(`${name}@${version}_`)
  );
  return key === undefined ? undefined : lock[key];
}
