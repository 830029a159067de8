/** What goes wrong outside the program: each is told with what, where and what to do. */
import assert from "node:assert/strict";
import { realKubeconfig } from "../support/clusters.ts";
import { needs } from "../support/needs.ts";
import { run, slow, startServer, type Variant, VARIANTS } from "./program.ts";

const SCRIPT = "k8s.coreV1().pods('').list().items.length";

/** Runs a script with a kubeconfig of that text; gives what it said on standard error. */
async function withKubeconfig(
  variant: Variant,
  text: string,
  words: RegExp,
  { args = [], code = 1 }: { args?: string[]; code?: number } = {},
) {
  const file = await Deno.makeTempFile({ prefix: "kubeconfig" });
  try {
    await Deno.writeTextFile(file, text);
    const result = await run(variant, [
      "eval",
      "--kubeconfig",
      file,
      ...args,
      "-e",
      SCRIPT,
    ]);
    assert.deepEqual([result.code, result.stdout], [code, ""], result.stderr);
    assert.match(result.stderr, words);
    assert.doesNotMatch(result.stderr, /\n\s+at .*\.ts/, "a stack is shown");
  } finally {
    await Deno.remove(file);
  }
}

const config = (server: string, user = "{}") =>
  `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "${server}"}}]
users: [{name: u, user: ${user}}]
contexts: [{name: here, context: {cluster: c, user: u}}]
current-context: here
`;

for (const variant of VARIANTS) {
  const test = (fact: string, body: () => Promise<void>, wanted = slow(variant)) =>
    Deno.test(needs(wanted, `bad input, ${variant.name}: ${fact}`), body);

  test("no kubeconfig at all", async () => {
    const home = await Deno.makeTempDir();
    const env = {
      DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
      HOME: home,
    };
    const { code, stderr } = await run(variant, ["eval", "-e", SCRIPT], { env });
    await Deno.remove(home, { recursive: true });
    assert.equal(code, 2);
    assert.match(stderr, /no kubeconfig at.*--kubeconfig.*--demo/s);
  });

  test("an empty kubeconfig", () => withKubeconfig(variant, "", /Cannot/, { code: 2 }));
  test("a broken kubeconfig", () =>
    withKubeconfig(variant, "a: [1\nb: 2", /kubeconfig.*line \d/s, { code: 2 }));
  test("an unknown context", () =>
    withKubeconfig(variant, config("http://127.0.0.1:1"), /"nope".*here/s, {
      args: ["--context", "nope"],
      code: 2,
    }));
  test("a server that refuses connections", () =>
    withKubeconfig(variant, config("http://127.0.0.1:1"), /127\.0\.0\.1:1.*"here".*refused/s));

  test("a list of kubeconfigs of which one cannot be read", async () => {
    const good = await Deno.makeTempFile();
    const bad = await Deno.makeTempDir();
    await Deno.writeTextFile(good, config("http://127.0.0.1:1"));
    const { code, stderr } = await run(variant, ["eval", "-e", SCRIPT], {
      env: { KUBECONFIG: `${good}:${bad}` },
    });
    await Deno.remove(good);
    await Deno.remove(bad);
    assert.equal(code, 2);
    assert.ok(stderr.includes(bad), stderr);
  });

  test("a server that is not Kubernetes", async () => {
    await using page = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) =>
        new URL(request.url).pathname === "/api"
          ? new Response("<html>Welcome</html>", { headers: { "content-type": "text/html" } })
          : Response.json({ hello: "world" }),
    );
    await withKubeconfig(
      variant,
      config(`http://127.0.0.1:${page.addr.port}`),
      /not JSON|not Kubernetes/,
    );
  });

  test("a refused token and a user without rights, on the real control plane", async () => {
    const real = await Deno.readTextFile(realKubeconfig());
    const refused = await Deno.makeTempFile();
    await Deno.writeTextFile(refused, real.replace(/token: \S+/g, "token: wrong"));
    const wrong = await run(variant, [
      "eval",
      "--kubeconfig",
      refused,
      "--context",
      "nobody",
      "-e",
      SCRIPT,
    ]);
    await Deno.remove(refused);
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /Unauthorized[\s\S]*"nobody"/);
    const forbidden = await run(variant, [
      "eval",
      "--kubeconfig",
      realKubeconfig(),
      "--context",
      "nobody",
      "-e",
      SCRIPT,
    ]);
    assert.equal(forbidden.code, 1);
    assert.match(
      forbidden.stderr,
      /pods is forbidden: User .* cannot list resource "pods"[\s\S]*RBAC/,
    );
  }, [...slow(variant), "a control plane"]);

  test("scripts and time-outs that cannot be used leave the server up", async () => {
    await using server = await startServer(variant, ["--demo"]);
    const call = async (args: Record<string, unknown>) => {
      const result = await server.client.callTool({ name: "evaluate_script", arguments: args });
      return { isError: result.isError === true, text: JSON.stringify(result.content) };
    };
    for (
      const [args, words] of [
        [{}, /script parameter required/],
        [{ script: "" }, /script cannot be empty/],
        [{ script: " \n" }, /script cannot be empty/],
        [{ script: 5 }, /script must be a string/],
        [{ script: "1;" + " ".repeat(256 * 1024) }, /the limit is 262144/],
        [{ script: "let = ;" }, /SyntaxError.*line 1, column/],
        [{ script: "import fs from 'fs'" }, /SyntaxError.*import/],
        [{ script: "1", timeout: "soon" }, /timeout must be a whole number/],
        [{ script: "1", timeout: {} }, /timeout must be a whole number/],
      ] as const
    ) {
      const { isError, text } = await call(args);
      assert.ok(isError, JSON.stringify(args).slice(0, 100));
      assert.match(text, words);
    }
    for (const timeout of [0, -5, 1e9, "20000"]) {
      assert.deepEqual(await call({ script: "1", timeout }), {
        isError: false,
        text: '[{"type":"text","text":"1"}]',
      });
    }
  });
}
