/** The bundled program run from a URL, as `deno run <flags> https://…/kubecode.js`, with empty caches. */
import assert from "node:assert/strict";
import { bundleModule } from "../../scripts/bundle.ts";
import { descendants, run, startServer, until, type Variant } from "./program.ts";
import { needs } from "../support/needs.ts";

/** All that the demo needs: its API server is on the loopback. */
const FLAGS = ["--allow-env", "--allow-net=127.0.0.1", "--allow-run"];

/** The bundle on a server of this machine, and an empty cache for whoever fetches it. */
async function publish() {
  const directory = await Deno.makeTempDir();
  await bundleModule(`${directory}/kubecode.js`);
  const asked: string[] = [];
  const file = { text: await Deno.readTextFile(`${directory}/kubecode.js`) };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    asked.push(pathname);
    // As "latest" of a release leads to the file itself.
    if (pathname === "/latest/kubecode.js") {
      return Response.redirect(new URL("/kubecode.js?is=1", request.url));
    }
    return pathname === "/kubecode.js"
      ? new Response(file.text, { headers: { "content-type": "text/javascript" } })
      : new Response(null, { status: 404 });
  });
  const url = `http://127.0.0.1:${server.addr.port}/latest/kubecode.js`;
  return {
    url,
    asked,
    file,
    env: { DENO_DIR: `${directory}/cache` },
    withFlags: (flags: readonly string[]): Variant => ({
      name: "source",
      needs: [],
      command: Deno.execPath(),
      args: ["run", "--no-config", "--no-prompt", "--quiet", ...flags, url],
    }),
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

Deno.test(
  needs(["time"], "kubecode runs from a URL, its sandbox too, and fetches nothing else"),
  async () => {
    await using published = await publish();
    // With types: what reads them is bundled too.
    const script =
      'k8s.coreV1().namespaces().list().items.some((n: any) => n.metadata.name === "shop")';
    const told = await run(
      published.withFlags(FLAGS),
      ["eval", "--demo", "-e", script],
      published,
    );
    assert.deepEqual(told, { code: 0, stdout: "true\n", stderr: "" });
    assert.deepEqual(published.asked, ["/latest/kubecode.js", "/kubecode.js"]);
  },
);

Deno.test(
  needs(["time"], "kubecode from a URL runs with variables that are allowed one by one"),
  async () => {
    await using published = await publish();
    const names = ["KUBECODE_*", "K8S_*", "HOME", "PATH"];
    for (let tries = 0; tries < 30; tries++) {
      const flags = [...FLAGS.slice(1), `--allow-env=${names}`];
      const told = await run(published.withFlags(flags), ["eval", "--demo", "-e", "1"], published);
      if (told.code === 0) return assert.equal(told.stdout, "1\n");
      const missing = /started without --allow-env, for "(\w+)"/.exec(told.stderr)?.[1];
      assert.ok(missing && !names.includes(missing), told.stderr);
      names.push(missing);
    }
    assert.fail(`not even with ${names}`);
  },
);

Deno.test(
  needs(
    ["time"],
    "kubecode from a URL names the permission that is missing, and asks nobody for it",
  ),
  async () => {
    await using published = await publish();
    const list = ["eval", "--demo", "-e", "k8s.coreV1().namespaces().list().items.length"];
    for (
      const [missing, args] of [
        ...FLAGS.map((flag) => [flag.replace(/=.*/, ""), list] as const),
        ["--allow-read", [...list, "--config", "config.yaml"]],
        ["--allow-write", [...list, "--audit", "audit.jsonl"]],
      ] as const
    ) {
      const given = FLAGS.filter((flag) => !flag.startsWith(missing));
      const { code, stdout, stderr } = await run(published.withFlags(given), args, published);
      assert.deepEqual([code, stdout], [2, ""], missing);
      assert.match(stderr, new RegExp(`^(kubecode|script error): .*${missing}\\b`));
      assert.doesNotMatch(stderr, /\n +at /);
    }
  },
);

const rest = "a server from a URL starts sandboxes from its own code, without permissions, or none";
Deno.test({ ...needs(["time"], rest), ignore: Deno.build.os !== "linux" }, async () => {
  await using published = await publish();
  const { url, asked, file, env } = published;
  await using server = await startServer(published.withFlags(FLAGS), ["--demo"], env);
  assert.deepEqual(await server.script("1 + 1"), { text: "2", isError: false });
  const [child = 0] = descendants(server.pid);
  const words = (await Deno.readTextFile(`/proc/${child}/cmdline`)).split("\0");
  assert.ok(words.includes("--no-prompt"));
  assert.deepEqual(words.filter((word) => word.startsWith("--allow")), []);
  // The sandbox has come out of the cache.
  assert.deepEqual(asked, ["/latest/kubecode.js", "/kubecode.js"]);

  // The file changes, and somebody fetches it again into the same cache.
  file.text = file.text.replace(/"[0-9a-f]{16}"/g, '"0123456789abcdef"');
  const reload = new Deno.Command(Deno.execPath(), {
    args: ["cache", "--no-config", "--reload", url],
    env,
  });
  assert.ok((await reload.output()).success);
  Deno.kill(child, "SIGKILL");
  await until(() => !descendants(server.pid).includes(child));
  const { text, isError } = await server.script("1 + 1");
  assert.ok(isError);
  assert.match(text, /^Cannot start the sandbox: the program has been replaced meanwhile/);
});
