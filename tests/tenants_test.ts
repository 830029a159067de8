/** The table of tenants: who gets which, and for how long. */
import assert from "node:assert/strict";
import { type Caller, keyOf } from "../lib/identity/caller.ts";
import { createTenants, type TenantsParts } from "../lib/tenants.ts";

interface Made {
  readonly name: string;
  readonly caller: () => Caller;
  closed: boolean;
  close(): Promise<void>;
}

const ANN: Caller = { id: "https://issuer ann", user: "ann", groups: ["dev", "ops"], how: "jwt" };
const named = (user: string): Caller => ({ ...ANN, id: `https://issuer ${user}`, user });

function table(parts: Partial<TenantsParts<Made>> = {}) {
  const made: Made[] = [];
  const tenants = createTenants<Made>({
    open: (caller) => {
      const tenant: Made = {
        name: caller().user,
        caller,
        closed: false,
        close() {
          tenant.closed = true;
          return Promise.resolve();
        },
      };
      made.push(tenant);
      return Promise.resolve(tenant);
    },
    ...parts,
  });
  return { made, tenants };
}

Deno.test("keyOf() tells apart whatever differs in rights, and nothing else", () => {
  const same: Caller[] = [
    { ...ANN, groups: ["ops", "dev"] },
    { ...ANN, token: "renewed", expiresAt: 5, clientId: "other" },
  ];
  for (const caller of same) assert.equal(keyOf(caller), keyOf(ANN));
  const others: Caller[] = [
    { ...ANN, groups: ["dev"] },
    { ...ANN, groups: ["dev,ops"] },
    { ...ANN, groups: [...ANN.groups, "admins"] },
    { ...ANN, id: "https://other ann" },
    { ...ANN, user: "bob" },
    { ...ANN, how: "certificate" },
  ];
  assert.equal(new Set([ANN, ...others].map(keyOf)).size, others.length + 1);
});

Deno.test("a caller gets the same tenant, made once however many ask at the same time", async () => {
  const { made, tenants } = table();
  const leases = await Promise.all([tenants.use(ANN), tenants.use(ANN), tenants.use(named("bob"))]);
  assert.deepEqual(leases.map((lease) => lease?.tenant.name), ["ann", "ann", "bob"]);
  assert.equal(made.length, 2);
  await tenants.close();
  assert.ok(made.every(({ closed }) => closed));
});

Deno.test("a tenant sees the proof that its caller has come with last", async () => {
  const { made, tenants } = table();
  (await tenants.use({ ...ANN, token: "first" }))!.release();
  (await tenants.use({ ...ANN, token: "second" }))!.release();
  assert.equal(made.length, 1);
  assert.equal(made[0]!.caller().token, "second");
  await tenants.close();
});

Deno.test("a full table lets go of the tenant that was used longest ago, never of one in use", async () => {
  const { made, tenants } = table({ limit: 2 });
  const ann = await tenants.use(ANN);
  (await tenants.use(named("bob")))!.release();
  const carl = await tenants.use(named("carl"));
  assert.deepEqual(made.map(({ closed }) => closed), [false, true, false]);
  assert.equal(await tenants.use(named("dora")), undefined);
  // Released twice is released once.
  ann!.release();
  ann!.release();
  carl!.release();
  const again = await tenants.use(named("carl"));
  assert.ok(await tenants.use(named("dora")));
  assert.deepEqual(made.map(({ closed }) => closed), [true, true, false, false]);
  assert.equal(again!.tenant, carl!.tenant);
  assert.equal(tenants.size, 2);
  await tenants.close();
});

Deno.test("an idle tenant is closed, one that is used meanwhile is not", async () => {
  const { made, tenants } = table({ idleMs: 40 });
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  (await tenants.use(ANN))!.release();
  const bob = await tenants.use(named("bob"));
  await pause(120);
  assert.deepEqual(made.map(({ closed }) => closed), [true, false]);
  bob!.release();
  assert.equal((await tenants.use(ANN))!.tenant, made[2]);
  await tenants.close();
});

Deno.test("a tenant that could not be made is tried again", async () => {
  let tries = 0;
  const { tenants } = table({
    open: (caller) => {
      tries += 1;
      if (tries === 1) return Promise.reject(new Error("no"));
      return Promise.resolve({
        name: caller().user,
        caller,
        closed: false,
        close: () => Promise.resolve(),
      });
    },
  });
  await assert.rejects(tenants.use(ANN), /no/);
  assert.equal((await tenants.use(ANN))?.tenant.name, "ann");
  await tenants.close();
});
