/** `table(rows, columns?)`: what of a script's values becomes which lines. */
import assert from "node:assert/strict";
import { tableText } from "../../lib/eval/realm/values/table.ts";
import { connect, TARGETS } from "../support/clusters.ts";
import { testEvaluator } from "../support/evaluator.ts";
import { needs } from "../support/needs.ts";

const PODS = [
  {
    metadata: { name: "web-0", namespace: "shop", labels: { "app.kubernetes.io/name": "web" } },
    spec: { containers: [{ image: "a:1" }, { image: "b:2" }] },
  },
  { metadata: { name: "db", namespace: "data" }, spec: { containers: [] } },
];

const ALL_IMAGES = 'all      n\na:1,b:2  {"image":"b:2"}\n-        -';

Deno.test("tableText() makes one line of each row, whatever the rows are", () => {
  const cases: readonly (readonly [rows: unknown, columns: unknown, lines: string])[] = [
    [[{ a: 1, b: "x" }, { a: 22, c: [1] }], undefined, "a   b  c\n1   x  -\n22  -  [1]"],
    [[["a", 1], ["bb", null]], undefined, "a   1\nbb  -"],
    [[["a", 1], ["bb", 2]], ["name", "count"], "name  count\na     1\nbb    2"],
    [["x", "y z"], undefined, "x\ny z"],
    [new Map([["shop", 3], ["data", 1]]), ["n"], "key   n\nshop  -\ndata  -"],
    [{ shop: 3, data: 1 }, undefined, "key   value\nshop  3\ndata  1"],
    [{ shop: { up: 1 }, data: { up: 2 } }, undefined, "key   up\nshop  1\ndata  2"],
    [PODS, undefined, "namespace  name\nshop       web-0\ndata       db"],
    [{ items: PODS }, ["metadata.name"], "name\nweb-0\ndb"],
    [
      PODS,
      { pod: "metadata.name", images: "spec.containers.image", n: () => 7 },
      "pod    images   n\nweb-0  a:1,b:2  7\ndb     -        7",
    ],
    [PODS, ["metadata.labels.app.kubernetes.io/name"], "io/name\nweb\n-"],
    [
      PODS,
      ['metadata.labels["app.kubernetes.io/name"]', "metadata['name']", ".metadata.name"],
      "app.kubernetes.io/name  name   name\nweb                     web-0  web-0\n-                       db     db",
    ],
    [
      PODS,
      ["spec.containers[0].image", "spec.containers[-1]['image']", "spec.containers[2].image"],
      "image  image  image\na:1    b:2    -\n-      -      -",
    ],
    [PODS, { all: "spec.containers[*].image", n: "spec.containers[1]" }, ALL_IMAGES],
    [[{ a: [[1, 2], [3]], "b[0]": 4 }], ["a[0][1]", "b[0]"], "a[0][1]  b[0]\n2        4"],
    [[{ a: "one\n  two\u0000", b: "" }], undefined, "a           b\none   two   -"],
    [[], undefined, "(no rows)"],
    [undefined, undefined, "(no rows)"],
    [
      (function* () {
        yield { a: 1 };
      })(),
      undefined,
      "a\n1",
    ],
    [
      [{ a: "x".repeat(100), b: 1 }, { a: "y", b: 2 }],
      undefined,
      `a  b\n${"x".repeat(100)}  1\ny  2`,
    ],
  ];
  for (const [rows, columns, lines] of cases) assert.equal(tableText(rows, columns), lines);
});

Deno.test("tableText() tells of a path that no row has, where one is near", () => {
  const cases: readonly (readonly [rows: unknown, columns: unknown, told: readonly string[]])[] = [
    [PODS, ["metadata.nme"], ['No row has "metadata.nme"; did you mean "metadata.name"?']],
    [PODS, { a: "metdata.name" }, ['No row has "metdata.name"; did you mean "metadata.name"?']],
    [PODS, ["spec.containers[0].imge"], [
      'No row has "spec.containers[0].imge"; did you mean "spec.containers[0].image"?',
    ]],
    [[{ creationTimestamp: 1 }], ["deletionTimestamp"], []],
    [PODS, ["status.reason", "metadata.labels.tier", "metadata.labels"], []],
    [[["a"], ["b"]], ["name", "count"], []],
    [["x"], ["y"], []],
    [{ shop: { up: 1 } }, ["ap"], ['No row has "ap"; did you mean "up"?']],
  ];
  for (const [rows, columns, wanted] of cases) {
    const told: string[] = [];
    tableText(rows, columns, (text) => told.push(text));
    assert.deepEqual(told, wanted);
  }
});

Deno.test("tableText() says what columns there may be", () => {
  for (const columns of ["name", 5, { a: 1 }]) {
    assert.throws(() => tableText(PODS, columns), /Cannot use .* as the columns of a table/);
  }
});

for (const target of TARGETS) {
  const on = (fact: string) => needs(target, `table, ${target.name}: ${fact}`);
  Deno.test(on("the API's own tables, in both ways of writing"), async () => {
    await using cluster = await connect(target);
    await using evaluator = testEvaluator(cluster.broker);
    const list = `k8s.coreV1().namespaces().list({form: "table"})`;
    const text = String(await evaluator.value(`table(${list})`));
    assert.match(text, /^Name +Status +Age\n/);
    assert.match(text, /^default +Active +\w+$/m);
    assert.doesNotMatch(text, / $/m);
    assert.match(String(await evaluator.value(`await 0; table(${list})`)), /^default +Active/m);
    const columns = `["status", "NAME"]`;
    assert.match(String(await evaluator.value(`table(${list}, ${columns})`)), /^Active +default$/m);
    const pages =
      `const t = []; for (const p of k8s.coreV1().namespaces().pages({form: "table"})) t.push(table(p)); t[0]`;
    assert.match(String(await evaluator.value(pages)), /^default +Active/m);
    const { message, hint } = await evaluator.failure(`table(${list}, ["colour"])`);
    assert.match(`${message} ${hint}`, /no column "colour".*Columns: Name, Status, Age/);
    const roles = `table(k8s.rbacV1().roles("").list({form: "table"}))`;
    if (target.name === "control plane") {
      assert.match(String(await evaluator.value(roles)), /^Namespace +Name +Created At\nkube-/);
    }
  });

  Deno.test(on("a watch is not had as one"), async () => {
    await using cluster = await connect(target);
    await using evaluator = testEvaluator(cluster.broker);
    for (const aw of ["", "await 0; await "]) {
      const script = `${aw}k8s.coreV1().namespaces().watch({form: "table", timeoutSeconds: 1})`;
      const { message, hint } = await evaluator.failure(script);
      assert.match(`${message} ${hint}`, /watch namespaces as a table.*list\({form: "table"}\)/);
    }
  });
}
