/**
 * The entries for registries of MCP servers, by what the schema of 2025-12-11 and the registries' own
 * rules ask for.
 *
 * @see {@link https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json}
 */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { z } from "zod";
import { VERSION } from "../../lib/version.ts";
import { ROOT } from "../../scripts/files.ts";
import { startServer, VARIANTS } from "../e2e/program.ts";

const url = z.string().regex(/^https?:\/\/[^\s]+$/);

const input = {
  description: z.string().optional(),
  isRequired: z.boolean().optional(),
  format: z.enum(["string", "number", "boolean", "filepath"]).optional(),
  value: z.string().optional(),
  isSecret: z.boolean().optional(),
  default: z.string().optional(),
  placeholder: z.string().optional(),
  choices: z.array(z.string()).min(1).optional(),
};
const variables = z.record(z.string(), z.strictObject(input)).optional();
const keyValue = z.strictObject({ name: z.string(), ...input, variables });
const argument = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("named"),
    name: z.string(),
    isRepeated: z.boolean().optional(),
    ...input,
    variables,
  }),
  z.strictObject({ type: z.literal("positional"), valueHint: z.string(), ...input, variables }),
]);
const overHttp = {
  url,
  headers: z.array(keyValue).optional(),
  variables,
};
const transport = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("stdio") }),
  z.strictObject({ type: z.literal("streamable-http"), ...overHttp }),
  z.strictObject({ type: z.literal("sse"), ...overHttp }),
]);

const SERVER = z.strictObject({
  $schema: z.literal(
    "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
  ),
  name: z.string().max(200).regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
  title: z.string().min(1).max(100),
  description: z.string().min(1).max(100),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  repository: z.strictObject({ url, source: z.literal("github") }),
  websiteUrl: url.optional(),
  icons: z.array(z.strictObject({
    src: z.string().startsWith("https://").max(255),
    mimeType: z.enum(["image/png", "image/svg+xml"]),
    sizes: z.array(z.string().regex(/^(\d+x\d+|any)$/)),
  })),
  packages: z.array(z.strictObject({
    registryType: z.literal("oci"),
    // An image is named with its tag, and has no other version.
    identifier: z.string().regex(/^ghcr\.io\/[\w/-]+:\d+\.\d+\.\d+$/),
    runtimeHint: z.string().optional(),
    runtimeArguments: z.array(argument).optional(),
    packageArguments: z.array(argument).optional(),
    environmentVariables: z.array(keyValue).optional(),
    transport,
  })),
  remotes: z.array(transport).optional(),
  _meta: z.unknown().optional(),
});

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
