/** What can stand at the end of a line. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { complete } from "../../lib/command_line/completion/complete.ts";
import { defineProgram } from "../../lib/command_line/program.ts";
import { ROWS } from "../../lib/config/settings/table.ts";
import { answerShell } from "../../lib/command_line/completion/answer.ts";
import { ROOT } from "../../scripts/files.ts";
import { needsPrograms } from "../support/needs.ts";

const lookups = {
  contexts: (path: string | undefined) => Promise.resolve([path ?? "staging", "production"]),
};

/** The words for a line; the last of it is being typed. */
async function at(...words: string[]): Promise<{ values: string[]; files: boolean }> {
  const { candidates, files } = await complete(
    defineProgram(() => {}),
    words.slice(0, -1),
    words.at(-1) ?? "",
    lookups,
  );
  return { values: candidates.map(({ value }) => value), files };
}

const nothing = { values: [], files: false };

Deno.test("complete() offers commands, and the commands of a command", async () => {
  assert.deepEqual((await at("e")).values, ["eval"]);
  assert.deepEqual((await at("--context", "x", "policy", "")).values, ["check", "show"]);
  assert.deepEqual((await at("help", "doc")).values, ["doctor"]);
  assert.deepEqual((await at("install", "cursor", "clau")).values, [
    "claude-code",
    "claude-desktop",
  ]);
  assert.deepEqual((await at("uninstall", "--scope", "p")).values, ["project"]);
});

Deno.test("complete() offers the flags of a command that are not given yet", async () => {
  assert.deepEqual((await at("eval", "--dr")).values, ["--dry-run"]);
  assert.deepEqual(await at("eval", "--dry-run", "--dr"), nothing);
  assert.deepEqual((await at("doctor", "--dr")).values, []);
  const all = (await at("--")).values;
  for (const [name, { flag }] of ROWS) {
    assert.ok(all.includes(/--[a-z-]+/.exec(flag)![0]), name);
  }
});

Deno.test("complete() offers the values of a flag behind it and behind =", async () => {
  assert.deepEqual((await at("eval", "-o", "y")).values, ["yaml"]);
  assert.deepEqual((await at("eval", "--output=y")).values, ["--output=yaml"]);
  assert.deepEqual((await at("--profile", "o")).values, ["open"]);
  assert.deepEqual((await at("--read-write=")).values, ["--read-write=true", "--read-write=false"]);
  assert.deepEqual(await at("--namespace", ""), nothing);
});

Deno.test("complete() offers each value of a list once", async () => {
  assert.deepEqual((await at("--toolsets", "cli,code,")).values, [
    "cli,code,resources",
    "cli,code,guarded",
  ]);
});

Deno.test("complete() offers the contexts of the kubeconfig that the line names", async () => {
  assert.deepEqual((await at("--context", "s")).values, ["staging"]);
  assert.deepEqual((await at("--kubeconfig", "other", "--context", "o")).values, ["other"]);
  assert.deepEqual((await at("--kubeconfig=other", "doctor", "--contexts", "production,")).values, [
    "production,other",
  ]);
});

Deno.test("complete() knows where a path may stand", async () => {
  for (
    const words of [["eval", ""], ["--config", ""], ["--audit="], ["run", "--", "kubectl", ""]]
  ) {
    assert.equal((await at(...words)).files, true, words.join(" "));
  }
  for (const words of [[""], ["doctor", ""], ["completion", ""], ["-n", ""]]) {
    assert.equal((await at(...words)).files, false, words.join(" "));
  }
});

Deno.test("complete() offers flags where a command takes no more arguments", async () => {
  assert.ok((await at("eval", "a.js", "")).values.includes("--dry-run"));
  assert.deepEqual((await at("completion", "b")).values, ["bash"]);
});

Deno.test("answerShell() leaves out names that are more than a word of a line", async () => {
  const hostile = ["a\nb", "a\u001b[2J", "a\u202eb", "ab"];
  const contexts = () => Promise.resolve(hostile);
  assert.deepEqual(await answerShell(["fish", "a", "--context"], { contexts }), [
    "ab",
    ": nothing",
  ]);
});

Deno.test("answerShell() gives kubectl, whose script for bash does not quote, plain names alone", async () => {
  const plain = ["arn:aws:eks:eu-west-1:1:cluster/a_b@c", "gke_p_zone-1", "m\u00fcnchen"];
  const hostile = [
    "$(touch x)",
    "`touch x`",
    "a;b",
    "a b",
    "a'b",
    "~root",
    "*",
    "a&b",
    "a|b",
    "#a",
  ];
  const contexts = () => Promise.resolve([...hostile, ...plain]);
  assert.deepEqual(await answerShell(["kubectl", "--context", ""], { contexts }), [...plain, ":4"]);
});

Deno.test({
  ...needsPrograms(["mkfifo"], "a kubeconfig that nobody writes to holds no shell up"),
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const path = join(folder, "kubeconfig");
      await new Deno.Command("mkfifo", { args: [path] }).output();
      const { code, stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--quiet", `${ROOT}/main.ts`, "__complete", "fish", "", "--context"],
        env: { KUBECONFIG: path },
        stderr: "null",
        signal: AbortSignal.timeout(60_000),
      }).output();
      assert.deepEqual([code, new TextDecoder().decode(stdout)], [0, ": nothing\n"]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("answerShell() answers kubectl as Cobra's programs do", async () => {
  const ask = (...words: string[]) => answerShell(["kubectl", ...words], lookups);
  assert.deepEqual(await ask("eval", "--output", "ya"), ["yaml", ":4"]);
  assert.deepEqual(await ask("--context", "s"), ["staging", ":4"]);
  assert.deepEqual(await ask("eval", ""), [":0"]);
});
