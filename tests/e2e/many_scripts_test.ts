/** What many scripts leave behind in one server: nothing that grows. */
import assert from "node:assert/strict";
import { treeMemory } from "../bench/measure.ts";
import { needs } from "../support/needs.ts";
import { descendants, type ServerUnderTest, slow, startServer, VARIANTS } from "./program.ts";

const MB = 1024 * 1024;
/** Room for what is compiled late and for a heap that has not been collected yet. */
const GROWTH_MB = 48;

async function runAll(server: ServerUnderTest, count: number): Promise<void> {
  for (let run = 0; run < count; run++) {
    const { text } = await server.script(
      `k8s.coreV1().pods("shop").list().items.length > ${run % 3}`,
    );
    assert.equal(text, "true");
  }
}

for (const variant of VARIANTS) {
  const on = (fact: string) => needs(slow(variant), `many scripts, ${variant.name}: ${fact}`);

  Deno.test(on("the second thousand in a row takes no more memory than the first"), async () => {
    if (Deno.build.os !== "linux") return console.log("skipped: it reads /proc");
    if (variant.name === "source") {
      return console.log("skipped: the heap of `deno run` is as large as its defaults let it be");
    }
    await using server = await startServer(variant, ["--demo"]);
    await runAll(server, 1_000);
    const before = treeMemory(server.pid).mainBytes / MB;
    await runAll(server, 1_000);
    const after = treeMemory(server.pid).mainBytes / MB;
    assert.ok(after - before < GROWTH_MB, `${before.toFixed(0)} MB, then ${after.toFixed(0)} MB`);
    assert.ok(descendants(server.pid).length <= 2);
  });

  Deno.test(on("thirty that allocate nearly all they may end well"), async () => {
    await using server = await startServer(variant, ["--demo"]);
    for (let run = 0; run < 30; run++) {
      const { text, isError } = await server.script(
        `const a = []; for (let i = 0; i < 150; i++) a.push(Array(2 ** 17).fill(i + 0.5)); a.length`,
      );
      assert.deepEqual({ text, isError }, { text: "150", isError: false }, `run ${run}`);
    }
    await runAll(server, 3);
  });
}
