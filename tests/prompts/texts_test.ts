/**
 * Each prompt in each tool set and mode: its text names no tool that is not offered, and what it has a
 * model run runs.
 */
import assert from "node:assert/strict";
import { TOOL_SETS, type ToolSetName } from "../../lib/policy/rules/known_tools.ts";
import { MODES } from "../../lib/policy/types.ts";
import { PROGRAM_NAMES, type ProgramName } from "../../lib/programs/types.ts";
import { checkWords } from "../../lib/programs/words/check.ts";
import { builtInRules } from "../../lib/programs/words/security/built_in.ts";
import { readWords } from "../../lib/programs/words/words.ts";
import { createPrompts } from "../../lib/prompts/prompts.ts";
import { connect, DEMO, TARGETS } from "../support/clusters.ts";
import { needs } from "../support/needs.ts";
import { callsOf, given, scriptsOf } from "./followed.ts";
import { application } from "./objects.ts";
import { type PromptServer, promptServer } from "./server.ts";

/** Tools of programs, whose set is offered where they are installed. */
const toolsFor = (programs: readonly string[]) =>
  programs.flatMap((program) => [`describe_${program}`, `execute_${program}`]);
const ALL_TOOLS = Object.values<readonly string[]>(TOOL_SETS).flat();

const EVERYWHERE = { k8s_resource_inventory: {}, k8s_security_check: {} };

/** Every tool that a text names. */
const toolsIn = (text: string) =>
  ALL_TOOLS.filter((tool) => tool !== "ping" && new RegExp(`\\b${tool}\\b`).test(text));

/** Runs all that a text has run; changes as dry runs only, unless they are wanted. */
async function follow(server: PromptServer, text: string, dryRun: boolean): Promise<string[]> {
  const answers: string[] = [];
  for (const script of scriptsOf(text)) {
    const answer = await server.call("evaluate_script", {
      script,
      ...(dryRun ? { dry_run: true } : {}),
    });
    answers.push(answer);
  }
  for (const { tool, input } of callsOf(text)) {
    // What has only been tried out cannot be looked at.
    if (dryRun && input.entity_name === "shop") continue;
    const tried = dryRun && /^(deploy|delete|interact)_|^k8s_(patch|delete)/.test(tool);
    answers.push(await server.call(tool, { ...input, ...(tried ? { dry_run: true } : {}) }));
  }
  return answers;
}

const SETS: readonly (readonly ToolSetName[])[] = [["code"], ["resources"], ["guarded"], [
  "code",
  "resources",
  "guarded",
]];

