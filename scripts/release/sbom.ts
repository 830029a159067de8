/**
 * Step: the list of the software in the program (CycloneDX 1.6): Deno's runtime and the npm packages
 * whose code the bundle really has, with the hashes of the lock file. What only tests and scripts use
 * is not in it.
 */
import { resolve } from "node:path";
import { ROOT } from "../files.ts";
import { generate } from "../generate.ts";
import { bundleShell } from "../generators/bundle_shell.ts";
import { bundleSandbox, bundleSearch } from "../generators/bundle_workers.ts";
import { cycloneDx, type Described } from "./parts/cyclonedx.ts";
import { type Locked, lockedAs, type Package, packagesOf } from "./parts/packages.ts";
import { sbomName } from "./parts/project.ts";
import { output, type Release, runStep } from "./parts/step.ts";

/** Writes the list. */
export async function sbom(release: Release): Promise<void> {
  // The main bundle holds them, and a fresh checkout has none.
  await generate();
  const packages = packagesOf([...await mainSources(), ...await workerSources()]);
  const lock = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.lock`)) as {
    readonly npm: Readonly<Record<string, Locked>>;
  };
  const described = await Promise.all(packages.map((one) => describe(one, lock.npm)));
  const document = cycloneDx({ ...release, deno: Deno.version.deno }, described);
  const name = sbomName(release.version);
  await Deno.writeTextFile(`${release.folder}/${name}`, `${JSON.stringify(document, null, 2)}\n`);
  release.log(`Wrote ${name}: ${described.length} packages`);
}

/** The files of the main bundle, from its source maps. */
async function mainSources(): Promise<string[]> {
  const folder = await Deno.makeTempDir({ prefix: "kubecode-sbom-" });
  try {
    await output(Deno.execPath(), [
      ...["bundle", "--quiet", "--platform", "deno", "--code-splitting", "--sourcemap=external"],
      ...["--outdir", folder, `${ROOT}/main.ts`],
    ]);
    const maps = (await Array.fromAsync(Deno.readDir(folder)))
      .filter(({ name }) => name.endsWith(".map"));
    const sources = await Promise.all(maps.map(async ({ name }) => {
      const { sources } = JSON.parse(await Deno.readTextFile(`${folder}/${name}`));
      return (sources as string[]).map((source) => slashes(resolve(folder, source)));
    }));
    return sources.flat();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The files of what runs in workers, which the main bundle holds as text. */
async function workerSources(): Promise<string[]> {
  const inputs: string[] = [];
  for (const make of [bundleSandbox, bundleSearch, bundleShell]) {
    inputs.push(...(await make()).inputs ?? []);
  }
  return inputs.map((input) => slashes(resolve(ROOT, input)));
}

async function describe(one: Package, lock: Readonly<Record<string, Locked>>): Promise<Described> {
  const locked = lockedAs(lock, one);
  if (one.folder === undefined) return { ...one, ...locked ? { locked } : {} };
  const { license } = JSON.parse(await Deno.readTextFile(`${one.folder}/package.json`));
  return {
    ...one,
    ...locked ? { locked } : {},
    ...typeof license === "string" ? { licence: license } : {},
  };
}

function slashes(path: string): string {
  return path.replaceAll("\\", "/");
}

if (import.meta.main) await runStep(sbom);
