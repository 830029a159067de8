import assert from "node:assert/strict";
import { InputError, PolicyError } from "../../../lib/errors.ts";
import { argvOf, readWords } from "../../../lib/programs/words/words.ts";
import { normalOf, wordsOf } from "./line.ts";

Deno.test("readWords() brings every spelling into one normal form", () => {
  const table: Record<string, readonly string[]> = {
    "delete --namespace=prod ns prod": [
      "kubectl -n prod delete ns prod",
      "kubectl delete ns prod -n prod",
      "kubectl delete -nprod ns prod",
      "kubectl delete -n=prod ns prod",
      "kubectl delete ns --namespace prod prod",
      "kubectl --namespace=prod delete ns prod",
      "kubectl delete -n other ns prod --namespace prod",
      "/usr/local/bin/kubectl delete ns prod -n prod",
      "kubectl.exe delete ns prod -n prod",
    ],
    "get --all-namespaces=true --output=json --watch=true pods": [
      "kubectl get pods -Awojson",
      "kubectl get pods -Awo json",
      "kubectl get pods -Awo=json",
      "kubectl get -w pods -A -o json",
      "kubectl get -w=1 pods --all-namespaces=T -o yaml -o json",
      "kubectl get --watch=false --watch --all_namespaces pods -ojson",
    ],
    "uninstall web": ["helm del web", "helm delete web", "helm un web", "helm uninstall web"],
    "list --all-namespaces=true": ["helm ls -A", "helm -A=true ls"],
    "apply --dry-run --filename=a.yaml --filename=-": [
      "kubectl apply -f a.yaml -f - --dry-run",
      "kubectl apply --dry-run=server -f=a.yaml --dry-run --filename -",
    ],
    "exec --container=app --stdin=true web -- ls -la --help": [
      "kubectl exec -i web -c app -- ls -la --help",
      "kubectl exec -icapp web -- ls -la --help",
    ],
    "create rolebinding --user=a --user=b x": ["kubectl create rolebinding x --user a --user=b"],
    "rollout undo --help": [
      "kubectl help rollout undo",
      "kubectl rollout undo deploy web --help",
      "kubectl rollout undo -h",
      "kubectl rollout undo --help=false -h=1",
    ],
    "delete pod web": ["kubectl delete --help=false pod web", "kubectl delete -h --help=0 pod web"],
    "version": ["kubectl version"],
  };
  for (const [normal, lines] of Object.entries(table)) {
    for (const line of lines) assert.equal(normalOf(line), normal, line);
  }
});

Deno.test("readWords() refuses what the program's parser would refuse", () => {
  for (
    const [line, reason] of [
      ["kubectl get -n", /"-n" needs a value/],
      ["kubectl get pods --namespace", /"--namespace" needs a value/],
      ["kubectl get pods --watch=perhaps", /--watch is true or false, not "perhaps"/],
      ["kubectl get pods -w=perhaps", /--watch is true or false/],
      ["kubectl get ---watch", /"---watch" is no flag/],
      ["kubectl get --=x", /"--=x" is no flag/],
    ] as const
  ) {
    assert.throws(
      () => wordsOf(line),
      (error) => error instanceof InputError && reason.test(error.message),
      line,
    );
  }
});

Deno.test("a verb or a flag that is not known is refused, with the near name", () => {
  for (
    const [line, reason] of [
      ["kubectl gte pods", /has no verb "gte"\nDid you mean "kubectl get"\?/],
      ["kubectl krew install x", /kubectl: it has no verb "krew"/],
      ["kubectl rollout retsart deploy web", /Did you mean "kubectl rollout restart"\?/],
      ["kubectl apply -f - --dry-run server", /no verb "server"\nIf it is .*: --dry-run=server\./],
      ["kubectl create -- secret generic x", /kubectl create: it has no verb "secret"/],
      ["kubectl get pods --outptu json", /no flag "--outptu"\nDid you mean --output/],
      [
        "kubectl get pods --names prod",
        /no flag "--names"\nDid you mean --namespace\? Names of flags are written whole/,
      ],
      ["kubectl get pods -z", /no flag "-z"/],
      ["kubectl get pods -Az", /no flag "-z" \(in "-Az"\)/],
      ["kubectl get pods -test.v", /no flag "-t"/],
      ["kubectl -A get pods", /kubectl: it has no flag "-A"/],
      ["helm upgrade a b --recreate-pods", /no flag "--recreate-pods"/],
      ["kubectl __complete get pods", /no verb "__complete"/],
      ["kubectl --namespace=x", /there are flags and no verb/],
    ] as const
  ) assert.match(normalOf(line), reason, line);
  assert.throws(() => wordsOf("kubectl gte"), PolicyError);
});

