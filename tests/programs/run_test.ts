import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { ConfigError, InputError } from "../../lib/errors.ts";
import { createProgramRunner, type ProgramStart } from "../../lib/programs/run/run.ts";
import { until } from "../e2e/program.ts";
import { type FakePrograms, fakePrograms, isRunning } from "./fake_program.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (text: string) => new TextEncoder().encode(text);

/** Runs a program by its script; gives what it did, and how to look at what it left. */
async function running(
  check: (
    run: (script: string, start?: Partial<ProgramStart> & { timeoutMs?: number }) => Promise<
      { stdout: string; stderr: string; exitCode: number; cut: boolean; ending: string }
    >,
    parts: { folder: string; programs: FakePrograms },
  ) => Promise<void>,
): Promise<void> {
  await using programs = await fakePrograms();
  const runner = createProgramRunner();
  let count = 0;
  try {
    await using folder = await runner.openFolder();
    await check(async (script, { timeoutMs = 20_000, ...start } = {}) => {
      const end = await runner.run({
        path: await programs.add(`fake-${count++}`, script),
        argv: [],
        kubeconfig: "kind: Config\n",
        folder: folder.path,
        limits: { timeoutMs, outputBytes: 10_000 },
        signal: new AbortController().signal,
        ...start,
      });
      return { ...end, stdout: text(end.stdout), stderr: text(end.stderr) };
    }, { folder: folder.path, programs });
  } finally {
    await runner.close();
  }
}

Deno.test("run() gives outputs apart, and the program's own exit code", () =>
  running(async (run) => {
    const end = await run("echo out; echo err >&2; exit 7");
    assert.deepEqual(end, {
      stdout: "out\n",
      stderr: "err\n",
      exitCode: 7,
      cut: false,
      ending: "exit",
    });
    assert.equal((await run("kill -KILL $$")).exitCode, 137);
  }));

Deno.test("run() passes words as they are: nothing is expanded", () =>
  running(async (run) => {
    const argv = ["$HOME", "a b", "*", "`id`", "", "--x='y'", "ü"];
    const { stdout } = await run('for word in "$@"; do echo "[$word]"; done', { argv });
    assert.deepEqual(stdout.trimEnd().split("\n"), argv.map((word) => `[${word}]`));
  }));

Deno.test("run() tells a program nothing of the server's environment", () =>
  running(async (run, { folder, programs }) => {
    Deno.env.set("KUBECODE_TEST_SECRET", "swordfish");
    Deno.env.set("HTTPS_PROXY", "http://127.0.0.1:1");
    try {
      const { stdout } = await run("env");
      const env = Object.fromEntries(
        stdout.trimEnd().split("\n").map((line) => {
          const at = line.indexOf("=");
          return [line.slice(0, at), line.slice(at + 1)];
        }),
      );
      assert.equal(env.PATH, `${programs.folder}:/usr/bin:/bin`);
      for (const [name, value] of Object.entries(env)) {
        const isOurs = ["PATH", "TERM", "NO_COLOR", "LANG", "_", "SHLVL"].includes(name);
        assert.ok(isOurs || value.startsWith(`${folder}/`), `${name}=${value}`);
      }
      assert.ok(!/swordfish|PROXY/i.test(stdout));
    } finally {
      Deno.env.delete("KUBECODE_TEST_SECRET");
      Deno.env.delete("HTTPS_PROXY");
    }
  }));

Deno.test("run() gives files and standard input, in a folder that nobody else reads", () =>
  running(async (run) => {
    const files = new Map([["a.yaml", bytes("A")], ["chart/templates/b.yaml", bytes("B")]]);
    const script = 'cat a.yaml chart/templates/b.yaml; cat; stat -c %a . "$KUBECONFIG" "$HOME"';
    const { stdout } = await run(script, { files, stdin: bytes("input\n") });
    assert.equal(stdout, "ABinput\n700\n600\n700\n");
    assert.equal((await run("ls; cat")).stdout, "", "another start has neither");
  }));

Deno.test("run() is not held up by a program that reads none of its input", () =>
  running(async (run) => {
    const { exitCode } = await run("exit 3", { stdin: new Uint8Array(8 * 1024 * 1024) });
    assert.equal(exitCode, 3);
  }));

Deno.test("run() keeps the beginning of a long output, and lets the program finish", () =>
  running(async (run) => {
    const { stdout, cut, exitCode } = await run(
      "i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i + 1)); done; exit 4",
    );
    assert.equal(stdout.length, 10_000);
    assert.ok(stdout.startsWith("line 0\nline 1\n"));
    assert.ok(cut);
    assert.equal(exitCode, 4);
  }));

Deno.test("run() ends a program that writes for ever", () =>
  running(async (run) => {
    const { stdout, ending, cut } = await run("exec yes", { timeoutMs: 60_000 });
    assert.deepEqual({ length: stdout.length, ending, cut }, {
      length: 10_000,
      ending: "limit",
      cut: true,
    });
  }));

Deno.test("run() gives what was written until the timeout", () =>
  running(async (run) => {
    const end = await run("echo begun; exec sleep 60", { timeoutMs: 300 });
    assert.deepEqual(end, {
      stdout: "begun\n",
      stderr: "",
      exitCode: 124,
      cut: false,
      ending: "timeout",
    });
  }));

