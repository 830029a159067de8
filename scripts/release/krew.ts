/**
 * Step: the manifest for krew, by which `kubectl krew install code` gives `kubectl code`. Leaves
 * `code.yaml`, which is proposed to krew's index by a pull request (docs/releasing.md).
 *
 * @see {@link https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest/}
 */
import { CHECKSUMS, readChecksums } from "./checksums.ts";
import { archiveName, assetUrl, programName, PROJECT, type Target } from "./parts/project.ts";
import { type Release, runStep } from "./parts/step.ts";

/** Writes the manifest. @throws {Error} no checksums, or in a real run one is missing */
export async function krew(release: Release): Promise<void> {
  const sums = readChecksums(await Deno.readTextFile(`${release.folder}/${CHECKSUMS}`));
  const platforms = release.targets.flatMap((target) => {
    const file = archiveName(target, release.version);
    const hash = sums.get(file);
    if (hash !== undefined) return [platform(target, release.version, hash)];
    if (release.dryRun) return [];
    throw new Error(`Cannot make krew's manifest: ${CHECKSUMS} has no ${file}`);
  });
  const path = `${release.folder}/${PROJECT.plugin}.yaml`;
  await Deno.writeTextFile(path, manifest(release.version, platforms));
  release.log(`Wrote ${path}`);
}

function manifest(version: string, platforms: readonly string[]): string {
  return `apiVersion: krew.googlecontainertools.github.com/v1alpha2
kind: Plugin
metadata:
  name: ${PROJECT.plugin}
spec:
  version: v${version}
  homepage: ${PROJECT.repository}
  shortDescription: Ask a cluster by short scripts, read-only by default
  description: |
    Runs a short JavaScript or TypeScript program against a Kubernetes SDK with
    the shape of client-go, in a sandbox, and prints its result:

      kubectl ${PROJECT.plugin} eval -A -e 'k8s.coreV1().pods(namespace).list().items.length'

    Nothing is changed without --read-write or --approve, and values of Secrets
    are hidden. "kubectl ${PROJECT.plugin} run -- helm upgrade ..." puts any program under
    the same policy, and without a command it is an MCP server for assistants.
  caveats: |
    To connect Claude Code: claude mcp add kubecode -- kubectl ${PROJECT.plugin}
  platforms:
${platforms.join("")}`;
}

/** The binary gets the plugin's name, by which it knows how it was called. */
function platform(target: Target, version: string, hash: string): string {
  const program = programName(target);
  const plugin = program.replace(PROJECT.name, `kubectl-${PROJECT.plugin}`);
  return `    - selector:
        matchLabels:
          os: ${target.os}
          arch: ${target.arch}
      uri: ${assetUrl(archiveName(target, version), version)}
      sha256: ${hash}
      files:
        - from: ${program}
          to: ${plugin}
        - from: LICENSE
          to: .
      bin: ${plugin}
`;
}

if (import.meta.main) await runStep(krew);
