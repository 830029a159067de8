/** Configurations that are links, belong to others, change meanwhile: it works, or nothing changes. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { CLIENTS } from "../../lib/install/clients.ts";
import { entryFor } from "../../lib/install/entry.ts";
import { foldersOf } from "../../lib/install/folders.ts";
import { diffOf, install, planInstall, planUninstall, uninstall } from "../../lib/install/plan.ts";

const CURSOR = CLIENTS.find(({ id }) => id === "cursor")!;
const START = { command: "/usr/bin/kubecode", args: [], env: {} };
const TARGET = {
  format: "json",
  key: "mcpServers",
  name: "kubecode",
  start: [START.command],
  force: false,
} as const;
const TEXT = '{"mcpServers": {"x": {"command": "y", "env": {"TOKEN": "hunter2-secret"}}}}\n';

/** A folder of a user, with a configuration in it. */
async function withConfig(
  text: string | Uint8Array | undefined,
  body: (path: string, home: string) => Promise<void>,
): Promise<void> {
  const home = await Deno.realPath(await Deno.makeTempDir());
  try {
    const path = join(home, "mcp.json");
    if (typeof text === "string") await Deno.writeTextFile(path, text);
    else if (text) await Deno.writeFile(path, text);
    await body(path, home);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

const plan = (path: string) =>
  planInstall({ client: CURSOR, path }, TARGET, entryFor("plain", "kubecode", START));
const planBack = (path: string) => planUninstall({ client: CURSOR, path }, TARGET);
const folders = (home: string) => foldersOf("linux", (name) => name === "HOME" ? home : undefined);

/** Names in a folder, but for the folder of backups. */
async function namesIn(folder: string): Promise<string[]> {
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  return names.filter((name) => name !== ".local").toSorted();
}

Deno.test("a link stays a link, and what it leads to is written, with its mode", async () => {
  await withConfig(undefined, async (path, home) => {
    const real = join(home, "dotfiles.json");
    await Deno.writeTextFile(real, TEXT, { mode: 0o640 });
    await Deno.chmod(real, 0o640);
    await Deno.symlink("dotfiles.json", path);
    const planned = await plan(path);
    assert.deepEqual(diffOf(planned).slice(0, 2), [`--- ${real}`, `+++ ${real}`]);
    await install(planned, folders(home));
    assert.equal((await Deno.lstat(path)).isSymlink, true);
    assert.match(await Deno.readTextFile(real), /kubecode/);
    assert.equal((await Deno.stat(real)).mode! & 0o777, 0o640);
    await uninstall(await planBack(path), folders(home));
    assert.equal(await Deno.readTextFile(real), TEXT);
    assert.deepEqual(await namesIn(home), ["dotfiles.json", "mcp.json"]);
  });
});

Deno.test("a project's configuration that is a link to elsewhere is refused, and nothing is made there", async () => {
  const inProject = (path: string, project: string) => {
    const wanted = entryFor("plain", "kubecode", START);
    return planInstall({ client: CURSOR, path, project }, TARGET, wanted);
  };
  await withConfig(TEXT, async (_, home) => {
    const project = join(home, "project");
    await Deno.mkdir(join(home, "elsewhere"));
    await Deno.mkdir(join(project, "inside"), { recursive: true });
    await Deno.symlink("../mcp.json", join(project, ".mcp.json"));
    await Deno.symlink("../elsewhere", join(project, ".cursor"));
    await Deno.symlink("inside", join(project, ".vscode"));
    for (const name of [".mcp.json", ".cursor/mcp.json", ".cursor/a/mcp.json", "../mcp.json"]) {
      await assert.rejects(inProject(join(project, name), project), /out of the project, to "/);
    }
    await install(await inProject(join(project, ".vscode/mcp.json"), project), folders(home));
    assert.deepEqual(await namesIn(join(project, "inside")), ["mcp.json"]);
  });
});

Deno.test("a configuration that is not there is made, for this user alone, and goes again", async () => {
  await withConfig(undefined, async (_, home) => {
    const path = join(home, "new", "folder", "mcp.json");
    assert.equal(await install(await plan(path), folders(home)), undefined);
    assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
    await uninstall(await planBack(path), folders(home));
    assert.deepEqual(await namesIn(join(home, "new", "folder")), []);
  });
});

Deno.test("an empty file is a configuration with nothing in it, and is empty again", async () => {
  for (const text of ["", "\n", "\ufeff", "{}", '{ "mcpServers": {\r\n} }']) {
    await withConfig(text, async (path, home) => {
      await install(await plan(path), folders(home));
      const now = await Deno.readTextFile(path);
      assert.ok(JSON.parse(now.replace(/^\ufeff/, "")).mcpServers.kubecode, text);
      assert.equal(now.startsWith("\ufeff"), text.startsWith("\ufeff"));
      await uninstall(await planBack(path), folders(home));
      assert.equal(await Deno.readTextFile(path), text);
    });
  }
});

Deno.test("what is no configuration is refused, and stays", async () => {
  const refused = async (path: string, reason: RegExp) => {
    await assert.rejects(plan(path), reason);
    await assert.rejects(planBack(path), reason);
  };
  await withConfig(undefined, async (path) => {
    await Deno.mkdir(path);
    await refused(path, /it is a directory/);
  });
  await withConfig(undefined, async (path) => {
    await Deno.symlink("nowhere.json", path);
    await refused(path, /a link to a file that is not there/);
  });
  await withConfig(undefined, async (path) => {
    await Deno.symlink("mcp.json", path);
    await refused(path, /links go round in a circle|cannot be read/);
  });
  await withConfig("", async (path) => {
    await Deno.truncate(path, 33 * 1024 * 1024);
    await refused(path, /larger than 32 MiB/);
  });
  await withConfig(new Uint8Array([0xff, 0xfe, 0x7b, 0]), async (path) => {
    await refused(path, /not text in UTF-8/);
  });
  await withConfig(TEXT, async (path) => {
    await Deno.chmod(path, 0o444);
    await refused(path, /it is read-only/);
  });
  await withConfig(TEXT, async (path, home) => {
    await Deno.link(path, join(home, "second"));
    await refused(path, /second name/);
  });
  await withConfig(TEXT, async (path) => {
    await refused(`${path}/mcp.json`, /not a directory|cannot be read/);
  });
});

Deno.test("a configuration that another program changes after the question is not overwritten", async () => {
  for (const change of [(path: string) => Deno.writeTextFile(path, "{}"), Deno.remove]) {
    await withConfig(TEXT, async (path, home) => {
      const planned = await plan(path);
      await change(path);
      const then = await namesIn(home);
      await assert.rejects(install(planned, folders(home)), /in the meantime|no such file/i);
      assert.deepEqual(await namesIn(home), then);
    });
  }
  await withConfig(undefined, async (path, home) => {
    const planned = await plan(path);
    await Deno.writeTextFile(path, TEXT);
    await assert.rejects(install(planned, folders(home)), /in the meantime/);
    assert.equal(await Deno.readTextFile(path), TEXT);
  });
});

Deno.test("a backup that cannot be written keeps the configuration from being changed", async () => {
  await withConfig(TEXT, async (path, home) => {
    await Deno.writeTextFile(join(home, ".local"), "no folder");
    await assert.rejects(install(await plan(path), folders(home)), /backup .* cannot be written/);
    assert.equal(await Deno.readTextFile(path), TEXT);
  });
});

Deno.test({
  name: "a configuration of another user is not taken over" +
    (isRoot() ? "" : " (only root can make one)"),
  ignore: !isRoot(),
  async fn() {
    await withConfig(TEXT, async (path, home) => {
      await Deno.chown(path, 12345, 12345);
      await assert.rejects(install(await plan(path), folders(home)), /belongs to another user/);
      assert.equal(await Deno.readTextFile(path), TEXT);
      assert.deepEqual(await namesIn(home), ["mcp.json"]);
    });
  },
});

function isRoot(): boolean {
  return Deno.build.os !== "windows" && Deno.uid() === 0;
}

Deno.test("the backup is for this user alone, and is what was there first", async () => {
  await withConfig(TEXT, async (path, home) => {
    const backup = await install(await plan(path), folders(home));
    assert.equal(await Deno.readTextFile(backup!), TEXT);
    assert.equal((await Deno.stat(backup!)).mode! & 0o777, 0o600);
    assert.equal((await Deno.stat(join(backup!, ".."))).mode! & 0o777, 0o700);
    const other = entryFor("plain", "kubecode", { ...START, args: ["--demo"] });
    const again = await planInstall({ client: CURSOR, path }, TARGET, other);
    assert.equal(await install(again, folders(home)), undefined);
    assert.equal(await Deno.readTextFile(backup!), TEXT);
  });
});

Deno.test("what is shown holds nothing of other servers, and no values of variables", async () => {
  const entry = {
    command: "/usr/bin/kubecode",
    args: [],
    env: {
      AWS_SECRET: "hunter3-secret",
      KUBECODE_STATE_KEY: "hunter6-secret",
      KUBECONFIG: "/k",
      KUBECODE_MODE: "read-write",
    },
    headers: { Authorization: "hunter4-secret" },
  };
  const ours = JSON.stringify({
    mcpServers: { x: { env: { T: "hunter2-secret" } }, kubecode: entry },
  });
  await withConfig(ours, async (path) => {
    const shown = diffOf(await planBack(path)).join("\n");
    assert.doesNotMatch(shown, /hunter/);
    assert.match(shown, /^-.*"AWS_SECRET": "…"/m);
    assert.match(shown, /^-.*"KUBECONFIG": "\/k"/m);
    assert.match(shown, /^-.*"KUBECODE_MODE": "read-write"/m);
    const changed = entryFor("plain", "kubecode", { ...START, args: ["--demo"] });
    const update = diffOf(await planInstall({ client: CURSOR, path }, TARGET, changed)).join("\n");
    assert.doesNotMatch(update, /hunter/);
    assert.match(update, /^\+.*--demo/m);
  });
  const foreign = TEXT.replace('"x"', '"kubecode"').replace(
    '"y"',
    '"y", "args": ["--token=hunter5-secret"]',
  );
  await withConfig(foreign, async (path) => {
    const target = { ...TARGET, force: true };
    const wanted = entryFor("plain", "kubecode", START);
    const shown = diffOf(await planInstall({ client: CURSOR, path }, target, wanted)).join("\n");
    assert.doesNotMatch(shown, /hunter/);
    assert.match(shown, /^-.*"args": "…"/m);
  });
});