Deno.test("flags before the verb that hide it from the program are refused", () => {
  assert.match(normalOf("kubectl -Rf x create secret generic y"), /no flag "-R"/);
  // cobra takes the first of both words for a flag's value, and the verb is another one.
  assert.match(normalOf("kubectl --watch get delete pods"), /no flag "--watch"|no verb/);
});

Deno.test("readWords() of a normal form is the same words", () => {
  for (
    const line of [
      "kubectl -n prod exec -ti web -- sh -c ls",
      "kubectl get pods -l a=b -L x -L y --sort-by .metadata.name",
      "helm upgrade --install web ./chart --set a=1 --set b=2,c=3 --wait --timeout 5m -f - --atomic",
      'kubectl patch deploy web -p {"spec":{}} --type merge',
      "kubectl set image deploy/web app=nginx:1 --record",
      "argocd app sync web --resource a:b:c --resource d:e:f --prune",
    ]
  ) {
    const words = wordsOf(line);
    assert.deepEqual(readWords(words.program, words.normal), words, line);
  }
});

Deno.test("a schema of a chart can fetch nothing: helm is told to leave it alone", () => {
  for (const verb of ["install", "upgrade", "template", "lint"]) {
    const { normal } = wordsOf(`helm ${verb} web ./chart`);
    assert.ok(normal.includes("--skip-schema-validation=true"), verb);
  }
  assert.deepEqual(wordsOf("helm list").normal, ["list"]);
});

Deno.test("readWords() refuses words that are too many, or that no program takes", () => {
  const read = (argv: readonly string[]) => () => readWords("kubectl", argv);
  assert.throws(read(["get", "x".repeat(200_000)]), /characters, more than 131072/);
  assert.throws(read(Array(5000).fill("x")), /5000 words, more than 4096/);
  assert.throws(read(["get", "a\0b"]), /is no text that a program takes/);
  assert.throws(read(["get", "\ud800"]), /is no text that a program takes/);
  assert.throws(read(["get\nall", "--x"]), /no verb "get\\u\{a\}all"|no flag/);
  assert.equal(readWords("kubectl", ["get", "", "pods"]).normal.length, 3);
  assert.deepEqual(readWords("kubectl", []).normal, []);
});

Deno.test("argvOf() takes the program's name away, and nothing else", () => {
  assert.deepEqual(argvOf("kubectl", ["get", "pods"]), ["get", "pods"]);
  assert.deepEqual(argvOf("kubectl", ["C:\\bin\\KUBECTL.EXE", "get"]), ["get"]);
  assert.deepEqual(argvOf("kubectl", ["kubectl", "kubectl"]), ["kubectl"]);
  for (const word of ["KUBECONFIG=/x", "A=", "PATH+=/x", "_x1=y"]) {
    assert.throws(() => argvOf("kubectl", [word, "kubectl", "get"]), /would set its environment/);
  }
  assert.throws(
    () => argvOf("kubectl", ["helm", "list"]),
    /Cannot start helm: this is for kubectl/,
  );
  const hints = [["kubectl"], ["kubectl", "helm"]] as const;
  for (const offered of hints) {
    assert.throws(() => argvOf("kubectl", ["helm", "list"], offered), {
      hint: offered.length === 1
        ? "helm is not installed here."
        : "Use execute_helm, or begin with kubectl.",
    });
  }
  assert.throws(() => argvOf("kubectl", ["kubctl", "get", "pods", "-A"]), {
    message: 'Cannot start "kubctl": there is no such program',
    hint: "Did you mean kubectl?",
  });
  assert.deepEqual(argvOf("helm", ["help"]), ["help"]);
  // No wrapper is a program of ours.
  assert.throws(
    () => readWords("kubectl", argvOf("kubectl", ["sudo", "kubectl", "get"])),
    /no verb "sudo"/,
  );
});
