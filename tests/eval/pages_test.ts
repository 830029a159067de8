/** Large lists: a page at a time, and the small forms of a read, in both ways of writing. */
import assert from "node:assert/strict";
import { targetAt } from "../support/access.ts";
import { connect, TARGETS } from "../support/clusters.ts";
import { type TestEvaluator, testEvaluator } from "../support/evaluator.ts";
import { needs } from "../support/needs.ts";
import { jsonAnswer, startRawServer } from "../support/raw_server.ts";
import { js } from "../support/script.ts";

const NAMES = `k8s.coreV1().namespaces()`;

/** Synchronous scripts; with `await` in place of each `AWAIT` they must answer the same. */
const SCRIPTS: readonly (readonly [fact: string, script: string, wanted: unknown])[] = [
  [
    "pages are arrays that hold all of a list, each with its metadata",
    `const all = AWAIT ${NAMES}.list(); const names = []; let pages = 0, open = 0;
for AWAIT (const page of ${NAMES}.pages({limit: 2})) {
  pages++; if (page.metadata.continue) open++; if (!Array.isArray(page) || page.length > 2) throw new Error("page");
  for (const n of page) names.push(n.metadata.name);
}
[names.join() === all.items.map(n => n.metadata.name).join(), pages === Math.ceil(all.items.length / 2), open === pages - 1]`,
    [true, true, true],
  ],
  [
    "a page is written as an array",
    js`
      const seen = [];
      const one = { Limit: 1, fieldSelector: "metadata.name=default" };
      for AWAIT (const page of ${NAMES}.pages(ctx, one)) {
        seen.push(
          Object.keys(page).length,
          JSON.parse(JSON.stringify(page)).length,
          page.items === page,
        );
      }
      seen;
    `,
    [1, 1, true],
  ],
  [
    "each gives the objects one by one",
    js`
      const all = AWAIT ${NAMES}.list();
      const names = [];
      for AWAIT (const n of ${NAMES}.each({ limit: 2 })) names.push(n.metadata.name);
      names.join() === all.items.map((n) => n.metadata.name).join();
    `,
    true,
  ],
  [
    "a loop may be left early",
    js`
      let n = 0;
      for AWAIT (const one of ${NAMES}.each({ limit: 1 })) if (++n === 2) break;
      for AWAIT (const page of ${NAMES}.pages({ limit: 1 })) {
        n += page.length;
        break;
      }
      n;
    `,
    3,
  ],
  [
    "an empty list has one page without objects",
    `const seen = []; for AWAIT (const page of k8s.coreV1().pods("no-such").pages()) seen.push(page.length); seen`,
    [0],
  ],
  [
    "a list by pages takes a resource version with it to the first page only",
    js`
      let n = 0;
      const cached = { resourceVersion: "0", resourceVersionMatch: "NotOlderThan" };
      for AWAIT (const one of ${NAMES}.each({ limit: 2, ...cached })) n++;
      n === (AWAIT ${NAMES}.list()).items.length;
    `,
    true,
  ],
  [
    "an iteration has the methods of a list, and ends with their value",
    js`
      const each = () => ${NAMES}.each({ limit: 2 });
      const names = (AWAIT ${NAMES}.list()).items.map((n) => n.metadata.name);
      const name = (n) => n.metadata.name;
      const seen = [];
      AWAIT each().forEach((n, at) => seen.push([at, name(n)]));
      const got = [
        AWAIT each().map(name).toArray(),
        AWAIT each().map(name).filter((n) => n !== "default").drop(1).take(1).toArray(),
        AWAIT each().flatMap((n) => [name(n), 0]).reduce((all, one) => [...all, one], []),
        AWAIT ${NAMES}.pages({ limit: 2 }).map((page) => page.length).reduce((a, b) => a + b),
        [AWAIT each().some((n) => name(n) === "default"), AWAIT each().every((n) => name(n) === "default")],
        AWAIT each().map(name).find((n) => n === "default"),
        seen,
      ];
      const wanted = [
        names,
        names.filter((n) => n !== "default").slice(1, 2),
        names.flatMap((n) => [n, 0]),
        names.length,
        [true, false],
        "default",
        names.map((n, at) => [at, n]),
      ];
      got.map((one, at) => JSON.stringify(one) === JSON.stringify(wanted[at]));
    `,
    [true, true, true, true, true, true, true],
  ],
  [
    "the objects of a list say what they are, first of all",
    js`
      const c = ${NAMES};
      const [page] = AWAIT c.pages({ limit: 2 }).take(1).toArray();
      const one = AWAIT c.each().find(() => true);
      const short = (AWAIT c.list({ form: "metadata" })).items;
      [...(AWAIT c.list()).items, ...page, one].every((n) =>
        Object.keys(n).slice(0, 2).join() === "apiVersion,kind" && n.apiVersion === "v1" && n.kind === "Namespace"
      ) && short.every((n) => n.kind === "PartialObjectMetadata");
    `,
    true,
  ],
  [
    "a stage goes by each object only once it is wanted",
    js`
      const names = [];
      let asked = 0;
      for AWAIT (const n of ${NAMES}.each().map((n) => (asked++, n.metadata.name))) if (names.push(n) === 2) break;
      AWAIT ${NAMES}.each().map(() => asked++).take(1).toArray();
      [asked, names.length];
    `,
    [3, 2],
  ],
  [
    "what an iteration has not is said",
    js`
      const said = [];
      for (const use of [(it) => it.length, (it) => it.filter(), (it) => it.take("x"), (it) => it.sort()]) {
        try {
          use(${NAMES}.each());
        } catch (e) {
          said.push(e.message);
        }
      }
      said.map((text) => /no length|takes a function|takes a number|is not a function/.test(text));
    `,
    [true, true, true, true],
  ],
  [
    "the form of metadata has no spec",
    js`
      const c = ${NAMES};
      const [l, o] = [
        AWAIT c.list({ form: "metadata" }),
        AWAIT c.get("default", { form: "metadata" }),
      ];
      [l.items.length > 2, l.items[0].spec ?? null, o.kind, o.metadata.name, o.spec ?? null];
    `,
    [true, null, "PartialObjectMetadata", "default", null],
  ],
  [
    "the form of a table has rows, over all pages too",
    js`
      const c = ${NAMES};
      const t = AWAIT c.list({ form: "table" });
      const o = AWAIT c.get("default", { form: "table", includeObject: "None" });
      const rows = [];
      for AWAIT (const page of c.pages({ form: "table", limit: 1 })) {
        rows.push(...page.map((r) => r.cells[0]), page.length);
      }
      [
        t.columnDefinitions[0].name,
        t.rows.every((r) => r.cells.length === t.columnDefinitions.length),
        o.rows[0].cells[0],
        o.rows[0].object ?? null,
        rows.length === 2 * t.rows.length,
      ];
    `,
    ["Name", true, "default", null, true],
  ],
  [
    "a form that there is not is refused by name",
    `try { AWAIT ${NAMES}.list({form: "yaml"}) } catch (e) { e.message }`,
    'Cannot use "yaml" as form: there is "object", "metadata" and "table"',
  ],
];

