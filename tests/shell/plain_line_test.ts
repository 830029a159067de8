/** Lines that need no shell, and lines that leave their program's name out. */
import assert from "node:assert/strict";
import { plainWords, withProgram } from "../../lib/shell/plain_line.ts";

Deno.test("plainWords() splits a line in which nothing is special", () => {
  assert.deepEqual(plainWords("  kubectl get pods  -n shop -o=name app.kubernetes.io/x "), [
    "kubectl",
    "get",
    "pods",
    "-n",
    "shop",
    "-o=name",
    "app.kubernetes.io/x",
  ]);
});

Deno.test("plainWords() leaves to the shell whatever it may read otherwise", () => {
  const lines =
    "a | b;a & b;a && b;a > f;a < f;$x;a `b`;a 'b';a \"b\";a \\b;a *;a ?;a [b];a {b,c};" +
    "a ~;~/x;a #b;x=1 a;a (b);!a;a\tb;a\nb;for a;cd x;a -o jsonpath={.x};ä;a$;a é;{a;a !b";
  for (const line of [...lines.split(";"), "a;b"]) assert.equal(plainWords(line), undefined, line);
});

Deno.test("withProgram() puts the name before words that are the program's own", () => {
  const lines: readonly (readonly [line: string, program: string, made: string])[] = [
    ["get pods | head", "kubectl", "kubectl get pods | head"],
    ["kubectl get pods", "kubectl", "kubectl get pods"],
    ["helm list", "kubectl", "helm list"],
    ["set image deploy/x x=y", "kubectl", "kubectl set image deploy/x x=y"],
    ["cp pod:/a b", "kubectl", "kubectl cp pod:/a b"],
    ["history web", "helm", "helm history web"],
    ["--help", "helm", "helm --help"],
    ["-n shop get pods", "kubectl", "kubectl -n shop get pods"],
    ["api-resources -o wide", "kubectl", "kubectl api-resources -o wide"],
    ["for n in a; do kubectl get $n; done", "kubectl", "for n in a; do kubectl get $n; done"],
    ["x=$(kubectl get x)", "kubectl", "x=$(kubectl get x)"],
    ["echo a", "kubectl", "echo a"],
    ["cat <<EOF | kubectl apply -f -\nx\nEOF", "kubectl", "cat <<EOF | kubectl apply -f -\nx\nEOF"],
    ["(kubectl get x)", "kubectl", "(kubectl get x)"],
    ["$x", "kubectl", "$x"],
  ];
  for (const [line, program, made] of lines) assert.equal(withProgram(line, program), made);
  assert.equal(withProgram("get pods", undefined), "get pods");
});
