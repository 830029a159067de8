import assert from "node:assert/strict";
import { join } from "node:path";
import { ConfigError, describeError } from "../../lib/errors.ts";
import { IN_CLUSTER, loadKubeconfig } from "../../lib/kube/kubeconfig/load.ts";
import { resolveAccess } from "../../lib/kube/kubeconfig/access.ts";
import { createAuthority } from "../support/certificates.ts";

/** A kubeconfig whose context, cluster and user have one name. */
const config = (name: string, server = `https://${name}:6443`, current = name) =>
  JSON.stringify({
    "current-context": current,
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [{ name, cluster: { server } }],
    users: [{ name, user: { token: `token-of-${name}` } }],
  });

async function inFolder(
  files: Record<string, string>,
  test: (at: (name: string) => string, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, name);
      await Deno.mkdir(join(path, ".."), { recursive: true });
      await Deno.writeTextFile(path, text);
    }
    await test((name) => join(folder, name), folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const load = (
  env: Record<string, string>,
  path?: string,
  serviceAccountDirectory = "/nonexistent",
) =>
  loadKubeconfig({ env: (name) => env[name], path, listSeparator: ":", serviceAccountDirectory });

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(() => undefined, (error) => error);
  assert.ok(error instanceof ConfigError, `a ConfigError, not ${error}`);
  assert.ok(error.hint, "a hint");
  return describeError(error);
}

Deno.test("loadKubeconfig() prefers the named file, then KUBECONFIG, then the home folder", async () => {
  const files = { a: config("a"), b: config("b"), ".kube/config": config("home") };
  await inFolder(files, async (at, HOME) => {
    const KUBECONFIG = at("b");
    assert.equal((await load({ HOME, KUBECONFIG }, at("a"))).currentContext, "a");
    assert.equal((await load({ HOME, KUBECONFIG })).currentContext, "b");
    assert.equal((await load({ HOME })).currentContext, "home");
    assert.equal((await load({ USERPROFILE: HOME })).currentContext, "home");
    assert.deepEqual((await load({ HOME })).sources, [at(".kube/config")]);
  });
});

Deno.test("loadKubeconfig() merges a list: the first to name a thing wins, whole", async () => {
  const first = JSON.stringify({
    contexts: [{ name: "x", context: { cluster: "x" } }],
    clusters: [{ name: "x", cluster: { server: "https://first" } }],
  });
  const second = JSON.stringify({
    "current-context": "y",
    contexts: [{ name: "x", context: { cluster: "x", namespace: "second" } }],
    clusters: [{ name: "x", cluster: { server: "https://second", "proxy-url": "http://p" } }],
  });
  await inFolder({ first, second, third: config("y") }, async (at) => {
    const KUBECONFIG = ["", at("first"), at("missing"), at("second"), "", at("third")].join(":");
    const merged = await load({ KUBECONFIG });
    assert.equal(merged.currentContext, "y");
    assert.equal(merged.clusters.get("x")?.server, "https://first");
    assert.equal(merged.clusters.get("x")?.proxyUrl, undefined);
    assert.equal(merged.contexts.get("x")?.namespace, undefined);
    assert.ok(merged.users.has("y"));
  });
});

Deno.test("loadKubeconfig() says what is wrong with a file, where, and in which of a list", async () => {
  const files: Record<string, string> = {
    good: config("good"),
    broken: "apiVersion: v1\nclusters:\n- name: [\n",
    secret: "users:\n- user:\n    token: 'hunter2\n",
    list: "- a\n",
    kind: "apiVersion: v1\nkind: Pod\n",
    number: "users: [{name: u, user: {token: 12345}}]\n",
    twice: "contexts: [{name: c}, {name: c}]\n",
    map: "contexts: {c: {}}\n",
  };
  await inFolder(files, async (at) => {
    await Deno.writeFile(at("binary"), new Uint8Array([0xff, 0xfe, 0x00]));
    await Deno.mkdir(at("folder"));
    const states: Record<string, RegExp> = {
      broken: /line 4, column 1/,
      secret: /line \d, column \d/,
      list: /it is not a mapping/,
      kind: /it holds a v1 Pod/,
      number: /users\[0\]\.user\.token must be a string/,
      twice: /contexts has two entries named "c"/,
      map: /contexts must be a list/,
      binary: /not text in UTF-8 or UTF-16/,
      folder: /it is a directory/,
    };
    for (const [name, state] of Object.entries(states)) {
      const text = await refusal(load({ KUBECONFIG: `${at("good")}:${at(name)}` }));
      assert.ok(text.startsWith(`Cannot read the kubeconfig "${at(name)}": `), text);
      assert.match(text, state);
      assert.ok(!text.includes("hunter2") && !text.includes("12345"));
    }
  });
});

