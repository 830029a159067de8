/** Step: the release notes, which are the version's section of CHANGELOG.md. Leaves `notes.md`. */
import { ROOT } from "../files.ts";
import { sectionOf } from "./parts/changelog.ts";
import { type Release, runStep } from "./parts/step.ts";

/** Writes the notes. @throws {Error} the change log says nothing of this version */
export async function notes({ folder, version, dryRun, log }: Release): Promise<void> {
  try {
    const changelog = await Deno.readTextFile(`${ROOT}/CHANGELOG.md`);
    await Deno.writeTextFile(`${folder}/notes.md`, sectionOf(changelog, version));
  } catch (error) {
    // Between releases the section is still to be written.
    if (!dryRun) throw error;
    log(error instanceof Error ? error.message : String(error));
  }
}

if (import.meta.main) await runStep(notes);
