/**
 * Step: the container image for two architectures, with its list of software and its provenance
 * attached, signed by the workflow's own identity. It is built by deploy/Dockerfile, from source.
 */
import { ROOT } from "../files.ts";
import { isPrerelease, PROJECT, sbomName, TARGETS } from "./parts/project.ts";
import { output, perform, type Release, runStep } from "./parts/step.ts";

/** Builds and publishes the image. @throws {Error} docker or cosign fails */
export async function image(release: Release): Promise<void> {
  const platforms = TARGETS.filter(({ os }) => os === "linux").map(({ arch }) => `linux/${arch}`);
  const metadata = `${release.folder}/image.json`;
  const revision = await output("git", ["rev-parse", "HEAD"]);
  await perform(release, "docker", [
    ...["buildx", "build", "--file", "deploy/Dockerfile", "--platform", platforms.join(",")],
    ...["--build-arg", `VERSION=${release.version}`, "--build-arg", `REVISION=${revision}`],
    ...["--build-arg", `SOURCE_DATE_EPOCH=${release.time.getTime() / 1000}`],
    ...["--tag", `${PROJECT.image}:${release.version}`],
    ...isPrerelease(release.version) ? [] : ["--tag", `${PROJECT.image}:latest`],
    ...["--sbom=true", "--provenance=mode=max", "--metadata-file", metadata],
    ...["--output", "type=registry,rewrite-timestamp=true", ROOT],
  ]);
  const digest = release.dryRun ? "sha256:<digest>" : await digestOf(metadata);
  const built = `${PROJECT.image}@${digest}`;
  await perform(release, "cosign", ["sign", "--yes", built]);
  // What buildx lists is what lies in the image; this is what is in the binary.
  const sbom = `${release.folder}/${sbomName(release.version)}`;
  await perform(release, "cosign", [
    ...["attest", "--yes", "--type", "cyclonedx", "--predicate", sbom, built],
  ]);
  // The workflow attests the image under this digest.
  const outputs = Deno.env.get("GITHUB_OUTPUT");
  if (outputs && !release.dryRun) {
    await Deno.writeTextFile(outputs, `name=${PROJECT.image}\ndigest=${digest}\n`, {
      append: true,
    });
  }
}

async function digestOf(metadata: string): Promise<string> {
  const { "containerimage.digest": digest } = JSON.parse(await Deno.readTextFile(metadata));
  if (typeof digest === "string" && /^sha256:[0-9a-f]{64}$/.test(digest)) return digest;
  throw new Error(`Cannot sign the image: ${metadata} has no digest`);
}

if (import.meta.main) await runStep(image);
