import assert from "node:assert/strict";
import { join } from "node:path";
import { ConfigError, describeError } from "../../lib/errors.ts";
import { loadKubeconfig } from "../../lib/kube/kubeconfig/load.ts";
import { type AccessChoice, resolveAccess } from "../../lib/kube/kubeconfig/access.ts";
import { describeCredentials } from "../../lib/kube/kubeconfig/credentials_text.ts";
import { createAuthority } from "../support/certificates.ts";

type Fields = Record<string, unknown>;

/** Resolves one context over files of a folder that is gone afterwards. */
async function resolve(
  parts: { cluster?: Fields; user?: Fields; context?: Fields; files?: Record<string, string> },
  choice: AccessChoice = {},
) {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(parts.files ?? {})) {
      await Deno.writeTextFile(join(folder, name), text);
    }
    const path = join(folder, "config");
    await Deno.writeTextFile(
      path,
      JSON.stringify({
        "current-context": "main",
        contexts: [{ name: "main", context: { cluster: "c", user: "u", ...parts.context } }],
        clusters: [{ name: "c", cluster: { server: "https://kube:6443", ...parts.cluster } }],
        users: [{ name: "u", user: parts.user ?? {} }],
      }),
    );
    const kubeconfig = await loadKubeconfig({ path, env: () => undefined });
    return { access: await resolveAccess(kubeconfig, choice), folder };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(() => undefined, (error) => error);
  assert.ok(error instanceof ConfigError, `a ConfigError, not ${error}`);
  assert.ok(error.hint, "a hint");
  return describeError(error);
}

Deno.test("resolveAccess() takes the current context, its namespace or default", async () => {
  const { access } = await resolve({ context: { namespace: "shop" } });
  assert.deepEqual(
    [access.context, access.cluster, access.user, access.namespace, access.server],
    ["main", "c", "u", "shop", "https://kube:6443"],
  );
  assert.equal((await resolve({})).access.namespace, "default");
  assert.equal((await resolve({}, { namespace: "own" })).access.namespace, "own");
  assert.match(await refusal(resolve({}, { namespace: "../x" })), /namespace "\.\.\/x"/);
});

Deno.test("resolveAccess() lists the names there are for one that is not", async () => {
  assert.match(
    await refusal(resolve({}, { context: "mian" })),
    /^Cannot use the context "mian": .*\nThere is "main"\.$/,
  );
  assert.match(
    await refusal(resolve({ context: { cluster: "x" } })),
    /no cluster "x"\nThere is "c"/,
  );
  assert.match(await refusal(resolve({ context: { user: "x" } })), /no user "x"\nThere is "u"/);
  assert.match(await refusal(resolve({ context: { cluster: "" } })), /it names no cluster/);
});

Deno.test("resolveAccess() names the nearest of many contexts", async () => {
  const context = (name: string) => ({ name, context: { cluster: "c" } });
  const kubeconfig = {
    sources: [],
    files: [],
    contexts: new Map(
      Array.from({ length: 40 }, (_, i) => context(`team-${i}`)).concat(context("prod-eu"))
        .map(({ name, context }) => [name, context] as const),
    ),
    clusters: new Map(),
    users: new Map(),
  };
  const text = await refusal(resolveAccess(kubeconfig, { context: "prd-eu" }));
  assert.match(text, /\nThere are "prod-eu", .* and 36 more\.$/);
  assert.match(await refusal(resolveAccess(kubeconfig)), /no current-context/);
});

Deno.test("resolveAccess() refuses a server or proxy that cannot be one, without its secrets", async () => {
  const servers = [
    undefined,
    "kube:6443/path?x",
    "u:hunter2@kube:6443",
    "ftp://kube",
    "https://",
    "https://u:hunter2@k",
  ];
  for (const server of servers) {
    const text = await refusal(resolve({ cluster: { server } }));
    assert.match(text, /^Cannot use the cluster "c": it/, String(server));
    assert.ok(!text.includes("hunter2"), text);
  }
  const text = await refusal(resolve({ cluster: { "proxy-url": "ftp://u:hunter2@p" } }));
  assert.match(text, /proxy-url "ftp:\/\/p" is not/);
  const { access } = await resolve({ cluster: { server: "https://k/base/path/?x#y" } });
  assert.equal(access.server, "https://k/base/path");
});

Deno.test("resolveAccess() reads certificates from files beside the kubeconfig, inline first", async () => {
  const ca = await createAuthority();
  const client = await ca.client("admin");
  const files = { "ca.pem": ca.cert, "c.pem": client.cert, "k.pem": client.key, "bad.pem": "bad" };
  const user = { "client-certificate": "c.pem", "client-key": "k.pem" };
  const { access } = await resolve({ cluster: { "certificate-authority": "ca.pem" }, user, files });
  assert.equal(access.tls.ca, ca.cert);
  assert.deepEqual(access.credentials.clientCertificate, client);

  const inline = await resolve({
    cluster: { "certificate-authority": "bad.pem", "certificate-authority-data": btoa(ca.cert) },
    user: { "client-certificate-data": btoa(client.cert), "client-key-data": btoa(client.key) },
    files,
  });
  assert.equal(inline.access.tls.ca, ca.cert);
  assert.deepEqual(inline.access.credentials.clientCertificate, client);
});

