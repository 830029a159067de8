import assert from "node:assert/strict";
import type { ProgramName } from "../../../lib/programs/types.ts";
import { readWords } from "../../../lib/programs/words/words.ts";
import { auditedCommand } from "../../../lib/tools/cli/audited_command.ts";

Deno.test("auditedCommand() names what a command is about, and no values", () => {
  const cases: readonly (readonly [ProgramName, string, string])[] = [
    [
      "kubectl",
      "-n shop get po web-0 -ojson",
      "kubectl get --namespace=shop --output=json po web-0",
    ],
    [
      "kubectl",
      "create secret generic db --from-literal=password=swordfish",
      "kubectl create secret generic --from-literal=… db",
    ],
    ["kubectl", "set env deploy/web TOKEN=swordfish", "kubectl set env deploy/web TOKEN=…"],
    ["kubectl", "exec web-0 -- login swordfish", "kubectl exec web-0 -- …"],
    [
      "helm",
      "upgrade web ./web --set password=swordfish",
      "helm upgrade --set=… --skip-schema-validation=true web ./web",
    ],
  ];
  for (const [program, line, told] of cases) {
    assert.equal(auditedCommand(readWords(program, line.split(" "))), told);
  }
});
