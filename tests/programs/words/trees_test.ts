import assert from "node:assert/strict";
import { LOCAL_POWERS, PROGRAM_NAMES, type ProgramName } from "../../../lib/programs/types.ts";
import { flagClass, verbClass } from "../../../lib/programs/words/powers/powers.ts";
import { POWER_TABLES } from "../../../lib/programs/words/powers/tables.ts";
import { ARGOCD_TREE } from "../../../lib/programs/words/trees/argocd_tree.ts";
import { HELM_TREE } from "../../../lib/programs/words/trees/helm_tree.ts";
import { ISTIOCTL_TREE } from "../../../lib/programs/words/trees/istioctl_tree.ts";
import { KUBECTL_TREE } from "../../../lib/programs/words/trees/kubectl_tree.ts";
import { readVerbLine, writeVerbLine } from "../../../lib/programs/words/trees/tree.ts";
import { readProgramTree } from "../../../scripts/generators/program_help.ts";
import { HELM, KUBECTL } from "../../support/clusters.ts";
import { needs } from "../../support/needs.ts";

const TREES: Readonly<Record<ProgramName, readonly string[]>> = {
  kubectl: KUBECTL_TREE,
  helm: HELM_TREE,
  istioctl: ISTIOCTL_TREE,
  argocd: ARGOCD_TREE,
};

Deno.test("every verb and flag of every program is judged", () => {
  for (const program of PROGRAM_NAMES) {
    for (const line of TREES[program].map(readVerbLine)) {
      const verb = line.path.join(" ");
      if (verb !== "") assert.ok(verbClass(POWER_TABLES[program], line.path), `${program} ${verb}`);
      for (const { name } of line.flags) {
        const found = flagClass(POWER_TABLES[program], line.path, name);
        assert.ok(found, `${program} ${verb} --${name}`);
      }
    }
  }
});

Deno.test("the tables judge each name once, and none that there is not", () => {
  for (const program of PROGRAM_NAMES) {
    const { verbs, flags, flagsOf = {}, args, instead } = POWER_TABLES[program];
    const lines = TREES[program].map(readVerbLine);
    const paths = new Set(lines.map(({ path }) => path.join(" ")));
    const names = new Set(lines.flatMap((line) => line.flags.map(({ name }) => name)));
    const listed = (rows: Partial<Record<string, string>>, by: RegExp) =>
      Object.values(rows).flatMap((row) => (row ?? "").trim().replaceAll(/\s+/g, " ").split(by))
        .map((name) => name.trim());
    for (
      const [said, known] of [
        [listed(verbs, /,/), paths],
        [listed(args, /,/), paths],
        [listed(flags, /\s/), names],
      ] as const
    ) {
      assert.deepEqual(said.filter((name) => !known.has(name)), [], program);
      assert.equal(new Set(said).size, said.length, `${program}: a name stands twice`);
    }
    for (const [verb, rows] of Object.entries(flagsOf)) {
      assert.ok(paths.has(verb), `${program} ${verb}`);
      for (const name of listed(rows, /\s/)) assert.ok(names.has(name), `${program} --${name}`);
    }
    for (const name of Object.keys(instead)) {
      const isKnown = paths.has(name) || names.has(name.replace(/^--/, "")) ||
        LOCAL_POWERS.some((power) => power === name);
      assert.ok(isKnown, `${program} ${name}`);
    }
  }
});

Deno.test("a line of a table is read and written the same", () => {
  for (const program of PROGRAM_NAMES) {
    for (const line of TREES[program]) assert.equal(writeVerbLine(readVerbLine(line)), line);
  }
});

for (const [program, path] of [["kubectl", KUBECTL], ["helm", HELM]] as const) {
  Deno.test({
    ...needs(
      ["kubectl", "time"],
      `the table of ${program} is what the installed one says of itself`,
    ),
    fn: async () => {
      const installed = (await readProgramTree(program, path)).map(writeVerbLine);
      const hint =
        "run `deno task generate program-trees`, and judge what is new in lib/programs/words/powers/";
      assert.deepEqual(TREES[program], installed, hint);
    },
  });
}