Deno.test("resolveAccess() says what is wrong with a certificate, and where it stands", async () => {
  const ca = await createAuthority();
  const client = await ca.client("admin");
  const other = await ca.client("other");
  const own = { "client-certificate-data": btoa(client.cert) };
  const cases: readonly [RegExp, Parameters<typeof resolve>[0]][] = [
    [/authority of cluster "c" ".*nope.pem": no such file/, {
      cluster: { "certificate-authority": "nope.pem" },
    }],
    [/authority of cluster "c" \("ca.pem"\): it is not PEM/, {
      cluster: { "certificate-authority": "ca.pem" },
      files: { "ca.pem": "nonsense" },
    }],
    [/authority of cluster "c": its inline data is not base64/, {
      cluster: { "certificate-authority-data": "%%%" },
    }],
    [/cannot be read/, {
      cluster: {
        "certificate-authority-data": btoa(
          "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ),
      },
    }],
    [/both a certificate authority and insecure-skip-tls-verify/, {
      cluster: { "certificate-authority-data": btoa(ca.cert), "insecure-skip-tls-verify": true },
    }],
    [/there is no client key beside it/, { user: own }],
    [/client key of user "u": it does not belong to the client certificate/, {
      user: { ...own, "client-key-data": btoa(other.key) },
    }],
    [/client key of user "u": it is not PEM/, { user: { ...own, "client-key-data": btoa("x") } }],
    [/client key of user "u" \("k.pem"\): it is empty/, {
      user: { ...own, "client-key": "k.pem" },
      files: { "k.pem": "" },
    }],
  ];
  for (const [pattern, parts] of cases) assert.match(await refusal(resolve(parts)), pattern);
});

Deno.test("resolveAccess() says when a client certificate expired, unless a token stands beside it", async () => {
  const ca = await createAuthority();
  const { cert, key } = await ca.client("admin", { notAfter: new Date("2030-05-06T07:08:09Z") });
  const user = { "client-certificate-data": btoa(cert), "client-key-data": btoa(key) };
  const late = { now: () => new Date("2031-01-01") };
  assert.match(
    await refusal(resolve({ user }, late)),
    /client certificate of user "u": it expired on 2030-05-06T07:08:09Z/,
  );
  const early = { now: () => new Date("2001-01-01T00:00:00Z") };
  assert.match(await refusal(resolve({ user }, early)), /not valid before .*clock says 2001-01-01/);
  assert.ok((await resolve({ user: { ...user, token: "t" } }, late)).access.credentials.bearer);
});

Deno.test("resolveAccess() chooses credentials as client-go does", async () => {
  const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "aws" };
  const kind = async (user: Fields, files?: Record<string, string>) =>
    (await resolve({ user, files })).access.credentials.bearer?.kind;
  assert.equal(await kind({ token: "t" }), "token");
  assert.equal(await kind({ token: "t", tokenFile: "f" }, { f: "x" }), "file");
  assert.equal(await kind({ token: "t", tokenFile: "missing" }), "token");
  assert.equal(await kind({ username: "a", password: "b" }), "basic");
  assert.equal(await kind({ token: "t", exec }), "token");
  assert.equal(await kind({ exec }), "exec");
  assert.equal(await kind({}), undefined);
  assert.match(await refusal(resolve({ user: { token: "t", username: "a" } })), /both a token and/);
  const { access, folder } = await resolve({ user: { tokenFile: "sub/token" } });
  assert.deepEqual(access.credentials.bearer, { kind: "file", path: join(folder, "sub/token") });
});

Deno.test("resolveAccess() gives no credentials to a server without TLS", async () => {
  const { access } = await resolve({ cluster: { server: "http://kube" }, user: { token: "t" } });
  assert.deepEqual(access.credentials, {});
  assert.match(describeCredentials(access), /none are sent without TLS/);
});

