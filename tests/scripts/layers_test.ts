import assert from "node:assert/strict";
import {
  emptyRooms,
  forbiddenImport,
  type Import,
  importCycles,
  inexactImports,
} from "../../scripts/layers.ts";

function wanted(from: string, to: string, typeOnly = false): Import {
  return { from, to, line: 7, typeOnly };
}

const ALLOWED: readonly (readonly [string, string])[] = [
  ["main.ts", "lib/main.ts"],
  ["main.ts", "lib/errors.ts"],
  ["lib/app.ts", "lib/transport/stdio.ts"],
  ["lib/kube/wire/a.ts", "lib/kube/wire/b.ts"],
  ["lib/kube/calls/a.ts", "lib/kube/transport/b.ts"],
  ["lib/kube/calls/a.ts", "lib/log.ts"],
  ["lib/broker/a.ts", "lib/policy/b.ts"],
  ["lib/broker/a.ts", "lib/kube/wire/b.ts"],
  ["lib/tools/code/a.ts", "lib/eval/parent/b.ts"],
  ["lib/transport/a.ts", "lib/server/b.ts"],
  ["lib/eval/realm/verbs/a.ts", "lib/std/b.ts"],
  ["tests/kube/a_test.ts", "lib/kube/client.ts"],
  ["tests/main_test.ts", "main.ts"],
  ["scripts/test.ts", "tests/cluster/cluster.ts"],
];

const FORBIDDEN: readonly (readonly [string, string])[] = [
  ["main.ts", "lib/kube/client.ts"],
  ["main.ts", "scripts/a.ts"],
  ["lib/app.ts", "tests/a.ts"],
  ["lib/app.ts", "scripts/a.ts"],
  ["lib/errors.ts", "lib/log.ts"],
  ["lib/errors.ts", "lib/std/a.ts"],
  ["lib/std/a.ts", "lib/errors.ts"],
  ["lib/kube/wire/a.ts", "lib/policy/b.ts"],
  ["lib/kube/wire/a.ts", "lib/kube/transport/b.ts"],
  ["lib/kube/calls/a.ts", "lib/kube/client.ts"],
  ["lib/kube/calls/a.ts", "lib/app.ts"],
  ["lib/kube/calls/a.ts", "main.ts"],
  ["lib/config/a.ts", "lib/broker/b.ts"],
  ["lib/policy/a.ts", "lib/log.ts"],
  ["lib/eval/parent/a.ts", "lib/kube/client.ts"],
  ["lib/eval/realm/values/a.ts", "lib/eval/realm/verbs/b.ts"],
  ["lib/tools/code/a.ts", "lib/kube/client.ts"],
  ["lib/server/a.ts", "lib/kube/client.ts"],
  ["lib/transport/a.ts", "lib/tools/b.ts"],
  ["lib/kube/calls/a.ts", "tests/a.ts"],
];

for (const [from, to] of ALLOWED) {
  Deno.test(`forbiddenImport() allows ${from} to import ${to}`, () => {
    assert.equal(forbiddenImport(wanted(from, to)), undefined);
  });
}

for (const [from, to] of FORBIDDEN) {
  Deno.test(`forbiddenImport() refuses ${to} in ${from}, types too`, () => {
    assert.ok(forbiddenImport(wanted(from, to))?.startsWith(`${from}:7 imports ${to}: `));
    assert.ok(forbiddenImport(wanted(from, to, true)));
  });
}

for (
  const [from, to, entry] of [
    ["lib/policy/", "lib/kube/types.ts", "lib/kube/types.ts"],
    ["lib/eval/parent/", "lib/broker/types.ts", "lib/broker/types.ts"],
    ["lib/server/", "lib/broker/a.ts", "lib/broker/"],
  ] as const
) {
  Deno.test(`forbiddenImport() allows ${from} only types of ${entry}`, () => {
    const file = `${from}a.ts`;
    assert.equal(forbiddenImport(wanted(file, to, true)), undefined);
    assert.equal(
      forbiddenImport(wanted(file, to)),
      `${file}:7 imports ${to}: ${from} may import only types from ${entry} (import type).`,
    );
  });
}

Deno.test("forbiddenImport() says what is allowed instead", () => {
  assert.equal(
    forbiddenImport(wanted("lib/tools/mcp_resources/a.ts", "lib/kube/client.ts")),
    "lib/tools/mcp_resources/a.ts:7 imports lib/kube/client.ts: lib/tools/mcp_resources/ may " +
      "import only types of lib/broker/, lib/tools/support/.",
  );
  assert.match(forbiddenImport(wanted("lib/log.ts", "lib/audit.ts")) ?? "", /nothing/);
});

Deno.test("forbiddenImport() refuses a folder that the table does not name", () => {
  assert.match(forbiddenImport(wanted("lib/new/a.ts", "lib/errors.ts")) ?? "", /in no room/);
  assert.match(forbiddenImport(wanted("lib/kube/new.ts", "lib/errors.ts")) ?? "", /in no room/);
  assert.match(forbiddenImport(wanted("lib/app.ts", "lib/new/a.ts")) ?? "", /in no room/);
});

Deno.test("emptyRooms() names the rows of the table in which no file stands", () => {
  const empty = emptyRooms(["lib/errors.ts", "lib/kube/wire/a.ts"]);
  assert.ok(empty.includes("lib/kube/client.ts") && empty.includes("lib/broker/"));
  assert.ok(!empty.includes("lib/errors.ts") && !empty.includes("lib/kube/wire/"));
});

Deno.test("importCycles() finds none where there is none", () => {
  const imports = [wanted("a", "b"), wanted("a", "c"), wanted("b", "d"), wanted("c", "d")];
  assert.deepEqual(importCycles(imports), []);
});

Deno.test("importCycles() names the files of a cycle in order, types included", () => {
  const imports = [wanted("x", "a"), wanted("a", "b"), wanted("b", "c", true), wanted("c", "a")];
  assert.deepEqual(importCycles(imports), [["a", "b", "c"]]);
});

Deno.test("importCycles() finds a file that imports itself", () => {
  assert.deepEqual(importCycles([wanted("a", "a")]), [["a"]]);
});

Deno.test("inexactImports() names what is no npm package of one version", () => {
  const exact = { zod: "npm:zod@4.6.7", "@a/b": "npm:@a/b@1.0.0-rc.1" };
  assert.deepEqual(inexactImports(exact), []);
  const others = ["npm:zod", "npm:zod@4", "npm:zod@^4.6.7", "npm:zod@latest", "jsr:@a/b@1.0.0"];
  for (const specifier of others) {
    assert.deepEqual(inexactImports({ ...exact, x: specifier }), [`"x": "${specifier}"`]);
  }
});
