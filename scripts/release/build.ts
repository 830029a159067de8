/**
 * Step: the binaries, and the program as one module. Leaves `bin/<target>/kubecode` and
 * `kubecode.js`. In a dry run a target whose base runtime cannot be had is named and left out.
 */
import { dirname } from "node:path";
import { bundleModule } from "../bundle.ts";
import { compile } from "../compile.ts";
import { PROJECT, type Target } from "./parts/project.ts";
import { binaryPath, type Release, runStep } from "./parts/step.ts";

/** Builds all targets. @throws {Error} one cannot be built, in a dry run none can */
export async function build(release: Release): Promise<void> {
  const failures: Error[] = [];
  for (const target of release.targets) {
    const failure = await buildOne(release, target);
    if (failure === undefined) continue;
    if (!release.dryRun) throw failure;
    release.log(`Left out ${target.name}: ${failure.message.split("\n").at(-1)}`);
    failures.push(failure);
  }
  if (failures.length === release.targets.length) throw failures[0];
  await bundleModule(`${release.folder}/${PROJECT.name}.js`);
}

async function buildOne(release: Release, target: Target): Promise<Error | undefined> {
  const output = binaryPath(release, target);
  try {
    await compile({ target: target.triple, output, log: release.log });
    return undefined;
  } catch (error) {
    // No binary of an earlier build must be taken for this one's.
    await Deno.remove(dirname(output), { recursive: true }).catch(() => {});
    return error instanceof Error ? error : new Error(String(error));
  }
}

if (import.meta.main) await runStep(build);
