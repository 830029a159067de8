import assert from "node:assert/strict";
import fc from "fast-check";
import { describeError } from "../../../lib/errors.ts";
import { readSecurityFile } from "../../../lib/programs/words/security_file.ts";
import { runs } from "../../fuzz/runs.ts";
import { PERMISSIVE, refusalOf, STRICT } from "./line.ts";

/** Strict, with a security file. */
function withFile(text: string) {
  return { ...STRICT, security: readSecurityFile(text, "security.yaml") };
}

const BY_THE_RULE = /the security rule "[^"]+" refuses it/;

Deno.test("the built-in rules refuse what is dangerous, however it is written", () => {
  for (
    const line of [
      "kubectl delete ns prod",
      "kubectl -n prod delete ns prod",
      "kubectl --namespace=prod delete ns prod",
      "kubectl delete --help=false ns prod",
      "kubectl delete pod,node,ns x",
      "kubectl delete pod/x node/y",
      "kubectl delete pod x y",
      "kubectl delete pods --all",
      "kubectl delete pods --all=1",
      "kubectl delete pod -l app=web",
      "kubectl delete pod x -A",
      "kubectl delete pod x --field-selector=a=b",
      "kubectl delete pods",
      "kubectl delete all --all",
      "kubectl delete -f x.yaml",
      "kubectl delete pod x -f x.yaml",
      "kubectl delete --raw /api/v1/namespaces/prod",
      "kubectl delete",
      "kubectl delete PersistentVolumeClaim x",
      "kubectl delete services.serving.knative.dev x",
      "kubectl drain node-1",
      "kubectl replace --force -f -",
      "kubectl replace -f - --force=true",
      "kubectl exec web -- sh -c ls",
      "kubectl exec web -- /bin/bash",
      "kubectl exec web -- env A=b sh",
      "kubectl exec web -- busybox sh",
      "kubectl exec web -- xargs rm",
      "kubectl exec web",
      "kubectl cp web:/x x",
      "helm del web",
      "helm delete web",
      "helm un web",
      "helm -n prod uninstall web",
      "helm rollback web 1",
      "helm upgrade web ./chart",
      "istioctl x precheck",
      "istioctl exp describe pod web",
      "istioctl -n shop experimental authz check web",
      "istioctl pc all web",
      "istioctl proxy-config secrets web -o json",
      "argocd app delete web",
      "argocd app set web --sync-policy none",
      "argocd cluster rm x",
      "argocd repo rm x",
    ]
  ) {
    assert.match(refusalOf(line), BY_THE_RULE, line);
    assert.equal(refusalOf(line, PERMISSIVE), "", line);
  }
});

Deno.test("a flag that the normal form adds is no part of a rule", () => {
  const rules = { ...STRICT, allow: ["remote"] as const };
  const line = "helm upgrade web ./chart --skip-schema-validation=false";
  assert.match(refusalOf(line, rules), BY_THE_RULE);
});

Deno.test("one named object may be deleted, a program without a shell executed", () => {
  for (
    const line of [
      "kubectl delete pod web",
      "kubectl -n prod delete po/web --wait=false",
      "kubectl delete deployments.apps web",
      "kubectl delete svc web",
      "kubectl delete ConfigMap web",
      "kubectl delete secret web --all=false",
      "kubectl exec web -- ls -la",
      "kubectl exec deploy/web -c app -- cat /etc/hosts",
      "kubectl exec web -- env",
      "kubectl replace -f -",
      "kubectl replace -f - --force=false",
      "kubectl delete ns prod --help",
      "helm uninstall --help",
      "istioctl x -h",
      "istioctl proxy-status",
      "helm install web ./chart",
    ]
  ) assert.equal(refusalOf(line), "", line);
});

