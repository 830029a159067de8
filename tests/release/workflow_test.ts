/** The workflows: they call the scripts, and run nobody's code that is not named by its hash. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { ROOT } from "../../scripts/files.ts";

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, { readonly uses?: string; readonly steps?: Step[] }>>;
}

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

const read = async (name: string): Promise<Workflow> =>
  parse(await Deno.readTextFile(`${ROOT}/.github/workflows/${name}`));
const stepsOf = ({ jobs }: Workflow) => Object.values(jobs).flatMap(({ steps }) => steps ?? []);

for (const name of ["ci.yml", "release.yml"]) {
  Deno.test(`${name}: actions are named by the hash of a commit, rights are none by default`, async () => {
    const workflow = await read(name);
    assert.deepEqual(workflow.permissions, { contents: "read" });
    const uses = stepsOf(workflow).flatMap(({ uses }) => uses ?? []);
    assert.ok(uses.length > 0);
    for (const each of uses) assert.match(each, /^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
  });
}

Deno.test("release.yml calls each step of a release, and runs nothing else", async () => {
  const called = stepsOf(await read("release.yml")).flatMap(({ run }) => run ?? []).map((line) => {
    const [, step] = /^\$STEP\/(\w+)\.ts(?: \$DRY_RUN)?$/.exec(line) ?? [];
    assert.ok(step, `${line}: not one step of scripts/release/`);
    return step;
  });
  const steps = (await Array.fromAsync(Deno.readDir(`${ROOT}/scripts/release`)))
    .filter(({ isFile, name }) => isFile && name !== "main.ts")
    .map(({ name }) => name.replace(/\.ts$/, ""));
  assert.deepEqual([...new Set(called)].sort(), steps.sort());
});

Deno.test("release.yml: only what signs, smokes and nothing published runs without $DRY_RUN", async () => {
  const lines = stepsOf(await read("release.yml")).flatMap(({ run }) => run ?? []);
  const real = lines.filter((line) => !line.endsWith(" $DRY_RUN"));
  assert.deepEqual(real, ["$STEP/sign_macos.ts", "$STEP/smoke.ts", "$STEP/smoke.ts"]);
});
