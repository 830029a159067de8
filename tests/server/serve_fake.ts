/**
 * A server over this process's standard streams, with a fake evaluator behind it that obeys a few
 * words in place of scripts. Started by the tests as a child process.
 */
import { createLogger } from "../../lib/log.ts";
import { createServer } from "../../lib/server/server.ts";
import { evaluateScriptTool } from "../../lib/tools/code/evaluate_script.ts";
import { standardOutput } from "../../lib/transport/standard_output.ts";
import { serveStdio } from "../../lib/transport/stdio.ts";
import { fakeEvaluator } from "./fake_evaluator.ts";

const logger = createLogger("info");
const evaluator = fakeEvaluator((event) => logger.info(event));

await serveStdio({
  server: createServer({
    name: "kubecode",
    version: "0.0.0",
    tools: [evaluateScriptTool(evaluator)],
    instructions: "Runs scripts against a cluster.",
    logger,
    progressIntervalMs: 1,
  }),
  input: Deno.stdin.readable,
  output: standardOutput(),
  signal: new AbortController().signal,
  logger,
});
logger.info("served");
await logger.flush();
Deno.exit(0);
