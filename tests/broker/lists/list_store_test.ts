/** Lists are kept within their bytes and their time. */
import assert from "node:assert/strict";
import { createListStore, KEPT_MS } from "../../../lib/broker/lists/list_store.ts";
import { createTestClock } from "../../support/clock.ts";

Deno.test("the list goes first that was kept longest ago, and of one key there is one", () => {
  using store = createListStore(100, createTestClock());
  store.keep("a", { bytes: 40 });
  store.keep("b", { bytes: 40 });
  store.keep("a", { bytes: 50 });
  assert.deepEqual(store.get("b"), { bytes: 40 });
  store.keep("c", { bytes: 20 });
  assert.equal(store.get("b"), undefined);
  assert.deepEqual(store.get("a"), { bytes: 50 });
  assert.deepEqual(store.get("c"), { bytes: 20 });
});

Deno.test("a list of more than half of the room is not kept, nor is the one before it", () => {
  using store = createListStore(100, createTestClock());
  store.keep("a", { bytes: 50 });
  store.keep("a", { bytes: 51 });
  assert.equal(store.get("a"), undefined);
});

Deno.test("a list goes a minute after it was kept last, and no timer is left", () => {
  const clock = createTestClock();
  using store = createListStore(100, clock);
  store.keep("a", { bytes: 1 });
  clock.advance(KEPT_MS / 2);
  store.keep("b", { bytes: 1 });
  clock.advance(KEPT_MS / 2 - 1);
  assert.deepEqual(store.get("a"), { bytes: 1 });
  clock.advance(1);
  assert.equal(store.get("a"), undefined);
  assert.deepEqual(store.get("b"), { bytes: 1 });
  store.keep("b", { bytes: 2 });
  clock.advance(KEPT_MS - 1);
  assert.deepEqual(store.get("b"), { bytes: 2 });
  clock.advance(1);
  assert.equal(store.get("b"), undefined);
  assert.equal(clock.pending(), 0);
});

Deno.test("dropping the last list, or the store, leaves no timer", () => {
  const clock = createTestClock();
  const store = createListStore(100, clock);
  store.keep("a", { bytes: 1 });
  store.drop("a");
  assert.equal(clock.pending(), 0);
  store.keep("a", { bytes: 1 });
  store[Symbol.dispose]();
  assert.equal(clock.pending(), 0);
});

Deno.test("lists on their way count as those that are kept, which make way for them", () => {
  using store = createListStore(100, createTestClock());
  store.keep("a", { bytes: 30 });
  store.keep("b", { bytes: 30 });
  const one = store.room();
  assert.ok(one.take(40));
  assert.deepEqual([store.get("a"), store.get("b")], [{ bytes: 30 }, { bytes: 30 }]);
  assert.ok(one.take(10));
  assert.deepEqual([store.get("a"), store.get("b")], [undefined, { bytes: 30 }]);
  using two = store.room();
  assert.ok(two.take(50));
  assert.equal(store.get("b"), undefined);
  using three = store.room();
  assert.ok(!three.take(1));
  three[Symbol.dispose]();
  store.keep("c", { bytes: 1 });
  assert.equal(store.get("c"), undefined);
  one[Symbol.dispose]();
  one[Symbol.dispose]();
  store.keep("c", { bytes: 50 });
  assert.deepEqual(store.get("c"), { bytes: 50 });
  assert.ok(!two.take(1), "more than half of the room");
});

Deno.test("what is read to its end after the server's is not kept", () => {
  const clock = createTestClock();
  const store = createListStore(100, clock);
  store[Symbol.dispose]();
  store.keep("a", { bytes: 1 });
  assert.equal(store.get("a"), undefined);
  assert.equal(clock.pending(), 0);
});
