/**
 * The folder for temporary files belongs to everybody on the machine: nothing that the program runs may
 * come from a name in it that others can take first.
 */
import assert from "node:assert/strict";
import { needs } from "../support/needs.ts";
import { run, startServer, VARIANTS } from "./program.ts";

for (const variant of VARIANTS) {
  Deno.test(
    needs(
      variant,
      `temporary files, ${variant.name}: a server that starts and runs a script has none`,
    ),
    async () => {
      const folder = await Deno.makeTempDir();
      try {
        for (let start = 0; start < 2; start++) {
          {
            await using server = await startServer(variant, ["--demo"], { TMPDIR: folder });
            assert.equal((await server.script("6 * 7")).text, "42");
          }
          await run(variant, ["--version"], { env: { TMPDIR: folder } });
          assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), []);
        }
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  );
}
