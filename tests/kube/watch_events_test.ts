/** Lines of a watch, however the bytes are cut. */
import assert from "node:assert/strict";
import { LimitError } from "../../lib/errors.ts";
import { changeLine, difference, lineCutter, readEvent } from "../../lib/kube/wire/watch_events.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

Deno.test("lineCutter() gives the same lines wherever chunks are cut", () => {
  const bytes = encode('{"a":"é"}\n\n{"b":2}\n{"c":3}');
  for (let size = 1; size <= bytes.length; size++) {
    const cutter = lineCutter(100);
    const lines: string[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      lines.push(...cutter.push(bytes.subarray(at, at + size)).map(decode));
    }
    assert.deepEqual([...lines, decode(cutter.rest())], ['{"a":"é"}', '{"b":2}', '{"c":3}']);
  }
});

Deno.test("lineCutter() keeps no view of a chunk", () => {
  const chunk = encode("ab");
  const cutter = lineCutter(100);
  cutter.push(chunk);
  chunk.fill(120);
  assert.deepEqual(cutter.push(encode("c\n")).map(decode), ["abc"]);
});

Deno.test("lineCutter() refuses a line above its limit", () => {
  const cutter = lineCutter(4);
  cutter.push(encode("abc"));
  assert.throws(() => cutter.push(encode("de")), LimitError);
});

Deno.test("readEvent() reads type, key and version", () => {
  const object = { metadata: { name: "web", namespace: "shop", resourceVersion: "7" } };
  const event = readEvent(changeLine("MODIFIED", object));
  assert.deepEqual([event?.type, event?.key, event?.resourceVersion, event?.object], [
    "MODIFIED",
    "shop/web",
    "7",
    object,
  ]);
  const status = { kind: "Status", code: 410 };
  const failed = readEvent(encode(JSON.stringify({ type: "ERROR", object: status })));
  assert.deepEqual([failed?.type, failed?.key, failed?.object], ["ERROR", "", status]);
});

Deno.test("readEvent() gives nothing for a line that is no event", () => {
  for (
    const line of ["", "{", "null", "7", "{}", '{"type":"ADDED"}', '{"type":"NEW","object":{}}']
  ) {
    assert.equal(readEvent(encode(line)), undefined, line);
  }
});

Deno.test("difference() tells what is new, changed and the same", () => {
  const known = new Map([["shop/web", "7"]]);
  const at = (name: string, resourceVersion: string) => ({
    metadata: { namespace: "shop", name, resourceVersion },
  });
  assert.equal(difference(known, at("db", "7")), "ADDED");
  assert.equal(difference(known, at("web", "8")), "MODIFIED");
  assert.equal(difference(known, at("web", "7")), undefined);
});

Deno.test("changeLine() and readEvent() keep the digits of integers", () => {
  const text =
    '{"type":"ADDED","object":{"metadata":{"name":"a"},"spec":{"serial":9007199254740993}}}';
  const event = readEvent(encode(text));
  assert.equal(decode(changeLine("ADDED", event?.object)), text);
});
