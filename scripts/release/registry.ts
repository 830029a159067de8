/**
 * Step: the entry for the registry of MCP servers. `deploy/registry/server.json` has the image; the
 * npm package and the bundles, with their checksums, are added here. Leaves `server.json`.
 *
 * @see {@link https://github.com/modelcontextprotocol/registry/blob/main/docs/reference/server-json/generic-server-json.md}
 */
import { ROOT } from "../files.ts";
import { CHECKSUMS, readChecksums } from "./checksums.ts";
import { assetUrl, bundleName, isPrerelease, PROJECT, TARGETS } from "./parts/project.ts";
import { perform, type Release, runStep } from "./parts/step.ts";

/** The settings that a client may ask a person for; a blank one counts as not set. */
const VARIABLES = [
  {
    name: "KUBECONFIG",
    description: "The kubeconfig; ~/.kube/config when empty",
    format: "filepath",
  },
  {
    name: "KUBECODE_CONTEXT",
    description: "The kubeconfig's context; the current one when empty",
  },
  {
    name: "KUBECODE_MODE",
    description: "What may be changed: nothing, what a person approves, or what the policy allows",
    choices: ["read-only", "approve", "read-write"],
    default: "read-only",
  },
];

/** The registry's own program, which Go checks by its checksum database. */
const PUBLISHER = "github.com/modelcontextprotocol/registry/cmd/publisher@v1.8.9";

/** Writes the entry and publishes it. @throws {Error} no checksums, or in a real run one is missing */
export async function registry(release: Release): Promise<void> {
  const { version, folder } = release;
  const sums = readChecksums(await Deno.readTextFile(`${folder}/${CHECKSUMS}`));
  const bundles = TARGETS.flatMap((target) => {
    const file = bundleName(target, version);
    const hash = sums.get(file);
    if (hash === undefined && !release.dryRun) {
      throw new Error(`Cannot make the registry's entry: ${CHECKSUMS} has no ${file}`);
    }
    return hash === undefined ? [] : [{
      registryType: "mcpb",
      identifier: assetUrl(file, version),
      fileSha256: hash,
      environmentVariables: VARIABLES,
      transport: { type: "stdio" },
    }];
  });
  const entry = JSON.parse(await Deno.readTextFile(`${ROOT}/deploy/registry/server.json`));
  const npm = {
    registryType: "npm",
    identifier: PROJECT.npm,
    version,
    runtimeHint: "npx",
    environmentVariables: VARIABLES,
    transport: { type: "stdio" },
  };
  const all = { ...entry, version, packages: [npm, ...entry.packages, ...bundles] };
  await Deno.writeTextFile(`${folder}/server.json`, `${JSON.stringify(all, null, 2)}\n`);
  release.log(`Wrote server.json: ${all.packages.length} packages`);
  if (isPrerelease(version)) {
    release.log("A prerelease does not go to the registry");
    return;
  }
  await perform(release, "go", ["run", PUBLISHER, "login", "github-oidc"]);
  await perform(release, "go", ["run", PUBLISHER, "publish", `${folder}/server.json`]);
}

if (import.meta.main) await runStep(registry);
