import assert from "node:assert/strict";
import { createLineSplitter } from "../../lib/transport/lines.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function splitText(limitBytes: number, chunks: readonly string[]): string[] {
  const split = createLineSplitter(limitBytes);
  return chunks.flatMap((chunk) => split(encode(chunk))).map((line) =>
    line.type === "line" ? decode(line.bytes) : `overlong ${line.length}`
  );
}

Deno.test("createLineSplitter() gives every line of a chunk, the rest with the next", () => {
  assert.deepEqual(splitText(100, ["a\nbc\n\nd", "e", "\nf"]), ["a", "bc", "", "de"]);
});

Deno.test("createLineSplitter() leaves characters whole that are split over chunks", () => {
  const split = createLineSplitter(100);
  const bytes = encode("aé漢😀\n");
  const lines = [...bytes].flatMap((byte) => split(Uint8Array.of(byte)));
  assert.deepEqual(lines.map((line) => line.type === "line" && decode(line.bytes)), ["aé漢😀"]);
});

Deno.test("createLineSplitter() drops a line over the limit and goes on", () => {
  assert.deepEqual(splitText(4, ["abcd\nabcde\nx\n"]), ["abcd", "overlong 5", "x"]);
  assert.deepEqual(splitText(4, ["abc", "def", "ghi\nx\n"]), ["overlong 9", "x"]);
});

Deno.test("createLineSplitter() keeps both edges of an overlong line", () => {
  const split = createLineSplitter(1000);
  const text = `head${"x".repeat(5000)}tail\n`;
  const lines = text.match(/.{1,7}\n?/gs)!.flatMap((part) => split(encode(part)));
  const [line] = lines;
  assert.equal(lines.length, 1);
  assert.ok(line?.type === "overlong");
  assert.equal(line.length, 5008);
  assert.equal(decode(line.head), `head${"x".repeat(508)}`);
  assert.equal(decode(line.tail), `${"x".repeat(508)}tail`);
});

Deno.test("createLineSplitter() gives the edges of a line barely over the limit whole", () => {
  const split = createLineSplitter(4);
  const [line] = split(encode("abcdef\n"));
  assert.ok(line?.type === "overlong");
  assert.equal(decode(line.head), "abcdef");
  assert.equal(decode(line.tail), "abcdef");
});
