/**
 * Step: the binaries for this machine are run once, sandbox included, with nothing of the caller's
 * configuration. On Apple silicon that for Intel is run too, under Rosetta.
 */
import { PROJECT, type Target } from "./parts/project.ts";
import { binaryPath, builtTargets, type Release, runStep } from "./parts/step.ts";

/** Runs them. @throws {Error} one does not answer as it should, or none is for this machine */
export async function smoke(release: Release): Promise<void> {
  const here = (await builtTargets(release)).filter(runsHere);
  if (here.length === 0) {
    throw new Error("Cannot try a binary: none has been built for this machine");
  }
  for (const target of here) {
    const path = binaryPath(release, target);
    // What is handed from one job of the workflow to the next comes without permissions.
    if (Deno.build.os !== "windows") await Deno.chmod(path, 0o755);
    await expect(path, ["--version"], release.version);
    await expect(path, [
      "eval",
      "--demo",
      "-e",
      'k8s.coreV1().pods("shop").list().items.length > 0',
    ], "true");
    release.log(`Ran ${PROJECT.name} for ${target.name}`);
  }
}

function runsHere({ os, arch }: Target): boolean {
  if (os !== Deno.build.os) return false;
  const own = Deno.build.arch === "aarch64" ? "arm64" : "amd64";
  return arch === own || os === "darwin" && own === "arm64";
}

async function expect(path: string, args: readonly string[], wanted: string): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(path, {
    args: [...args],
    env: { KUBECODE_CONFIG: "", KUBECONFIG: "" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const said = decoder.decode(stdout).trim();
  // The version may be followed by how it was installed.
  if (code === 0 && said.split(/\s/)[0] === wanted) return;
  throw new Error(
    `Cannot release ${path}: ${
      args.join(" ")
    } ended with ${code} and said "${said}", not "${wanted}"\n` +
      decoder.decode(stderr).trim(),
  );
}

if (import.meta.main) await runStep(smoke);
