/** Objects of each kind in protobuf, and the JSON that Go makes of them (scripts/generators/protobuf/vectors.go). */
import { brotliDecompressSync } from "node:zlib";
import { parseExact } from "../../lib/std/json/exact.ts";

/** One of them. */
export interface Vector {
  readonly protobuf: Uint8Array;
  readonly json: { readonly apiVersion: string; readonly kind: string };
}

/** All of them, kind by kind. */
export function readVectors(): Vector[] {
  const packed = Deno.readFileSync(`${import.meta.dirname}/vectors.json.br`);
  const vectors = parseExact(brotliDecompressSync(packed).toString()) as {
    protobuf: string;
    json: Vector["json"];
  }[];
  return vectors.map(({ protobuf, json }) => ({
    protobuf: Uint8Array.fromBase64(protobuf),
    json,
  }));
}
