import assert from "node:assert/strict";
import fc from "fast-check";
import { matches } from "../../lib/policy/rules/patterns.ts";

Deno.test("matches() takes * for any characters and ? for one", () => {
  for (
    const [pattern, text, fits] of [
      ["*", "", true],
      ["?*", "", false],
      ["", "", true],
      ["", "a", false],
      ["kube-*", "kube-system", true],
      ["kube-*", "kube", false],
      ["*-prod", "eu-prod", true],
      ["*-prod", "eu-prod-1", false],
      ["a?c", "abc", true],
      ["a?c", "ac", false],
      ["**", "x", true],
      ["a.c", "abc", false],
      ["[a]", "a", false],
      ["A", "a", false],
      ["*a*b*", "xxaxxbxx", true],
      ["aa*aa", "aaa", false],
      ["arn:aws:eks:*:cluster/prod", "arn:aws:eks:eu-1:12:cluster/prod", true],
      ["arn:aws:eks:*:cluster/prod", "arn:aws:eks:prod", false],
    ] as const
  ) assert.equal(matches(pattern, text), fits, `${pattern} ${text}`);
});

Deno.test("matches() agrees with a regular expression", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", ".", "-"), maxLength: 12 });
  const pattern = fc.string({ unit: fc.constantFrom("a", "b", ".", "*", "?"), maxLength: 8 });
  fc.assert(
    fc.property(pattern, text, (pattern, text) => {
      const source = pattern.replaceAll(".", "\\.").replaceAll("*", ".*").replaceAll("?", ".");
      assert.equal(matches(pattern, text), new RegExp(`^${source}$`).test(text));
    }),
    { numRuns: 5000 },
  );
});

Deno.test("matches() takes its time from the lengths alone", () => {
  assert.equal(matches("*a".repeat(250) + "b", "a".repeat(10_000)), false);
});
