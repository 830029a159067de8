import assert from "node:assert/strict";
import { packageSpecifier, pruneLock } from "../../scripts/prune_lock.ts";

const LOCK = {
  version: "5",
  specifiers: { "npm:a@1.0.0": "1.0.0_p@1.0.0", "npm:@s/b@2.0.0": "2.0.0", "npm:t@1.0.0": "1.0.0" },
  npm: {
    "@s/b@2.0.0": { integrity: "b", dependencies: ["c@1.0.0"] },
    "a@1.0.0_p@1.0.0": { integrity: "a", dependencies: ["p"], optionalDependencies: ["o"] },
    "c@1.0.0": { integrity: "c1", dependencies: ["@s/b"] },
    "c@2.0.0": { integrity: "c2" },
    "o@1.0.0": { integrity: "o" },
    "p@1.0.0": { integrity: "p" },
    "t@1.0.0": { integrity: "t", dependencies: ["c@2.0.0"] },
  },
};

Deno.test("pruneLock() keeps dependencies, optional and circular ones too, and nothing else", () => {
  const pruned = pruneLock(LOCK, ["npm:a@1.0.0", "npm:@s/b@2.0.0"]);
  assert.deepEqual(Object.keys(pruned.npm ?? {}), [
    "@s/b@2.0.0",
    "a@1.0.0_p@1.0.0",
    "c@1.0.0",
    "o@1.0.0",
    "p@1.0.0",
  ]);
  assert.deepEqual(Object.keys(pruned.specifiers ?? {}), ["npm:@s/b@2.0.0", "npm:a@1.0.0"]);
  assert.equal(pruned.version, "5");
  assert.deepEqual(pruned.npm?.["c@1.0.0"], LOCK.npm["c@1.0.0"]);
});

Deno.test("pruneLock() refuses a package that is not locked", () => {
  assert.throws(() => pruneLock(LOCK, ["npm:a@1.0.1"]), /Cannot lock "npm:a@1.0.1"/);
});

Deno.test("packageSpecifier() leaves out the path inside the package", () => {
  assert.equal(packageSpecifier("npm:zod@4.6.7/v4"), "npm:zod@4.6.7");
  assert.equal(packageSpecifier("npm:@s/b@2.0.0/c/d.js"), "npm:@s/b@2.0.0");
  assert.equal(packageSpecifier("npm:/@s/b@2.0.0"), "npm:@s/b@2.0.0");
});
