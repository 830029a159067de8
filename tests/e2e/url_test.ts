/** The program run from a URL, as `deno run -A https://…/main.ts`, with nothing of the checkout at hand. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { cleanEnvironment } from "./program.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.test("kubecode runs from a URL, its sandbox too", async () => {
  const directory = await Deno.makeTempDir();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname !== "/main.ts" && !pathname.startsWith("/lib/")) {
        return new Response(null, {
          status: 404,
        });
      }
      try {
        const text = await Deno.readTextFile(fileURLToPath(new URL(`.${pathname}`, ROOT)));
        return new Response(text, { headers: { "content-type": "application/typescript" } });
      } catch {
        return new Response(null, { status: 404 });
      }
    },
  );
  try {
    const origin = `http://127.0.0.1:${server.addr.port}`;
    const script =
      'k8s.coreV1().namespaces().list().items.some((n: any) => n.metadata.name === "shop")';
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--allow-all",
        "--quiet",
        "--no-check",
        `${origin}/main.ts`,
        "eval",
        "--demo",
        "-e",
        script,
      ],
      cwd: directory,
      clearEnv: true,
      // Its packages may have to be fetched: what the machine trusts and goes through is needed.
      env: cleanEnvironment(packageEnvironment()),
    }).output();
    const decoder = new TextDecoder();
    assert.deepEqual([code, decoder.decode(stdout), decoder.decode(stderr)], [0, "true\n", ""]);
  } finally {
    await server.shutdown();
    await Deno.remove(directory, { recursive: true });
  }
});

function packageEnvironment(): Record<string, string> {
  const names = [
    "DENO_TLS_CA_STORE",
    "SSL_CERT_FILE",
    "NODE_EXTRA_CA_CERTS",
    "HTTPS_PROXY",
    "NO_PROXY",
  ];
  const set = names.map((name) => [name, Deno.env.get(name)] as const)
    .filter((entry): entry is readonly [string, string] => entry[1] !== undefined);
  return Object.fromEntries(set);
}
