import assert from "node:assert/strict";
import { warningsOf } from "../../lib/kube/wire/warnings.ts";

const of = (...values: string[]) => {
  const headers = new Headers();
  for (const value of values) headers.append("warning", value);
  return warningsOf(headers);
};

Deno.test("warningsOf() reads each warning of code 299, joined or apart", () => {
  assert.deepEqual(of(), []);
  assert.deepEqual(of('299 - "a"'), ["a"]);
  assert.deepEqual(of('299 - "say \\"b\\", then \\\\"', '299 agent "c"'), [
    'say "b", then \\',
    "c",
  ]);
  assert.deepEqual(of('110 - "stale", 299 - "d" "Sat, 01 Jan 2000 00:00:00 GMT"'), ["d"]);
  assert.deepEqual(of('299 - "stra\xc3\x9fe"'), ["straße"]);
  assert.deepEqual(of("299 - unquoted", '299 - "cut'), []);
});
