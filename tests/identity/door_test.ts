/** Who is let in over HTTP, and what the others are told: the whole program, from source. */
import assert from "node:assert/strict";
import { until, VARIANTS } from "../e2e/program.ts";
import { makeToken } from "../../lib/identity/tokens/token_file.ts";
import { createAuthority, type TestCertificate } from "../support/certificates.ts";
import { inSeconds, startIssuer } from "../support/issuer.ts";
import { needs } from "../support/needs.ts";
import { connectTo, modern, runScript, sendRaw, startHttp } from "../http/served.ts";

const SOURCE = VARIANTS[0]!;
const LIST = modern("tools/list");

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Status, challenge and message of an answer. */
async function ask(
  url: URL | string,
  headers: Record<string, string> = {},
  init: RequestInit & { client?: Deno.HttpClient } = {},
) {
  const response = await fetch(url, {
    ...LIST,
    ...init,
    headers: { ...LIST.headers, ...headers },
  });
  const text = await response.text();
  return {
    status: response.status,
    challenge: response.headers.get("www-authenticate"),
    retryAfter: response.headers.get("retry-after"),
    text,
  };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

Deno.test("only a token that the file knows lets in, and one whose line is gone no more", async () => {
  await withFolder(async (folder) => {
    const [alice, bob] = [makeToken("alice"), makeToken("bob")];
    const file = `${folder}/tokens`;
    await Deno.writeTextFile(file, `${alice.line}\n`);
    const args = [
      "--tokens-file",
      file,
      "--host=0.0.0.0",
      "--audit",
      `${folder}/audit`,
      "--log-level=info",
    ];
    await using served = await startHttp(SOURCE, args);
    const url = new URL(served.url);
    url.hostname = "127.0.0.1";
    assert.equal((await ask(url, bearer(alice.token))).status, 200);

    const none = await ask(url);
    assert.equal(none.status, 401);
    assert.equal(none.challenge, 'Bearer realm="kubecode"');
    assert.match(
      JSON.parse(none.text).error.message,
      /: send a token \("Authorization: Bearer TOKEN"\)$/,
    );
    const forged = {
      "x-remote-user": "alice",
      "x-remote-group": "system:masters",
      "x-forwarded-user": "alice",
      "x-forwarded-for": "127.0.0.1",
      forwarded: "for=127.0.0.1",
      "impersonate-user": "alice",
      cookie: `token=${alice.token}`,
      "x-api-key": alice.token,
    };
    assert.equal((await ask(url, forged)).status, 401);
    const wrong = await ask(url, bearer(bob.token));
    assert.equal(wrong.status, 401);
    assert.match(wrong.challenge!, /error="invalid_token"/);
    assert.equal((await ask(url, { authorization: `Basic ${btoa("alice:x")}` })).status, 401);
    for (
      const authorization of [
        `Bearer ${alice.token}, Bearer ${bob.token}`,
        `Bearer ${alice.token} ${bob.token}`,
        "Bearer ",
        "Bearer",
        `Bearer ${alice.token}"`,
      ]
    ) {
      const { status, challenge } = await ask(url, { authorization });
      assert.equal(status, 400, authorization);
      assert.match(challenge!, /error="invalid_request"/);
    }
    const place = new URL(url);
    place.searchParams.set("access_token", alice.token);
    assert.equal((await ask(place)).status, 400);
    assert.equal((await ask(place, bearer(alice.token))).status, 400);
    const twice = await sendRaw(
      url,
      `GET /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${alice.token}\r\n` +
        `Authorization: Bearer ${alice.token}\r\nConnection: close\r\n\r\n`,
    );
    assert.match(twice, /^HTTP\/1\.1 400 /);
    const long = await sendRaw(
      url,
      `GET /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${
        "a".repeat(1 << 20)
      }\r\n\r\n`,
    ).catch(() => "HTTP/1.1 431 (cut)");
    assert.match(long, /^(HTTP\/1\.1 (400|431) |$)/);
    assert.equal((await ask(url, bearer(alice.token))).status, 200);

    await Deno.writeTextFile(file, `${bob.line}\n`);
    await until(() => /tokens file read again/.test(served.log()));
    assert.equal((await ask(url, bearer(alice.token))).status, 401);
    assert.equal((await ask(url, bearer(bob.token))).status, 200);
    await Deno.writeTextFile(file, "mallory\n");
    await until(() => /tokens file not taken/.test(served.log()));
    assert.equal((await ask(url, bearer(bob.token))).status, 200);

    assert.match(served.log(), /caller refused/);
    for (const { token } of [alice, bob]) assert.ok(!served.log().includes(token.slice(12, 30)));
  });
});

// What loads modules late might be without them as a binary.
for (const variant of VARIANTS) {
  Deno.test(
    needs(variant, `${variant.name}: a client is led to the issuer, and its tokens let in`),
    async () => {
      await using issuer = await startIssuer();
      await using served = await startHttp(variant, [
        "--oidc-issuer-url",
        issuer.url,
        "--log-level=info",
      ], {
        KUBECODE_OIDC_AUDIENCE: "kubecode",
      });
      const { url } = served;
      const { status, challenge } = await ask(url);
      assert.equal(status, 401);
      const place = /resource_metadata="([^"]+)"/.exec(challenge ?? "")?.[1];
      assert.equal(place, `${url.origin}/.well-known/oauth-protected-resource/mcp`);
      for (const where of [place, `${url.origin}/.well-known/oauth-protected-resource`]) {
        const metadata = await (await fetch(where)).json();
        assert.equal(metadata.resource, url.href);
        assert.deepEqual(metadata.authorization_servers, [issuer.url]);
      }
      const client = await connectTo(url, "auto", { headers: bearer(await issuer.sign()) });
      assert.equal(await runScript(client, "6 * 7"), "42");
      await client.close();
      const expired = await issuer.sign({ exp: inSeconds(-100) });
      const refused = await ask(url, bearer(expired));
      assert.equal(refused.status, 401);
      assert.match(refused.challenge!, /error="invalid_token", error_description="[^"]*expired"/);
      assert.match(served.log(), /caller refused/);
      assert.ok(!served.log().includes(expired.split(".")[1]!));

      issuer.behave("dead");
      await issuer.rotate();
      const unknown = await ask(url, bearer(await issuer.sign({}, { kid: "never seen" })));
      // What is kept of the keys is young: nobody asks for an unknown one again so soon.
      assert.equal(unknown.status, 401);
    },
  );
}