Deno.test("a security file adds to the built-in rules, and names resources in any form", () => {
  const rules = withFile(`
dangerous_commands:
  kubectl:
    - kubectl get secrets
    - kubectl rollout
    - scale --replicas=0
    - kubectl label -n
    - kubectl annotate pods
    - kubectl logs deploy/web
    - kubectl get services.serving.knative.dev
  helm: [helm ls]
safe_patterns:
  kubectl: [kubectl delete job, kubectl delete pods --all, kubectl exec --help, kubectl drain node-1]
  helm: [helm del]
`);
  for (
    const line of [
      "kubectl get secret",
      "kubectl get secrets x",
      "kubectl get cm,secret",
      "kubectl get secrets.v1. x",
      "kubectl get cm/x secret/y",
      "kubectl get -f x.yaml",
      "kubectl rollout restart deploy web",
      "kubectl scale --replicas 0 deploy web",
      "kubectl label pod x a=b --namespace y",
      "kubectl annotate pod x app.kubernetes.io/name=y",
      "kubectl annotate po/x a.b/c=y d-",
      "kubectl logs deployments.v1.apps/web -f",
      "kubectl logs -l app=web deployment/web",
      "kubectl get services.serving.knative.dev x",
      "kubectl delete cronjob x",
      "kubectl delete job,cronjob x",
      "kubectl delete job --all",
      "kubectl exec web -- sh",
      "kubectl drain node-2",
      "helm list",
      "helm upgrade web ./chart",
    ]
  ) assert.match(refusalOf(line, rules), BY_THE_RULE, line);
  for (
    const line of [
      "kubectl get cm",
      "kubectl get services",
      "kubectl annotate deploy x app.kubernetes.io/name=y",
      "kubectl logs web",
      "kubectl scale --replicas=1 deploy web",
      "kubectl label pod x a=b",
      "kubectl delete jobs x y",
      "kubectl delete pod --all",
      "kubectl drain node-1 --force",
      "helm uninstall web",
    ]
  ) assert.equal(refusalOf(line, rules), "", line);
});

Deno.test("what the security file calls dangerous, no built-in exception excuses", () => {
  const rules = withFile(
    "dangerous_commands: {kubectl: [kubectl delete secret, kubectl exec -c db]}",
  );
  for (const line of ["kubectl delete secret x", "kubectl exec web -c db -- ls"]) {
    assert.match(refusalOf(line, rules), BY_THE_RULE, line);
  }
  for (const line of ["kubectl delete pod x", "kubectl exec web -c app -- ls"]) {
    assert.equal(refusalOf(line, rules), "", line);
  }
});

