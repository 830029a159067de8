import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { accessFor, objectionTo } from "../../lib/identity/cluster/acting.ts";
import { impersonationOf } from "../../lib/identity/cluster/impersonation.ts";
import { callerOfCertificate } from "../../lib/identity/certificate.ts";
import { createTokenReviews } from "../../lib/identity/token_review.ts";
import { accessAt } from "../support/access.ts";
import { createAuthority } from "../support/certificates.ts";

const CALLER = { id: "x", how: "jwt", user: "alice", groups: ["dev"] } as const;

Deno.test("impersonationOf() tells the cluster no name that begins with system:, unless named", () => {
  const told = (user: string, groups: string[], rules = {}) =>
    impersonationOf({ how: "jwt", user, groups }, rules);
  assert.deepEqual(told("alice", ["dev", "system:masters", "System:Masters", " system:masters"]), {
    user: "alice",
    groups: ["dev"],
    extra: {},
  });
  for (
    const user of ["system:admin", "system:serviceaccount:a:b", "SYSTEM:x", "", "jürgen", "a\nb"]
  ) {
    assert.ok("objection" in told(user, []), user);
  }
  // A prefix cannot make one either.
  assert.ok("objection" in told("tem:admin", [], { userPrefix: "sys" }));
  assert.deepEqual(
    told("system:serviceaccount:ci:bot", ["system:serviceaccounts", "system:masters"], {
      systemNames: ["system:serviceaccount:ci:*", "system:serviceaccounts"],
    }),
    { user: "system:serviceaccount:ci:bot", groups: ["system:serviceaccounts"], extra: {} },
  );
  assert.deepEqual(
    told("a", ["dev", "ops", "jürgen"], { userPrefix: "u:", groupPrefix: "g:", groups: ["g:d*"] }),
    { user: "u:a", groups: ["g:dev"], extra: {} },
  );
});

Deno.test("nobody is impersonated who has proved nothing", () => {
  const none = { id: "", how: "none", user: "alice", groups: [] } as const;
  const acting = { as: "impersonate", names: {} } as const;
  assert.match(objectionTo(none, acting)!, /nobody has proved/);
  assert.throws(() => accessFor(accessAt("http://x"), () => none, acting), /nobody has proved/);
});

Deno.test("accessFor() acts as the caller and as nobody besides", () => {
  const acting = { as: "impersonate", names: {} } as const;
  const access = accessAt("http://x", { credentials: { bearer: { kind: "token", token: "t" } } });
  assert.deepEqual(accessFor(access, () => CALLER, acting).impersonate, {
    user: "alice",
    groups: ["dev"],
    extra: {},
  });
  const taken = { ...access, impersonate: { user: "root", groups: [], extra: {} } };
  assert.throws(() => accessFor(taken, () => CALLER, acting), /acts as "root" already/);
});

Deno.test("an exchanged token goes out with nothing of the server's own", () => {
  const exchange = () => Promise.resolve({ token: "new", expiresAt: Infinity });
  const own = accessAt("http://x", {
    credentials: {
      bearer: { kind: "token", token: "own" },
      clientCertificate: { cert: "own", key: "own" },
    },
    impersonate: { user: "root", groups: [], extra: {} },
  });
  const acting = { as: "token-exchange", exchange } as const;
  const { credentials, impersonate } = accessFor(own, () => CALLER, acting);
  assert.equal(credentials.bearer?.kind, "given");
  assert.equal(credentials.clientCertificate, undefined);
  assert.equal(impersonate, undefined);
  assert.match(objectionTo(CALLER, acting)!, /only a token of the issuer/);
});

Deno.test("callerOfCertificate() reads names as they are, whatever is in them", async () => {
  const authority = await createAuthority();
  const read = async (name: string, organizations: string[] = []) => {
    const { cert } = await authority.client(name, { organizations });
    return callerOfCertificate(new Uint8Array(new X509Certificate(cert).raw));
  };
  const caller = await read("alice", ["dev", "a,O=system:masters", "x\nO=admins", "größe"]);
  assert.equal(caller?.user, "alice");
  assert.deepEqual(caller?.groups, ["dev", "a,O=system:masters", "x\nO=admins", "größe"]);
  assert.ok(caller?.expiresAt! > Date.now() + 86_400_000 * 9);
  assert.equal((await read("alice\nCN=bob"))?.user, "alice\nCN=bob");
  assert.equal(await read(""), undefined);
  for (
    const der of [
      new Uint8Array(),
      new Uint8Array([0x30, 0x84, 255, 255, 255, 255]),
      crypto.getRandomValues(new Uint8Array(500)),
    ]
  ) {
    assert.equal(callerOfCertificate(der), undefined);
  }
});

Deno.test("a token review is kept for a short while, a failure not at all", async () => {
  let now = 0;
  let asked = 0;
  let status: unknown;
  const good = {
    authenticated: true,
    audiences: ["kubecode"],
    user: { username: "alice", uid: "1", groups: ["dev"] },
  };
  const { authenticate } = createTokenReviews({
    audiences: ["kubecode"],
    now: () => now,
    review: () => {
      asked++;
      return status instanceof Error ? Promise.reject(status) : Promise.resolve(status);
    },
  });
  status = new Error("down");
  assert.ok("unavailable" in (await authenticate("t"))!);
  status = good;
  const [first, second] = await Promise.all([authenticate("t"), authenticate("t")]);
  assert.deepEqual(first, {
    caller: { id: "alice#1", user: "alice", groups: ["dev"], how: "token-review" },
  });
  assert.equal(second, first);
  assert.equal(asked, 2);
  now += 31_000;
  for (
    const bad of [
      { authenticated: false },
      { ...good, audiences: ["https://kubernetes.default.svc"] },
      { ...good, audiences: undefined },
      { ...good, user: {} },
      "x",
    ]
  ) {
    status = bad;
    assert.ok("invalid" in (await authenticate("t"))!, JSON.stringify(bad));
    now += 6_000;
  }
  assert.equal(asked, 7);
});

Deno.test("whoever sends many bad tokens keeps nobody out who was let in before", async () => {
  let now = 0;
  const waiting: (() => void)[] = [];
  let isSlow = false;
  const { authenticate } = createTokenReviews({
    audiences: ["kubecode"],
    now: () => now,
    async review(token) {
      if (isSlow && token !== "alice") {
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      return token === "alice"
        ? { authenticated: true, audiences: ["kubecode"], user: { username: "alice" } }
        : { authenticated: false };
    },
  });
  const first = await authenticate("alice");
  assert.ok("caller" in first!);
  for (let n = 0; n < 3000; n++) await authenticate(`bad ${n}`);
  assert.equal(await authenticate("alice"), first);
  now += 60_000;
  isSlow = true;
  const flood = Array.from({ length: 40 }, (_, n) => authenticate(`slow ${n}`));
  assert.ok("unavailable" in (await authenticate("stranger"))!);
  assert.ok("caller" in (await authenticate("alice"))!);
  for (const end of waiting) end();
  await Promise.all(flood);
});
