import assert from "node:assert/strict";
import { packWasm } from "../../scripts/generators/pack_wasm.ts";

/** A module without anything in it, and a section of no meaning that makes it long. */
const WASM = new Uint8Array(8 + 3 + 8192);
WASM.set([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, 0x80 | (8192 & 127), 8192 >> 7, 1]);

Deno.test("packWasm() makes the code smaller, and the module is the same when it is used", () => {
  const code =
    `const a = 1;\nconst bytes = Buffer.from("${WASM.toBase64()}", "base64");\nreturn bytes`;
  const packed = packWasm(code);
  assert.ok(packed.length < code.length / 10);
  assert.ok(packed.startsWith("const a = 1;\nconst bytes = "));
  const bytes = new Function(packed)() as Uint8Array<ArrayBuffer>;
  assert.deepEqual(new Uint8Array(bytes), WASM);
  assert.ok(WebAssembly.validate(bytes));
});

Deno.test("packWasm() leaves code without WebAssembly as it is", () => {
  const code = 'Buffer.from("aGVsbG8=", "base64"); Buffer.from("AGFzbQ", "hex")';
  assert.equal(packWasm(code), code);
});