Deno.test("an issuer that cannot be asked is no reason to send a client for another token", async () => {
  await using issuer = await startIssuer();
  issuer.behave("dead");
  const args = ["--oidc-issuer-url", issuer.url, "--oidc-audience=kubecode"];
  await using served = await startHttp(SOURCE, args);
  const answer = await ask(served.url, bearer(await issuer.sign()));
  assert.equal(answer.status, 503);
  assert.equal(answer.retryAfter, "5");
  assert.equal(answer.challenge, null);
});

Deno.test("a scope that is missing is asked for", async () => {
  await withFolder(async (folder) => {
    await using issuer = await startIssuer();
    await Deno.writeTextFile(
      `${folder}/config.yaml`,
      `identity:
  url: https://kubecode.example.com/mcp
  oidc: {issuer: "${issuer.url}", requiredScopes: [kube, write]}
`,
    );
    await using served = await startHttp(SOURCE, ["--config", `${folder}/config.yaml`]);
    const aud = "https://kubecode.example.com/mcp";
    const { status, challenge } = await ask(
      served.url,
      bearer(await issuer.sign({ aud, scope: "kube" })),
    );
    assert.equal(status, 403);
    assert.match(challenge!, /error="insufficient_scope".* scope="kube write"/);
    assert.match(
      challenge!,
      /resource_metadata="https:\/\/kubecode\.example\.com\/\.well-known\/oauth-protected-resource\/mcp"/,
    );
    const good = await issuer.sign({ aud, scope: "write kube" });
    assert.equal((await ask(served.url, bearer(good))).status, 200);
    assert.equal((await ask(served.url, bearer(await issuer.sign()))).status, 401);
  });
});

for (const variant of VARIANTS) {
  Deno.test(
    needs(variant, `${variant.name}: a certificate of the authority lets in, and no other`),
    async () => {
      await withFolder(async (folder) => {
        const [ours, theirs] = [await createAuthority(), await createAuthority()];
        const { cert, key } = await ours.server();
        const token = makeToken("carol");
        for (
          const [name, text] of Object.entries({ cert, key, ca: ours.cert, tokens: token.line })
        ) {
          await Deno.writeTextFile(`${folder}/${name}`, text);
        }
        const args = [
          `--tls-cert=${folder}/cert`,
          `--tls-key=${folder}/key`,
          `--tls-client-ca=${folder}/ca`,
          `--tokens-file=${folder}/tokens`,
          `--audit=${folder}/audit`,
        ];
        await using served = await startHttp(variant, args);
        const statusFor = async (own?: TestCertificate, headers: Record<string, string> = {}) => {
          using client = Deno.createHttpClient({ caCerts: [ours.cert], ...own });
          // A certificate that is no good may be refused by the handshake already.
          return await ask(served.url, headers, { client }).then(({ status }) => status, () => 401);
        };
        const alice = await ours.client("alice", { organizations: ["dev"] });
        assert.equal(await statusFor(alice), 200);
        assert.equal(await statusFor(), 401);
        assert.equal(await statusFor(await theirs.client("alice")), 401);
        const old = {
          notBefore: new Date(Date.now() - 9e7),
          notAfter: new Date(Date.now() - 1000),
        };
        assert.equal(await statusFor(await ours.client("alice", old)), 401);
        assert.equal(
          await statusFor(await ours.server()),
          401,
          "a server's certificate is no client's",
        );
        assert.equal(await statusFor(undefined, bearer(token.token)), 200);
        assert.equal(await statusFor(alice, bearer("x".repeat(40))), 401, "a bad token stays one");
      });
    },
  );
}

Deno.test("settings that let in more than they say are refused at the start", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/tokens`, "");
    for (
      const [args, why] of [
        [["--cluster-identity=impersonate"], /callers do not prove who they are/],
        [["--cluster-identity=token-exchange", `--tokens-file=${folder}/tokens`], /needs --oidc/],
        [["--oidc-issuer-url=https://a.example"], /tokens of any audience/],
        [["--oidc-issuer-url=http://a.example", "--oidc-audience=a"], /must be https/],
        [[`--tls-client-ca=${folder}/tokens`], /without --tls-cert/],
        [
          [`--tokens-file=${folder}/none`],
          /Cannot read the tokens file ".*\/none": no such file$/m,
        ],
        [["--oidc-audience=,"], /must name one at least/],
      ] as const
    ) await assert.rejects(startHttp(SOURCE, args), why);
    await Deno.writeTextFile(
      `${folder}/config.yaml`,
      "programs: {helm: {allow: [files]}}\n",
    );
    const allowed = [
      `--config=${folder}/config.yaml`,
      `--tokens-file=${folder}/tokens`,
      "--cluster-identity=impersonate",
    ];
    await assert.rejects(startHttp(SOURCE, allowed), /with programs\.helm/);
    await assert.rejects(
      startHttp(SOURCE, ["--transport=stdio", "--cluster-identity=impersonate"]),
      /on standard input: nobody proves who they are/,
    );
  });
});