for (const target of TARGETS) {
  Deno.test(needs(target, `${target.name}: what each prompt has run runs`), async (context) => {
    await using cluster = await application(target);
    for (const sets of SETS) {
      for (const mode of MODES) {
        await using server = await promptServer(cluster.client, { sets, mode });
        for (const [name, values] of Object.entries(given(cluster))) {
          await context.step(`${sets} ${mode} ${name}`, async () => {
            const text = await server.text(name, values);
            assert.deepEqual(
              toolsIn(text).filter((tool) => !server.tools.includes(tool)),
              [],
              text,
            );
            assert.ok(text.length < 8_000, `${text.length} characters`);
            // The texts of the three modes differ in how changes are made, not in what is run.
            if (mode !== "approve") await follow(server, text, true);
          });
        }
      }
    }
  });

  Deno.test(needs(target, `${target.name}: all namespaces are meant by default`), async () => {
    await using cluster = await connect(target);
    for (const sets of [["code"], ["resources"]] as const) {
      await using server = await promptServer(cluster.client, { sets });
      for (const [name, values] of Object.entries(EVERYWHERE)) {
        const text = await server.text(name, values);
        assert.match(text, /all namespaces/);
        assert.match(text, /const ns = "";|"target_ns":"\*"/);
        await follow(server, text, true);
      }
    }
  });

  Deno.test(needs(target, `${target.name}: changes are made as the texts say`), async () => {
    await using cluster = await application(target);
    await using server = await promptServer(cluster.client, { sets: ["code"], mode: "read-write" });
    const values = given(cluster);
    const run = async (name: keyof typeof values) =>
      (await follow(server, await server.text(name, values[name]), false)).join("\n");
    const read = async (script: string) => await server.call("evaluate_script", { script });
    const ns = JSON.stringify(cluster.namespace);

    assert.match(await run("k8s_deploy_application"), /applied[^]*successfully rolled out/);
    assert.match(await run("k8s_deploy_application"), /not changed: there is a deployment/);
    assert.match(await run("k8s_resource_scaling"), /wanted: 1[^]*\n1$/);
    assert.match(await run("istio_canary_setup"), /90% to v1, 10% to v2/);
    const routes = `k8s.networkingIstioIoV1().virtualServices(${ns}).get("web").spec.http[0].route`;
    assert.match(await read(`${routes}.map(each => each.weight).join()`), /^90,10$/);
    assert.match(await run("istio_service_mesh"), /subset: v2/);
    assert.match(await run("istio_mtls_enable"), /not changed: pods without a proxy[^]*shop-/);
    assert.match(await run("argocd_rollback_application"), /to 3 aaaa1111 has been started/);
    assert.match(await run("argocd_sync_application"), /an operation is under way/);
    const operation =
      `k8s.dynamicClient().resource("applications.argoproj.io").namespace(${ns}).get("web").operation`;
    assert.match(await read(operation), /"revision":"aaaa1111"/);
    assert.match(await run("helm_chart_management"), /web +1 +deployed/);
  });

  Deno.test(needs(target, `${target.name}: with approval a person is asked`), async () => {
    await using cluster = await application(target);
    const { namespace } = cluster;
    for (const sets of [["code"], ["resources"]] as const) {
      await using server = await promptServer(cluster.client, { sets, mode: "approve" });
      const values = { app_name: `shop-${sets}`, image: "registry.example/shop:1", namespace };
      const text = await server.text("k8s_deploy_application", values);
      assert.match(text, /the person is shown the plan/i);
      await follow(server, text, false);
      assert.equal(server.asked.length, 1);
      assert.match(server.asked[0]!, new RegExp(`deployments.apps ${namespace}/shop-${sets}`));
    }
  });
}

Deno.test("texts for programs name commands of the programs that are offered alone", async () => {
  await using cluster = await connect(DEMO);
  const values = given({ namespace: "shop", pod: "x" });
  for (const mode of MODES) {
    for (
      const offered of [
        ["kubectl"],
        ["kubectl", "helm"],
        PROGRAM_NAMES,
        ["helm"],
        ["argocd"],
      ]
    ) {
      const tools = toolsFor(offered);
      const prompts = createPrompts({ tools, mode, contexts: false });
      for (const [name, written] of Object.entries(values)) {
        const { text } = await prompts.get(name, written, cluster.broker, cluster.signal);
        assert.deepEqual(toolsIn(text).filter((tool) => !tools.includes(tool)), [], text);
        for (const { tool, input } of callsOf(text)) {
          assert.ok(tools.includes(tool), tool);
          checkCommand(tool, String(input.command));
        }
        if (mode === "read-only") {
          const words = callsOf(text).map(({ input }) => String(input.command)).join("\n");
          assert.doesNotMatch(
            words,
            /^(apply|patch|scale|install|upgrade|delete|app sync|app rollback)\b/m,
            text,
          );
        }
      }
    }
  }
});

/** What the first stage of a command line may do, as the tools decide it by default. */
function checkCommand(tool: string, line: string): void {
  // The verbs of istioctl are not known yet.
  if (tool === "execute_istioctl") return assert.match(line, /^analyze -n shop$/);
  const [first = ""] = line.split(" | ");
  const argv = [...first.matchAll(/'([^']*)'|(\S+?)(?:'([^']*)')?(?=\s|$)/g)]
    .map(([, quoted, word = "", rest = ""]) => quoted ?? word + rest);
  const words = readWords(tool.slice("execute_".length) as ProgramName, argv);
  const strict = { mode: "strict", security: builtInRules(), allow: [] } as const;
  // The texts say of these two that the start may be refused.
  const told = words.program === "helm" && ["install", "upgrade"].includes(words.verb.join(" "));
  if (!told) checkWords(words, strict);
}

Deno.test("a server without a tool that reads says so", async () => {
  await using cluster = await connect(DEMO);
  const prompts = createPrompts({ tools: ["search_api"], mode: "read-only", contexts: false });
  for (const [name, written] of Object.entries(given({ namespace: "shop", pod: "x" }))) {
    const { text } = await prompts.get(name, written, cluster.broker, cluster.signal);
    assert.deepEqual(toolsIn(text), [], text);
  }
});
