/** The prompts of the whole program: what those for command lines have run is run by real programs. */
import assert from "node:assert/strict";
import { callsOf, given } from "../prompts/followed.ts";
import { application } from "../prompts/objects.ts";
import { CONTROL_PLANE, KUBECTL, realKubeconfig } from "../support/clusters.ts";
import { needs } from "../support/needs.ts";
import { slow, startServer, type Variant, VARIANTS } from "./program.ts";

/** The folder of the test cluster's programs, where `deno task test` has started one. */
const ASSETS = KUBECTL.includes("/") ? KUBECTL.slice(0, KUBECTL.lastIndexOf("/")) : "";

function start(variant: Variant, args: readonly string[]) {
  return startServer(variant, ["--kubeconfig", realKubeconfig(), ...args], {
    PATH: `${ASSETS}:${Deno.env.get("PATH")}`,
  });
}

/** Commands that fail in these tests, and as the texts say that they may. */
function mayFail(command: string): boolean {
  // No container has been restarted; what has only been tried out is not there; no chart is.
  return command.includes("--previous") || command.startsWith("rollout status") ||
    /^(install|upgrade) /.test(command);
}

for (const variant of VARIANTS) {
  const test = (fact: string, run: () => Promise<void>) =>
    Deno.test(
      needs([...slow(variant), "a control plane", "kubectl"], `prompts, ${variant.name}: ${fact}`),
      run,
    );

  for (const mode of [[], ["--read-write"]]) {
    test(`commands of the texts run, ${mode.join() || "read-only"}`, async () => {
      await using cluster = await application(CONTROL_PLANE);
      await using server = await start(variant, ["--toolsets", "cli", ...mode]);
      const listed = (await server.client.listTools()).tools.map(({ name }) => name);
      for (const [name, values] of Object.entries(given(cluster))) {
        const { messages } = await server.client.getPrompt({ name, arguments: values });
        const { text } = messages[0]!.content as { text: string };
        for (const { tool, input } of callsOf(text)) {
          assert.ok(listed.includes(tool), `${name}: ${tool}`);
          const tried = mode.length > 0 ? { dry_run: true } : {};
          const { content, isError } = await server.client.callTool(
            { name: tool, arguments: { ...input, ...tried } },
            { timeout: 120_000 },
          );
          const told = JSON.stringify(content);
          if (!mayFail(`${input.command}`)) {
            assert.ok(!isError, `${name}: ${JSON.stringify(input)}\n${told}`);
          }
        }
      }
    });
  }

  test("arguments are completed in a namespace of the cluster", async () => {
    await using cluster = await application(CONTROL_PLANE);
    await using server = await start(variant, []);
    const { completion } = await server.client.complete({
      ref: { type: "ref/prompt", name: "k8s_troubleshoot" },
      argument: { name: "resource_name", value: "" },
      context: { arguments: { resource_type: "deployments", namespace: cluster.namespace } },
    });
    assert.deepEqual(completion.values, ["web", "web-next"]);
  });

  test("a server that is told so has no prompts", async () => {
    await using server = await startServer(variant, ["--demo", "--serve-prompts=false"]);
    const capabilities = server.client.getServerCapabilities();
    assert.equal(capabilities?.prompts, undefined);
    assert.deepEqual(await server.client.request({ method: "prompts/list" }), { prompts: [] });
  });
}
