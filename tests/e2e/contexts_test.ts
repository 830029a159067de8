/** Several contexts from the outside: flag, environment, config file, doctor, the tool's words. */
import assert from "node:assert/strict";
import { load } from "js-yaml";
import { startDemo } from "../../lib/demo/demo.ts";
import { cleanEnvironment, run, slow, startServer, VARIANTS } from "./program.ts";
import { needs } from "../support/needs.ts";

interface Config {
  readonly clusters: readonly { readonly cluster: { readonly server: string } }[];
}

/** Two demo clusters in one kubeconfig: contexts `one` (current), `two` and `hidden`. */
async function withTwo(use: (kubeconfig: string, folder: string) => Promise<void>): Promise<void> {
  const demos = [await startDemo(), await startDemo()];
  const folder = await Deno.makeTempDir({ prefix: "kubecode-contexts-" });
  try {
    const servers = demos.map(({ kubeconfig }) =>
      (load(kubeconfig) as Config).clusters[0]!.cluster
    );
    const context = (name: string, cluster: string, namespace: string) => ({
      name,
      context: { cluster, namespace },
    });
    const config = {
      "current-context": "one",
      clusters: servers.map((cluster, at) => ({ name: `demo-${at}`, cluster })),
      contexts: [
        context("one", "demo-0", "shop"),
        context("two", "demo-1", "payments"),
        context("hidden", "demo-1", "shop"),
      ],
    };
    await Deno.writeTextFile(`${folder}/kubeconfig`, JSON.stringify(config));
    await use(`${folder}/kubeconfig`, folder);
  } finally {
    await Promise.all(demos.map((demo) => demo.close()));
    await Deno.remove(folder, { recursive: true });
  }
}

const NAMES = `k8s.contexts().map(c => c.name + (c.current ? "*" : "")).join()`;

