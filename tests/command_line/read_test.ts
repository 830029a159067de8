/** Words of a command line, and the task that they ask for. */
import assert from "node:assert/strict";
import { readCommandLine } from "../../lib/command_line/read.ts";

Deno.test("proxy takes a port, though the server over HTTP has a flag of that name too", async () => {
  const task = await readCommandLine(["proxy", "--port", "12399", "--for", "1h"]);
  assert.ok(task.kind === "proxy");
  assert.deepEqual([task.port, task.forMs], [12399, 3_600_000]);
});