/** Waits for an asynchronous form to be asked for: no promise is in `for await` alone. */
const withAwait = (script: string) => script.replaceAll("AWAIT ", "await ");
const without = (script: string) => script.replaceAll("AWAIT ", "");

for (const target of TARGETS) {
  const test = (fact: string, use: (evaluator: TestEvaluator) => Promise<void>) =>
    Deno.test(
      needs([...target.needs, "time"], `large lists, ${target.name}: ${fact}`),
      async () => {
        await using cluster = await connect(target, { readWrite: true });
        await using evaluator = testEvaluator(cluster.broker);
        await use(evaluator);
      },
    );

  for (const [fact, script, wanted] of SCRIPTS) {
    test(`${fact}, in both ways of writing`, async (evaluator) => {
      assert.deepEqual(await evaluator.value(without(script)), wanted);
      assert.deepEqual(await evaluator.value(withAwait(script)), wanted);
    });
  }

  test("an iteration is a table, YAML and an answer as it is", async (evaluator) => {
    const it = `${NAMES}.each({limit: 1}).take(2).map(n => n.kind)`;
    assert.deepEqual(await evaluator.value(it), ["Namespace", "Namespace"]);
    assert.equal(await evaluator.value(`yaml(${it})`), "- Namespace\n- Namespace");
    const table = `table(${NAMES}.each({limit: 1}).take(2), ["kind"])`;
    assert.equal(await evaluator.value(table), "kind\nNamespace\nNamespace");
  });

  test("a condition that is a promise is refused, not taken for true", async (evaluator) => {
    const failure = await evaluator.failure(
      `await ${NAMES}.each().filter(async () => false).toArray()`,
    );
    assert.match(failure.message, /^filter takes a function that answers at once/);
  });

  test("in an asynchronous script the methods may go without await, as any call", async (evaluator) => {
    const script =
      `await 0; const all = ${NAMES}.each({limit: 1}).toArray(); all.length === (await all).length`;
    assert.equal(await evaluator.value(script), true);
  });

  test("in a synchronous script pages have an iterator's methods", async (evaluator) => {
    const script = `${NAMES}.each({limit: 1}).map(n => n.metadata.name).take(2).toArray().length`;
    assert.equal(await evaluator.value(script), 2);
  });

  test("an asynchronous script may iterate without await, too", async (evaluator) => {
    const script =
      `await 0; let n = 0; for (const page of ${NAMES}.pages({limit: 1})) n += page.length;
n === (await ${NAMES}.list()).items.length`;
    assert.equal(await evaluator.value(script), true);
  });

  test("a page that cannot be had fails where pages were asked for", async (evaluator) => {
    for (const aw of ["", "await "]) {
      const failure = await evaluator.failure(
        `const all =\n  ${NAMES}.pages({continue: "nonsense"});\nfor ${aw}(const page of all) page.length`,
      );
      assert.deepEqual([failure.name, failure.line], ["ApiError", 2], failure.message);
    }
  });

  test("managed fields are kept where they are asked for", async (evaluator) => {
    const kept = (aw: string) =>
      js`
        const c = k8s.coreV1().configMaps("default");
        const name = "kept-" + Math.random().toString(36).slice(2);
        ${aw}c.create({ name, data: { a: "b" } });
        const fields = (o) => Array.isArray(o.metadata.managedFields);
        const only = { fieldSelector: "metadata.name=" + name };
        const seen = [
          fields(${aw}c.get(name)),
          fields(${aw}c.get(name, { managedFields: true })),
          fields((${aw}c.list(only)).items[0]),
          fields((${aw}c.list({ ...only, managedFields: true })).items[0]),
        ];
        ${aw}c.delete(name);
        seen;
      `;
    const wanted = [false, true, false, true];
    assert.deepEqual(await evaluator.value(kept("")), wanted);
    assert.deepEqual(await evaluator.value(kept("await ")), wanted);
  });

  test("a change takes no option of a read", async (evaluator) => {
    const failure = await evaluator.failure(
      `k8s.coreV1().configMaps("default").create({name: "x"}, {managedFields: true})`,
    );
    assert.match(failure.message, /option "managedFields": there is no such option/);
  });
}

