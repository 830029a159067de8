/** Lines over programs: what is started, with what, and what comes of it. */
import assert from "node:assert/strict";
import { InputError, PolicyError } from "../../lib/errors.ts";
import { testShell } from "./shell.ts";

Deno.test("shell: a program's output goes through a pipe, and each start is asked for", async () => {
  await using shell = testShell(() => "b\na\nb\n");
  const { stdout, exitCode } = await shell.run(
    "kubectl get pods -o name | sort | uniq -c | sort -rn",
  );
  assert.equal(stdout, "      2 b\n      1 a\n");
  assert.equal(exitCode, 0);
  assert.deepEqual(shell.starts.map(({ program, argv }) => [program, ...argv]), [
    ["kubectl", "get", "pods", "-o", "name"],
  ]);
});

Deno.test("shell: substitutions, loops and xargs start programs one after the other", async () => {
  await using shell = testShell(({ argv }) => argv[0] === "list" ? "web db\n" : `${argv[1]}!\n`);
  const { stdout } = await shell.run(
    'for n in $(kubectl list); do kubectl get "$n" | tr a-z A-Z; done; kubectl list | xargs -n1 helm status',
  );
  assert.equal(stdout, "WEB!\nDB!\nweb!\ndb!\n");
  assert.deepEqual(shell.starts.map(({ program, argv }) => `${program} ${argv.join(" ")}`), [
    "kubectl list",
    "kubectl get web",
    "kubectl get db",
    "kubectl list",
    "helm status web",
    "helm status db",
  ]);
});

Deno.test("shell: a loop that reads lines is not robbed of them by a program in it", async () => {
  await using shell = testShell();
  const { stdout } = await shell.run(
    "printf 'a\\nb\\nc\\n' | while read -r n; do kubectl get $n; done",
  );
  assert.equal(stdout, "get a\nget b\nget c\n");
});

Deno.test("shell: the files that words name go with a start, below its own folder", async () => {
  await using shell = testShell();
  await shell.run(
    [
      "cat > x.yaml <<EOF",
      "a: $((1 + 1))",
      "EOF",
      "echo b > /tmp/y.yaml; mkdir -p k/base; echo r > k/kustomization.yaml; echo q > k/base/q.yaml",
      "kubectl apply -f x.yaml -f /tmp/y.yaml --filename=given.yaml -f -  < given.yaml",
      "kubectl apply -k k",
      "kubectl get pods x",
      "cd k; kubectl diff -fbase/q.yaml",
    ].join("\n"),
    { files: { "given.yaml": "g: 1\n" } },
  );
  const [apply, kustomize, get, diff] = shell.starts;
  assert.deepEqual(apply, {
    program: "kubectl",
    argv: ["apply", "-f", "x.yaml", "-f", "_root/tmp/y.yaml", "--filename=given.yaml", "-f", "-"],
    stdin: "g: 1\n",
    files: { "x.yaml": "a: 2\n", "_root/tmp/y.yaml": "b\n", "given.yaml": "g: 1\n" },
  });
  assert.deepEqual(Object.keys(kustomize?.files ?? {}).sort(), [
    "given.yaml",
    "k/base/q.yaml",
    "k/kustomization.yaml",
    "x.yaml",
  ]);
  assert.deepEqual(get?.files, {});
  assert.deepEqual([diff?.argv, diff?.files], [["diff", "-fk/base/q.yaml"], {
    "k/base/q.yaml": "q\n",
  }]);
});

Deno.test("shell: a line for a program may leave the program's name out", async () => {
  await using shell = testShell();
  const { stdout } = await shell.run("get pods | head -1; echo done", { program: "kubectl" });
  assert.equal(stdout, "get pods\ndone\n");
});

