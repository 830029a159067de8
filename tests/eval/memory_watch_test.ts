/** How a sandbox child watches its own memory. */
import assert from "node:assert/strict";
import { MEMORY_EXIT_CODE } from "../../lib/sandbox/frames.ts";

Deno.test("a child looks at its memory with each message too: while they come, no timer runs", async () => {
  const code = `
    import { watchMemory } from "${import.meta.resolve("../../lib/sandbox/child/process.ts")}";
    const memory = watchMemory();
    memory.limit(100 * 2 ** 20);
    const messages = [];
    for (let n = 0; n < 1000; n++) {
      messages.push(new Uint8Array(2 ** 20).fill(1));
      memory.look();
    }`;
  const { code: exitCode } = await new Deno.Command(Deno.execPath(), { args: ["eval", code] })
    .output();
  assert.equal(exitCode, MEMORY_EXIT_CODE);
});

Deno.test("a child that rests still keeps its limit", async () => {
  const code = `
    import { watchMemory } from "${import.meta.resolve("../../lib/sandbox/child/process.ts")}";
    const memory = watchMemory();
    memory.limit(100 * 2 ** 20);
    memory.rest();
    const filled = Array.from({ length: 300 }, () => new Uint8Array(2 ** 20).fill(1));
    setTimeout(() => Deno.exit(filled.length), 20_000);`;
  const { code: exitCode } = await new Deno.Command(Deno.execPath(), { args: ["eval", code] })
    .output();
  assert.equal(exitCode, MEMORY_EXIT_CODE);
});
