/** How far a watch may be ahead of its script. */
import assert from "node:assert/strict";
import { WINDOW } from "../../lib/eval/protocol.ts";
import { createWindow } from "../../lib/eval/parent/flow_window.ts";

/** Whether a promise is settled once all that can be done has been. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  promise.then(() => done = true, () => done = true);
  await new Promise((resolve) => setTimeout(resolve, 0));
  return done;
}

Deno.test("createWindow() holds parts back until others have been taken", async () => {
  const window = createWindow(new AbortController().signal);
  for (let part = 0; part < WINDOW.parts; part++) await window.room(1);
  const next = window.room(1);
  assert.equal(await settled(next), false);
  window.taken({ count: 1 });
  assert.equal(await settled(next), true);
});

Deno.test("createWindow() lets one large part through, and no other", async () => {
  const window = createWindow(new AbortController().signal);
  await window.room(WINDOW.bytes * 2);
  const next = window.room(1);
  assert.equal(await settled(next), false);
  window.taken({ count: 1 });
  assert.equal(await settled(next), true);
});

Deno.test("createWindow() takes no more back than was sent, whatever it is told", async () => {
  const window = createWindow(new AbortController().signal);
  for (const header of [{ count: 1e9 }, { count: -5 }, { count: NaN }, { count: "9" }, null, 7]) {
    window.taken(header);
  }
  for (let part = 0; part < WINDOW.parts; part++) await window.room(1);
  assert.equal(await settled(window.room(1)), false);
});

Deno.test("createWindow() gives up when the call does", async () => {
  const end = new AbortController();
  const window = createWindow(end.signal);
  await window.room(WINDOW.bytes);
  const next = window.room(1);
  end.abort();
  await assert.rejects(next);
});
