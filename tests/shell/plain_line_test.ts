/** Lines that leave their program's name out. */
import assert from "node:assert/strict";
import { withProgram } from "../../lib/shell/plain_line.ts";

Deno.test("withProgram() puts the name before words that are the program's own", () => {
  const lines: readonly (readonly [line: string, program: string, made: string])[] = [
    ["-v=9 get pods", "kubectl", "kubectl -v=9 get pods"],
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
