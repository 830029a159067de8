/** The bundled program run from a URL, as `deno run -A https://…/kubecode.js`, with empty caches. */
import assert from "node:assert/strict";
import { bundleModule } from "../../scripts/bundle.ts";
import { cleanEnvironment } from "./program.ts";
import { needs } from "../support/needs.ts";

const fact = "kubecode runs from a URL, its sandbox too, and fetches nothing else";
Deno.test(needs(["time"], fact), async () => {
  const directory = await Deno.makeTempDir();
  const asked = new Set<string>();
  await bundleModule(`${directory}/kubecode.js`);
  const text = await Deno.readTextFile(`${directory}/kubecode.js`);
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const { pathname } = new URL(request.url);
      asked.add(pathname);
      return pathname === "/kubecode.js"
        ? new Response(text, { headers: { "content-type": "text/javascript" } })
        : new Response(null, { status: 404 });
    },
  );
  try {
    const url = `http://127.0.0.1:${server.addr.port}/kubecode.js`;
    // With types: what reads them is bundled too.
    const script =
      'k8s.coreV1().namespaces().list().items.some((n: any) => n.metadata.name === "shop")';
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--quiet", url, "eval", "--demo", "-e", script],
      cwd: directory,
      clearEnv: true,
      env: cleanEnvironment({ DENO_DIR: `${directory}/cache` }),
    }).output();
    const decoder = new TextDecoder();
    assert.deepEqual([code, decoder.decode(stdout), decoder.decode(stderr)], [0, "true\n", ""]);
    assert.deepEqual([...asked], ["/kubecode.js"]);
  } finally {
    await server.shutdown();
    await Deno.remove(directory, { recursive: true });
  }
});