Deno.test("shell: a line that leaves it out later is refused before anything runs", async () => {
  await using shell = testShell();
  const options = { program: "kubectl", verbs: ["scale", "get", "wait", "cp"] };
  const lines = [
    "scale deploy web --replicas=2 && get pods",
    "scale deploy web; get pods | wc -l",
    "kubectl scale deploy web\nn=$(get pods -o name | wc -l)",
    'for x in a b; do get pod "$x"; done',
    'kubectl scale deploy web; echo "now $(get pods)"',
    "kubectl scale deploy web; f() { get pods; }; f",
  ];
  for (const line of lines) {
    const { stderr, exitCode } = await shell.run(line, options);
    assert.match(stderr, /^shell: the program's name .*: write kubectl get\n$/, line);
    assert.equal(exitCode, 127);
  }
  assert.deepEqual(shell.starts, []);
});

Deno.test("shell: words that are verbs too run where they are commands, functions or words of case", async () => {
  await using shell = testShell();
  const options = { program: "kubectl", verbs: ["get", "wait", "cp", "set"] };
  const { stdout, stderr } = await shell.run(
    "get pods; get() { echo own $1; }; get x; wait; echo a > b; cp b c; cat c\n" +
      "case get in get) echo case;; esac; for get in 1; do echo $get; done; a=(get); echo ${a[@]} get",
    options,
  );
  assert.deepEqual([stdout, stderr], ["get pods\nown x\na\ncase\n1\nget get\n", ""]);
});

Deno.test("shell: a verb that is found to be no command as the line runs is answered without a list", async () => {
  await using shell = testShell();
  const { stderr } = await shell.run("v=get; $v pods", { program: "kubectl", verbs: ["get"] });
  assert.equal(stderr, "bash: get: command not found\nshell: write kubectl get\n");
});

Deno.test("shell: the list of commands has those programs alone that are there", async () => {
  await using shell = testShell();
  const { stderr } = await shell.run("nothing-such", { programs: ["kubectl"] });
  assert.match(stderr, / kubectl .* jq | jq kubectl /);
  assert.doesNotMatch(stderr, /helm|istioctl|argocd/);
});

Deno.test("shell: a start that is refused says why, and the line goes on", async () => {
  await using shell = testShell(() => {
    throw new PolicyError("delete is not allowed", { hint: "Ask for less." });
  });
  const { stdout, stderr, exitCode } = await shell.run("kubectl delete pod x || echo refused: $?");
  assert.equal(stdout, "refused: 126\n");
  assert.equal(stderr, "kubectl: delete is not allowed\nAsk for less.\n");
  assert.equal(exitCode, 0);
});

Deno.test("shell: a program that would not end is stopped in time for the rest of its line", async () => {
  await using shell = testShell((_, signal) => {
    const { promise, resolve } = Promise.withResolvers<string>();
    signal.addEventListener("abort", () => resolve("had\n"));
    return promise;
  });
  const { stdout, exitCode } = await shell.run("kubectl get pods -w | tr a-z A-Z", {
    timeoutMs: 6_000,
  });
  assert.deepEqual([stdout, exitCode], ["HAD\n", 0]);
});

Deno.test("shell: what stands for a hidden value stays as it is when it is decoded", async () => {
  await using shell = testShell(() => "[redacted:0123456789ab]");
  const { stdout, exitCode } = await shell.run(
    "kubectl get x | base64 -d; echo; echo aGk= | base64 --decode",
  );
  assert.deepEqual([stdout, exitCode], ["[redacted:0123456789ab]\nhi", 0]);
});

Deno.test("shell: a line is cancelled while its program runs, and the program is told", async () => {
  const controller = new AbortController();
  let told = false;
  await using shell = testShell((_, signal) => {
    const { promise, resolve } = Promise.withResolvers<string>();
    signal.addEventListener("abort", () => {
      told = true;
      resolve("");
    });
    setTimeout(() => controller.abort(), 10);
    return promise;
  });
  const { exitCode, stderr } = await shell.run("kubectl logs -f x | cat", {
    signal: controller.signal,
  });
  assert.deepEqual([exitCode, stderr, told], [130, "shell: cancelled\n", true]);
});

Deno.test("shell: nothing of one line is seen by the next", async () => {
  await using shell = testShell();
  await shell.run("x=1; export Y=2; f() { :; }; echo a > /work/f; cd /tmp; set -e");
  const { stdout } = await shell.run(
    'echo "[$x$Y]" $(pwd) $(ls) $(type f 2>/dev/null); false; echo on',
  );
  assert.equal(stdout, "[] /work\non\n");
});

Deno.test("shell: standard input and files of a line are there; names that lead out are refused", async () => {
  await using shell = testShell();
  const { stdout } = await shell.run("cat - a/b.txt", {
    stdin: "in\n",
    files: { "a/b.txt": "file\n" },
  });
  assert.equal(stdout, "in\nfile\n");
  for (const name of ["/etc/x", "../x", "a/../../x", "", "a//b", "a\\b", "C:x", "a\0"]) {
    await assert.rejects(shell.run("true", { files: { [name]: "" } }), InputError);
  }
});

Deno.test("shell: a pipe that is too large, too many starts and too much output are told", async () => {
  await using shell = testShell(() => "x".repeat(3000), {
    pipeBytes: 2000,
    starts: 3,
    outputBytes: 1000,
  });
  const large = await shell.run("kubectl get x | wc -c");
  assert.equal(large.stdout, "0\n");
  assert.match(large.stderr, /its output has more than .* MiB: ask for less at a time/);
  const many = await shell.run("for i in 1 2 3 4; do helm list; done");
  assert.match(many.stderr, /helm: a line may start 3 programs/);
  const long = await shell.run("seq 1000");
  assert.deepEqual([long.cut, long.stdout.length], [true, 1000]);
});

Deno.test("shell: what is no line at all is refused", async () => {
  await using shell = testShell();
  for (const text of ["", "  \n", "echo \0", "x".repeat(2 ** 20 + 1)]) {
    await assert.rejects(shell.run(text), InputError);
  }
});

Deno.test("shell: faults of a line are told with their place, before anything is started", async () => {
  await using shell = testShell();
  const faults: readonly (readonly [line: string, told: string])[] = [
    ["kubectl get pods | | sort", "1:20: no command between | and |"],
    ["kubectl get pods |", "1:18: no command after |"],
    ["| sort", "1:1: no command before |"],
    ["kubectl get pods &&", "1:18: no command after &&"],
    ["kubectl get 'pods", "1:13: the quote ' is not closed"],
    ['echo a\necho "$(echo ")', '2:6: the quote " is not closed'],
    ["cat <<EOF\na", "1:5: a here-document without its end"],
    ["echo {1..20000}", "1:6: {1..20000} makes more than 10000 words; use seq"],
  ];
  for (const [line, told] of faults) {
    const { stderr, exitCode } = await shell.run(line);
    assert.deepEqual([stderr, exitCode], [`shell: syntax error at ${told}\n`, 2]);
  }
  assert.deepEqual(shell.starts, []);
});
