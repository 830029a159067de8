import assert from "node:assert/strict";
import { LimitError } from "../../lib/errors.ts";
import { createRateLimiter, DEFAULT_RATE_LIMITS } from "../../lib/policy/rate_limit.ts";

Deno.test("createRateLimiter() allows a minute's calls at once, then as they come back", () => {
  let time = 0;
  const limiter = createRateLimiter(DEFAULT_RATE_LIMITS, () => time);
  for (let at = 0; at < 30; at++) limiter.take("write", "write");
  assert.throws(() => limiter.take("write", "write"), (error) => {
    assert.ok(error instanceof LimitError);
    assert.match(error.message, /Cannot run "write": more than 30 write calls within a minute/);
    // True of every tool set: not all have scripts.
    assert.equal(error.hint, "Try again in 2 s, and ask for more with fewer calls.");
    return true;
  });
  limiter.take("read", "read");
  limiter.take("script", "other");
  time += 2_000;
  limiter.take("write", "write");
  assert.throws(() => limiter.take("write", "write"), LimitError);
  time += 3_600_000;
  for (let at = 0; at < 30; at++) limiter.take("write", "write");
  assert.throws(() => limiter.take("write", "write"), LimitError);
});
