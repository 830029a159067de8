import assert from "node:assert/strict";
import { launchers } from "../../scripts/launchers.ts";

/** A process table from lines of pid, parent and name. */
function table(...lines: (readonly [number, number, string])[]) {
  const processes = new Map(lines.map(([pid, parent, name]) => [pid, { parent, name }]));
  return (pid: number) => processes.get(pid);
}

Deno.test("launchers() goes up from Deno to npx and not to the caller's shell", () => {
  const read = table([9, 8, "deno"], [8, 7, "deno"], [7, 6, "sh"], [6, 5, "npm exec deno@2"], [
    5,
    4,
    "bash",
  ], [4, 1, "sshd"]);
  assert.deepEqual(launchers(9, read), [8, 7, 6]);
});

Deno.test("launchers() does not count a shell script that called the first of them", () => {
  const read = table([9, 8, "deno"], [8, 7, "deno"], [7, 1, "sh"]);
  assert.deepEqual(launchers(9, read), [8]);
});

Deno.test("launchers() is empty for a program called by itself", () => {
  assert.deepEqual(launchers(9, table([9, 5, "deno"], [5, 1, "bash"])), []);
  assert.deepEqual(launchers(9, table()), []);
});
