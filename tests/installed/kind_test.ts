/** How the program was installed, and how a client starts it. */
import assert from "node:assert/strict";
import {
  describeVersion,
  type InstalledAs,
  installedAs,
  type RunningProgram,
} from "../../lib/installed/kind.ts";
import { startCommand } from "../../lib/installed/start.ts";

/** A binary at a path. */
function binary(execPath: string, env: Record<string, string> = {}): RunningProgram {
  return { standalone: true, execPath, mainModule: "file:///main.js", env: (name) => env[name] };
}

function module(mainModule: string, execPath = "/usr/bin/deno"): RunningProgram {
  return { standalone: false, execPath, mainModule, env: () => undefined };
}

/** A machine with links: from a name on PATH to the file that it leads to. */
function machine(links: Record<string, string> = {}, windows = false) {
  const named = (program: string) =>
    Object.keys(links).find((path) =>
      path.split(/[\\/]/).at(-1)?.replace(/\.exe$/, "") === program
    );
  return {
    windows,
    deno: "2.9.6",
    onPath: named,
    realPath: (path: string) => links[path] ?? path,
  };
}

const start = (program: RunningProgram, links = {}, windows = false) => {
  const { command, args } = startCommand(program, machine(links, windows), { permissions: ["-A"] });
  return [command, ...args];
};

const NPM = "/usr/lib/node_modules/kubecode/node_modules/@kubecode/linux-x64/bin/kubecode";
const CELLAR = "/opt/homebrew/Cellar/kubecode/0.1.0/bin/kubecode";
const KREW = "/home/a/.krew/store/code/v0.1.0/kubectl-code";

Deno.test("installedAs() knows each way by the path of the program", () => {
  const ways: [RunningProgram, InstalledAs][] = [
    [binary(CELLAR), "Homebrew"],
    [binary("/home/linuxbrew/.linuxbrew/Cellar/kubecode/0.1.0/bin/kubecode"), "Homebrew"],
    [binary(NPM), "npm"],
    [binary("C:\\Users\\a\\AppData\\Roaming\\npm\\node_modules\\kubecode\\kubecode.exe"), "npm"],
    [binary(KREW), "krew"],
    [binary("C:\\Users\\a\\.krew\\store\\code\\v0.1.0\\kubectl-code.exe"), "krew"],
    [
      binary("/Users/a/Library/Application Support/Claude/Claude Extensions/x/server/kubecode"),
      "Claude Desktop extension",
    ],
    [binary("/usr/local/bin/kubecode", { KUBECODE_IMAGE: "true" }), "container image"],
    [binary("/usr/local/bin/kubecode"), "binary"],
    [binary("/home/a/store/kubecode"), "binary"],
    [module("https://example.com/kubecode.js"), "module from a URL"],
    [module("file:///home/a/kubecode/main.ts"), "source checkout"],
  ];
  for (const [program, kind] of ways) assert.equal(installedAs(program), kind, program.execPath);
});

Deno.test("describeVersion() begins with the version", () => {
  assert.equal(describeVersion("0.1.0", "Homebrew", "2.9.6"), "0.1.0 (Homebrew, Deno 2.9.6)");
});

Deno.test("startCommand() names no single version of the program", () => {
  assert.deepEqual(start(binary(CELLAR), { "/opt/homebrew/bin/kubecode": CELLAR }), [
    "/opt/homebrew/bin/kubecode",
  ]);
  assert.deepEqual(start(binary(CELLAR)), ["/opt/homebrew/opt/kubecode/bin/kubecode"]);
  assert.deepEqual(start(binary(KREW)), ["/home/a/.krew/bin/kubectl-code"]);
  assert.deepEqual(start(binary("C:\\k\\store\\code\\v0.1.0\\kubectl-code.exe"), {}, true), [
    "C:\\k\\bin\\kubectl-code.exe",
  ]);
  assert.deepEqual(start(binary(NPM)), ["npx", "-y", "kubecode"]);
  assert.deepEqual(
    start(binary("/opt/kubecode-0.1.0/kubecode"), {
      "/home/a/bin/kubecode": "/opt/kubecode-0.1.0/kubecode",
    }),
    ["/home/a/bin/kubecode"],
  );
});

Deno.test("startCommand() does not take another program of the same name", () => {
  assert.deepEqual(start(binary("/opt/kubecode/kubecode"), { "/usr/bin/kubecode": "/other" }), [
    "/opt/kubecode/kubecode",
  ]);
});

Deno.test("startCommand() goes round npx, which a project can have a package for, where npm has installed it globally", () => {
  const launcher = "/usr/lib/node_modules/kubecode/kubecode.js";
  assert.deepEqual(start(binary(NPM), { "/usr/bin/kubecode": launcher }), ["/usr/bin/kubecode"]);
  const cache = "/home/a/.npm/_npx/1/node_modules";
  for (
    const [path, link, program] of [
      [`${cache}/.bin/kubecode`, `${cache}/kubecode/kubecode.js`, `${cache}/@kubecode/x/kubecode`],
      ["/usr/bin/kubecode", "/opt/other/kubecode", NPM],
      ["/home/a/.nvm/versions/node/v24.1.0/bin/kubecode", launcher, NPM],
    ] as const
  ) {
    assert.deepEqual(start(binary(program), { [path]: link }), ["npx", "-y", "kubecode"], path);
  }
});

Deno.test("startCommand() of a module names the runtime and its flags", () => {
  const url = "https://example.com/kubecode.js";
  assert.deepEqual(start(module(url)), ["/usr/bin/deno", "run", "-A", url]);
  assert.deepEqual(
    start(module("file:///home/a%20b/main.ts", "/c/_npx/1/node_modules/deno/deno")),
    [
      "npx",
      "-y",
      "deno@2.9.6",
      "run",
      "-A",
      "/home/a b/main.ts",
    ],
  );
  const windows = module("file:///C:/k/main.ts", "C:\\c\\node_modules\\deno\\deno.exe");
  assert.deepEqual(start(windows, {}, true), [
    "cmd",
    "/c",
    "npx",
    "-y",
    "deno@2.9.6",
    "run",
    "-A",
    "C:\\k\\main.ts",
  ]);
});
