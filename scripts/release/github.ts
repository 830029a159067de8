/** Step: the release at GitHub, with the files and the notes of the steps before. */
import { assets, CHECKSUMS } from "./checksums.ts";
import { isPrerelease, PROJECT } from "./parts/project.ts";
import { exists, output, perform, type Release, runStep } from "./parts/step.ts";

/** What is published beside the files in the list of checksums. */
const BESIDE = [CHECKSUMS, `${CHECKSUMS}.sigstore.json`, `${PROJECT.plugin}.yaml`];

/** Publishes the release for the tag `v<version>`. @throws {Error} a file is missing */
export async function github(release: Release): Promise<void> {
  const { folder, version } = release;
  const files = [...await assets(folder), ...BESIDE].map((name) => `${folder}/${name}`);
  for (const file of [...files, `${folder}/notes.md`]) {
    if (!release.dryRun && !await exists(file)) throw new Error(`Cannot publish: no ${file}`);
  }
  const gh = (verb: string, ...args: readonly string[]) =>
    perform(release, "gh", ["release", verb, `v${version}`, "--repo", PROJECT.slug, ...args]);
  if (await isBegun(release)) {
    await gh("upload", "--clobber", ...files);
    await gh("edit", "--draft=false");
    return;
  }
  await gh("create", ...[
    ...["--verify-tag", "--title", `${PROJECT.name} ${version}`],
    ...["--notes-file", `${folder}/notes.md`],
    ...isPrerelease(version) ? ["--prerelease"] : [],
    ...files,
  ]);
}

/** A run that was broken off leaves a draft; its files have the same bytes, made from one commit. */
async function isBegun({ dryRun, version }: Release): Promise<boolean> {
  if (dryRun) return false;
  const found = output("gh", ["release", "view", `v${version}`, "--repo", PROJECT.slug]);
  return await found.then(() => true, () => false);
}

if (import.meta.main) await runStep(github);
