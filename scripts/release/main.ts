/**
 * All steps of a release in their order, on this machine, into `dist/release/`:
 *
 *     deno task release --dry-run [--target NAME]…
 *
 * Nothing leaves the machine. A real release is made by the workflow for a tag, step by step
 * (.github/workflows/release.yml, docs/releasing.md).
 */
import { archives } from "./archives.ts";
import { build } from "./build.ts";
import { checksums } from "./checksums.ts";
import { github } from "./github.ts";
import { homebrew } from "./homebrew.ts";
import { image } from "./image.ts";
import { krew } from "./krew.ts";
import { mcpb } from "./mcpb.ts";
import { notes } from "./notes.ts";
import { npm } from "./npm.ts";
import { type Release, runStep } from "./parts/step.ts";
import { registry } from "./registry.ts";
import { sbom } from "./sbom.ts";
import { signMacos } from "./sign_macos.ts";
import { smoke } from "./smoke.ts";

/** The steps; each needs what those before it have left. */
const STEPS = [
  notes,
  build,
  signMacos,
  smoke,
  archives,
  sbom,
  mcpb,
  checksums,
  krew,
  image,
  github,
  npm,
  homebrew,
  registry,
];

/** Runs all steps dry. @throws {Error} without --dry-run */
async function all(release: Release): Promise<void> {
  if (!release.dryRun) {
    throw new Error("A release is made by the workflow, for a tag; here only with --dry-run");
  }
  // Nothing of an earlier run is taken for this one's.
  await Deno.remove(release.folder, { recursive: true });
  await Deno.mkdir(release.folder);
  for (const step of STEPS) {
    release.log(`\n${step.name}`);
    await step(release);
  }
}

if (import.meta.main) await runStep(all);
