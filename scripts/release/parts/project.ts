/**
 * What is released, and under which names. The names of owner, repository and registries are
 * placeholders until the project has a home; they stand here, and `scripts/check_versions.ts` holds
 * the files of `deploy/` to them.
 */

/** The names that others know the project by. */
export const PROJECT = {
  name: "kubecode",
  /** What it is, in one line of at most 100 characters. */
  summary:
    "Kubernetes by short scripts in a sandbox: read-only unless told otherwise, no secrets in answers.",
  license: "Apache-2.0",
  author: "The kubecode authors",
  /** Owner and name at GitHub. */
  slug: "kubecode/kubecode",
  repository: "https://github.com/kubecode/kubecode",
  image: "ghcr.io/kubecode/kubecode",
  /** The npm package with the launcher; those with a binary are in the scope. */
  npm: "kubecode",
  npmScope: "@kubecode",
  /** The name in the registry of MCP servers, which asks the package and the image for it. */
  mcp: "io.github.kubecode/kubecode",
  /** The repository of the Homebrew tap `kubecode/tap`. */
  tap: "kubecode/homebrew-tap",
  /** `kubectl code`: krew takes no names with "kube" in them. */
  plugin: "code",
  keywords: ["kubernetes", "mcp", "mcp-server", "kubectl", "k8s", "code-mode", "devops"],
} as const;

/** One system that a binary is built for. */
export interface Target {
  /** `<os>-<arch>`, by Go's names, which archives, krew, aqua and images use. */
  readonly name: string;
  readonly os: "linux" | "darwin" | "windows";
  readonly arch: "amd64" | "arm64";
  /** What `deno compile --target` calls it. */
  readonly triple: string;
  /** What node calls it: the npm package's `os` and `cpu`, and MCPB's platform. */
  readonly node: { readonly os: "linux" | "darwin" | "win32"; readonly cpu: "x64" | "arm64" };
}

/** All systems of a release. */
export const TARGETS: readonly Target[] = [
  {
    name: "linux-amd64",
    os: "linux",
    arch: "amd64",
    triple: "x86_64-unknown-linux-gnu",
    node: { os: "linux", cpu: "x64" },
  },
  {
    name: "linux-arm64",
    os: "linux",
    arch: "arm64",
    triple: "aarch64-unknown-linux-gnu",
    node: { os: "linux", cpu: "arm64" },
  },
  {
    name: "darwin-amd64",
    os: "darwin",
    arch: "amd64",
    triple: "x86_64-apple-darwin",
    node: { os: "darwin", cpu: "x64" },
  },
  {
    name: "darwin-arm64",
    os: "darwin",
    arch: "arm64",
    triple: "aarch64-apple-darwin",
    node: { os: "darwin", cpu: "arm64" },
  },
  {
    name: "windows-amd64",
    os: "windows",
    arch: "amd64",
    triple: "x86_64-pc-windows-msvc",
    node: { os: "win32", cpu: "x64" },
  },
];

/** `kubecode`, or `kubecode.exe`. */
export function programName({ os }: Target): string {
  return os === "windows" ? `${PROJECT.name}.exe` : PROJECT.name;
}

/** `kubecode_0.1.0_linux_amd64.tar.gz`; Windows gets a zip. */
export function archiveName({ os, arch }: Target, version: string): string {
  return `${PROJECT.name}_${version}_${os}_${arch}.${os === "windows" ? "zip" : "tar.gz"}`;
}

/** `kubecode_0.1.0_linux_amd64.mcpb`. */
export function bundleName({ os, arch }: Target, version: string): string {
  return `${PROJECT.name}_${version}_${os}_${arch}.mcpb`;
}

/** Name of the list of what is in the program. */
export function sbomName(version: string): string {
  return `${PROJECT.name}_${version}_sbom.cdx.json`;
}

/** `@kubecode/linux-x64`. */
export function npmName({ node }: Target): string {
  return `${PROJECT.npmScope}/${node.os}-${node.cpu}`;
}

/** Whether a version, such as `0.2.0-rc.1`, is there to be tried and nobody's default. */
export function isPrerelease(version: string): boolean {
  return version.includes("-");
}

/** Where a file of the release is downloaded from. */
export function assetUrl(file: string, version: string): string {
  return `${PROJECT.repository}/releases/download/v${version}/${file}`;
}
