/** Changes that need a person's yes, as clients of both eras of the protocol see them. */
import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { processTransport } from "../support/process_transport.ts";
import { needs } from "../support/needs.ts";
import { cleanEnvironment, requireBuilt, run, slow, startServer, VARIANTS } from "./program.ts";

const INFO = { name: "test", version: "0" };
const REPLICAS = `k8s.appsV1().deployments("shop").get("catalog").spec.replicas`;
const SCALE = `k8s.appsV1().deployments("shop").patch("catalog", "merge", {spec: {replicas: 4}});
k8s.coreV1().configMaps("shop").create({metadata: {name: "noted"}, data: {by: "script"}});
"done"`;

type Answer = { action: "accept"; content: { approve: boolean } } | {
  action: "decline" | "cancel";
};

interface Called {
  readonly text: string;
  readonly isError: boolean;
}

interface Asked {
  /** What a person was shown. */
  readonly questions: string[];
  script(script: string, more?: Record<string, unknown>): Promise<Called>;
  call(name: string, input: Record<string, unknown>): Promise<Called>;
}

async function withPerson(
  variant: (typeof VARIANTS)[number],
  mode: "auto" | "legacy",
  answer: () => Answer,
  use: (asked: Asked) => Promise<void>,
  flags: readonly string[] = ["--approve"],
): Promise<void> {
  requireBuilt(variant);
  const client = new Client(INFO, {
    versionNegotiation: { mode },
    capabilities: { elicitation: { form: {} } },
  });
  const questions: string[] = [];
  client.setRequestHandler("elicitation/create", ({ params }) => {
    questions.push(params.message);
    return answer();
  });
  await client.connect(processTransport({
    command: variant.command,
    args: [...variant.args, "--demo", ...flags],
    env: cleanEnvironment(),
  }));
  const call: Asked["call"] = async (name, input) => {
    const result = await client.callTool({ name, arguments: input }, { timeout: 60_000 });
    const text = (result.content as { text?: string }[]).map(({ text }) => text).join("\n");
    return { text, isError: result.isError === true };
  };
  try {
    await use({
      questions,
      call,
      script: (script, more = {}) => call("evaluate_script", { script, ...more }),
    });
  } finally {
    await client.close();
  }
}

const YES: Answer = { action: "accept", content: { approve: true } };

