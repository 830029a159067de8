/** How this program got onto the machine, from where its file lies. Pure. */

/** The ways. */
export type InstalledAs =
  | "Homebrew"
  | "npm"
  | "krew"
  | "Claude Desktop extension"
  | "container image"
  | "binary"
  | "module from a URL"
  | "source checkout";

/** The running program. */
export interface RunningProgram {
  /** It is a binary of its own (`Deno.build.standalone`), not a module that Deno runs. */
  readonly standalone: boolean;
  /** The executable's path, without symbolic links (`Deno.execPath()`). */
  readonly execPath: string;
  /** The main module's URL (`Deno.mainModule`). */
  readonly mainModule: string;
  env(name: string): string | undefined;
}

/** What paths of programs look like, for each way in which a binary is put there. */
const PLACES: readonly (readonly [InstalledAs, RegExp])[] = [
  // https://docs.brew.sh/Formula-Cookbook: the prefix differs, its Cellar does not.
  ["Homebrew", /\/Cellar\/[^/]+\/[^/]+\//],
  ["npm", /\/node_modules\//],
  // https://krew.sigs.k8s.io/docs/developer-guide/: $KREW_ROOT/store/<plugin>/v<version>/
  ["krew", /\/store\/code\/v[^/]+\//],
  ["Claude Desktop extension", /\/Claude Extensions\//],
];

/** How the program was installed. */
export function installedAs(
  { standalone, execPath, mainModule, env }: RunningProgram,
): InstalledAs {
  if (!standalone) return /^https?:/.test(mainModule) ? "module from a URL" : "source checkout";
  const path = execPath.replaceAll("\\", "/");
  const place = PLACES.find(([, pattern]) => pattern.test(path));
  if (place) return place[0];
  // deploy/Dockerfile sets it: in a container of another image the program is a binary like elsewhere.
  return env("KUBECODE_IMAGE") ? "container image" : "binary";
}

/** What `kubecode --version` says. @param deno the runtime's version */
export function describeVersion(version: string, kind: InstalledAs, deno: string): string {
  return `${version} (${kind}, Deno ${deno})`;
}
