/** `kubecode install` and `uninstall` as people and scripts run them, in a home of their own. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { parse as parseToml } from "smol-toml";
import { parse as parseYaml } from "yaml";
import { cleanEnvironment, requireBuilt, type RunResult, VARIANTS } from "../e2e/program.ts";
import { needs, needsPrograms } from "../support/needs.ts";
import { atTerminal } from "../support/terminal.ts";

/** What stands in the home before. */
const FILES: Readonly<Record<string, string>> = {
  ".cursor/mcp.json":
    '{\n  "mcpServers": {\n    "x": {"command": "y", "env": {"T": "hunter2"}} // mine\n  }\n}\n',
  ".codex/config.toml": '# mine\nmodel = "gpt"\n',
  ".config/goose/config.yaml": "extensions:\n  dev: # mine\n    enabled: true\n",
};

/** Where the packages are, whatever the home is. */
const DENO_DIR = Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;

for (const variant of VARIANTS) {
  const test = (fact: string, body: () => Promise<void>) =>
    Deno.test(needs(variant, `install, ${variant.name}: ${fact}`), body);

  /** A home with configurations, and the program run in it. */
  const withHome = async (
    files: Readonly<Record<string, string>>,
    body: (home: string, kubecode: (...args: string[]) => Promise<RunResult>) => Promise<void>,
  ) => {
    requireBuilt(variant);
    const home = await Deno.realPath(await Deno.makeTempDir());
    try {
      for (const [path, text] of Object.entries(files)) {
        await Deno.mkdir(dirname(join(home, path)), { recursive: true });
        await Deno.writeTextFile(join(home, path), text);
      }
      await body(home, async (...args) => {
        const { code, stdout, stderr } = await start(home, [...variant.args, ...args]).output();
        const decoder = new TextDecoder();
        return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
      });
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  };

  // No program of the machine is a sign of a client.
  const environment = (home: string) => (
    { ...cleanEnvironment(), PATH: "/usr/bin:/bin", HOME: home, DENO_DIR, ...variables }
  );

  /** Variables of the shell, for one test. */
  let variables: Readonly<Record<string, string>> = {};

  /** In a session of its own, so that there is no terminal to ask at. */
  const start = (home: string, args: readonly string[]) => {
    return new Deno.Command("setsid", {
      args: ["--wait", variant.command, ...args],
      cwd: home,
      clearEnv: true,
      env: environment(home),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
  };

  const contents = async (home: string) =>
    Object.fromEntries(
      await Promise.all(
        Object.keys(FILES).map(async (path) => [path, await Deno.readTextFile(join(home, path))]),
      ),
    );

  test("three clients get an entry with the flags that are given, once, and lose it again", async () => {
    await withHome(FILES, async (home, kubecode) => {
      const flags = ["--context", "a b", "--read-write", "--audit", "log.jsonl"];
      const first = await kubecode("install", "--yes", ...flags);
      assert.equal(first.code, 0, first.stderr);
      assert.doesNotMatch(first.stdout, /hunter2/);
      const now = await contents(home);
      const entries = [
        JSON.parse(now[".cursor/mcp.json"].replace("// mine", "")).mcpServers.kubecode,
        // deno-lint-ignore no-explicit-any -- whatever the parser gives
        (parseToml(now[".codex/config.toml"]) as any).mcp_servers.kubecode,
        parseYaml(now[".config/goose/config.yaml"]).extensions.kubecode,
      ];
      for (const { command, cmd, args } of entries) {
        assert.ok(command ?? cmd);
        assert.deepEqual(args.slice(-5), [
          "--context",
          "a b",
          "--read-write",
          "--audit",
          join(home, "log.jsonl"),
        ]);
      }
      const again = await kubecode("install", "--yes", ...flags);
      assert.equal(again.code, 0);
      assert.equal(again.stdout.match(/already there/g)?.length, 3, again.stdout);
      assert.deepEqual(await contents(home), now);
      const back = await kubecode("uninstall", "--yes");
      assert.equal(back.code, 0, back.stderr);
      assert.deepEqual(await contents(home), FILES);
      const none = await kubecode("uninstall", "--yes");
      assert.deepEqual([none.code, none.stdout], [0, "Nothing is left to remove.\n"]);
    });
  });

  test("a context that the kubeconfig has not is told, and may come", async () => {
    const kubeconfig =
      '{"contexts": [{"name": "staging", "context": {"cluster": "c", "user": "u"}}]}';
    await withHome({ ...FILES, ".kube/config": kubeconfig }, async (_home, kubecode) => {
      for (const context of [["--context", "stagign"], ["--context=-stagign"]]) {
        const { code, stderr } = await kubecode(
          "install",
          "cursor",
          "--yes",
          "--force",
          ...context,
        );
        assert.equal(code, 0, stderr);
        assert.match(stderr, /no context "-?stagign" now; did you mean staging\?/);
      }
      const right = await kubecode("install", "cursor", "--yes", "--force", "--context", "staging");
      assert.deepEqual([right.code, right.stderr], [0, ""]);
    });
  });

  test("variables of settings become the entry's own, but those of HTTP and of flags that are given", async () => {
    await withHome({ ".claude.json": "{}" }, async (home, kubecode) => {
      variables = {
        KUBECODE_CONTEXT: "a",
        K8S_NAMESPACE: "n",
        KUBECODE_READ_WRITE: "1",
        KUBECODE_CONFIG: "c.yaml",
        KUBECODE_AUDIT: "stderr",
        KUBECODE_PROFILE: "open",
        KUBECODE_PROFIL: "strict",
        KUBECODE_STATE_KEY: "hunter2",
        MCP_HOST: "localhost",
      };
      try {
        const desktop = await kubecode("install", "claude-desktop", "-y", "--profile=standard");
        assert.equal(desktop.code, 0, desktop.stderr);
        assert.match(
          desktop.stderr,
          /KUBECODE_PROFIL is not read; did you mean KUBECODE_PROFILE\?/,
        );
        assert.match(desktop.stdout, /"K8S_NAMESPACE": "n"/);
        const path = join(home, ".config/Claude/claude_desktop_config.json");
        const { env } = JSON.parse(await Deno.readTextFile(path)).mcpServers.kubecode;
        assert.deepEqual(env, {
          KUBECODE_CONTEXT: "a",
          K8S_NAMESPACE: "n",
          KUBECODE_READ_WRITE: "1",
          KUBECODE_AUDIT: "stderr",
          KUBECODE_CONFIG: join(home, "c.yaml"),
        });
        variables = { KUBECODE_CONFIG: "c.yaml" };
        const again = await kubecode("install", "claude-desktop", "-y", "--profile=standard");
        assert.match(again.stdout, /already there .*, with KUBECODE_CONTEXT, K8S_NAMESPACE, /);
        variables = { KUBECODE_CONTEXT: "a", K8S_NAMESPACE: "n", KUBECODE_PROFIL: "strict" };
        const code = await kubecode("install", "claude-code", "-y", "--approve");
        assert.match(
          code.stderr,
          /Claude Code: not written: KUBECODE_CONTEXT, K8S_NAMESPACE, KUBECODE_CONFIG: /,
        );
        assert.doesNotMatch(code.stdout + code.stderr, /READ_WRITE|STATE_KEY|hunter2/);
        assert.match((await kubecode("uninstall", "-y")).stderr, /KUBECODE_PROFIL is not read/);
      } finally {
        variables = {};
      }
    });
  });

  test("the context of a variable is looked for too", async () => {
    const kubeconfig = '{"contexts": [{"name": "a", "context": {"cluster": "c", "user": "u"}}]}';
    await withHome({ ".kube/config": kubeconfig }, async (_home, kubecode) => {
      variables = { KUBECODE_CONTEXT: "b" };
      try {
        const { stderr } = await kubecode("install", "claude-desktop", "-y");
        assert.match(stderr, /no context "b" now/);
      } finally {
        variables = {};
      }
    });
  });

  test("the first word of a client's name is answered with the whole names", async () => {
    await withHome({}, async (_home, kubecode) => {
      const { stderr } = await kubecode("install", "claude");
      assert.match(stderr, /Did you mean claude-code or claude-desktop\?/);
    });
  });

  test("what was written starts the server", async () => {
    await withHome(FILES, async (home, kubecode) => {
      await kubecode("install", "cursor", "--yes", "--demo");
      const text = (await contents(home))[".cursor/mcp.json"].replace("// mine", "");
      const { command, args } = JSON.parse(text).mcpServers.kubecode;
      const child = new Deno.Command(command, {
        args,
        env: { DENO_DIR: `${Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`}` },
        stdin: "piped",
        stdout: "piped",
        stderr: "null",
      }).spawn();
      const request = {
        jsonrpc: "2.0",
        id: 1,
        method: "initialize",
        params: {
          protocolVersion: "2025-06-18",
          capabilities: {},
          clientInfo: { name: "test", version: "0" },
        },
      };
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode(`${JSON.stringify(request)}\n`));
      await writer.close();
      const { stdout } = await child.output();
      const [line = ""] = new TextDecoder().decode(stdout).split("\n");
      assert.equal(JSON.parse(line).result.serverInfo.name, "kubecode");
    });
  });

  test("without a terminal and --yes nothing is changed, and the exit code says so", async () => {
    await withHome(FILES, async (home, kubecode) => {
      const { code, stdout, stderr } = await kubecode("install");
      assert.equal(code, 1);
      assert.match(stdout, /^\+.*kubecode/m);
      assert.match(stderr, /Nothing was changed: .*--yes/);
      assert.deepEqual(await contents(home), FILES);
    });
  });

  test("one file that cannot be changed keeps no other from it, and the exit code says so", async () => {
    const broken = '{"mcpServers": {"x": ';
    await withHome({ ...FILES, ".cursor/mcp.json": broken }, async (home, kubecode) => {
      const { code, stderr } = await kubecode("install", "--yes");
      assert.equal(code, 1);
      assert.match(stderr, /Cursor: cannot change ".*mcp\.json": it is not valid JSON/);
      const now = await contents(home);
      assert.equal(now[".cursor/mcp.json"], broken);
      assert.match(now[".codex/config.toml"], /kubecode/);
    });
  });

  test("a project gets a file of its own", async () => {
    await withHome({ ".claude.json": "{}\n" }, async (home, kubecode) => {
      const { code, stderr } = await kubecode(
        "install",
        "claude-code",
        "--scope",
        "project",
        "--yes",
      );
      assert.equal(code, 0, stderr);
      const { mcpServers } = JSON.parse(await Deno.readTextFile(join(home, ".mcp.json")));
      assert.equal(mcpServers.kubecode.type, "stdio");
      assert.equal(await Deno.readTextFile(join(home, ".claude.json")), "{}\n");
    });
  });

  test("a project's file that leads out of it is left, and the exit code says so", async () => {
    const elsewhere = await Deno.realPath(await Deno.makeTempDir());
    try {
      await withHome({ "mine.json": "{}\n" }, async (home, kubecode) => {
        await Deno.symlink("mine.json", join(home, ".mcp.json"));
        await Deno.symlink(elsewhere, join(home, ".cursor"));
        const words = ["install", "claude-code", "cursor", "--scope", "project", "--yes"];
        const { code, stdout, stderr } = await kubecode(...words);
        assert.equal(code, 1);
        assert.match(stdout, /Claude Code: added to ".*mine\.json"/);
        assert.match(stderr, /Cursor: cannot change .* link out of the project, to "/);
        assert.deepEqual(await Array.fromAsync(Deno.readDir(elsewhere)), []);
      });
    } finally {
      await Deno.remove(elsewhere, { recursive: true });
    }
  });

  test("a context whose name looks like a flag is no flag of the server", async () => {
    await withHome(FILES, async (home, kubecode) => {
      await kubecode("install", "cursor", "--yes", "--context=--read-write");
      const text = (await contents(home))[".cursor/mcp.json"].replace("// mine", "");
      const { args } = JSON.parse(text).mcpServers.kubecode;
      assert.deepEqual(args.slice(-1), ["--context=--read-write"]);
    });
  });

  test("a command line that cannot be used is refused", async () => {
    await withHome(FILES, async (home, kubecode) => {
      for (
        const [args, words] of [
          [["install", "curser"], /Cannot find the client "curser"\nDid you mean cursor\?/],
          [["install", "--scope", "world"], /--scope "world": it must be user or project/],
          [["install", "windsurf", "--scope", "project"], /Windsurf has no file for a project/],
          [["install", "--name", "a b"], /--name "a b": it must be letters/],
          [["install", "--port", "8080"], /Cannot use --port here: an assistant starts/],
          [["install", "--profile", "x"], /--profile "x": must be none/],
          [
            ["install", "--approve", "--read-write"],
            /Cannot use --read-write and --approve together/,
          ],
        ] as const
      ) {
        const { code, stderr } = await kubecode(...args, "--yes");
        assert.equal(code, 2, args.join(" "));
        assert.match(stderr, words);
      }
      assert.deepEqual(await contents(home), FILES);
    });
  });

  Deno.test({
    ...needsPrograms(["script"], `install, ${variant.name}: a person at a terminal is asked`),
    ignore: needs(variant, "").ignore || needsPrograms(["script"], "").ignore,
    async fn() {
      for (
        const [answer, changed, output] of [
          ["n", false],
          ["", false],
          ["y", true],
          // What is agreed to is seen, wherever standard output goes.
          ["y", true, "output"],
        ] as const
      ) {
        await withHome(FILES, async (home) => {
          const { code, seen } = await atTerminal(
            [variant.command, ...variant.args, "install", "cursor"],
            [["[y/N]", `${answer}\n`]],
            { cwd: home, env: environment(home), ...(output ? { output } : {}) },
          );
          assert.match(seen, /\+\+\+ [^]*Change this file\?/);
          assert.equal(code, changed ? 0 : 1, seen);
          const now = (await contents(home))[".cursor/mcp.json"];
          assert.equal(now !== FILES[".cursor/mcp.json"], changed, seen);
        });
      }
    },
  });
}
