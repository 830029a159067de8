/** The program at a terminal. */
import assert from "node:assert/strict";
import { cleanEnvironment, descendants, run, slow, until, VARIANTS } from "./program.ts";
import { needs } from "../support/needs.ts";
import { atTerminal } from "../support/terminal.ts";

for (const variant of VARIANTS) {
  const test = (fact: string, body: () => Promise<void>) =>
    Deno.test(needs(slow(variant), `cli, ${variant.name}: ${fact}`), body);
  const kubecode = (...args: string[]) => run(variant, args);

  test("eval prints a string as it is, other values as JSON, and says why there is none", async () => {
    assert.deepEqual(await kubecode("eval", "--demo", "-e", "'a b'"), {
      code: 0,
      stdout: "a b\n",
      stderr: "",
    });
    assert.deepEqual(await kubecode("eval", "--demo", "-e", "({a: [1, 'x']})"), {
      code: 0,
      stdout: '{"a":[1,"x"]}\n',
      stderr: "",
    });
    assert.equal((await kubecode("eval", "--demo", "-e", "null")).stdout, "null\n");
    assert.deepEqual(await kubecode("eval", "--demo", "-e", "function main() {}"), {
      code: 0,
      stdout: "",
      stderr:
        "(no value; the script ends in a function that it does not call: write main() behind it)\n",
    });
  });

  test("eval -o json is always JSON", async () => {
    for (
      const [script, wanted] of [["'a\\nb'", '"a\\nb"'], ["null", "null"], ["undefined", "null"], [
        "[1]",
        "[1]",
      ]] as const
    ) {
      const { code, stdout } = await kubecode("eval", "--demo", "-o", "json", "-e", script);
      assert.deepEqual([code, stdout], [0, `${wanted}\n`], script);
    }
  });

  test("eval --dry-run tries out without --read-write, and functions say what they would do", async () => {
    const dry = (script: string, ...args: string[]) =>
      kubecode("eval", "--demo", "--dry-run", ...args, "-e", script);
    const create = `k8s.coreV1().configMaps("shop").create({name: "x"}).metadata.name`;
    const created = await dry(create);
    assert.equal(created.stdout, "x\n", created.stderr);
    assert.match(created.stderr, /Nothing was changed\. Plan: 1 change/);
    const drained = await dry(`k8s.coreV1().nodes().drain("demo-1", {force: true,
  ignoreDaemonSets: true, deleteEmptyDirData: true, timeoutMs: 2000})`);
    assert.equal(drained.code, 0, drained.stderr);
    assert.match(drained.stderr, /drain would cordon node "demo-1" and evict \d+ pods: /);
    const kept = await dry(`const node = k8s.coreV1().pods("shop").get("redis-0").spec.nodeName;
k8s.coreV1().nodes().drain(node, {force: true, ignoreDaemonSets: true, deleteEmptyDirData: true})`);
    assert.equal(kept.code, 0, kept.stderr);
    assert.match(kept.stderr, /a disruption budget keeps shop\/redis-0, and drain would wait/);
    const refused = await dry(`k8s.coreV1().nodes().drain("demo-1")`);
    assert.match(refused.stderr, /Cannot drain node "demo-1".*\(ignoreDaemonSets\)/);
    assert.doesNotMatch(refused.stderr, /is cordoned/);
    const restarted = await dry(`const d = k8s.appsV1().deployments("shop");
d.rolloutRestart("cart"); d.rolloutStatus("cart")`);
    assert.match(restarted.stderr, /rolloutRestart would restart deployments "cart"/);
    assert.match(restarted.stderr, /rolloutStatus tells of "cart" as it is/);
    const deleted = await dry(`const p = k8s.coreV1().pods("shop");
p.delete("redis-0"); p.waitFor("redis-0", "delete")`);
    assert.equal(deleted.stdout, "null\n");
    assert.match(deleted.stderr, /would wait for deletion/);
  });

  test("eval without --dry-run and --read-write changes nothing", async () => {
    const { code, stderr } = await kubecode(
      "eval",
      "--demo",
      "-e",
      `k8s.coreV1().configMaps("shop").create({name: "x"})`,
    );
    assert.equal(code, 1);
    assert.match(stderr, /the server is read-only/);
  });

  test("eval takes TypeScript", async () => {
    const script = "const n: number = 40; n + 2 as any";
    const { code, stdout, stderr } = await kubecode("eval", "--demo", "-e", script);
    assert.deepEqual([code, stdout, stderr], [0, "42\n", ""]);
    const made = await kubecode("eval", "--demo", "-e", "enum A { B = 4 }\nA.B");
    assert.deepEqual([made.code, made.stdout], [0, "4\n"]);
    const failed = await kubecode("eval", "--demo", "-e", "enum A { B }\n  A.B.c.d");
    assert.match(failed.stderr, /line 2, column 9/);
  });

  test("eval prints YAML", async () => {
    const { stdout } = await kubecode("eval", "--demo", "-o", "yaml", "-e", "({a: [1, 'NO']})");
    assert.match(stdout, /^a:\n\s*- 1\n\s*- "NO"\n$/);
  });

  test("eval reads the script from a file and from standard input", async () => {
    const file = await Deno.makeTempFile({ suffix: ".js" });
    await Deno.writeTextFile(file, "namespace");
    const fromFile = await kubecode("eval", "--demo", "-n", "payments", file);
    assert.equal(fromFile.stdout, "payments\n");
    await Deno.remove(file);
    for (const args of [["eval", "--demo"], ["eval", "--demo", "-"]]) {
      const { stdout } = await run(variant, args, { stdin: "1 + 2" });
      assert.equal(stdout, "3\n");
    }
  });

  test("eval puts console and errors on standard error, with the place in the script", async () => {
    const { code, stdout, stderr } = await kubecode(
      "eval",
      "--demo",
      "-e",
      "console.log('hi');\nconst x = null;\n  x.y",
    );
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^hi\n/);
    assert.match(stderr, /TypeError.*line 3, column 5/);
    assert.match(stderr, /3 \| {3}x\.y\n\s+\|\s+\^/);
  });

  test("eval ends with 124 at the time-out", async () => {
    const { code, stderr } = await kubecode(
      "eval",
      "--demo",
      "--timeout",
      "300ms",
      "-e",
      "for(;;);",
    );
    assert.equal(code, 124);
    assert.match(stderr, /execution timeout exceeded/);
    assert.match(stderr, /give a larger --timeout \(at most 5m\)/);
  });

  test("usage and configuration that cannot be used end with 2, and say why", async () => {
    for (
      const [args, words] of [
        [["eval", "--nope"], /unknown option '--nope'/],
        [["evla"], /unknown command 'evla'; did you mean eval\?/],
        [["help", "htpp"], /unknown command 'htpp'; did you mean http\?/],
        [["completion", "bsh"], /"bsh": SHELL is one of .*; did you mean bash or zsh\?/],
        [["install", "cursor", "--scope", "projct"], /"projct".*; did you mean project\?/],
        [["run", "--demo", "--", "kubctl"], /no such program\nDid you mean kubectl\?/],
        [["policy", "check", "lst", "pods"], /no such verb\nDid you mean list\?/],
        [
          ["policy", "check", "list", "pods", "--tool", "search-api"],
          /no such tool\nDid you mean search_api\?/,
        ],
        [["policy", "show", "gaurded"], /no such profile\nDid you mean guarded\?/],
        [["serve", "--help"], /unknown command 'serve'; without a command it is the server/],
        [["--profile", "strict"], /--profile "strict": must be none, guarded, standard or open/],
        [["eval", "--demo", "-e", "1", "file.js"], /give one of them/],
        [["eval", "--demo", "/no/such/file.js"], /no such file"?\n?$/],
        [
          ["eval", "--demo", "k8s.coreV1().pods().list()"],
          /no such file\nA script itself goes behind -e/,
        ],
        [["eval", "--demo", "--timeout", "soon", "-e", "1"], /--timeout "soon"/],
        [["eval", "--demo", "-o", "xml", "-e", "1"], /"xml"/],
        [["eval", "--demo", "-e", ""], /script cannot be empty/],
        [["eval", "--demo", "--timeout", "10m", "-e", "1"], /--timeout "10m": .*at most 5m$/m],
        [["eval", "--demo", "--timeout", "0s", "-e", "1"], /--timeout "0s": .*more than 0/],
        [["--log-level", "loud"], /--log-level "loud": must be debug, info, warn, error or silent/],
        [["eval", "--demo", "--timeout", "30", "-e", "1"], /--timeout "30"/],
        [["--connect-timeout", "-1"], /--connect-timeout/],
      ] as const
    ) {
      const { code, stdout, stderr } = await kubecode(...args);
      assert.deepEqual([code, stdout], [2, ""], args.join(" "));
      assert.match(stderr, words);
      assert.doesNotMatch(stderr, /\n\s+at /, "a stack is shown");
    }
  });

  test("proxy says that another program has its port", async () => {
    using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = other.addr;
    const { code, stderr } = await kubecode("proxy", "--demo", "--port", `${port}`);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /^kubecode: Cannot listen on 127\.0\.0\.1:\d+: another program listens/);
  });

  test("changes are allowed by flag or by a variable that says so, and not by one that says no", async () => {
    for (
      const [value, mode] of [["true", "read-write"], ["1", "read-write"], ["false", "read-only"], [
        "",
        "read-only",
      ]] as const
    ) {
      const { stdout } = await run(variant, ["doctor", "--demo"], {
        env: { KUBECODE_READ_WRITE: value },
      });
      assert.match(stdout, new RegExp(`mode +${mode}`), value);
    }
    const wrong = await run(variant, ["doctor", "--demo"], {
      env: { KUBECODE_READ_WRITE: "maybe" },
    });
    assert.deepEqual([wrong.code, wrong.stdout], [2, ""]);
    assert.match(wrong.stderr, /Cannot use KUBECODE_READ_WRITE "maybe": must be true or false/);
    const both = await run(variant, ["doctor", "--demo"], {
      env: { KUBECODE_READ_WRITE: "true", KUBECODE_APPROVE: "true" },
    });
    assert.match(both.stderr, /KUBECODE_READ_WRITE and KUBECODE_APPROVE together/);
    assert.match((await kubecode("--read-write", "doctor", "--demo")).stdout, /mode +read-write/);
    const guarded = await kubecode("doctor", "--demo", "--profile", "guarded");
    assert.match(guarded.stdout, /mode +read-only.*profile guarded/);
  });

  test("tool sets and transports that are not there are refused by name", async () => {
    for (
      const [args, env, words] of [
        [
          ["--toolsets", "code,helm"],
          {},
          /--toolsets.*no set "helm"; there are code, resources, guarded/,
        ],
        [["--toolsets", ","], {}, /no set is named/],
        [[], { KUBECODE_TOOLSETS: "all" }, /KUBECODE_TOOLSETS "all": there is no set "all"/],
        [[], { MCP_TRANSPORT: "websocket" }, /MCP_TRANSPORT "websocket".*"stdio"/],
        [["doctor"], { KUBECODE_LOG_LEVEL: "zz" }, /Cannot use KUBECODE_LOG_LEVEL "zz": must be/],
        [["eval", "--log-level", "yy"], { KUBECODE_LOG_LEVEL: "zz" }, /--log-level "yy"/],
        [[], { KUBECODE_SERVE_RESOURCES: "a bit" }, /KUBECODE_SERVE_RESOURCES "a bit"/],
        [["--max-replicas", "many"], {}, /--max-replicas "many": must be a whole number/],
      ] as const
    ) {
      const { code, stdout, stderr } = await run(variant, [...args, "--demo"], { env });
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.match(stderr, words);
    }
    for (const [flag, variable] of [["read-write", "READ_WRITE"], ["approve", "APPROVE"]]) {
      const off = await run(variant, [`--${flag}=false`, "doctor", "--demo"], {
        env: { [`KUBECODE_${variable}`]: "true" },
      });
      assert.match(off.stdout, /mode +read-only/, off.stderr);
    }
  });

  test("a switch is turned on and off in whatever form it is written", async () => {
    const mode = async (...args: string[]) =>
      /mode: (.+)/.exec((await kubecode("policy", "show", ...args)).stdout)?.[1];
    for (const on of [["--read-write"], ["--read-write=yes"], ["--read-write", "true"]]) {
      assert.equal(await mode(...on), "read-write", `${on}`);
    }
    for (const off of [["--no-read-write"], ["--read-write=0"], ["--read-write", "false"]]) {
      assert.equal(await mode("--read-write", ...off), "read-only", `${off}`);
    }
    const wrong = await kubecode("policy", "show", "--read-write=maybe");
    assert.deepEqual([wrong.code, wrong.stdout], [2, ""]);
    assert.match(wrong.stderr, /Cannot use --read-write "maybe": must be true or false/);
  });

  test("a reader that has had enough ends the program quietly", async () => {
    const shell = new Deno.Command("sh", {
      args: [
        "-c",
        '"$@" eval --demo -e "Array.from({length: 200000}, (_, i) => i).join(String.fromCharCode(10))" | head -n 1',
        "sh",
        variant.command,
        ...variant.args,
      ],
      clearEnv: true,
      env: cleanEnvironment(),
    });
    const { stdout, stderr } = await shell.output();
    const decoder = new TextDecoder();
    assert.deepEqual([decoder.decode(stdout), decoder.decode(stderr)], ["0\n", ""]);
  });

  test("an interrupt ends a script, and a wait for one", async () => {
    for (const args of [["eval", "--demo", "-e", "for(;;);"], ["eval", "--demo"]]) {
      const child = new Deno.Command(variant.command, {
        args: [...variant.args, ...args],
        clearEnv: true,
        env: cleanEnvironment(),
        stdin: "piped",
        stdout: "null",
        stderr: "null",
      }).spawn();
      await until(() => descendants(child.pid).length > 0);
      // The listener is there before the first child; a moment more for a busy machine.
      await new Promise((resolve) => setTimeout(resolve, 500));
      child.kill("SIGINT");
      const { code } = await child.status;
      await child.stdin.close().catch(() => {});
      assert.equal(code, 130, `${args}`);
    }
  });

  test("a deletion at a terminal says that it is done, and a pipe reads null", async () => {
    const script = `k8s.coreV1().configMaps("shop").delete("shop-config")`;
    const words = ["eval", "--demo", "--read-write", "-e", script];
    const at = async (...more: string[]) => {
      const all = [variant.command, ...variant.args, ...words, ...more];
      return (await atTerminal(all, [], { env: cleanEnvironment() })).seen;
    };
    assert.equal(await at(), "(done; the result is null)\r\n");
    assert.match(await at("--dry-run"), /^\(the result is null\)\r\n[^]*Nothing was changed/);
    assert.equal(await at("-o", "json"), "null\r\n");
    assert.equal((await kubecode(...words)).stdout, "null\n");
  });

  test("an interrupt of the question at a terminal ends with 130", async () => {
    const script = 'k8s.coreV1().pods("shop").deleteCollection({all: true})';
    const { code, seen } = await atTerminal(
      [variant.command, ...variant.args, "eval", "--demo", "--approve", "-e", script],
      [["[y/N]", "\x03"]],
      { env: cleanEnvironment() },
    );
    assert.equal(code, 130, seen);
  });

  test("the server at a terminal says what it waits for, and ends with 0 by Ctrl-C and Ctrl-D", async () => {
    const ping = `${JSON.stringify({ jsonrpc: "2.0", id: 7, method: "ping" })}\n`;
    for (const end of ["\x03", "\x04"]) {
      const { code, seen } = await atTerminal(
        [variant.command, ...variant.args, "--demo"],
        // A person can go on by hand.
        [["kubecode install", ping], ['"result":{}', end]],
        { env: cleanEnvironment() },
      );
      assert.equal(code, 0, seen);
      assert.match(
        seen,
        /^This is an MCP server: it waits.*\r\nTo add it to your assistants, run "kubecode install"/,
      );
    }
  });

  test("help and version are printed", async () => {
    const help = await kubecode("--help");
    assert.equal(help.code, 0);
    assert.match(help.stdout, /demo[^]*doctor[^]*eval/);
    assert.match(help.stdout, /\n\nMCP server [^\n]{60,}\n[^\n]{60,}\n/);
    for (const name of ["KUBECONFIG", "KUBECODE_SERVE_RESOURCES"]) {
      assert.match(help.stdout, new RegExp(`\\[${name}\\]`));
    }
    assert.match(
      help.stdout,
      /^First steps:\n[^]*^Rules and callers:\n[^]*^Flags:\n[^]*^Tools:\n/m,
    );
    assert.doesNotMatch(help.stdout, /--oidc-issuer-url/);
    assert.match((await kubecode("help", "http")).stdout, /--oidc-issuer-url/);
    assert.match((await kubecode("--version")).stdout, /^\d+\.\d+\.\d+ \(.+, Deno .+\)\n$/);
  });

  test("doctor says line by line what was found and whether it works", async () => {
    const { code, stdout } = await kubecode("doctor", "--demo");
    assert.equal(code, 0);
    for (const line of ["kubecode", "sandbox", "config", "credentials", "server", "user", "api"]) {
      assert.match(stdout, new RegExp(`^ok +${line} `, "m"));
    }
    assert.doesNotMatch(stdout, /config file/);
    assert.match(stdout, /^ok {3}tool sets +code, resources\nok {3}audit +not written/m);
    const file = await Deno.makeTempFile({ suffix: ".yaml" });
    await Deno.writeTextFile(file, "audit: {file: stderr}\n");
    const set = await kubecode("--config", file, "--toolsets", "guarded", "doctor", "--demo");
    await Deno.remove(file);
    assert.ok(set.stdout.includes(`\nok   config file ${file}\n`), set.stdout);
    assert.match(set.stdout, /^ok {3}tool sets +guarded\nok {3}audit +stderr$/m);
    // What it asks of the cluster goes through the broker, which writes it down.
    assert.match(set.stderr, /"tool":"doctor"[^\n]*"resource":"\/version"/);
    assert.match(set.stderr, /"tool":"doctor"[^\n]*"resource":"\/apis"/);
    const missing = await run(variant, ["doctor", "--kubeconfig", "/no/such/kubeconfig"]);
    assert.equal(missing.code, 1);
    assert.match(missing.stdout, /^FAIL +config .*\/no\/such\/kubeconfig/m);
  });

  test("the demo's tour runs to its end", async () => {
    const { code, stdout } = await kubecode("demo");
    assert.equal(code, 0, stdout);
    assert.match(stdout, /CrashLoopBackOff/);
    assert.match(stdout, /PAYMENTS_URL/);
    assert.match(stdout, /recommendations/);
    assert.match(stdout, /--read-write/);
  });
}
