/** A script that asks for a large list again sees what has changed since, and the audit has both. */
import assert from "node:assert/strict";
import { realKubeconfig, uniqueName } from "../support/clusters.ts";
import { needs } from "../support/needs.ts";
import { startServer, VARIANTS } from "./program.ts";

/** Its names, and what there is once of a list. */
const seenOf = (list: string) =>
  `const list = ${list}; [list.items.map((c) => c.metadata.name + c.data.n).join(),
  list.kind, list.metadata.continue ?? "", Object.keys(list).join(), list.items[0].kind].join(" ")`;

for (const variant of VARIANTS) {
  const name = `lists again, ${variant.name}`;
  const wanted = [...variant.needs, "a control plane" as const];
  Deno.test(needs(wanted, name), async () => {
    const namespace = uniqueName("again");
    const objects = `k8s.coreV1().configMaps("${namespace}")`;
    const seen = seenOf(`${objects}.list()`);
    const audit = await Deno.makeTempFile();
    const start = (...args: string[]) =>
      startServer(variant, ["--kubeconfig", realKubeconfig(), "--read-write", ...args]);
    await using server = await start("--audit", audit);
    await using anew = await start("--list-cache-mib", "0");
    const run = async (script: string, by = server) => {
      const { text, isError } = await by.script(script);
      assert.ok(!isError, text);
      return text;
    };
    await run(
      `k8s.coreV1().namespaces().create({ metadata: { name: "${namespace}" } }).kind`,
      anew,
    );
    try {
      for (const [from, to] of [[100, 400], [400, 650]]) {
        await run(
          `const all = ${objects}; const text = "filling ".repeat(120);
           for (let n = ${from}; n < ${to}; n++) {
             all.create({ metadata: { name: "c" + n }, data: { n: "", text } });
           }`,
          anew,
        );
      }
      assert.equal(await run(seen), await run(seen, anew));
      assert.equal(await run(seen), await run(seen, anew));
      const changes = [
        `.patch("c300", { data: { n: "changed" } })`,
        `.delete("c101")`,
        `.create({ metadata: { name: "c101" }, data: { n: "another" } })`,
        `.create({ metadata: { name: "a" }, data: { n: "first" } })`,
      ];
      for (const change of changes) {
        // By the session itself, and by somebody else.
        const by = change.includes("patch") ? server : anew;
        await run(`${objects}${change}; 1`, by);
        const [now, expected] = [await run(seen), await run(seen, anew)];
        assert.equal(now, expected, change);
      }
      // Twice in one script.
      const twice = `const before = ${objects}.list().items.length;
        ${objects}.delete("a"); before - ${objects}.list().items.length`;
      assert.equal(await run(twice), "1");
    } finally {
      await run(`k8s.coreV1().namespaces().delete("${namespace}"); 1`, anew);
    }
    const lines = (await Deno.readTextFile(audit)).trim().split("\n");
    const lists = lines.map((line) => JSON.parse(line)).filter((line) =>
      line.kind === "request" && line.verb === "list" && line.namespace === namespace
    );
    assert.equal(lists.length, 2 + 4 + 2);
    await Deno.remove(audit);
  });
}