Deno.test("a list that began anew is the new one alone, and one whose token is no string ends", async () => {
  const paths = {
    "/api": { kind: "APIVersions", versions: ["v1"] },
    "/apis": { kind: "APIGroupList", groups: [] },
    "/api/v1": {
      kind: "APIResourceList",
      resources: [{ name: "pods", kind: "Pod", namespaced: true, verbs: ["list"] }],
    },
  };
  const names = (...items: string[]) => items.map((name) => ({ metadata: { name } }));
  let token: unknown = "t";
  await using server = startRawServer(({ path }) => {
    const { pathname, searchParams: query } = new URL(path, "http://x");
    if (Object.hasOwn(paths, pathname)) return jsonAnswer(paths[pathname as keyof typeof paths]);
    if (query.has("continue")) return jsonAnswer({ kind: "Status", code: 410 }, "410 Gone");
    return query.has("limit")
      ? jsonAnswer({ kind: "PodList", metadata: { continue: token }, items: names("old") })
      : jsonAnswer({ kind: "PodList", metadata: {}, items: names("a", "b") });
  });
  await using cluster = await connect(targetAt(`http://127.0.0.1:${server.port}`));
  await using evaluator = testEvaluator(cluster.broker);
  const list = `k8s.coreV1().pods("").list().items.map((pod) => pod.metadata.name).join()`;
  assert.equal(await evaluator.value(list), "a,b");
  for (token of [null, 7]) {
    const pages = `[...k8s.coreV1().pods("").pages({limit: 1})].length`;
    assert.deepEqual(await evaluator.value(`[${list}, ${pages}]`), ["old", 1]);
  }
});