Deno.test("resolveAccess() refuses exec plugins and auth-providers that cannot work", async () => {
  const v1 = "client.authentication.k8s.io/v1";
  const exec = (fields: Fields) => resolve({ user: { exec: { apiVersion: v1, ...fields } } });
  assert.match(await refusal(exec({})), /exec plugin of user "u": it has no command/);
  assert.match(
    await refusal(exec({ command: "x", interactiveMode: "Always" })),
    /no terminal here/,
  );
  const old = exec({ command: "x", apiVersion: "client.authentication.k8s.io/v1alpha1" });
  assert.match(await refusal(old), /v1alpha1" is not supported/);
  const provider = (name: string) => refusal(resolve({ user: { "auth-provider": { name } } }));
  assert.match(await provider("gcp"), /auth-provider "gcp" .*\n.*gke-gcloud-auth-plugin/);
  assert.match(await provider("azure"), /kubelogin/);
});

Deno.test("resolveAccess() reads impersonation, and refuses groups without a user", async () => {
  const { access } = await resolve({
    user: { as: "jane", "as-uid": "7", "as-groups": ["a", "b"], "as-user-extra": { k: ["v"] } },
  });
  assert.deepEqual(access.impersonate, {
    user: "jane",
    uid: "7",
    groups: ["a", "b"],
    extra: { k: ["v"] },
  });
  assert.match(await refusal(resolve({ user: { "as-groups": ["a"] } })), /without as/);
});

Deno.test("describeCredentials() says how, and no secret", async () => {
  const ca = await createAuthority();
  const { cert, key } = await ca.client("admin", { notAfter: new Date("2031-02-03T00:00:00Z") });
  const describe = async (user: Fields) => describeCredentials((await resolve({ user })).access);
  assert.equal(
    await describe({ "client-certificate-data": btoa(cert), "client-key-data": btoa(key) }),
    "client certificate CN=admin, expires 2031-02-03",
  );
  assert.equal(await describe({ token: "hunter2" }), "token");
  assert.equal(await describe({ username: "jo", password: "hunter2" }), 'password of "jo"');
  const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "aws", args: ["hunter2"] };
  assert.equal(await describe({ exec, as: "jane" }), 'exec plugin aws, acting as "jane"');
  assert.equal(await describe({}), "no credentials");
});

Deno.test("resolveAccess() takes a server without a scheme as client-go does", async () => {
  const { cert } = await createAuthority();
  const server = async (server: string, cluster: Fields = {}) =>
    (await resolve({ cluster: { server, ...cluster } })).access.server;
  const ca = { "certificate-authority-data": btoa(cert) };
  assert.equal(await server("10.0.0.1:6443", ca), "https://10.0.0.1:6443");
  assert.equal(await server("kube", { "insecure-skip-tls-verify": true }), "https://kube");
  assert.equal(await server("[fd12::1]:6443/", ca), "https://[fd12::1]:6443");
  assert.equal(await server("localhost:8080"), "http://localhost:8080");
});

Deno.test("resolveAccess() takes certificate and key from one file, in either order", async () => {
  const client = await (await createAuthority()).client("kubelet");
  const user = { "client-certificate": "both.pem", "client-key": "both.pem" };
  const parts = [`${client.cert}\n`, client.key];
  for (const [first, second] of [parts, parts.toReversed()]) {
    const { access } = await resolve({ user, files: { "both.pem": `${first}${second}` } });
    const { cert, key } = access.credentials.clientCertificate!;
    assert.deepEqual([cert.trim(), key.trim()], [client.cert.trim(), client.key.trim()]);
  }
});

Deno.test("resolveAccess() takes what can be read of a bundle of authorities", async () => {
  const [one, two] = [await createAuthority("one"), await createAuthority("two")];
  const bad = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
  const bundle = [bad, "# a comment", one.cert, bad, two.cert].join("\n");
  const { access } = await resolve({
    cluster: { "certificate-authority": "ca.pem" },
    files: { "ca.pem": bundle },
  });
  assert.equal(access.tls.ca, `${one.cert.trim()}\n${two.cert.trim()}\n`);
});

Deno.test("resolveAccess() uses the id-token of an OIDC login, and says when one has expired that cannot be renewed", async () => {
  const now = () => new Date("2026-01-01T00:00:00Z");
  const jwt = (exp: unknown) => `e30.${btoa(JSON.stringify({ exp })).replaceAll("=", "")}.sig`;
  const login = (config: Fields) =>
    resolve({ user: { "auth-provider": { name: "oidc", config } } }, { now });
  const end = Date.parse("2026-01-01T00:00:01Z") / 1000;
  for (const token of [jwt(end), jwt(undefined), jwt("soon"), jwt(1e300), "opaque"]) {
    const { access } = await login({ "id-token": token, "client-secret": "s3cret" });
    assert.deepEqual(access.credentials, { bearer: { kind: "token", token } });
  }
  const old = { "id-token": jwt(end - 1) };
  const text = await refusal(login({ ...old, "refresh-token": "r" }));
  assert.match(
    text,
    /user "u": its id-token expired on 2026-01-01T00:00:00Z\nLog in again; beside its refresh-token/,
  );
  assert.match(await refusal(login(old)), /expired .*\nLog in again/);
  assert.match(await refusal(login({})), /it has no id-token/);
});
