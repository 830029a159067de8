/** A legacy OIDC login is renewed by its refresh token, and what kubectl would need is kept. */
import assert from "node:assert/strict";
import { describeError } from "../../lib/errors.ts";
import { createAuth } from "../../lib/kube/auth/auth.ts";
import { keepLogin } from "../../lib/kube/auth/oidc.ts";
import { resolveAccess } from "../../lib/kube/kubeconfig/access.ts";
import { loadKubeconfig } from "../../lib/kube/kubeconfig/load.ts";

const never = new AbortController().signal;
const NOW = Date.parse("2026-01-01T00:00:00Z");

/** A token that ends so many seconds from now. */
const jwt = (seconds: number) =>
  `e30.${btoa(JSON.stringify({ exp: NOW / 1000 + seconds })).replaceAll("=", "")}.sig`;

/** An issuer on loopback, and what it was asked. */
function startIssuer(answer: (form: URLSearchParams, request: Request) => Response) {
  const asked: { readonly form: URLSearchParams; readonly authorization: string | null }[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const { pathname, origin } = new URL(request.url);
    if (pathname === "/.well-known/openid-configuration") {
      return Response.json({ token_endpoint: `${origin}/token` });
    }
    const form = new URLSearchParams(await request.text());
    asked.push({ form, authorization: request.headers.get("authorization") });
    return answer(form, request);
  });
  return {
    asked,
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** The header that requests get by a kubeconfig with that login, and what the file says afterwards. */
async function authorize(config: Record<string, string>, told: string[] = []) {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/config`;
  const lines = Object.entries(config).map(([key, value]) => `          ${key}: ${value}`);
  await Deno.writeTextFile(
    path,
    `# mine
apiVersion: v1
kind: Config
current-context: c
contexts: [{name: c, context: {cluster: k, user: jane}}]
clusters: [{name: k, cluster: {server: "https://kube:6443"}}]
users:
  - name: jane
    user:
      auth-provider:
        name: oidc
        config:
${lines.join("\n")}
`,
    { mode: 0o600 },
  );
  try {
    const kubeconfig = await loadKubeconfig({ path, env: () => undefined });
    const access = await resolveAccess(kubeconfig, { now: () => new Date(NOW) });
    const auth = createAuth(access, { now: () => NOW, tell: (line) => told.push(line) });
    const first = await auth.credentials(never);
    const again = await auth.credentials(never);
    assert.equal(first, again, "one renewal is enough");
    const { mode } = await Deno.stat(path);
    assert.equal((mode ?? 0o600) & 0o777, 0o600);
    return { header: first.headers.Authorization, text: await Deno.readTextFile(path) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const login = (issuer: string, idToken: string) => ({
  "idp-issuer-url": issuer,
  "client-id": "kube",
  "client-secret": "s3cret",
  "id-token": idToken,
  "refresh-token": "first-refresh",
});

Deno.test("an id-token that expired is renewed, and both new tokens are kept in the kubeconfig", async () => {
  await using issuer = startIssuer((form) => {
    assert.equal(form.get("grant_type"), "refresh_token");
    return Response.json({ id_token: jwt(3600), refresh_token: "second-refresh" });
  });
  const { header, text } = await authorize(login(issuer.url, jwt(5)));
  assert.equal(header, `Bearer ${jwt(3600)}`);
  assert.deepEqual(
    issuer.asked.map(({ form, authorization }) => [form.get("refresh_token"), authorization]),
    [["first-refresh", `Basic ${btoa("kube:s3cret")}`]],
  );
  assert.match(text, /^# mine\n/);
  assert.ok(text.includes(`id-token: ${jwt(3600)}\n`) && text.includes("second-refresh"));
  assert.doesNotMatch(text, /first-refresh/);
});

Deno.test("one that is good is used as it is", async () => {
  const { header } = await authorize(login("http://127.0.0.1:1", jwt(3600)));
  assert.equal(header, `Bearer ${jwt(3600)}`);
});

Deno.test("a secret goes into the body where the issuer does not take it in the header", async () => {
  await using issuer = startIssuer((form) =>
    form.get("client_secret") === "s3cret"
      ? Response.json({ id_token: jwt(3600) })
      : Response.json({ error: "invalid_client" }, { status: 401 })
  );
  const { header, text } = await authorize(login(issuer.url, jwt(-1)));
  assert.equal(header, `Bearer ${jwt(3600)}`);
  assert.match(text, /refresh-token: first-refresh/);
});

Deno.test("a login that cannot be renewed says why, without a token", async () => {
  await using issuer = startIssuer(() =>
    Response.json({ error: "invalid_grant", error_description: "first-refresh" }, { status: 400 })
  );
  await using silent = startIssuer(() => Response.json({ access_token: "x" }));
  for (
    const [url, words] of [
      [issuer.url, /its issuer refused the refresh token \(invalid_grant\)\nLog in again/],
      [silent.url, /its issuer gave no id-token/],
      ["http://127.0.0.1:1", /its issuer "http:\/\/127.0.0.1:1" does not answer as it should/],
    ] as const
  ) {
    const text = await authorize(login(url, jwt(-1))).then(() => "", describeError);
    assert.match(text, /^Cannot renew the OIDC login of user "jane": /);
    assert.match(text, words);
    assert.doesNotMatch(text, /first-refresh|s3cret|e30/);
  }
});

Deno.test("a new refresh token that cannot be written is told", async () => {
  await using issuer = startIssuer(() =>
    Response.json({ id_token: jwt(3600), refresh_token: "no: yaml" })
  );
  const told: string[] = [];
  const { text } = await authorize(login(issuer.url, jwt(-1)), told);
  assert.match(text, /first-refresh/);
  assert.match(told.join(), /could not be written into the kubeconfig/);
});

/** What a kubeconfig says, in bytes, after its login was renewed. */
async function kept(
  content: Uint8Array,
  { mode = 0o600, before }: {
    readonly mode?: number;
    readonly before?: (path: string) => unknown;
  } = {},
) {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/config`;
    await Deno.writeFile(path, content);
    await Deno.chmod(path, mode);
    await before?.(path);
    const old = { idToken: "", refreshToken: "kubernetes", issuer: "", clientId: "" };
    const isKept = await keepLogin(old, { idToken: "new-id-token", refreshToken: "new-refresh" }, [
      path,
    ]);
    const left = [...Deno.readDirSync(folder)].map(({ name }) => name);
    const { mode: after } = await Deno.stat(path);
    return { isKept, left, mode: (after ?? 0) & 0o777, content: await Deno.readFile(path) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a renewal writes over the login's own tokens, and over no other byte of the kubeconfig", async () => {
  const text = (token: string) =>
    `# M\xfcller, not UTF-8
clusters: [{name: kubernetes, cluster: {server: "https://kubernetes:6443"}}]
users:
- name: a
  user: {auth-provider: {name: oidc, config: {"refresh-token": "${token}", id-token: ""}}}
- name: b
  user: {auth-provider: {name: oidc, config: {refresh-token: kubernetes-of-b}}}
`;
  const bytes = (text: string) => Uint8Array.from(text, (one) => one.charCodeAt(0));
  const { isKept, content, left } = await kept(bytes(text("kubernetes")));
  assert.deepEqual([isKept, left], [true, ["config"]]);
  assert.deepEqual(content, bytes(text("new-refresh")));
  const other = await kept(bytes(text("another-token")));
  assert.equal(other.isKept, false);
});

Deno.test({
  name: "a renewal waits for who is writing the kubeconfig, and leaves the file its rights",
  ignore: Deno.build.os === "windows",
  async fn() {
    const { isKept, mode, left } = await kept(
      new TextEncoder().encode("refresh-token: kubernetes\n"),
      {
        mode: 0o666,
        before: async (path) => {
          await Deno.writeTextFile(`${path}.lock`, "");
          setTimeout(() => Deno.removeSync(`${path}.lock`), 50);
        },
      },
    );
    assert.deepEqual([isKept, mode, left], [true, 0o666, ["config"]]);
  },
});

Deno.test("a refusal that is no JSON is one too: the secret goes into the body then", async () => {
  await using issuer = startIssuer((form) =>
    form.get("client_secret") === "s3cret"
      ? Response.json({ id_token: jwt(3600) })
      : new Response("Unauthorized", { status: 401 })
  );
  const { header } = await authorize(login(issuer.url, jwt(-1)));
  assert.equal(header, `Bearer ${jwt(3600)}`);
});
