/** Answers that take long to search: nobody else waits for them. */
import assert from "node:assert/strict";
import { LimitError } from "../../lib/errors.ts";
import { createPatience, OutOfPatience } from "../../lib/redact/patience.ts";
import { createRedactor } from "../../lib/redact/redactor.ts";

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** So many fields, each of them a credential of its own. */
function credentials(count: number): object {
  const fields = Array.from({ length: count }, (_, at) => ({
    name: `DB_PASSWORD_${at}`,
    value: `Sesame-${at}-open-${(at * 7919).toString(36)}`,
  }));
  return { kind: "Widget", metadata: { name: "w", uid: "u" }, spec: { env: fields } };
}

const place = { secrets: false, objects: { of: "test", form: "one" } } as const;

Deno.test("aside: an object that takes long is searched beside, with the same tokens", async () => {
  const redactor = createRedactor();
  const body = encode(credentials(6_000));
  let turns = 0;
  const others = setInterval(() => turns++, 1);
  const began = performance.now();
  const shown = await redactor.patiently(body, { form: "json", place });
  const tookMs = performance.now() - began;
  clearInterval(others);
  assert.doesNotMatch(decode(shown), /Sesame/);
  assert.equal(decode(shown), decode(redactor.json(body, place)));
  assert.match(decode(body), /Sesame/, "what was given stays as it was");
  assert.ok(turns > 0, `nobody else had a turn in ${tookMs} ms`);
});

Deno.test("aside: a long text is searched beside", async () => {
  const line = "2026-01-01T00:00:00Z GET /healthz 200 in 3 ms\n";
  const text = `${line.repeat(50_000)}password=Sesame-4711-open\n`;
  const body = new TextEncoder().encode(text);
  const shown = decode(await createRedactor().patiently(body, { form: "bytes" }));
  assert.equal(shown.replace(/\[redacted:\w+\]/, "***"), `${line.repeat(50_000)}password=***\n`);
});

Deno.test("aside: what cannot be searched is not shown there either, and the next one is", async () => {
  const redactor = createRedactor();
  const shown = (body: Uint8Array<ArrayBuffer>) =>
    redactor.patiently(body, { form: "json", place });
  const [hopeless, long] = await Promise.allSettled([
    shown(encode(credentials(60_000))),
    shown(encode(credentials(6_000))),
  ]);
  assert.ok(hopeless.status === "rejected" && hopeless.reason instanceof LimitError);
  assert.match(hopeless.reason.message, /too complex to look through/);
  assert.equal(long.status, "fulfilled");
});

Deno.test("aside: patience ends after its time, and begins anew", () => {
  const patience = createPatience();
  const steps = () => {
    for (let at = 0; at < 200; at++) patience.step();
  };
  patience.begin({ ms: 60_000, perMib: 0 }, 0);
  steps();
  patience.begin({ ms: -1, perMib: 0 }, 0);
  assert.throws(steps, OutOfPatience);
  patience.begin({ ms: -60_000, perMib: 120_000 }, 1024 * 1024);
  steps();
});

Deno.test("aside: time in which this process does nothing is not counted", () => {
  const patience = createPatience();
  const steps = () => {
    for (let at = 0; at < 200; at++) patience.step();
  };
  const ms = 400;
  patience.begin({ ms, perMib: 0 }, 0);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * ms);
  steps();
  const began = performance.now();
  // Ends by itself: on a machine that leaves it no processor it would take long.
  assert.throws(() => {
    while (performance.now() - began < 60_000) steps();
  }, OutOfPatience);
});
