/** A server that does nothing but run one program, for tests in which it is killed. */
import { createProgramRunner } from "../../lib/programs/run/run.ts";

const runner = createProgramRunner();
const folder = await runner.openFolder();
await runner.run({
  path: Deno.args[0] ?? "",
  argv: [],
  kubeconfig: "",
  folder: folder.path,
  limits: { timeoutMs: 60_000, outputBytes: 100 },
  signal: new AbortController().signal,
});
