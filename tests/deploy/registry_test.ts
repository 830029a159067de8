/** The entries for registries of MCP servers. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { VERSION } from "../../lib/version.ts";
import { ROOT } from "../../scripts/files.ts";
import { startServer, VARIANTS } from "../e2e/program.ts";
import { SERVER } from "./server_entry.ts";

const read = (path: string) => Deno.readTextFile(`${ROOT}/deploy/${path}`);
const entry = async (name: string) => SERVER.parse(JSON.parse(await read(`registry/${name}`)));

Deno.test("registries: the MCP registry's entry is valid, and of this version", async () => {
  const { name, version, packages, icons } = await entry("server.json");
  assert.equal(version, VERSION);
  for (const { identifier } of packages) assert.equal(identifier.split(":").at(-1), VERSION);
  for (const { src } of icons) {
    const path = /\/main\/deploy\/(registry\/.+)$/.exec(src)?.[1];
    assert.ok((await Deno.stat(`${ROOT}/deploy/${path}`)).size > 0);
  }
  // By this label the registry knows whose image it is.
  const label = `io.modelcontextprotocol.server.name="${name}"`;
  assert.ok((await read("Dockerfile")).includes(label));
});

Deno.test("registries: ToolHive's entry is valid, and names the tools that are listed", async () => {
  const { packages, _meta } = await entry("toolhive.json");
  const [image] = packages;
  assert.ok(image);
  const published = (_meta as Record<string, Record<string, Record<string, ToolHive>>>)[
    "io.modelcontextprotocol.registry/publisher-provided"
  ]?.["io.github.stacklok"]?.[image.identifier];
  assert.ok(published, "the key of its own fields is the image");
  assert.deepEqual([published.tier, published.status], ["Community", "Active"]);
  assert.equal(image.identifier, (await entry("server.json")).packages[0]?.identifier);
  assert.deepEqual([...published.tools].sort(), await listedTools());
});

Deno.test("registries: image and version are the chart's", async () => {
  const { image } = parse(await read("chart/kubecode/values.yaml"));
  const { version, appVersion } = parse(await read("chart/kubecode/Chart.yaml"));
  assert.deepEqual([version, appVersion], [VERSION, VERSION]);
  const [entryImage] = (await entry("server.json")).packages;
  assert.equal(entryImage?.identifier, `${image.repository}:${VERSION}`);
});

interface ToolHive {
  readonly tier: string;
  readonly status: string;
  readonly tools: readonly string[];
}

/** The tools of the default sets that a read-only server lists. */
async function listedTools(): Promise<string[]> {
  const source = VARIANTS.find(({ name }) => name === "source");
  assert.ok(source);
  await using server = await startServer(source, ["--demo"]);
  return (await server.client.listTools()).tools.map(({ name }) => name).sort();
}