for (const variant of VARIANTS) {
  const on = (fact: string) => needs(slow(variant), `approval, ${variant.name}: ${fact}`);
  for (const mode of ["auto", "legacy"] as const) {
    const test = (fact: string, run: () => Promise<void>) =>
      Deno.test(needs(slow(variant), `approval, ${variant.name}, ${mode}: ${fact}`), run);
    // What does not depend on how a client is asked is tried in one way.
    const testOnce = variant.name === "binary" && mode === "auto" ? test : () => {};

    test("a person sees the plan, says yes, and exactly that is done", async () => {
      await withPerson(variant, mode, () => YES, async ({ script, questions }) => {
        const before = (await script(REPLICAS)).text;
        assert.equal(questions.length, 0);
        const made = await script(SCALE);
        assert.deepEqual(made, { text: "done", isError: false });
        assert.equal(questions.length, 1);
        assert.match(
          questions[0] ?? "",
          /^Context "demo", cluster "demo", namespace "shop"\. evaluate_script asks to make 2 changes:/,
        );
        assert.match(
          questions[0] ?? "",
          new RegExp(`\\. patch deployments.apps shop/catalog\\n    spec.replicas: ${before} → 4`),
        );
        assert.match(questions[0] ?? "", /2\. create configmaps shop\/noted\n/);
        assert.match(questions[0] ?? "", /data.by: "script"/);
        assert.equal((await script(REPLICAS)).text, "4");
      });
    });

    test("nothing is done after a no, in whatever form", async () => {
      const answers = [
        { action: "decline", told: "the person declined" },
        { action: "cancel", told: "the person closed the question" },
        { action: "accept", content: { approve: false }, told: "the person did not tick" },
      ] as const;
      let asked = 0;
      await withPerson(variant, mode, () => answers[asked++]!, async ({ script, questions }) => {
        const before = (await script(REPLICAS)).text;
        for (const no of answers) {
          const { text, isError } = await script(SCALE);
          assert.equal(isError, true, JSON.stringify(no));
          assert.ok(text.includes(`Nothing was changed: ${no.told}`), text);
        }
        assert.equal((await script(REPLICAS)).text, before);
        assert.equal(questions.length, answers.length);
      });
    });

    test("a guarded tool asks the person, whatever the model says of its approval", async () => {
      let answer: Answer = { action: "decline" };
      await withPerson(variant, mode, () => answer, async ({ call, questions }) => {
        const catalog = {
          namespace: "shop",
          group: "apps",
          version: "v1",
          plural: "deployments",
          name: "catalog",
        };
        const deletion = { ...catalog, approved: true };
        const declined = await call("k8s_delete", deletion);
        assert.equal(declined.isError, true);
        assert.match(declined.text, /the person declined/);
        assert.match(questions[0] ?? "", /1\. delete deployments.apps shop\/catalog/);
        assert.equal((await call("k8s_get", catalog)).isError, false);
        answer = YES;
        assert.equal((await call("k8s_delete", deletion)).isError, false);
        assert.equal((await call("k8s_get", catalog)).isError, true);
        assert.equal(questions.length, 2);
      }, ["--read-write", "--toolsets", "guarded"]);
    });

    testOnce("a change that is not in the plan stops the run", async () => {
      await withPerson(variant, mode, () => YES, async ({ script }) => {
        const { text, isError } = await script(`const maps = k8s.coreV1().configMaps("shop");
maps.create({metadata: {name: "first"}, data: {a: "1"}});
try { maps.create({metadata: {name: "second"}, data: {at: String(Math.random())}}); } catch (e) { console.log(e.message); }
maps.create({metadata: {name: "third"}, data: {a: "1"}});`);
        assert.equal(isError, true);
        assert.match(
          text,
          /Cannot create configmaps shop\/second: this very change was not in the plan/,
        );
        assert.match(text, /Cannot create configmaps shop\/third: the run has left its plan/);
        const names = await script(
          `k8s.coreV1().configMaps("shop").list().items.map(m => m.metadata.name)`,
        );
        assert.match(names.text, /first/);
        assert.doesNotMatch(names.text, /second|third/);
      });
    });

    testOnce("a rollout restart can be approved, whatever the time", async () => {
      await withPerson(variant, mode, () => YES, async ({ script, questions }) => {
        const { text, isError } = await script(
          `k8s.appsV1().deployments("shop").rolloutRestart("catalog"); "restarted"`,
        );
        assert.deepEqual({ text, isError }, { text: "restarted", isError: false });
        assert.match(questions[0] ?? "", /restartedAt/);
      });
    });

    testOnce("dry_run plans and asks nobody", async () => {
      await withPerson(variant, mode, () => YES, async ({ script, questions }) => {
        const { text, isError } = await script(SCALE, { dry_run: true });
        assert.equal(isError, false);
        assert.match(text, /^done\nNothing was changed. Plan: 2 changes:/);
        assert.equal(questions.length, 0);
        assert.notEqual((await script(REPLICAS)).text, "4");
      });
    });

    testOnce("a script that fails on trial asks nobody", async () => {
      await withPerson(variant, mode, () => YES, async ({ script, questions }) => {
        const { text, isError } = await script(`${SCALE}; throw new Error("no")`);
        assert.equal(isError, true);
        assert.match(
          text,
          /script error: Error: no[^]*Nothing was changed: a plan is approved only/,
        );
        assert.equal(questions.length, 0);
      });
    });
  }

  Deno.test(on("a client that cannot ask gets the plan and a refusal"), async () => {
    await using server = await startServer(variant, ["--demo", "--approve"]);
    const { text, isError } = await server.script(SCALE);
    assert.equal(isError, true);
    assert.match(text, /this client cannot ask[^]*2 changes:[^]*spec.replicas/);
    assert.notEqual((await server.script(REPLICAS)).text, "4");
  });

  Deno.test(
    on("a script that fails on trial at a terminal says what it would have changed"),
    async () => {
      const args = ["eval", "--demo", "--approve", "-e", `${SCALE}; throw new Error("no")`];
      const { code, stdout, stderr } = await run(variant, args);
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(
        stderr,
        /script error: Error: no[^]*Nothing was changed: a plan is approved only when all of it works\. So far: 2 changes:\n1\. patch/,
      );
    },
  );

  Deno.test(on("an object that has changed since is left alone"), async () => {
    let meddle: () => Promise<void> = () => Promise.resolve();
    requireBuilt(variant);
    const client = new Client(INFO, {
      versionNegotiation: { mode: "auto" },
      capabilities: { elicitation: {} },
    });
    let meddling = false;
    client.setRequestHandler("elicitation/create", async () => {
      if (!meddling) await meddle();
      return YES;
    });
    await client.connect(processTransport({
      command: variant.command,
      args: [...variant.args, "--demo", "--approve"],
      env: cleanEnvironment(),
    }));
    const script = async (script: string) => {
      const { content } = await client.callTool({ name: "evaluate_script", arguments: { script } });
      return JSON.stringify(content);
    };
    meddle = async () => {
      meddling = true;
      await script(`k8s.appsV1().deployments("shop").scale("catalog", 7)`);
    };
    try {
      const text = await script(`k8s.appsV1().deployments("shop").delete("catalog")`);
      assert.match(text, /the object has changed since the plan was made/);
      assert.match(await script(REPLICAS), /"7"/);
    } finally {
      await client.close();
    }
  });

  Deno.test(on("a client of the 1.x SDK is asked by elicitation"), async () => {
    requireBuilt(variant);
    const client = new ClientV1(INFO, { capabilities: { elicitation: {} } });
    const questions: string[] = [];
    client.setRequestHandler(ElicitRequestSchema, ({ params }: { params: { message: string } }) => {
      questions.push(params.message);
      return { action: "accept", content: { approve: true } };
    });
    await client.connect(processTransport({
      command: variant.command,
      args: [...variant.args, "--demo", "--approve"],
      env: cleanEnvironment(),
    }));
    try {
      const { content } = await client.callTool({
        name: "evaluate_script",
        arguments: { script: SCALE },
      });
      assert.match(JSON.stringify(content), /done/);
      assert.equal(questions.length, 1);
    } finally {
      await client.close();
    }
  });
}
