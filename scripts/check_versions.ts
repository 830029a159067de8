/**
 * Checks that all files agree on the version of the program and on the project's names, which
 * lib/version.ts and scripts/release/parts/project.ts have; in a run for a tag, that the tag is that
 * version. Prints each problem; exit code 1 when there is one.
 *
 *     deno run -A scripts/check_versions.ts
 *     deno run -A scripts/check_versions.ts --set 0.2.0   # writes a new version at all places
 */
import { VERSION } from "../lib/version.ts";
import { ROOT } from "./files.ts";
import { PROJECT } from "./release/parts/project.ts";

/** A place in a file where something stands that must be the same everywhere. */
export interface Place {
  readonly path: string;
  /** Its first group is what stands there; each match counts. */
  readonly pattern: RegExp;
  readonly wanted: string;
}

const VERSIONS: readonly (readonly [path: string, pattern: RegExp])[] = [
  ["lib/version.ts", /VERSION = "(.*?)"/g],
  ["deno.json", /^ {2}"version": "(.*?)"/gm],
  ["deploy/chart/kubecode/Chart.yaml", /^(?:version|appVersion): (.*)$/gm],
  ["deploy/kustomize/base/kubecode.yaml", /^ *app\.kubernetes\.io\/version: "(.*)"$/gm],
  ["deploy/kustomize/overlays/example/kustomization.yaml", /^ *newTag: (.*)$/gm],
  ["deploy/registry/server.json", /^ {2}"version": "(.*?)"/gm],
  ["deploy/registry/server.json", /"ghcr\.io\/[\w/-]+:(.*?)"/g],
  ["deploy/registry/toolhive.json", /"ghcr\.io\/[\w/-]+:(.*?)"/g],
  ["docs/operations.md", /ghcr\.io\/[\w/-]+:(\d[\w.-]*)/g],
  [
    "docs/install.md",
    /(?:ghcr\.io\/[\w/-]+:|kubecode_|\/v|version=|kubecode@)(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)/g,
  ],
  ["docs/by-url.md", /\/v(\d[\w.-]*)\//g],
  ["README.md", /ghcr\.io\/[\w/-]+:(\d[\w.-]*)/g],
];

const NAMES: readonly Place[] = [
  { path: "deploy/Dockerfile", pattern: /image\.source="(.*?)"/g, wanted: PROJECT.repository },
  {
    path: "deploy/Dockerfile",
    pattern: /modelcontextprotocol\.server\.name="(.*?)"/g,
    wanted: PROJECT.mcp,
  },
  {
    path: "deploy/chart/kubecode/values.yaml",
    pattern: /^ {2}repository: (.*)$/gm,
    wanted: PROJECT.image,
  },
  {
    path: "deploy/registry/server.json",
    pattern: /^ {2}"name": "(.*?)"/gm,
    wanted: PROJECT.mcp,
  },
  {
    path: "deploy/registry/server.json",
    pattern: /^ {2}"repository": \{ "url": "(.*?)"/gm,
    wanted: PROJECT.repository,
  },
  {
    path: "deploy/registry/server.json",
    pattern: /"(ghcr\.io\/.*?):/g,
    wanted: PROJECT.image,
  },
  {
    path: "deploy/npm/README.md",
    pattern: /(https:\/\/github\.com\/\S+)/g,
    wanted: PROJECT.repository,
  },
  { path: "deploy/npm/kubecode.js", pattern: /docker run ([\w./-]+)/g, wanted: PROJECT.image },
  { path: "deploy/npm/kubecode.js", pattern: /`(@\w+)\/\$\{system\}`/g, wanted: PROJECT.npmScope },
];

/** All places, each with what must stand there. */
export const PLACES: readonly Place[] = [
  ...VERSIONS.map(([path, pattern]) => ({ path, pattern, wanted: VERSION })),
  ...NAMES,
];

/** What a file has in place of what it should; empty where it agrees. Pure. */
export function disagreements({ path, pattern, wanted }: Place, text: string): string[] {
  const found = [...text.matchAll(pattern)].map(([, one = ""]) => one);
  if (found.length === 0) {
    return [`${path}: nothing matches ${pattern}, where "${wanted}" should stand`];
  }
  return [...new Set(found)].filter((one) => one !== wanted)
    .map((one) => `${path}: "${one}" should be "${wanted}"`);
}

async function findProblems(): Promise<string[]> {
  const problems: string[] = [];
  for (const place of PLACES) {
    problems.push(...disagreements(place, await Deno.readTextFile(`${ROOT}/${place.path}`)));
  }
  const tag = Deno.env.get("GITHUB_REF_TYPE") === "tag"
    ? Deno.env.get("GITHUB_REF_NAME")
    : undefined;
  if (tag !== undefined && tag !== `v${VERSION}`) {
    problems.push(`The tag ${tag} should be v${VERSION}, which lib/version.ts has`);
  }
  return problems;
}

async function setVersion(version: string): Promise<void> {
  if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version)) {
    throw new Error(`Cannot set the version "${version}": it must be like 1.2.3 or 1.2.3-rc.1`);
  }
  for (const [path, pattern] of VERSIONS) {
    const text = await Deno.readTextFile(`${ROOT}/${path}`);
    const changed = text.replace(pattern, (match, old) => match.replace(old, version));
    await Deno.writeTextFile(`${ROOT}/${path}`, changed);
  }
}

if (import.meta.main) {
  const [option, version] = Deno.args;
  const problems = option === "--set"
    ? await setVersion(version ?? "").then(() => [], ({ message }: Error) => [message])
    : await findProblems();
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) Deno.exit(1);
}
