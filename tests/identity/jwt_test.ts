import assert from "node:assert/strict";
import { type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { createDiscovery } from "../../lib/identity/oidc/discovery.ts";
import { createIssuerClient } from "../../lib/identity/oidc/documents.ts";
import { createJwtAuthenticator, type JwtSettings } from "../../lib/identity/oidc/jwt.ts";
import type { TokenVerdict } from "../../lib/identity/types.ts";
import { inSeconds, startIssuer, type TestIssuer } from "../support/issuer.ts";

/** Checks tokens against an issuer of the test. */
async function withIssuer(
  test: (
    issuer: TestIssuer,
    judge: (token: string) => Promise<TokenVerdict | undefined>,
  ) => Promise<void>,
  settings: Partial<JwtSettings> = {},
  pauseMs = 0,
): Promise<void> {
  await using issuer = await startIssuer();
  const client = createIssuerClient({ timeoutMs: 500, pauseMs });
  const tokens = createJwtAuthenticator({
    settings: { issuer: issuer.url, audiences: ["kubecode"], ...settings },
    client,
    discover: createDiscovery(issuer.url, client),
    cooldownMs: 0,
  });
  try {
    await test(issuer, tokens.authenticate);
  } finally {
    client.close();
  }
}

Deno.test("a signed token names its user, groups, client and end", async () => {
  await withIssuer(async ({ url, sign }, judge) => {
    const exp = inSeconds(100);
    const token = await sign({ exp, groups: ["dev", "dev", "ops"], azp: "ide" });
    assert.deepEqual(await judge(token), {
      caller: {
        id: `${url}#alice`,
        user: `${url}#alice`,
        groups: ["dev", "ops"],
        how: "jwt",
        clientId: "ide",
        expiresAt: (exp + 30) * 1000,
      },
    });
  });
});

Deno.test("claims, prefixes and required claims are as they are configured", async () => {
  await withIssuer(async ({ sign }, judge) => {
    const claims = { email: "a@b.c", realm: { roles: "dev" }, hd: "b.c" };
    const verdict = await judge(await sign(claims));
    assert.ok(verdict !== undefined && "caller" in verdict);
    assert.equal(verdict.caller.user, "a@b.c");
    assert.deepEqual(verdict.caller.groups, ["oidc:dev"]);
    for (
      const [changed, why] of [
        [{ ...claims, email_verified: false }, /email is not verified/],
        [{ ...claims, email_verified: "false" }, /email is not verified/],
        [{ ...claims, hd: "evil" }, /claim hd is not as required/],
        [{ ...claims, email: ["a"] }, /no claim email/],
        [{ ...claims, email: "a\nb" }, /no claim email/],
        [{ ...claims, realm: { roles: [1] } }, /realm.roles is no list/],
      ] as const
    ) {
      const refused = await judge(await sign(changed as JWTPayload));
      assert.match((refused as { invalid: string }).invalid, why);
    }
  }, {
    usernameClaim: "email",
    groupsClaim: "realm.roles",
    groupsPrefix: "oidc:",
    requiredClaims: { hd: "b.c" },
  });
});

Deno.test("tokens that are not for this server, or not now, are refused", async () => {
  await withIssuer(async ({ sign, url, publicKey }, judge) => {
    const [head, , signature] = (await sign()).split(".");
    const claims = btoa(JSON.stringify({ iss: url, sub: "eve", aud: "kubecode", exp: 9e9 }))
      .replaceAll("=", "").replaceAll("+", "-").replaceAll("/", "_");
    const secret = new TextEncoder().encode(JSON.stringify(await publicKey()));
    const forged = new SignJWT({ iss: url, sub: "eve", aud: "kubecode", exp: inSeconds(99) });
    const unsigned = new UnsecuredJWT({ iss: url, sub: "eve", aud: "kubecode" }).encode();
    for (
      const [token, why] of [
        [await sign({ exp: inSeconds(-60) }), /expired/],
        [await sign({ nbf: inSeconds(60) }), /not valid yet/],
        [await sign({ aud: "other" }), /another audience/],
        [await sign({ aud: undefined }), /audience|claim aud/],
        [await sign({ exp: undefined }), /claim exp is missing/],
        [await sign({ sub: undefined }), /claim sub is missing/],
        [await sign({}, { kid: "unknown" }), /unknown key/],
        [`${head}.${claims}.${signature}`, /signature is wrong/],
        [unsigned, /not signed as required|cannot be read/],
        [
          await forged.setProtectedHeader({ alg: "HS256", kid: "key-1" }).sign(secret),
          /not signed as required/,
        ],
      ] as const
    ) assert.match(((await judge(token)) as { invalid: string }).invalid, why, token);
    // Clocks differ a little.
    assert.ok("caller" in (await judge(await sign({ exp: inSeconds(-10) })))!);
    assert.ok("caller" in (await judge(await sign({ nbf: inSeconds(10) })))!);
  });
});

Deno.test("tokens of other issuers, and what is no token, are of another kind", async () => {
  await withIssuer(async ({ sign, asked }, judge) => {
    for (const token of [await sign({ iss: "https://evil.example" }), "a.b.c", "x".repeat(40)]) {
      assert.equal(await judge(token), undefined);
    }
    assert.deepEqual(asked, []);
  });
});

Deno.test("a token without a required scope is good, and not for this", async () => {
  await withIssuer(async ({ sign }, judge) => {
    assert.deepEqual(await judge(await sign({ scope: "a openid" })), { missingScopes: ["b"] });
    assert.ok("caller" in (await judge(await sign({ scope: "b a" })))!);
    assert.ok("caller" in (await judge(await sign({ scp: ["a", "b"] })))!);
  }, { requiredScopes: ["a", "b"] });
});

Deno.test("a new key is found, and one that is no longer published counts no more", async () => {
  await withIssuer(async ({ sign, rotate, asked }, judge) => {
    const old = await sign();
    for (let times = 0; times < 3; times++) assert.ok("caller" in (await judge(old))!);
    assert.deepEqual(asked, ["/.well-known/openid-configuration", "/keys"]);
    await rotate();
    assert.ok("caller" in (await judge(await sign()))!);
    assert.match(((await judge(old)) as { invalid: string }).invalid, /unknown key/);
  });
});

for (const how of ["dead", "slow", "huge", "elsewhere", "garbage"] as const) {
  Deno.test(`an issuer that is ${how} makes no token a bad one`, async () => {
    await withIssuer(async ({ sign, behave }, judge) => {
      behave(how);
      const token = await sign();
      assert.match(((await judge(token)) as { unavailable: string }).unavailable, /issuer/);
      behave("well");
      assert.ok("caller" in (await judge(token))!);
      // Its keys are known by now.
      behave(how);
      assert.ok("caller" in (await judge(token))!);
      const forged = await sign({}, { kid: "unknown" });
      assert.match(((await judge(forged)) as { unavailable: string }).unavailable, /issuer/);
    });
  });
}

Deno.test("an issuer that has failed is not asked at once by everybody who comes", async () => {
  await withIssuer(
    async ({ sign, behave, asked }, judge) => {
      behave("dead");
      const token = await sign();
      for (let times = 0; times < 20; times++) assert.ok("unavailable" in (await judge(token))!);
      assert.deepEqual(asked.length, 2, asked.join());
    },
    {},
    60_000,
  );
});

Deno.test("tokens that are exchanged are of one caller only where they say the same", async () => {
  await using issuer = await startIssuer();
  const client = createIssuerClient();
  const { authenticate } = createJwtAuthenticator({
    settings: { issuer: issuer.url, audiences: ["kubecode"] },
    client,
    discover: createDiscovery(issuer.url, client),
    keepToken: true,
  });
  const idOf = async (claims: JWTPayload) => {
    const token = await issuer.sign(claims);
    const verdict = await authenticate(token);
    assert.ok(verdict !== undefined && "caller" in verdict);
    assert.equal(verdict.caller.token, token);
    return verdict.caller.id;
  };
  const one = await idOf({ scope: "a", jti: "1" });
  assert.equal(await idOf({ jti: "2", exp: inSeconds(200), scope: "a" }), one);
  for (
    const claims of [{ scope: "a b" }, { scope: "a", client_id: "x" }, { scope: "a", acr: "2" }]
  ) {
    assert.notEqual(await idOf(claims), one);
  }
  client.close();
});

Deno.test("an issuer that says it is another one is not believed", async () => {
  await using issuer = await startIssuer();
  const client = createIssuerClient();
  await assert.rejects(createDiscovery(`${issuer.url}/`, client)(), /another one/);
  client.close();
});

Deno.test("an issuer that hangs makes nobody wait who needs nothing new of it", async () => {
  const issuer = "https://issuer.example";
  let now = 0;
  let asked = 0;
  let isUp = true;
  const discover = createDiscovery(issuer, {
    get() {
      asked++;
      return isUp
        ? Promise.resolve({ issuer, jwks_uri: `${issuer}/keys` })
        : Promise.reject(new Error("does not answer in time"));
    },
  }, () => now);
  const first = await discover();
  isUp = false;
  now += 2 * 3_600_000;
  assert.equal(await discover(), first);
  const failed = asked;
  for (let n = 0; n < 10; n++) assert.equal(await discover(), first);
  assert.equal(asked, failed);
  isUp = true;
  now += 120_000;
  await discover();
  assert.equal(asked, failed + 1);
});
