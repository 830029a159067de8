/** A kubeconfig that is renewed while the program runs is read again, as kubectl would read it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Clusters, createClusters } from "../../lib/clusters.ts";
import { readSettings } from "../../lib/config/settings/settings.ts";
import { ApiError, ConfigError } from "../../lib/errors.ts";
import { createAuthority } from "../support/certificates.ts";
import { LOGGER } from "../support/clusters.ts";
import { jsonAnswer, type RawRequest, startRawServer } from "../support/raw_server.ts";

const never = new AbortController().signal;

interface Written {
  readonly server: string;
  readonly ca?: string;
  readonly token?: string;
  readonly user?: Readonly<Record<string, string>>;
  readonly namespace?: string;
  readonly current?: string;
}

/** A kubeconfig in a folder of its own, and the clusters that it leads to. */
async function withKubeconfig(
  test: (parts: {
    readonly folder: string;
    readonly clusters: Clusters;
    write(config: Written): Promise<void>;
  }) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "config");
  const clusters = createClusters(
    readSettings({ kubeconfig: path, connectTimeoutMs: "60s" }),
    LOGGER,
  );
  const write = ({ server, ca, token, user, namespace, current = "main" }: Written) =>
    Deno.writeTextFile(
      path,
      JSON.stringify({
        "current-context": current,
        contexts: ["main", "other"].map((name) => ({
          name,
          context: { cluster: "c", user: "u", namespace },
        })),
        clusters: [{
          name: "c",
          cluster: { server, ...(ca ? { "certificate-authority-data": btoa(ca) } : {}) },
        }],
        users: [{ name: "u", user: { ...(token ? { token } : {}), ...user } }],
      }),
    );
  try {
    await test({ folder, clusters, write });
  } finally {
    await clusters.close();
    await Deno.remove(folder, { recursive: true });
  }
}

const tokenOf = ({ headers }: RawRequest) =>
  headers.find(([name]) => name === "authorization")?.[1];

async function version(clusters: Clusters, context?: string): Promise<unknown> {
  return await (await clusters.connect(context)).getJson("/version", { signal: never });
}

Deno.test("createClusters() sends the token that the kubeconfig has now, and keeps its client", async () => {
  const authority = await createAuthority();
  await using server = startRawServer(() => jsonAnswer({}), await authority.server());
  const url = `https://127.0.0.1:${server.port}`;
  await withKubeconfig(async ({ clusters, write }) => {
    await write({ server: url, ca: authority.cert, token: "one" });
    await version(clusters);
    const client = await clusters.connect();
    await write({ server: url, ca: authority.cert, token: "two" });
    await version(clusters);
    await version(clusters, "other");
    assert.deepEqual(server.requests.map(tokenOf), ["Bearer one", "Bearer two", "Bearer two"]);
    assert.equal(
      await clusters.connect(),
      client,
      "what the cluster serves need not be read again",
    );
  });
});

Deno.test("a client asks again after 401 where the kubeconfig was renewed, a write too", async () => {
  const authority = await createAuthority();
  await using server = startRawServer(
    (request) =>
      tokenOf(request) === "Bearer two" ? jsonAnswer({}) : jsonAnswer({}, "401 Unauthorized"),
    await authority.server(),
  );
  const url = `https://127.0.0.1:${server.port}`;
  await withKubeconfig(async ({ clusters, write }) => {
    await write({ server: url, ca: authority.cert, token: "one" });
    // A client that is held for the time of a long call.
    const client = await clusters.connect();
    await assert.rejects(client.getJson("/a", { signal: never }), { status: 401 });
    assert.equal(server.requests.length, 1, "the same token is not worth asking again");
    await write({ server: url, ca: authority.cert, token: "two" });
    const resource = {
      ...{ group: "", version: "v1", resource: "pods", kind: "Pod", singular: "pod" },
      ...{ shortNames: [], namespaced: true, verbs: ["create"], subresources: [] },
    };
    const body = new TextEncoder().encode("{}");
    await client.send({ verb: "create", resource, namespace: "shop", body }, never);
    assert.deepEqual(server.requests.slice(1).map(({ method }) => method), ["POST", "POST"]);
  });
});

