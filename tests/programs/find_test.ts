import assert from "node:assert/strict";
import { ConfigError } from "../../lib/errors.ts";
import { findPrograms } from "../../lib/programs/run/find.ts";
import { createProgramRunner } from "../../lib/programs/run/run.ts";
import { programVersion } from "../../lib/programs/run/version.ts";
import { fakePrograms } from "./fake_program.ts";

Deno.test("findPrograms() finds programs on the path, and where they are said to be", async () => {
  await using first = await fakePrograms();
  await using second = await fakePrograms();
  const helm = await first.add("helm", "");
  await Deno.writeTextFile(`${first.folder}/kubectl`, "not executable");
  await Deno.mkdir(`${first.folder}/argocd`);
  const kubectl = await second.add("kubectl", "");
  const other = await second.add("istioctl-1.2", "");
  const path = `relative:${first.folder}/::/nowhere:${second.folder}`;
  assert.deepEqual([...await findPrograms({}, path)], [["kubectl", kubectl], ["helm", helm]]);
  const configured = await findPrograms({ istioctl: other }, path);
  assert.equal(configured.get("istioctl"), other);
  for (const wrong of [`${second.folder}/none`, first.folder, `${first.folder}/kubectl`, "helm"]) {
    await assert.rejects(findPrograms({ helm: wrong }, path), ConfigError, wrong);
  }
  assert.equal((await findPrograms({}, undefined)).size, 0);
});

Deno.test("programVersion() takes the version out of what a program says, or says that it has none", async () => {
  await using programs = await fakePrograms();
  const runner = createProgramRunner();
  const version = async (script: string) =>
    await programVersion(
      "kubectl",
      await programs.add(`kubectl-${crypto.randomUUID()}`, script),
      runner,
      new AbortController().signal,
    );
  try {
    assert.equal(await version('echo "Client Version: v1.36.3-gke.1+a"'), "v1.36.3-gke.1+a");
    assert.equal(await version('echo "v4.3"'), "v4.3");
    await assert.rejects(version("echo hello"), /it does not say/);
  } finally {
    await runner.close();
  }
});
