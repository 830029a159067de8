/**
 * Step: an archive for each binary, `kubecode_<version>_<os>_<arch>.tar.gz` (for Windows `.zip`), with
 * licence, README, completions and manual page. The same commit and binary give the same bytes.
 */
import { tarGz, zip } from "./parts/archive.ts";
import { documents } from "./parts/documents.ts";
import { archiveName, programName } from "./parts/project.ts";
import { binaryPath, builtTargets, type Release, runStep } from "./parts/step.ts";

/** Packs all binaries that have been built. */
export async function archives(release: Release): Promise<void> {
  const beside = await documents();
  for (const target of await builtTargets(release)) {
    const data = await Deno.readFile(binaryPath(release, target));
    const entries = [...beside, { path: programName(target), data, executable: true }];
    const pack = target.os === "windows" ? zip : tarGz;
    const name = archiveName(target, release.version);
    const packed = pack(entries, release.time);
    await Deno.writeFile(`${release.folder}/${name}`, packed);
    release.log(`Packed ${name}: ${(packed.length / 1e6).toFixed(1)} MB`);
  }
}

if (import.meta.main) await runStep(archives);
