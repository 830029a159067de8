/**
 * Writes what the Go types of Kubernetes say of protobuf: lib/protobuf/table.generated.ts, which field
 * of which kind has which number, and tests/protobuf/vectors.json.br, objects of each kind in protobuf and
 * in JSON. Needs Go; the modules and their versions are in scripts/generators/protobuf/go.mod.
 *
 *     deno task generate protobuf
 */
import { brotliCompressSync, constants, deflateRawSync } from "node:zlib";
import { ROOT } from "../files.ts";

/** What scripts/generators/protobuf writes. */
async function go(what: "table" | "vectors"): Promise<Uint8Array> {
  const command = new Deno.Command("go", {
    args: ["run", ".", what],
    cwd: `${ROOT}/scripts/generators/protobuf`,
    stderr: "inherit",
  });
  const { success, stdout } = await command.output();
  if (!success) throw new Error("scripts/generators/protobuf does not run");
  return stdout;
}

/** Makes and writes the files. */
export async function makeProtobufTable(): Promise<void> {
  const table = deflateRawSync(await go("table"), { level: 9 }).toString("base64");
  await Deno.writeTextFile(
    `${ROOT}/lib/protobuf/table.generated.ts`,
    `// Made by deno task generate protobuf: do not edit.
// deno-fmt-ignore-file

/** The messages of the built-in kinds (scripts/generators/protobuf/table.go): JSON, deflated, base64. */
export const PACKED_TABLE =
  "${table}";
`,
  );
  const vectors = brotliCompressSync(await go("vectors"), {
    params: { [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS },
  });
  await Deno.writeFile(`${ROOT}/tests/protobuf/vectors.json.br`, vectors);
  console.error(`${table.length} and ${vectors.length} bytes`);
}
