/**
 * Step: SHA256SUMS of all files that are downloaded, and its signature by the workflow's own identity
 * (`cosign`, keyless), as a Sigstore bundle beside it.
 */
import { perform, type Release, runStep, sha256 } from "./parts/step.ts";

/** The list, in the release's folder. */
export const CHECKSUMS = "SHA256SUMS";

/** Names of the files in the release's folder that are downloaded, sorted. */
export async function assets(folder: string): Promise<string[]> {
  const files = await Array.fromAsync(Deno.readDir(folder));
  return files.filter(({ isFile, name }) =>
    isFile && /\.(tar\.gz|zip|mcpb|js|cdx\.json)$/.test(name)
  )
    .map(({ name }) => name).sort();
}

/** The checksums in a list, by file. */
export function readChecksums(list: string): ReadonlyMap<string, string> {
  return new Map(
    list.trim().split("\n").map((line) => {
      const [hash = "", name = ""] = line.split("  ");
      return [name, hash];
    }),
  );
}

/** Writes the list and signs it. @throws {Error} there is nothing to list */
export async function checksums(release: Release): Promise<void> {
  const names = await assets(release.folder);
  if (names.length === 0) throw new Error(`Cannot list checksums: ${release.folder} is empty`);
  const lines = await Promise.all(
    names.map(async (name) => `${await sha256(`${release.folder}/${name}`)}  ${name}\n`),
  );
  const list = `${release.folder}/${CHECKSUMS}`;
  await Deno.writeTextFile(list, lines.join(""));
  release.log(`Wrote ${CHECKSUMS}: ${names.length} files`);
  await perform(release, "cosign", [
    ...["sign-blob", "--yes", "--bundle", `${list}.sigstore.json`, list],
  ]);
}

if (import.meta.main) await runStep(checksums);
