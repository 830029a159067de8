/** An installed MCPB bundle: its server is started as the official implementation says. */
import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/client";
import { VERSION } from "../../lib/version.ts";
import { manifestFor } from "../../scripts/release/mcpb.ts";
import { needs } from "../support/needs.ts";
import { processTransport } from "../support/process_transport.ts";
import { baseEnvironment, OWN_TARGET, runProgram, testBinary, testRelease } from "./release.ts";
import { npmTools } from "./tools.ts";

/** What a client starts. */
interface ServerConfig {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The configuration that Claude Desktop's own library makes of the manifest. */
async function configOf(
  folder: string,
  userConfig: Readonly<Record<string, string>>,
): Promise<ServerConfig> {
  const manifest = manifestFor(OWN_TARGET, VERSION);
  const script = `
    import { getMcpConfigForManifest } from "@anthropic-ai/mcpb";
    console.log(JSON.stringify(await getMcpConfigForManifest({
      ...JSON.parse(process.env.OPTIONS),
      systemDirs: { HOME: process.env.HOME },
      pathSeparator: "/",
    })));`;
  const { code, stdout, stderr } = await runProgram(
    "node",
    ["--input-type=module", "--eval", script],
    {
      cwd: await npmTools(),
      env: { OPTIONS: JSON.stringify({ manifest, extensionPath: folder, userConfig }) },
    },
  );
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

for (
  const [fields, userConfig, writes] of [
    ["untouched", {}, false],
    ["blank", { kubeconfig: "", context: "", mode: "" }, false],
    ["filled in", { kubeconfig: "/a folder/config", context: "staging", mode: "approve" }, true],
  ] as const
) {
  Deno.test(
    needs(["the binary"], `mcpb: the server starts with its fields ${fields}`),
    async () => {
      await using release = await testRelease();
      await Deno.mkdir(`${release.folder}/server`);
      await Deno.symlink(testBinary(), `${release.folder}/server/kubecode`);
      const { command, args, env } = await configOf(release.folder, userConfig);
      assert.ok(!JSON.stringify({ args, env }).includes("${"), "no name of a field is passed on");
      const transport = processTransport({
        command,
        args,
        env: { ...baseEnvironment(), HOME: release.folder, ...env },
      });
      const client = new Client({ name: "test", version: "0" });
      await client.connect(transport);
      const names = (await client.listTools()).tools.map(({ name }) => name);
      await client.close();
      const listed = manifestFor(OWN_TARGET, VERSION).tools.map(({ name }) => name);
      assert.deepEqual(names.filter((name) => listed.includes(name)), listed);
      assert.equal(names.length > listed.length, writes, "tools that write");
    },
  );
}
