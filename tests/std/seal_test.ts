import assert from "node:assert/strict";
import { createSeal } from "../../lib/std/seal.ts";

const key = (fill: number) => new Uint8Array(32).fill(fill);
const bytes = new TextEncoder().encode("a plan of some length");

Deno.test("createSeal() opens what it has sealed, for what it was sealed, and nothing else", () => {
  const seal = createSeal([key(1)]);
  const text = seal.seal(bytes, "ann");
  assert.deepEqual(seal.open(text, "ann"), bytes);
  assert.equal(seal.open(text, "bob"), undefined);
  assert.equal(createSeal([key(2)]).open(text, "ann"), undefined);
  for (const forged of ["", "AAAA", text.slice(1), text.slice(0, -2), `${text}AAAA`]) {
    assert.equal(seal.open(forged, "ann"), undefined, forged);
  }
  for (let at = 0; at < text.length - 1; at++) {
    const other = text[at] === "A" ? "B" : "A";
    assert.equal(
      seal.open(text.slice(0, at) + other + text.slice(at + 1), "ann"),
      undefined,
      `${at}`,
    );
  }
});

Deno.test("createSeal() seals the same bytes differently each time", () => {
  const seal = createSeal([key(1)]);
  assert.notEqual(seal.seal(bytes, ""), seal.seal(bytes, ""));
});

Deno.test("createSeal() seals by its first key and opens by all", () => {
  const [old, both, renewed] = [
    createSeal([key(1)]),
    createSeal([key(2), key(1)]),
    createSeal([key(2)]),
  ];
  assert.deepEqual(both.open(old.seal(bytes, ""), ""), bytes);
  assert.deepEqual(renewed.open(both.seal(bytes, ""), ""), bytes);
  assert.equal(old.open(both.seal(bytes, ""), ""), undefined);
});

Deno.test("derive() gives the same 32 bytes for key and name, and others for any other", () => {
  const hex = (fill: number, name: string) => createSeal([key(fill)]).derive(name).toHex();
  assert.equal(hex(1, "a"), hex(1, "a"));
  assert.equal(hex(1, "a").length, 64);
  assert.equal(new Set([hex(1, "a"), hex(1, "b"), hex(2, "a"), hex(1, "seal")]).size, 4);
});