Deno.test("a client asks again after a failed handshake where the authority was renewed", async () => {
  const [old, renewed] = [await createAuthority("old"), await createAuthority("new")];
  await using server = startRawServer(() => jsonAnswer({ ok: true }), await renewed.server());
  const url = `https://127.0.0.1:${server.port}`;
  await withKubeconfig(async ({ clusters, write }) => {
    await write({ server: url, ca: old.cert });
    const client = await clusters.connect();
    await assert.rejects(client.getJson("/a", { signal: never }), { reason: "Tls" });
    await write({ server: url, ca: renewed.cert });
    assert.deepEqual(await client.getJson("/a", { signal: never }), { ok: true });
  });
});

Deno.test("createClusters() reads certificate files again that are renewed", async () => {
  const authority = await createAuthority();
  await using server = startRawServer(() => jsonAnswer({}), await authority.server());
  await withKubeconfig(async ({ folder, clusters, write }) => {
    const put = async (name: string) => {
      const { cert, key } = await authority.client(name);
      await Deno.writeTextFile(join(folder, "c.pem"), cert);
      await Deno.writeTextFile(join(folder, "k.pem"), key);
      return cert;
    };
    await put("one");
    await write({
      server: `https://127.0.0.1:${server.port}`,
      ca: authority.cert,
      user: { "client-certificate": "c.pem", "client-key": "k.pem" },
    });
    await version(clusters);
    const cert = await put("two");
    await version(clusters);
    assert.equal((await clusters.access()).credentials.clientCertificate?.cert, cert);
    assert.equal(server.connections, 2, "a connection keeps the certificate it was opened with");
  });
});

Deno.test("a request under way ends with what it began with", async () => {
  const go = Promise.withResolvers<void>();
  const authority = await createAuthority();
  await using server = startRawServer(async (request) => {
    if (request.path === "/slow") await go.promise;
    return jsonAnswer({ token: tokenOf(request) });
  }, await authority.server());
  const url = `https://127.0.0.1:${server.port}`;
  await withKubeconfig(async ({ clusters, write }) => {
    await write({ server: url, ca: authority.cert, token: "one" });
    const slow = (await clusters.connect()).getJson("/slow", { signal: never });
    while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await write({ server: url, ca: authority.cert, token: "two" });
    assert.deepEqual(await version(clusters), { token: "Bearer two" });
    go.resolve();
    assert.deepEqual(await slow, { token: "Bearer one" });
  });
});

Deno.test("createClusters() goes to the new server and namespace, and stays in its context", async () => {
  await using one = startRawServer(() => jsonAnswer({ server: 1 }));
  await using two = startRawServer(() => jsonAnswer({ server: 2 }));
  await withKubeconfig(async ({ clusters, write }) => {
    await write({ server: `http://127.0.0.1:${one.port}` });
    assert.deepEqual(await version(clusters), { server: 1 });
    const options = { namespace: "shop", current: "other" };
    await write({ server: `http://127.0.0.1:${two.port}`, ...options });
    assert.deepEqual(await version(clusters), { server: 2 });
    const { context, namespace } = (await clusters.connect()).access;
    assert.deepEqual({ context, namespace }, { context: "main", namespace: "shop" });
    const entries = await clusters.contexts();
    assert.deepEqual(entries.map((entry) => [entry.name, entry.current, entry.namespace]), [
      ["main", true, "shop"],
      ["other", false, "shop"],
    ]);
  });
});

Deno.test("createClusters() reads a kubeconfig on that is just being written, and says what is wrong with it after", async () => {
  await using server = startRawServer(() => jsonAnswer({}));
  const url = `http://127.0.0.1:${server.port}`;
  await withKubeconfig(async ({ folder, clusters, write }) => {
    await write({ server: url });
    await version(clusters);
    await Deno.writeTextFile(join(folder, "config"), "");
    const asked = version(clusters);
    await write({ server: url });
    await asked;
    await Deno.writeTextFile(join(folder, "config"), "contexts: {");
    await assert.rejects(version(clusters), ConfigError);
    await write({ server: url });
    await version(clusters);
  });
});

Deno.test("a 401 stays what it is where the kubeconfig cannot be read any more", async () => {
  await using server = startRawServer(() => jsonAnswer({}, "401 Unauthorized"));
  await withKubeconfig(async ({ folder, clusters, write }) => {
    await write({ server: `http://127.0.0.1:${server.port}` });
    const client = await clusters.connect();
    await Deno.remove(join(folder, "config"));
    await assert.rejects(
      client.getJson("/a", { signal: never }),
      (error) => error instanceof ApiError && error.status === 401,
    );
  });
});
