/**
 * An entry for a registry of MCP servers, by what the schema of 2025-12-11 and the registries' own
 * rules ask for.
 *
 * @see {@link https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json}
 */
import { z } from "zod";

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

/** How a package is started. */
const started = {
  runtimeHint: z.string().optional(),
  runtimeArguments: z.array(argument).optional(),
  packageArguments: z.array(argument).optional(),
  environmentVariables: z.array(keyValue).optional(),
  transport,
};

/** An entry. */
export const SERVER = z.strictObject({
  $schema: z.literal(
    "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
  ),
  name: z.string().max(200).regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
  title: z.string().min(1).max(100),
  description: z.string().min(1).max(100),
  version: z.string().regex(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/),
  repository: z.strictObject({ url, source: z.literal("github") }),
  websiteUrl: url.optional(),
  icons: z.array(z.strictObject({
    src: z.string().startsWith("https://").max(255),
    mimeType: z.enum(["image/png", "image/svg+xml"]),
    sizes: z.array(z.string().regex(/^(\d+x\d+|any)$/)),
  })),
  packages: z.array(z.discriminatedUnion("registryType", [
    z.strictObject({
      registryType: z.literal("oci"),
      // An image is named with its tag, and has no other version.
      identifier: z.string().regex(/^ghcr\.io\/[\w/-]+:\d+\.\d+\.\d+(?:-[\w.]+)?$/),
      ...started,
    }),
    z.strictObject({
      registryType: z.literal("npm"),
      identifier: z.string(),
      // No range, and not "latest".
      version: z.string().regex(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/),
      ...started,
    }),
    z.strictObject({
      registryType: z.literal("mcpb"),
      identifier: z.string().regex(/^https:\/\/github\.com\/.*\.mcpb$/),
      fileSha256: z.string().regex(/^[a-f0-9]{64}$/),
      ...started,
    }),
  ])),
  remotes: z.array(transport).optional(),
  _meta: z.unknown().optional(),
});
