import assert from "node:assert/strict";
import { cacheByAge, onAbort, raceAbort, singleFlight, sleep } from "../lib/std/async.ts";
import { concatBytes } from "../lib/std/bytes.ts";
import { isRecord, parseJson } from "../lib/std/json/unknown.ts";
import { editDistance } from "../lib/std/nearest.ts";
import { createTestClock } from "./support/clock.ts";

const never = new AbortController().signal;

Deno.test("onAbort() acts once, at once where the signal has aborted, not when disposed of", () => {
  const controller = new AbortController();
  const acts: string[] = [];
  onAbort(controller.signal, () => acts.push("disposed"))[Symbol.dispose]();
  onAbort(controller.signal, () => acts.push("aborted"));
  controller.abort();
  onAbort(controller.signal, () => acts.push("late"));
  assert.deepEqual(acts, ["aborted", "late"]);
});

Deno.test("raceAbort() gives the outcome, or the signal's reason when that comes first", async () => {
  assert.equal(await raceAbort(Promise.resolve(1), never), 1);
  await assert.rejects(raceAbort(Promise.reject(new Error("no")), never), /^Error: no$/);
  const controller = new AbortController();
  const racing = raceAbort(new Promise(() => {}), controller.signal);
  controller.abort(new Error("enough"));
  await assert.rejects(racing, /^Error: enough$/);
  await assert.rejects(raceAbort(Promise.resolve(1), controller.signal), /^Error: enough$/);
});

Deno.test("sleep() goes by the clock that it is given", async () => {
  const clock = createTestClock();
  let awake = false;
  const sleeping = sleep(1_000, never, clock).then(() => awake = true);
  clock.advance(999);
  await Promise.resolve();
  assert.equal(awake, false);
  clock.advance(1);
  await sleeping;
});

Deno.test("singleFlight() runs once for all who wait, and is aborted when the last gives up", async () => {
  let runs = 0;
  let ended: unknown;
  const fly = singleFlight((signal) => {
    runs++;
    return new Promise((_, reject) =>
      onAbort(signal, () => {
        ended = signal.reason;
        reject(signal.reason);
      })
    );
  });
  const controllers = [new AbortController(), new AbortController()];
  const waiting = controllers.map(({ signal }) => fly(signal));
  assert.equal(runs, 1);
  for (const [at, controller] of controllers.entries()) {
    assert.equal(ended, undefined);
    controller.abort(new Error("enough"));
    await assert.rejects(waiting[at]!, /^Error: enough$/);
  }
  assert.match(String(ended), /AbortError/);
});

Deno.test("cacheByAge() loads again what is too old for the caller, or failed", async () => {
  const clock = createTestClock();
  let loads = 0;
  const latest = cacheByAge(
    () => ++loads === 3 ? Promise.reject(new Error("no")) : Promise.resolve(loads),
    clock,
  );
  assert.deepEqual([await latest(Infinity), await latest(0)], [1, 1]);
  clock.advance(10);
  assert.deepEqual([await latest(10), await latest(9)], [1, 2]);
  clock.advance(10);
  await assert.rejects(latest(0));
  assert.equal(await latest(Infinity), 4);
});

Deno.test("concatBytes(), isRecord(), parseJson() and editDistance() do what they say", () => {
  assert.deepEqual([...concatBytes([new Uint8Array([1]), new Uint8Array([2, 3])])], [1, 2, 3]);
  assert.deepEqual([{}, [], null, "x"].map(isRecord), [true, false, false, false]);
  assert.deepEqual([parseJson("[1]"), parseJson("[")], [[1], undefined]);
  assert.equal(editDistance("kitten", "sitting"), 3);
  assert.equal(editDistance("evla", "eval"), 1);
});
