import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createHmacSha256 } from "../../lib/std/hmac.ts";

Deno.test("createHmacSha256() gives what the runtime's HMAC gives, of parts as of the whole", () => {
  for (const key of ["", "k", "k".repeat(64)]) {
    const hmac = createHmacSha256(new TextEncoder().encode(key));
    for (const value of ["", "a", "ä".repeat(200), "x".repeat(10_000)]) {
      const expected = createHmac("sha256", key).update(value).digest("hex");
      assert.equal(hmac(value), expected);
      assert.equal(hmac(value.slice(0, 1), new TextEncoder().encode(value.slice(1))), expected);
    }
  }
});

Deno.test("createHmacSha256() takes no key that would have to be hashed", () => {
  assert.throws(() => createHmacSha256(new Uint8Array(65)), RangeError);
});
