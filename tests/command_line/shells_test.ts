/**
 * Completion in the shells themselves, at a terminal: a name is typed in part, completed by Tab and
 * sent off by Enter. A program of the same name keeps the words that it got.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ROOT } from "../../scripts/files.ts";
import { scriptFor } from "../../lib/command_line/completion/scripts.ts";
import { needsPrograms } from "../support/needs.ts";
import { atTerminal } from "../support/terminal.ts";

/** Names of contexts, no two of which begin with the same letter. */
const HOSTILE: readonly string[] = [
  "a$(touch pwned)",
  "b`touch pwned`",
  "c;touch pwned;",
  "d'it is",
  'e"said',
  "f two  words",
  "g*?[a]{b,c}",
  "h~user",
  "j\\back\\\\",
  "k#hash %d %F{red}",
  "l&touch pwned|x>pwned<y",
  "m\u00fcnchen",
  "x-arn:aws:eks:eu-west-1:1:cluster/shop=1@x",
  "o$HOME${IFS}",
  "p(echo)",
  "^r^s^",
];

/** Names that would be more than a word of a line. */
const NEVER: readonly string[] = ["n\ntouch pwned", "s\ttab", "u\u001b[2J", "q\u202eabc"];

interface Shell {
  readonly name: "bash" | "zsh" | "fish";
  /** Starts it without anything of the person's own. @param script path of the completion */
  start(script: string): readonly string[];
  /** What is typed before the first line. */
  prepare(script: string): string;
}

const SHELLS: readonly Shell[] = [
  {
    name: "bash",
    start: () => ["bash", "--norc", "--noprofile", "-i"],
    prepare: (script) => `bind 'set bell-style none'; source '${script}'\n`,
  },
  {
    name: "zsh",
    start: () => ["zsh", "-f", "-i"],
    prepare: (script) => `setopt nobeep; autoload -U compinit; compinit -u; source '${script}'\n`,
  },
  {
    name: "fish",
    start: () => ["fish", "--no-config", "-i"],
    prepare: (script) => `source '${script}'\n`,
  },
];

/** Starts with a folder that has a kubeconfig, the completion, and `kubecode` on PATH. */
async function withTerminal(
  shell: Shell,
  contexts: readonly string[],
  typed: string,
  files: readonly string[] = [],
): Promise<{ readonly calls: string[][]; readonly files: string[]; readonly screen: string }> {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of ["home", "bin", "work"]) await Deno.mkdir(join(folder, name));
    for (const name of files) await Deno.writeTextFile(join(folder, "work", name), "");
    const script = join(folder, "completion");
    await Deno.writeTextFile(script, scriptFor(shell.name) ?? "");
    await Deno.writeTextFile(
      join(folder, "kubeconfig"),
      JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
        users: [],
        contexts: contexts.map((name) => ({ name, context: { cluster: "c", user: "u" } })),
      }),
    );
    const calls = join(folder, "calls");
    await Deno.writeTextFile(calls, "");
    const program = join(folder, "bin", "kubecode");
    await Deno.writeTextFile(
      program,
      `#!/bin/sh
if [ "$1" = __complete ]; then exec '${Deno.execPath()}' run -A --no-check --quiet '${ROOT}/main.ts' "$@"; fi
{ printf '%s\\0' "$@"; printf '\\n\\0'; } >> '${calls}'
`,
    );
    await Deno.chmod(program, 0o755);
    const typing = `${shell.prepare(script)}${typed}exit\n`;
    const { seen: screen } = await atTerminal(shell.start(script), [["", typing]], {
      cwd: join(folder, "work"),
      env: {
        PATH: `${join(folder, "bin")}:/usr/local/bin:/usr/bin:/bin`,
        HOME: join(folder, "home"),
        DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
        KUBECONFIG: join(folder, "kubeconfig"),
        LANG: "C.UTF-8",
        TERM: "xterm",
        PS1: "$ ",
      },
      // A quote that stays open waits for ever.
      signal: AbortSignal.timeout(100_000),
    });
    const said = (await Deno.readTextFile(calls)).split("\n\0").slice(0, -1);
    return {
      calls: said.map((call) => call.split("\0").slice(0, -1)),
      files: await Array.fromAsync(Deno.readDir(join(folder, "work")), ({ name }) => name),
      screen,
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const shell of SHELLS) {
  const test = (fact: string, body: () => Promise<void>) =>
    Deno.test({
      ...needsPrograms([shell.name, "script"], `completion in ${shell.name}: ${fact}`),
      fn: body,
    });

  test("a context's name arrives as it is, whatever it holds", async () => {
    const typed = HOSTILE.map((name) => `kubecode --context ${[...name][0]}\t\n`).join("");
    const { calls, files, screen } = await withTerminal(shell, [...HOSTILE, ...NEVER], typed);
    assert.deepEqual(calls, HOSTILE.map((name) => ["--context", name]), screen);
    assert.deepEqual(files, []);
  });

  test("what is typed in quotes, behind = and colons is completed", async () => {
    const lines: readonly (readonly [typed: string, wanted: readonly string[]])[] = [
      ["kubecode --context 'f t\t\n", ["--context", "f two  words"]],
      ['kubecode --context "o\t\n', ["--context", "o$HOME${IFS}"]],
      ["kubecode --context=b\t\n", ["--context=b`touch pwned`"]],
      ["kubecode --context x-arn:aws:e\t\n", [
        "--context",
        "x-arn:aws:eks:eu-west-1:1:cluster/shop=1@x",
      ]],
      ["kubecode --contexts c,b\t\n", ["--contexts", "c,b`touch pwned`"]],
      ["kubecode ev\t--outp\tya\t\n", ["eval", "--output", "yaml"]],
      ["kubecode --kubec\tmy\\ c\t--toolsets code,re\t\n", [
        "--kubeconfig",
        "my config.yaml",
        "--toolsets",
        "code,resources",
      ]],
      ["kubecode eval my\t\n", ["eval", "my config.yaml"]],
      ["kubecode run -- my\t\n", ["run", "--", "my config.yaml"]],
    ];
    const typed = lines.map(([line]) => line).join("");
    const { calls, screen } = await withTerminal(shell, HOSTILE, typed, ["my config.yaml"]);
    assert.deepEqual(calls, lines.map(([, wanted]) => wanted), screen);
  });
}
