/** The audit of the whole program: who asked, where, and what was decided. */
import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/client";
import { needs } from "../support/needs.ts";
import { processTransport } from "../support/process_transport.ts";
import { cleanEnvironment, requireBuilt, run, slow, VARIANTS } from "./program.ts";

type Line = Readonly<Record<string, unknown>>;

async function linesOf(path: string): Promise<Line[]> {
  const text = await Deno.readTextFile(path);
  return text.trim().split("\n").map((line) => JSON.parse(line) as Line);
}

const SCRIPT = 'k8s.coreV1().configMaps("shop").create({metadata: {name: "noted"}})';

for (const variant of VARIANTS) {
  for (const mode of ["auto", "legacy"] as const) {
    Deno.test(
      needs(slow(variant), `audit, ${variant.name}, ${mode}: a no is a decision, and no error`),
      async () => {
        requireBuilt(variant);
        const path = await Deno.makeTempFile({ suffix: ".jsonl" });
        const client = new Client({ name: "claude", version: "1.2" }, {
          versionNegotiation: { mode },
          capabilities: { elicitation: {} },
        });
        client.setRequestHandler("elicitation/create", () => ({ action: "decline" as const }));
        await client.connect(processTransport({
          command: variant.command,
          args: [...variant.args, "--demo", "--approve", "--audit", path],
          env: cleanEnvironment(),
        }));
        try {
          await client.callTool({ name: "evaluate_script", arguments: { script: SCRIPT } });
        } finally {
          await client.close();
        }
        const lines = await linesOf(path);
        await Deno.remove(path);
        for (const line of lines) {
          const { context, cluster, user, client } = line;
          assert.deepEqual(
            { context, cluster, user, client },
            {
              ...{ context: "demo", cluster: "demo", user: "demo" },
              client: { name: "claude", version: "1.2" },
            },
            JSON.stringify(line),
          );
        }
        const calls = lines.filter(({ kind }) => kind === "call");
        const { decision, status } = calls.at(-1)!;
        assert.deepEqual({ decision, status }, { decision: "declined", status: "ok" });
      },
    );
  }

  Deno.test(needs(slow(variant), `audit, ${variant.name}: at a terminal too`), async () => {
    const path = await Deno.makeTempFile({ suffix: ".jsonl" });
    await run(variant, ["eval", "--demo", "--audit", path, "-e", SCRIPT]);
    const lines = await linesOf(path);
    await Deno.remove(path);
    const call = lines.at(-1)!;
    const refused = lines.find(({ decision }) => decision === "refuse");
    assert.deepEqual(refused?.rule, { name: "mode read-only" });
    assert.deepEqual([call.kind, call.tool, call.status], ["call", "eval", "PolicyError"]);
    assert.deepEqual([call.context, call.cluster, call.user], ["demo", "demo", "demo"]);
  });
}