Deno.test("run() kills a program that ignores SIGTERM", () =>
  running(async (run) => {
    const end = await run("trap '' TERM; echo $$; while :; do sleep 1; done", { timeoutMs: 300 });
    assert.equal(end.ending, "timeout");
    assert.ok(!isRunning(Number(end.stdout)));
  }));

Deno.test("run() ends a program when its call is cancelled", () =>
  running(async (run) => {
    const controller = new AbortController();
    const ended = run("echo $$; exec sleep 60", { signal: controller.signal });
    setTimeout(() => controller.abort(), 300);
    const { ending, stdout } = await ended;
    assert.equal(ending, "cancelled");
    assert.ok(!isRunning(Number(stdout)));
    await assert.rejects(run("exit 0", { signal: controller.signal }), { name: "AbortError" });
  }));

Deno.test("run() leaves nothing running of what a program has started", () =>
  running(async (run) => {
    const leavers: Readonly<Record<string, string>> = {
      "in the background": "sleep 300 & echo $!",
      "with its own pipes": "sleep 300 >/dev/null 2>&1 </dev/null & echo $!",
      "twice removed": "(sleep 300 & echo $!) &\nsleep 0.2",
      "in a session of its own": "setsid sleep 300 & sleep 0.2; echo $!",
      "as a daemon": "setsid sh -c 'echo $$; exec sleep 300 >/dev/null 2>&1' & sleep 0.2",
    };
    for (const [how, script] of Object.entries(leavers)) {
      const started = performance.now();
      const { stdout, ending, exitCode } = await run(script);
      assert.deepEqual([ending, exitCode], ["exit", 0], how);
      assert.match(stdout, /^\d+\n$/, how);
      await until(() => !isRunning(Number(stdout)));
      assert.ok(performance.now() - started < 5_000, `${how}: the call waited for it`);
    }
  }));

Deno.test("run() waits for a program that closes its pipes, and no longer than its timeout", () =>
  running(async (run) => {
    const end = await run("exec >/dev/null 2>&1; exec sleep 60", { timeoutMs: 300 });
    assert.equal(end.ending, "timeout");
  }));

Deno.test("run() says what cannot be started", () =>
  running(async (run, { programs }) => {
    const path = `${programs.folder}/missing`;
    await assert.rejects(run("", { path }), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.equal(
        error.message,
        `Cannot start "${path}": it is not there, or what it is to be run by is not`,
      );
      return true;
    });
    await assert.rejects(run("", { path: programs.folder }), ConfigError);
    await assert.rejects(run("", { argv: ["x".repeat(1_000_000)] }), InputError);
  }));

Deno.test("openFolder() gives a folder of which nothing is left, whatever was done in it", async () => {
  await using programs = await fakePrograms();
  const runner = createProgramRunner();
  let path: string;
  {
    await using folder = await runner.openFolder();
    path = folder.path;
    await runner.run({
      path: await programs.add("locks", "mkdir -p a/b; echo x >a/b/c; chmod 0 a/b a; ln -s / root"),
      argv: [],
      kubeconfig: "",
      folder: path,
      limits: { timeoutMs: 10_000, outputBytes: 100 },
      signal: new AbortController().signal,
    });
  }
  await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);
  const server = path.slice(0, path.lastIndexOf("/"));
  await runner.close();
  await assert.rejects(Deno.lstat(server), Deno.errors.NotFound);
});

/** A server in a process of its own, in which a program runs that must be killed. */
async function servingProcess(programs: FakePrograms) {
  const program = await programs.add(
    "stays",
    `setsid sleep 300 & echo "$! $$ $HOME" >"${programs.folder}/pids"; trap '' TERM
     while :; do sleep 1; done`,
  );
  const server = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", new URL("one_run.ts", import.meta.url).pathname, program],
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  const read = () => {
    try {
      return Deno.readTextFileSync(`${programs.folder}/pids`).trim().split(" ");
    } catch {
      return [];
    }
  };
  await until(() => read().length === 3);
  const [escaped, pid, home] = read();
  return { server, pids: [Number(escaped), Number(pid)], home: home as string };
}

Deno.test("a server that is killed leaves neither programs nor folders", async () => {
  await using programs = await fakePrograms();
  const { server, pids, home } = await servingProcess(programs);
  server.kill("SIGKILL");
  await server.status;
  await until(() => !pids.some(isRunning));
  const folder = home.split("/").slice(0, -2).join("/");
  await until(() => !existsSync(folder));
});

Deno.test("folders of servers that have gone are removed by the next one", async () => {
  await using programs = await fakePrograms();
  const { server, home } = await servingProcess(programs);
  const running = home.split("/").slice(0, -2).join("/");
  const gone = await Deno.makeTempDir({ prefix: "kubecode-programs-" });
  await Deno.mkdir(`${gone}/x/y`, { recursive: true });
  const linked = `${gone}-link`;
  await Deno.symlink(programs.folder, linked);
  const old = new Date(Date.now() - 3_600_000);
  try {
    for (const folder of [running, gone]) await Deno.utime(folder, old, old);
    const runner = createProgramRunner();
    await (await runner.openFolder())[Symbol.asyncDispose]();
    await runner.close();
    assert.ok(!existsSync(gone));
    assert.ok(existsSync(running), "that of a server that runs stays");
    assert.ok(existsSync(programs.folder), "a link is not followed");
  } finally {
    server.kill("SIGKILL");
    await server.status;
    await Deno.remove(linked);
    await until(() => !existsSync(running));
  }
});
