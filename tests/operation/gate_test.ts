/** The gate: how many calls are in, whose they are, and what is said to those that are not. */
import assert from "node:assert/strict";
import { HttpError } from "../../lib/http/answers.ts";
import { type Caller, LOCAL_CALLER } from "../../lib/identity/caller.ts";
import { createGate } from "../../lib/operation/gate.ts";

const named = (user: string): Caller => ({ id: user, user, groups: [], how: "token" });
const ANN = named("ann");
const BOB = named("bob");

/** How many calls of a caller are let in, one after the other. */
function fill({ admit }: ReturnType<typeof createGate>, caller: Caller): (() => void)[] {
  const ends: (() => void)[] = [];
  try {
    for (;;) ends.push(admit(caller));
  } catch (error) {
    assert.ok(error instanceof HttpError);
    assert.equal(error.status, 503);
    return ends;
  }
}

Deno.test("createGate() leaves room for whoever calls next", () => {
  const gate = createGate({ atOnce: 4, waiting: 28 });
  assert.equal(fill(gate, ANN).length, 16);
  assert.equal(fill(gate, BOB).length, 8);
  assert.equal(fill(gate, named("eve")).length, 4);
  gate.admit(named("dan"));
});

Deno.test("createGate() gives all of it to callers whom nobody can tell apart", () => {
  const gate = createGate({ atOnce: 4, waiting: 28 });
  assert.equal(fill(gate, LOCAL_CALLER).length, 32);
});

Deno.test("createGate() says when to come again, by how long calls have taken", () => {
  let now = 0;
  let shed = 0;
  const gate = createGate({ atOnce: 2, waiting: 6 }, { now: () => now, onShed: () => shed += 1 });
  const retryAfter = () => {
    try {
      gate.admit(LOCAL_CALLER);
    } catch (error) {
      return Number((error as HttpError).headers["retry-after"]);
    }
    throw new Error("it was let in");
  };
  const ends = fill(gate, LOCAL_CALLER);
  assert.equal(retryAfter(), 2);
  now = 60_000;
  for (const end of ends) end();
  fill(gate, LOCAL_CALLER);
  assert.equal(retryAfter(), 30);
  assert.equal(shed, 4);
});

Deno.test("createGate() counts an end once, and tells when it is empty", async () => {
  const gate = createGate({ atOnce: 1, waiting: 1 });
  const [first, second] = [gate.admit(LOCAL_CALLER), gate.admit(LOCAL_CALLER)];
  let isEmpty = false;
  const empty = gate.empty().then(() => isEmpty = true);
  first();
  first();
  await Promise.resolve();
  assert.deepEqual([gate.size(), isEmpty], [1, false]);
  second();
  await empty;
  await gate.empty();
});
