/** The table of assistants, and which of them are found. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { CLIENTS } from "../../lib/install/clients.ts";
import { chooseClients } from "../../lib/install/find.ts";
import { foldersOf } from "../../lib/install/folders.ts";

/** The user's file of a client, on a system. */
function userFile(id: string, os: string, env: Record<string, string> = {}): string | undefined {
  const homes = { HOME: "/h", USERPROFILE: "C:\\h", APPDATA: "C:\\h\\r", ...env };
  const folders = foldersOf(os, (name) => (homes as Record<string, string>)[name]);
  return CLIENTS.find((client) => client.id === id)?.user(folders)[0];
}

Deno.test("each assistant has a name of its own, and a page that documents its file", () => {
  assert.equal(new Set(CLIENTS.map(({ id }) => id)).size, CLIENTS.length);
  for (const { id, docs } of CLIENTS) assert.equal(new URL(docs).protocol, "https:", id);
});

Deno.test("files are where the clients document them on each system", () => {
  const rows: [id: string, linux: string, mac: string, windows: string][] = [
    [
      "claude-desktop",
      "/h/.config/Claude/claude_desktop_config.json",
      "/h/Library/Application Support/Claude/claude_desktop_config.json",
      "C:\\h\\r\\Claude\\claude_desktop_config.json",
    ],
    [
      "vscode",
      "/h/.config/Code/User/mcp.json",
      "/h/Library/Application Support/Code/User/mcp.json",
      "C:\\h\\r\\Code\\User\\mcp.json",
    ],
    [
      "goose",
      "/h/.config/goose/config.yaml",
      "/h/.config/goose/config.yaml",
      "C:\\h\\r\\Block\\goose\\config\\config.yaml",
    ],
    [
      "zed",
      "/h/.config/zed/settings.json",
      "/h/.config/zed/settings.json",
      "C:\\h\\r\\Zed\\settings.json",
    ],
    ["cursor", "/h/.cursor/mcp.json", "/h/.cursor/mcp.json", "C:\\h\\.cursor\\mcp.json"],
  ];
  for (const [id, ...paths] of rows) {
    assert.deepEqual(["linux", "darwin", "windows"].map((os) => userFile(id, os)), paths);
  }
});

Deno.test("variables that move a client's configuration are heeded", () => {
  assert.equal(userFile("claude-code", "linux", { CLAUDE_CONFIG_DIR: "/c" }), "/c/.claude.json");
  assert.equal(userFile("codex", "linux", { CODEX_HOME: "/c" }), "/c/config.toml");
  assert.equal(userFile("zed", "linux", { XDG_CONFIG_HOME: "/x" }), "/x/zed/settings.json");
});

Deno.test("an assistant is found by its files, or by its program", async () => {
  const home = await Deno.makeTempDir();
  try {
    const found = async (path = "") => {
      const env: Record<string, string> = { HOME: home, PATH: path };
      const files = await chooseClients([], "user", foldersOf("linux", (name) => env[name]));
      return files.map(({ client }) => client.id);
    };
    assert.deepEqual(await found(), []);
    await Deno.mkdir(join(home, ".cursor"));
    await Deno.writeTextFile(join(home, ".claude.json"), "{}");
    assert.deepEqual(await found(), ["claude-code", "cursor"]);
    const program = join(home, "bin", "codex");
    await Deno.mkdir(dirname(program));
    await Deno.writeTextFile(program, "");
    assert.deepEqual(await found(dirname(program)), ["claude-code", "cursor"]);
    await Deno.chmod(program, 0o755);
    assert.deepEqual(await found(dirname(program)), ["claude-code", "cursor", "codex"]);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test("of two names of a file the one that is there is meant", async () => {
  const home = await Deno.makeTempDir();
  try {
    const folders = foldersOf("linux", (name) => name === "HOME" ? home : undefined);
    const path = async () => (await chooseClients(["opencode"], "user", folders))[0]?.path;
    assert.equal(await path(), join(home, ".config/opencode/opencode.json"));
    await Deno.mkdir(join(home, ".config/opencode"), { recursive: true });
    await Deno.writeTextFile(join(home, ".config/opencode/opencode.jsonc"), "{}");
    assert.equal(await path(), join(home, ".config/opencode/opencode.jsonc"));
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
