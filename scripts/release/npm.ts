/**
 * Step: the npm packages. `kubecode` is a launcher; its optional dependencies
 * `@kubecode/<os>-<cpu>` hold a binary each, and npm installs the one that fits. Leaves them in
 * `npm/`, and publishes them with provenance.
 */
import { ROOT } from "../files.ts";
import {
  isPrerelease,
  npmName,
  programName,
  PROJECT,
  type Target,
  TARGETS,
} from "./parts/project.ts";
import { binaryPath, builtTargets, output, perform, type Release, runStep } from "./parts/step.ts";

/** The oldest node that the launcher runs on. */
const NODE = ">=18";

/** The files of the package with the launcher, in `deploy/npm`. */
const LAUNCHER = ["kubecode.js", "README.md"];

/** Writes the packages and publishes them, those with a binary first. */
export async function npm(release: Release): Promise<void> {
  const folders: string[] = [];
  for (const target of await builtTargets(release)) {
    folders.push(await writeBinaryPackage(release, target));
  }
  folders.push(await writeLauncher(release));
  const tag = isPrerelease(release.version) ? "next" : "latest";
  for (const folder of folders) {
    if (await isPublished(release, folder)) release.log(`Published before: ${folder}`);
    else {
      const how = ["--provenance", "--access", "public", "--tag", tag];
      await perform(release, "npm", ["publish", folder, ...how]);
    }
  }
}

/** A run that was broken off half-way is started again, and npm takes no version twice. */
async function isPublished({ dryRun, version }: Release, folder: string): Promise<boolean> {
  if (dryRun) return false;
  const { name } = JSON.parse(await Deno.readTextFile(`${folder}/package.json`));
  const found = output("npm", ["view", `${name}@${version}`, "version"]);
  return await found.then((text) => text === version, () => false);
}

/** `npm/linux-x64`: a binary and its licence. */
async function writeBinaryPackage(release: Release, target: Target): Promise<string> {
  const { os, cpu } = target.node;
  const folder = `${release.folder}/npm/${os}-${cpu}`;
  await newFolder(`${folder}/bin`);
  const program = `bin/${programName(target)}`;
  await Deno.copyFile(binaryPath(release, target), `${folder}/${program}`);
  await Deno.chmod(`${folder}/${program}`, 0o755);
  await Deno.copyFile(`${ROOT}/LICENSE`, `${folder}/LICENSE`);
  await Deno.writeTextFile(
    `${folder}/README.md`,
    `# ${
      npmName(target)
    }\n\nThe binary of [${PROJECT.npm}](${PROJECT.repository}) for ${os} on ${cpu}. ` +
      `Install \`${PROJECT.npm}\`, which brings it along.\n`,
  );
  await writeJson(`${folder}/package.json`, {
    name: npmName(target),
    ...shared(release),
    description: `The binary of ${PROJECT.npm} for ${os} on ${cpu}`,
    os: [os],
    cpu: [cpu],
    ...os === "linux" ? { libc: ["glibc"] } : {},
    files: ["bin/"],
    // A binary cannot be started out of a zip file (Yarn).
    preferUnplugged: true,
  });
  return folder;
}

/** `npm/kubecode`: the launcher. It names all targets, whatever has been built here. */
async function writeLauncher(release: Release): Promise<string> {
  const folder = `${release.folder}/npm/${PROJECT.npm}`;
  await newFolder(folder);
  for (const file of LAUNCHER) {
    await Deno.copyFile(`${ROOT}/deploy/npm/${file}`, `${folder}/${file}`);
  }
  await Deno.chmod(`${folder}/kubecode.js`, 0o755);
  await Deno.copyFile(`${ROOT}/LICENSE`, `${folder}/LICENSE`);
  await writeJson(`${folder}/package.json`, {
    name: PROJECT.npm,
    // The registry of MCP servers looks here for whose package it is.
    mcpName: PROJECT.mcp,
    ...shared(release),
    description: PROJECT.summary,
    keywords: PROJECT.keywords,
    type: "module",
    bin: { [PROJECT.npm]: "kubecode.js" },
    files: ["kubecode.js"],
    engines: { node: NODE },
    optionalDependencies: Object.fromEntries(
      TARGETS.map((target) => [npmName(target), release.version]),
    ),
  });
  return folder;
}

function shared({ version }: Release) {
  return {
    version,
    license: PROJECT.license,
    author: PROJECT.author,
    homepage: PROJECT.repository,
    bugs: `${PROJECT.repository}/issues`,
    repository: { type: "git", url: `git+${PROJECT.repository}.git` },
    publishConfig: { access: "public", provenance: true },
  };
}

async function newFolder(folder: string): Promise<void> {
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await Deno.writeTextFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

if (import.meta.main) await runStep(npm);