Deno.test("loadKubeconfig() reads the first document, and the last of two equal keys", async () => {
  const text =
    `clusters: [{name: c, cluster: {server: "https://a", server: "https://b"}}]\n---\nx: y\n`;
  await inFolder({ text }, async (at) => {
    assert.equal((await load({}, at("text"))).clusters.get("c")?.server, "https://b");
  });
});

Deno.test("loadKubeconfig() says where it looked when there is nothing", async () => {
  await inFolder({ empty: "" }, async (at, HOME) => {
    assert.match(
      await refusal(load({ HOME })),
      /no kubeconfig at ".*config" \(KUBECONFIG is not set\)/,
    );
    const missing = await refusal(load({ HOME, KUBECONFIG: `${at("x")}:${at("y")}` }));
    assert.ok(missing.includes(`"${at("x")}", "${at("y")}" (from KUBECONFIG)`), missing);
    assert.match(await refusal(load({})), /KUBECONFIG is not set, and there is no home/);
    const service = { HOME: "/dev/null" };
    assert.match(await refusal(load(service)), /KUBECONFIG is not set, and there is no home/);
    assert.match(await refusal(load({ HOME }, at("x"))), /no such file\n.*--kubeconfig/);
    assert.match(await refusal(load({ HOME }, at("empty"))), /it names no cluster and no context/);
    assert.match(await refusal(load({})), /--demo/);
  });
});

Deno.test("loadKubeconfig() uses the pod's service account when there is no kubeconfig", async () => {
  const { cert } = await createAuthority();
  const files = {
    "sa/token": "t",
    "sa/namespace": "shop\n",
    "sa/ca.crt": cert,
    own: config("own"),
  };
  await inFolder(files, async (at, HOME) => {
    const env = { HOME, KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "6443" };
    const access = await resolveAccess(await load(env, undefined, at("sa")));
    assert.equal(access.context, IN_CLUSTER);
    assert.equal(access.server, "https://10.0.0.1:6443");
    assert.equal(access.namespace, "shop");
    assert.equal(access.tls.ca, cert);
    assert.deepEqual(access.credentials.bearer, { kind: "file", path: at("sa/token") });
    const v6 = { HOME, KUBERNETES_SERVICE_HOST: "fd00::1" };
    assert.equal(
      (await resolveAccess(await load(v6, undefined, at("sa")))).server,
      "https://[fd00::1]",
    );
    const own = await load({ ...env, KUBECONFIG: at("own") }, undefined, at("sa"));
    assert.equal(own.currentContext, "own");
    await refusal(load({ HOME }, undefined, at("sa")));
    await refusal(load(env, undefined, at("nothing")));
  });
});

Deno.test("loadKubeconfig() reads files with a byte order mark, in UTF-8 and UTF-16", async () => {
  const text = "current-context: main\ncontexts: [{name: main, context: {namespace: käse}}]\n";
  const units = [...`\ufeff${text}`].map((unit) => unit.charCodeAt(0));
  const files = {
    "utf-8": new TextEncoder().encode(`\ufeff${text}`),
    "utf-16le": new Uint8Array(units.flatMap((unit) => [unit & 255, unit >> 8])),
    "utf-16be": new Uint8Array(units.flatMap((unit) => [unit >> 8, unit & 255])),
  };
  const path = await Deno.makeTempFile();
  try {
    for (const [encoding, bytes] of Object.entries(files)) {
      await Deno.writeFile(path, bytes);
      const { currentContext, contexts } = await loadKubeconfig({ path, env: () => undefined });
      assert.deepEqual(
        [currentContext, contexts.get("main")?.namespace],
        ["main", "käse"],
        encoding,
      );
    }
  } finally {
    await Deno.remove(path);
  }
});
