/** Step: the release at GitHub, with the files and the notes of the steps before. */
import { assets, CHECKSUMS } from "./checksums.ts";
import { PROJECT } from "./parts/project.ts";
import { exists, perform, type Release, runStep } from "./parts/step.ts";

/** What is published beside the files in the list of checksums. */
const BESIDE = [CHECKSUMS, `${CHECKSUMS}.sigstore.json`, `${PROJECT.plugin}.yaml`];

/** Publishes the release for the tag `v<version>`. @throws {Error} a file is missing */
export async function github(release: Release): Promise<void> {
  const { folder, version } = release;
  const files = [...await assets(folder), ...BESIDE].map((name) => `${folder}/${name}`);
  for (const file of [...files, `${folder}/notes.md`]) {
    if (!release.dryRun && !await exists(file)) throw new Error(`Cannot publish: no ${file}`);
  }
  await perform(release, "gh", [
    ...["release", "create", `v${version}`, "--verify-tag", "--repo", PROJECT.slug],
    ...["--title", `${PROJECT.name} ${version}`, "--notes-file", `${folder}/notes.md`],
    ...version.includes("-") ? ["--prerelease"] : [],
    ...files,
  ]);
}

if (import.meta.main) await runStep(github);
