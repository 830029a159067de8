import assert from "node:assert/strict";
import { type AuditEntry, createAudit, openAudit } from "../lib/audit.ts";
import { createLogger } from "../lib/log.ts";

const LOGGER = createLogger("silent");

const entry = (name: string): AuditEntry => ({
  kind: "request",
  session: "s",
  tool: "t",
  name,
  status: "ok",
  durationMs: 1.4,
});

/** A sink that takes three bytes at a time and fails when it is told to. */
function slowSink() {
  let text = "";
  const sink = {
    full: false,
    write(bytes: Uint8Array): Promise<number> {
      if (sink.full) return Promise.reject(new Error("No space left on device"));
      const taken = bytes.subarray(0, 3);
      text += new TextDecoder().decode(taken);
      return Promise.resolve(taken.length);
    },
    lines: () => text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line)),
  };
  return sink;
}

Deno.test("createAudit() writes whole lines in order, through a sink that takes little at a time", async () => {
  const sink = slowSink();
  const audit = createAudit(sink, LOGGER);
  for (let at = 0; at < 20; at++) audit.record(entry(`n${at}`));
  await audit.close();
  const lines = sink.lines();
  assert.deepEqual(lines.map(({ name }) => name), Array.from({ length: 20 }, (_, at) => `n${at}`));
  assert.equal(lines[0].durationMs, 1);
  assert.match(lines[0].time, /^\d{4}-\d\d-\d\dT/);
});

Deno.test("createAudit() goes on where it was when a full disk has room again, and counts what it dropped", async () => {
  const sink = slowSink();
  const log: string[] = [];
  const audit = createAudit(sink, createLogger("warn", (line) => log.push(line)), {
    backlogBytes: 400,
    retryMs: 5,
  });
  audit.record(entry("first"));
  await audit.flush();
  sink.full = true;
  for (let at = 0; at < 50; at++) audit.record(entry(`n${at}`));
  sink.full = false;
  await audit.flush();
  audit.record(entry("last"));
  await audit.close();
  const lines = sink.lines();
  const names = lines.map(({ name, kind }) => name ?? kind);
  const gap = names.indexOf("gap");
  assert.equal(names[0], "first");
  assert.deepEqual(names.slice(1, gap), Array.from({ length: gap - 1 }, (_, at) => `n${at}`));
  assert.equal(lines[gap].dropped, 50 - (gap - 1));
  assert.equal(names.at(-1), "last");
  assert.equal(log.filter((line) => /cannot be written/.test(line)).length, 1);
  assert.equal(log.filter((line) => /is written again/.test(line)).length, 1);
});

Deno.test("a line of the audit is one line to every reader, whatever its names hold", async () => {
  const name = "a\u2028b\u0085c\u009b31md\u202ee\u{e0001}";
  let written = "";
  const audit = createAudit({
    write(bytes) {
      written += new TextDecoder().decode(bytes);
      return Promise.resolve(bytes.length);
    },
  }, LOGGER);
  audit.record(entry(name));
  await audit.close();
  assert.match(written, /^[\x20-\x7e]+\n$/);
  assert.equal(JSON.parse(written).name, name);
});

Deno.test("createAudit() lets the process end while its disk is full", async () => {
  const sink = slowSink();
  sink.full = true;
  const log: string[] = [];
  const audit = createAudit(sink, createLogger("warn", (line) => log.push(line)));
  audit.record(entry("lost"));
  await audit.close();
  assert.deepEqual(sink.lines(), []);
  assert.equal(log.filter((line) => /cannot be written/.test(line)).length, 1);
});

Deno.test("openAudit() appends to a file that only its owner reads, or says why it cannot", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/audit.jsonl`;
    for (const name of ["a", "b"]) {
      const audit = await openAudit(path, LOGGER);
      audit.record(entry(name));
      await audit.close();
    }
    const lines = (await Deno.readTextFile(path)).trimEnd().split("\n");
    assert.deepEqual(lines.map((line) => JSON.parse(line).name), ["a", "b"]);
    if (Deno.build.os !== "windows") {
      assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
    }
    const refuses = (path: string, message: RegExp) =>
      assert.rejects(openAudit(path, LOGGER), { name: "ConfigError", message });
    await refuses(`${folder}/none/x`, /^Cannot write the audit to ".*": there is no such folder$/);
    await refuses(folder, /^Cannot write the audit to ".*": it is a directory$/);
    await refuses(`${path}/x`, /a part of its path is not a directory$/);
    await assert.rejects(openAudit("/dev/stdout", LOGGER), /that is where answers go/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