Deno.test("a regular expression holds for every spelling, and beside a safe pattern", () => {
  const rules = withFile(String.raw`
safe_patterns:
  kubectl: [kubectl delete]
regex_rules:
  kubectl:
    - pattern: "kubectl\\s+delete\\s+(-[A-Za-z]+\\s+)*--all\\b"
      description: Deleting all resources of a type
      error_message: Name the resources.
    - pattern: 'kubectl\s+.*\s+--namespace=kube-system\b'
      description: The system's own namespace
    - pattern: '(?i)kubectl\s+get\s+secrets?\b'
      description: Secrets
    - pattern: "kubectl\\s+exec\\s+.*\\s+-[^-]*c\\s+.*(rm|mv|cp)\\b"
      description: File operations
`);
  for (
    const [line, reason] of [
      ["kubectl delete --all pods", /Name the resources\.$/],
      ["kubectl delete pods --all", /Name the resources/],
      ["kubectl delete pods --all=true --force -A", /Name the resources/],
      ["kubectl -n kube-system get pods", /The system's own namespace$/],
      ["kubectl get pods -nkube-system", /The system's own namespace/],
      ["kubectl get pods -A -n=kube-system -w", /The system's own namespace/],
      ["kubectl get Secret x", /Secrets/],
      ["kubectl get cm,secret", /Secrets/],
      ["kubectl get -o yaml secrets/x", /Secrets/],
      ["kubectl exec web -- sh -c rm -rf /", /File operations/],
    ] as const
  ) assert.match(refusalOf(line, rules), reason, line);
  assert.equal(refusalOf("kubectl delete pods x", rules), "");
});

Deno.test("a regular expression cannot take for ever, nor words be too long for it", () => {
  const rules = withFile(`
regex_rules:
  kubectl:
    - {pattern: "(a+)+$", description: x}
    - {pattern: "(.*)*(.*)*(.*)*=z", description: z}
`);
  const started = performance.now();
  assert.equal(refusalOf(`kubectl get pods -l ${"a".repeat(20_000)}!`, rules), "");
  assert.ok(performance.now() - started < 20_000, "20,000 characters take no minutes");
  const many = Array.from({ length: 500 }, (_, at) => `--set=a${at}=${"b".repeat(200)}`).join(" ");
  const helm = withFile("regex_rules: {helm: [{pattern: a, description: x}]}");
  assert.match(refusalOf(`helm template x ./c ${many}`, helm), /too long for the rules/);
});

Deno.test("a security file is taken whole, or refused with file, line and fault", () => {
  for (
    const [text, ...faults] of [
      [
        "rules: []",
        "line 1: rules: there is no such key; there is dangerous_commands, safe_patterns",
      ],
      [
        "dangerous_commands:\n  kubetcl: []",
        "line 2: dangerous_commands.kubetcl: there is no such key; there is kubectl, helm",
      ],
      [
        "dangerous_commands:\n  kubectl: kubectl delete",
        "line 2: dangerous_commands.kubectl: must be a list",
      ],
      ["dangerous_commands:\n  - kubectl delete", "must be a section with names"],
      ["safe_patterns:\n  helm:\n    - 5", "line 3: safe_patterns.helm[0]: must be a text"],
      ["safe_patterns:\n  helm:\n    - ''", "line 3: safe_patterns.helm[0]: must not be empty"],
      [
        "dangerous_commands:\n  kubectl:\n    - kubectl delete\n    - kubectl frob",
        'line 4: dangerous_commands.kubectl[1]: no such command: it has no verb "frob"',
      ],
      ["dangerous_commands:\n  kubectl:\n    - kubectl get --frob", "line 3", "no flag"],
      ["dangerous_commands:\n  kubectl:\n    - helm list", "line 3", "this is for kubectl"],
      [
        "regex_rules:\n  kubectl:\n    - pattern: '(a'\n      description: x",
        "line 3: regex_rules.kubectl[0].pattern: is no regular expression",
        "missing closing )",
      ],
      [
        "regex_rules:\n  kubectl:\n    - pattern: '(?=a)'\n      description: x",
        "line 3",
        "lookaround",
      ],
      [
        "regex_rules:\n  kubectl:\n    - pattern: '((a{100}){100}){100}'\n      description: x",
        "line 3",
        "invalid repeat count",
      ],
      [
        "regex_rules:\n  kubectl:\n    - pattern: a",
        "line 3: regex_rules.kubectl[0].description: must be given",
      ],
      [
        "regex_rules:\n  kubectl:\n    - pattern: a\n      description: x\n      message: y",
        "line 5: regex_rules.kubectl[0].message: there is no such key; there is pattern, description, error_message",
      ],
      ["x: [", 'Cannot read "security.yaml": line 1'],
      ["a: 1\na: 2", "security.yaml"],
      ["text", "must be a section with names"],
      [
        "regex_rules:\n  helm:\n    - {pattern: '(', description: x}\nsafe_patterns:\n  helm: [helm x]",
        "line 3",
        "line 5",
      ],
    ] as const
  ) {
    let said = "";
    try {
      readSecurityFile(text, "security.yaml");
    } catch (error) {
      said = describeError(error);
    }
    assert.match(said, /^Cannot (use the security file|read) "security.yaml": /, text);
    for (const fault of faults) assert.ok(said.includes(fault), `${text}\n${said}`);
  }
  assert.match(refusalOf("kubectl drain x", withFile("")), BY_THE_RULE);
});

Deno.test("any text at all is a security file, or refused as one", () => {
  const sample = `dangerous_commands: {kubectl: [kubectl get secrets]}
safe_patterns:
  helm:
    - helm upgrade --install
regex_rules:
  kubectl:
    - pattern: "kubectl\\\\s+(-[A-Za-z]+)*--all"
      description: all
`;
  // The sample with a part of it taken out and something else put in.
  const broken = fc.tuple(fc.nat(sample.length), fc.nat(20), fc.string({ maxLength: 8 }))
    .map(([at, length, text]) => sample.slice(0, at) + text + sample.slice(at + length));
  fc.assert(
    fc.property(fc.oneof(broken, fc.string()), (text) => {
      try {
        readSecurityFile(text, "security.yaml");
      } catch (error) {
        assert.equal((error as Error).name, "ConfigError", `${text}\n${error}`);
      }
    }),
    { numRuns: runs(300) },
  );
});
