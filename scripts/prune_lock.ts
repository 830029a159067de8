/**
 * Cuts a deno.lock down to what some packages need. `deno compile` embeds every npm package of its
 * lock file; the program needs few of those that its tests need. Pure.
 */

/** The parts of a deno.lock (version 5) that are read here; all others are kept as they are. */
export interface LockFile {
  readonly specifiers?: Readonly<Record<string, string>>;
  readonly npm?: Readonly<Record<string, LockedPackage>>;
  readonly [other: string]: unknown;
}

/** One resolved npm package. */
export interface LockedPackage {
  readonly dependencies?: readonly string[];
  readonly optionalDependencies?: readonly string[];
  readonly [other: string]: unknown;
}

/**
 * The lock file with only the given specifiers and what they depend on.
 *
 * @param specifiers `npm:name@version`, without a path inside the package
 * @throws {Error} for a specifier or a dependency that the lock file does not have
 */
export function pruneLock(lock: LockFile, specifiers: readonly string[]): LockFile {
  const all = lock.npm ?? {};
  const byName = new Map(Object.keys(all).map((key) => [packageName(key), key]));
  const kept = new Set<string>();
  const keep = (wanted: string) => {
    const plain = wanted.replace(/^.+@npm:/, "");
    const key = plain in all ? plain : byName.get(plain);
    const found = key === undefined ? undefined : all[key];
    if (key === undefined || found === undefined) throw missing(wanted);
    if (kept.has(key)) return;
    kept.add(key);
    for (const each of found.dependencies ?? []) keep(each);
    for (const each of found.optionalDependencies ?? []) keep(each);
  };
  const roots: Record<string, string> = {};
  for (const specifier of [...specifiers].sort()) {
    const version = lock.specifiers?.[specifier];
    if (version === undefined) throw missing(specifier);
    roots[specifier] = version;
    keep(`${packageName(specifier.replace(/^npm:\/?/, ""))}@${version}`);
  }
  return {
    ...lock,
    specifiers: roots,
    npm: Object.fromEntries(Object.entries(all).filter(([key]) => kept.has(key))),
  };
}

/** `npm:name@version` of a specifier that may go on with a path inside the package. */
export function packageSpecifier(specifier: string): string {
  return specifier.replace(/^npm:\/?((?:@[^/]+\/)?[^/]+).*$/, "npm:$1");
}

/** The name before the version: `@a/b` of `@a/b@1.0.0_c@2.0.0`. */
function packageName(key: string): string {
  const at = key.indexOf("@", 1);
  return at < 0 ? key : key.slice(0, at);
}

function missing(name: string): Error {
  return new Error(`Cannot lock "${name}": deno.lock does not have it; run deno task ok check.`);
}
