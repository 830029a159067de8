/**
 * Step: an MCPB bundle for each binary, which desktop applications install by a click. The person is
 * asked for a kubeconfig, a context and what may be changed; all three may be left blank.
 *
 * @see {@link https://github.com/modelcontextprotocol/mcpb/blob/main/MANIFEST.md}
 */
import { type ToolParts, toolsOf } from "../../lib/tools/tool_sets.ts";
import { type Entry, zip } from "./parts/archive.ts";
import { readEntry } from "./parts/documents.ts";
import { bundleName, programName, PROJECT, type Target } from "./parts/project.ts";
import { binaryPath, builtTargets, type Release, runStep } from "./parts/step.ts";

/** Packs all binaries that have been built. */
export async function mcpb(release: Release): Promise<void> {
  const icon: Entry = { ...await readEntry("deploy/registry/icon.png"), path: "icon.png" };
  const beside = [icon, ...await Promise.all(["LICENSE", "README.md"].map(readEntry))];
  for (const target of await builtTargets(release)) {
    const program = `server/${programName(target)}`;
    const manifest = `${JSON.stringify(manifestFor(target, release.version), null, 2)}\n`;
    const packed = zip([
      ...beside,
      { path: "manifest.json", data: new TextEncoder().encode(manifest) },
      { path: program, data: await Deno.readFile(binaryPath(release, target)), executable: true },
    ], release.time);
    const name = bundleName(target, release.version);
    await Deno.writeFile(`${release.folder}/${name}`, packed);
    release.log(`Packed ${name}: ${(packed.length / 1e6).toFixed(1)} MB`);
  }
}

/** The manifest of the bundle for one system. */
export function manifestFor(target: Target, version: string) {
  const program = `server/${programName(target)}`;
  return {
    manifest_version: "0.3",
    name: PROJECT.name,
    display_name: PROJECT.name,
    version,
    description: PROJECT.summary,
    long_description:
      "The assistant writes a short script against a Kubernetes SDK that it already knows, the " +
      "script runs in a sandbox next to the cluster, and only the answer comes back. Nothing is " +
      "changed unless you allow it below, and values of Secrets are hidden.",
    author: { name: PROJECT.author, url: PROJECT.repository },
    repository: { type: "git", url: `${PROJECT.repository}.git` },
    homepage: PROJECT.repository,
    documentation: `${PROJECT.repository}#readme`,
    support: `${PROJECT.repository}/issues`,
    icon: "icon.png",
    server: {
      type: "binary",
      entry_point: program,
      mcp_config: {
        command: `\${__dirname}/${program}`,
        args: [],
        // Variables, since a field that is left blank would be an empty argument.
        env: {
          KUBECONFIG: "${user_config.kubeconfig}",
          KUBECODE_CONTEXT: "${user_config.context}",
          KUBECODE_MODE: "${user_config.mode}",
        },
      },
    },
    user_config: USER_CONFIG,
    tools: tools(),
    // In the other modes there are tools that write.
    tools_generated: true,
    prompts_generated: true,
    keywords: PROJECT.keywords,
    license: PROJECT.license,
    compatibility: { platforms: [target.node.os] },
  };
}

/** Each has a default: without one, some applications pass the name of the variable on. */
const USER_CONFIG = {
  kubeconfig: {
    type: "file",
    title: "Kubeconfig",
    description: "The kubeconfig file; left blank: ~/.kube/config",
    required: false,
    default: "",
  },
  context: {
    type: "string",
    title: "Context",
    description: "The kubeconfig's context; left blank: the current one",
    required: false,
    default: "",
  },
  mode: {
    type: "string",
    title: "What may be changed",
    description: "read-only: nothing. approve: what you agree to, one change after the other. " +
      "read-write: what the policy allows, without asking",
    required: false,
    default: "read-only",
  },
} as const;

/** The tools that a read-only server lists, with their titles: descriptions are for the model. */
function tools(): { readonly name: string; readonly description: string }[] {
  // Nothing is called: the parts of a running server are not needed to list them.
  const parts = {} as ToolParts;
  const options = { readOnly: true, contexts: false, version: "", maxReplicas: 0 };
  return toolsOf(["code", "resources"], parts, options)
    .filter(({ listed }) => listed !== false)
    .map(({ name, annotations }) => ({ name, description: annotations.title }));
}

if (import.meta.main) await runStep(mcpb);
