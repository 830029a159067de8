import assert from "node:assert/strict";
import { cacheFolder, ensureAssets, type Provider, UnavailableError } from "./assets.ts";
import { PROGRAM_NAMES } from "./programs.ts";

/** An empty cache and an environment that names it. */
async function sandbox(more: Record<string, string> = {}) {
  const directory = await Deno.makeTempDir({ prefix: "kubecode-assets-" });
  const values: Record<string, string | undefined> = {
    KUBECODE_TESTBED_CACHE: directory,
    ...more,
  };
  return {
    directory,
    env: (name: string) => values[name],
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

/** Makes empty files in place of programs, and notes for which it was asked. */
function provider(asked: string[], fails?: (name: string) => Error | undefined): Provider {
  return {
    name: "test provider",
    async provide(program, path) {
      asked.push(program);
      const error = fails?.(program);
      if (error) throw error;
      await Deno.writeTextFile(path, program, { mode: 0o755 });
    },
  };
}

const log = () => {};

Deno.test("ensureAssets() provides what is missing once, and finds it in the cache then", async () => {
  await using box = await sandbox();
  const asked: string[] = [];
  const options = { log, env: box.env, providers: [provider(asked)] };
  const first = await ensureAssets(options);
  assert.deepEqual(asked, PROGRAM_NAMES);
  assert.equal(first.kwok, `${cacheFolder(box.env)}/kwok`);
  assert.deepEqual(await ensureAssets(options), first);
  assert.equal(asked.length, PROGRAM_NAMES.length);
});

Deno.test("ensureAssets() takes what KUBEBUILDER_ASSETS has, and looks for the rest", async () => {
  const given = await Deno.makeTempDir();
  await using box = await sandbox({ KUBEBUILDER_ASSETS: given });
  await Deno.writeTextFile(`${given}/etcd`, "");
  await Deno.writeTextFile(`${given}/kubectl`, "");
  const asked: string[] = [];
  const assets = await ensureAssets({ log, env: box.env, providers: [provider(asked)] });
  assert.equal(assets.etcd, `${given}/etcd`);
  assert.equal(assets.kubectl, `${given}/kubectl`);
  assert.deepEqual(asked, PROGRAM_NAMES.filter((name) => !["etcd", "kubectl"].includes(name)));
  await Deno.remove(given, { recursive: true });
});

Deno.test("ensureAssets() of two runs at once provides each program once", async () => {
  await using box = await sandbox();
  const asked: string[] = [];
  const options = { log, env: box.env, providers: [provider(asked)] };
  const [one, other] = await Promise.all([ensureAssets(options), ensureAssets(options)]);
  assert.deepEqual(one, other);
  assert.deepEqual(asked, PROGRAM_NAMES);
});

Deno.test("ensureAssets() tries the next way for a program that the first does not have", async () => {
  await using box = await sandbox();
  const [first, second] = [[] as string[], [] as string[]];
  const missing = (name: string) => name === "helm" ? new Error("HTTP 404") : undefined;
  await ensureAssets({
    log,
    env: box.env,
    providers: [provider(first, missing), provider(second)],
  });
  assert.deepEqual(first, PROGRAM_NAMES);
  assert.deepEqual(second, ["helm"]);
});

Deno.test("ensureAssets() asks a way that is unavailable only once", async () => {
  await using box = await sandbox();
  const [first, second] = [[] as string[], [] as string[]];
  const none = () => new UnavailableError("no internet");
  await ensureAssets({ log, env: box.env, providers: [provider(first, none), provider(second)] });
  assert.equal(first.length, 1);
  assert.deepEqual(second, PROGRAM_NAMES);
});

Deno.test("ensureAssets() says what was tried when nothing works", async () => {
  await using box = await sandbox();
  const none = provider([], () => new UnavailableError("no internet"));
  await assert.rejects(
    ensureAssets({ log, env: box.env, providers: [none] }),
    ({ message }: Error) => {
      assert.match(message, /^Cannot find "kube-apiserver" for the test bed/);
      assert.match(message, /test provider: no internet/);
      assert.ok(message.includes(cacheFolder(box.env)));
      assert.match(message, /KUBEBUILDER_ASSETS/);
      return true;
    },
  );
});

Deno.test("ensureAssets() removes what a killed run left, and keeps what it had finished", async () => {
  await using box = await sandbox();
  const folder = cacheFolder(box.env);
  await Deno.mkdir(`${folder}/.work-left`, { recursive: true });
  await Deno.writeTextFile(`${folder}/etcd`, "finished");
  const asked: string[] = [];
  await ensureAssets({ log, env: box.env, providers: [provider(asked)] });
  assert.ok(!asked.includes("etcd"));
  const names = (await Array.fromAsync(Deno.readDir(folder))).map((entry) => entry.name);
  assert.deepEqual(names.filter((name) => name.startsWith(".work-")), []);
});
