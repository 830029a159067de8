import assert from "node:assert/strict";
import { createProgressReporter, type ProgressUpdate } from "../../lib/server/progress.ts";

function reporterAt(send: (update: ProgressUpdate) => Promise<void> = () => Promise.resolve()) {
  const sent: number[] = [];
  const clock = { now: 0 };
  const reporter = createProgressReporter(
    (update) => {
      sent.push(update.progress);
      return send(update);
    },
    1000,
    () => clock.now,
  );
  const reportAt = async (time: number, progress: number) => {
    clock.now = time;
    reporter.report({ progress });
    await Promise.resolve();
  };
  return { sent, reportAt, reporter };
}

Deno.test("createProgressReporter() sends at most one update an interval", async () => {
  const { sent, reportAt } = reporterAt();
  for (let time = 0; time <= 3000; time += 250) await reportAt(time, time);
  assert.deepEqual(sent, [1000, 2000, 3000]);
});

Deno.test("createProgressReporter() drops what does not increase", async () => {
  const { sent, reportAt } = reporterAt();
  await reportAt(1000, 5);
  await reportAt(2000, 5);
  await reportAt(3000, 4);
  await reportAt(4000, NaN);
  await reportAt(5000, 6);
  assert.deepEqual(sent, [5, 6]);
});

Deno.test("createProgressReporter() sends nothing while an update is on its way", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { sent, reportAt } = reporterAt(() => promise);
  await reportAt(1000, 1);
  await reportAt(2000, 2);
  resolve();
  await promise;
  await reportAt(3000, 3);
  assert.deepEqual(sent, [1, 3]);
});

Deno.test("createProgressReporter() goes on after an update that could not be sent", async () => {
  const { sent, reportAt } = reporterAt(() => Promise.reject(new Error("gone")));
  await reportAt(1000, 1);
  await reportAt(2000, 2);
  assert.deepEqual(sent, [1, 2]);
});

Deno.test("createProgressReporter() sends nothing once it is stopped", async () => {
  const { sent, reportAt, reporter } = reporterAt();
  await reportAt(1000, 1);
  reporter.stop();
  await reportAt(2000, 2);
  assert.deepEqual(sent, [1]);
});
