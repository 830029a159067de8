/** The official programs that check formats, installed from npm once and kept. */
import { createHash } from "node:crypto";
import { cacheFolder } from "../../scripts/base_runtime.ts";
import { exists } from "../../scripts/release/parts/step.ts";

const PACKAGES = [
  "@anthropic-ai/mcpb@2.1.2",
  "@cyclonedx/cyclonedx-library@10.3.0",
  // What the second one checks with.
  "ajv@8.20.0",
  "ajv-formats@3.0.1",
  "ajv-formats-draft2019@1.6.1",
];

/** The folder that has them in its `node_modules`. @throws {Error} npm cannot install them */
export async function npmTools(): Promise<string> {
  const hash = createHash("sha256").update(PACKAGES.join()).digest("hex").slice(0, 16);
  const folder = `${cacheFolder()}/release-tools-${hash}`;
  if (await exists(folder)) return folder;
  await Deno.mkdir(cacheFolder(), { recursive: true });
  const work = await Deno.makeTempDir({ dir: cacheFolder(), prefix: ".release-tools-" });
  try {
    await Deno.writeTextFile(`${work}/package.json`, '{"private":true,"type":"module"}\n');
    const { success, stderr } = await new Deno.Command("npm", {
      args: ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", ...PACKAGES],
      cwd: work,
      stdin: "null",
    }).output();
    if (!success) throw new Error(`Cannot install: ${new TextDecoder().decode(stderr)}`);
    // Another run may have been quicker.
    await Deno.rename(work, folder).catch(async (error) => {
      if (!await exists(folder)) throw error;
    });
  } finally {
    await Deno.remove(work, { recursive: true }).catch(() => {});
  }
  return folder;
}