for (const variant of VARIANTS) {
  const test = (fact: string, body: () => Promise<void>) =>
    Deno.test(needs(slow(variant), `contexts, ${variant.name}: ${fact}`), body);

  test("flag, environment and config file allow them, in that order", () =>
    withTwo(async (kubeconfig, folder) => {
      const names = async (args: readonly string[], env: Record<string, string> = {}) => {
        const given = ["eval", "--kubeconfig", kubeconfig, ...args, "-e", NAMES];
        const { stdout, stderr } = await run(variant, given, { env });
        return stdout.trim() || stderr;
      };
      const file = `${folder}/config.yaml`;
      await Deno.writeTextFile(file, "contexts: [t*]\n");
      assert.equal(await names([]), "one*");
      assert.equal(await names(["--contexts", "two"]), "one*,two");
      assert.equal(await names(["--context", "two"]), "two*");
      assert.equal(await names(["--context", "two", "--contexts", "*"]), "one,two*,hidden");
      assert.equal(await names([], { KUBECODE_CONTEXTS: "tw*, hid*" }), "one*,two,hidden");
      assert.equal(await names(["--config", file]), "one*,two");
      assert.equal(await names(["--config", file, "--contexts", "hidden"]), "one*,hidden");
      assert.equal(await names(["--config", file, "--contexts", ""]), "one*");
      await Deno.writeTextFile(file, "contexts: two\n");
      assert.match(await names(["--config", file]), /line 1: contexts: /);
    }));

  test("a default namespace that is given is meant for the current one alone", () =>
    withTwo(async (kubeconfig) => {
      const { stdout } = await run(variant, [
        "eval",
        "--kubeconfig",
        kubeconfig,
        "-n",
        "kube-system",
        "--contexts",
        "two",
        "-e",
        `[namespace, k8s.contexts()[0].namespace, k8s.context("two").namespace]`,
      ]);
      assert.deepEqual(JSON.parse(stdout), ["kube-system", "kube-system", "payments"]);
    }));

  test("doctor tells of each, and of one that cannot be reached", () =>
    withTwo(async (kubeconfig) => {
      const doctor = (contexts: string) =>
        run(variant, ["doctor", "--kubeconfig", kubeconfig, "--contexts", contexts]);
      const good = await doctor("two");
      assert.equal(good.code, 0, good.stdout);
      assert.match(good.stdout, /^ok +contexts +scripts may use 1 besides/m);
      assert.match(good.stdout, /^ok +context +"two", namespace "payments": http.* Kubernetes v/m);
      assert.doesNotMatch(good.stdout, /hidden/);
      assert.doesNotMatch(good.stdout, /^warn/m);
      assert.match((await doctor("none*")).stdout, /none besides the current one fits "none\*"/);
      const partly = await doctor("two,on*,sta*");
      assert.equal(partly.code, 0);
      assert.deepEqual(partly.stdout.match(/^warn.*$/gm), [
        'warn contexts    "sta*" fits no context of the kubeconfig',
      ]);
      assert.match((await doctor("hiden")).stdout, /"hiden" fits no .*; did you mean hidden\?$/m);
      const text = await Deno.readTextFile(kubeconfig);
      const broken = text.replace('"cluster":"demo-1","namespace":"payments"', '"cluster":"gone"');
      await Deno.writeTextFile(kubeconfig, broken);
      const bad = await doctor("two");
      assert.equal(bad.code, 1);
      assert.match(bad.stdout, /^FAIL +context +.*no cluster "gone"/m);
    }));

  test("a context or kubeconfig that is not there is told at once, also where nothing is asked", () =>
    withTwo(async (kubeconfig) => {
      const WORDS =
        /the context "hiden": the kubeconfig has none of that name\nThere are .*"hidden"/;
      for (
        const [args, words] of [
          [["eval", "-e", "1", "--context", "hiden"], WORDS],
          [["run", "--context", "hiden", "--", "true"], WORDS],
          [["proxy", "--context", "hiden"], WORDS],
          [["policy", "check", "list", "pods", "--context", "hiden"], WORDS],
          [["policy", "show", "--context", "hiden"], WORDS],
          [["eval", "-e", "1", "--kubeconfig", "/none"], /kubeconfig "\/none": no such file/],
        ] as const
      ) {
        const { code, stdout, stderr } = await run(variant, args, {
          env: { KUBECONFIG: kubeconfig },
        });
        assert.deepEqual([code, stdout], [2, ""], stderr);
        assert.match(stderr, words);
      }
      const there = ["--kubeconfig", kubeconfig, "--context", "two"];
      assert.equal((await run(variant, ["eval", "-e", "1", ...there])).stdout, "1\n");
      const server = new Deno.Command(variant.command, {
        args: [...variant.args, "--kubeconfig", kubeconfig, "--context", "hiden"],
        clearEnv: true,
        env: cleanEnvironment(),
        stdin: "piped",
        stdout: "null",
        stderr: "piped",
      }).spawn();
      let told = "";
      for await (const text of server.stderr.pipeThrough(new TextDecoderStream())) {
        told += text;
        // It goes on until its client leaves.
        if (told.includes("\n") && !server.stdin.locked) await server.stdin.close();
      }
      assert.equal((await server.status).code, 0);
      assert.match(told, /^\S+ warn Cannot use the context "hiden": .* There are .*"hidden"/);
    }));

  test("the tool tells of them only where there are any", () =>
    withTwo(async (kubeconfig) => {
      const description = async (...args: string[]) => {
        await using server = await startServer(variant, ["--kubeconfig", kubeconfig, ...args]);
        const { tools } = await server.client.listTools();
        const { text } = await server.script(
          `await 0; (await Promise.all(k8s.contexts().map(c => k8s.context(c.name).coreV1().pods("").list()))).length`,
        );
        return [tools.some((tool) => /k8s\.context\(name\)/.test(tool.description ?? "")), text];
      };
      assert.deepEqual(await description(), [false, "1"]);
      assert.deepEqual(await description("--contexts", "two"), [true, "2"]);
    }));
}
