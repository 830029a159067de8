import assert from "node:assert/strict";
import { InputError } from "../../../lib/errors.ts";
import { namesProgram, plainWords, readLine } from "../../../lib/tools/cli/line.ts";

Deno.test("plainWords() reads words and quotes as a shell does", () => {
  const lines: readonly (readonly [string, readonly string[]])[] = [
    ["get pods", ["get", "pods"]],
    ["get \t pods  -A", ["get", "pods", "-A"]],
    [`get pods -l 'app in (a,b)'`, ["get", "pods", "-l", "app in (a,b)"]],
    [`get "p"o'ds' ""`, ["get", "pods", ""]],
    [`annotate pod x a="it's $"`.replace(" $", ""), ["annotate", "pod", "x", "a=it's"]],
    ["get pods -o jsonpath={.items[*].metadata.name}", [
      "get",
      "pods",
      "-o",
      "jsonpath={.items[*].metadata.name}",
    ]],
    ["get po --field-selector=status.phase!=Running", [
      "get",
      "po",
      "--field-selector=status.phase!=Running",
    ]],
    ["get pods a#b c~d", ["get", "pods", "a#b", "c~d"]],
  ];
  for (const [line, words] of lines) assert.deepEqual(plainWords(line), words, line);
});

Deno.test("plainWords() leaves to a shell what one might read differently", () => {
  const lines = [
    "get pods | head",
    "get pods; get svc",
    "get pods && true",
    "get pods > out",
    "get pods < in",
    "get $KIND",
    'get "$KIND"',
    "get `id`",
    "get $(id)",
    String.raw`get po\ds`,
    String.raw`get "a\"b"`,
    "get pods\nget svc",
    "get 'pods",
    'get "pods',
    "# a remark",
    "get pods # a remark",
    "get ~/x",
    "get {a,b}",
    "get {1..3}",
    "get /etc/*",
    "! get pods",
  ];
  for (const line of lines) assert.equal(plainWords(line), undefined, line);
  assert.equal(plainWords("apply -f *.yaml", { files: true }), undefined);
  assert.deepEqual(plainWords("apply -f *.yaml"), ["apply", "-f", "*.yaml"]);
});

Deno.test("readLine() refuses what is no command line", () => {
  const message = (line: string) => {
    try {
      readLine(line);
    } catch (error) {
      if (error instanceof InputError) return error.message;
    }
    return undefined;
  };
  assert.equal(message(" \n "), "Cannot run the command: it is empty");
  assert.equal(
    message("get pods\x00"),
    "Cannot run the command: it holds the control character U+0000",
  );
  assert.equal(message("get \x1b[31mpods")?.slice(-6), "U+001b");
  assert.match(message("x".repeat(1_000_000)) ?? "", /more than 262144 characters/);
  assert.equal(readLine("  get pods\r\n| head\n"), "get pods\n| head");
});

Deno.test("namesProgram() tells a program's words from commands of the shell", () => {
  const words = ["get", "kubectl", "helm", "/usr/bin/kubectl", "kubectl.exe", "-n", "--help"];
  const verbs = ["cp", "diff", "exec", "set", "wait"];
  for (const word of [...words, ...verbs]) assert.ok(namesProgram([word, "x"], "kubectl"), word);
  for (const word of ["echo", "cat", "jq", "A=b", "cd"]) {
    assert.ok(!namesProgram([word, "x"], "kubectl"), word);
  }
});
