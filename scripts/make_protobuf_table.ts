/**
 * Writes lib/protobuf/table.generated.ts: which field of which kind has which number in protobuf, as the
 * Go types say. Needs Go; the modules and their versions are in scripts/protobuf/go.mod.
 *
 *     deno task generate protobuf
 */
import { deflateRawSync } from "node:zlib";
import { ROOT } from "./files.ts";

/** Makes and writes the file. */
export async function makeProtobufTable(): Promise<void> {
  const go = new Deno.Command("go", {
    args: ["run", ".", "table"],
    cwd: `${ROOT}/scripts/protobuf`,
    stderr: "inherit",
  });
  const { success, stdout } = await go.output();
  if (!success) throw new Error("scripts/protobuf does not run");
  const packed = deflateRawSync(new TextDecoder().decode(stdout).trim(), { level: 9 });
  const text = packed.toString("base64");
  await Deno.writeTextFile(
    `${ROOT}/lib/protobuf/table.generated.ts`,
    `// Made by deno task generate protobuf: do not edit.
// deno-fmt-ignore-file

/** The messages of the built-in kinds (scripts/protobuf/table.go): JSON, deflated, base64. */
export const PACKED_TABLE =
  "${text}";
`,
  );
  console.error(`${text.length} bytes`);
}
