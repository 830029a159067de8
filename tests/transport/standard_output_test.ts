import assert from "node:assert/strict";
import { standardOutput } from "../../lib/transport/standard_output.ts";

Deno.test("standardOutput() writes everything, however little is taken at once", async () => {
  const taken: number[] = [];
  const stream = standardOutput({
    write(bytes) {
      const part = bytes.subarray(0, 2);
      taken.push(...part);
      return Promise.resolve(part.length);
    },
  });
  const writer = stream.getWriter();
  await writer.write(Uint8Array.of(1, 2, 3));
  await writer.write(Uint8Array.of(4));
  await writer.close();
  assert.deepEqual(taken, [1, 2, 3, 4]);
});

Deno.test("standardOutput() fails when the output does", async () => {
  const stream = standardOutput({
    write: () => Promise.reject(new Deno.errors.BrokenPipe("broken pipe")),
  });
  await assert.rejects(stream.getWriter().write(Uint8Array.of(1)), /broken pipe/);
});
