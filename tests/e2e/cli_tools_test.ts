/** The tool set `cli` from the outside: an MCP client, real programs, and what the cluster has then. */
import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/client";
import { KUBECTL, realKubeconfig } from "../support/clusters.ts";
import { needs } from "../support/needs.ts";
import { processTransport } from "../support/process_transport.ts";
import { fakePrograms } from "../programs/fake_program.ts";
import {
  cleanEnvironment,
  descendants,
  requireBuilt,
  run,
  slow,
  until,
  type Variant,
  VARIANTS,
} from "./program.ts";

/** What a call gave. */
interface Called {
  readonly text: string;
  readonly blocks: readonly string[];
  readonly isError: boolean;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A server with the set, and a client of it. */
interface Started extends AsyncDisposable {
  readonly client: Client;
  readonly pid: number;
  call(name: string, input: Readonly<Record<string, unknown>>): Promise<Called>;
  kubectl(command: string, more?: Readonly<Record<string, unknown>>): Promise<Called>;
}

/** The folder of the test cluster's programs, where `deno task test` has started one. */
const ASSETS = KUBECTL.includes("/") ? KUBECTL.slice(0, KUBECTL.lastIndexOf("/")) : "";

async function start(
  variant: Variant,
  args: readonly string[],
  { env = {}, path = ASSETS, answer }: {
    readonly env?: Readonly<Record<string, string>>;
    /** Folders with programs, before those of the system. */
    readonly path?: string;
    /** What a person says to a question, where the client can ask. */
    readonly answer?: (question: string) => boolean;
  } = {},
): Promise<Started> {
  requireBuilt(variant);
  const client = new Client({ name: "test", version: "0" }, {
    ...(answer ? { capabilities: { elicitation: { form: {} } } } : {}),
  });
  if (answer) {
    client.setRequestHandler("elicitation/create", ({ params }) => ({
      action: "accept",
      content: { approve: answer(params.message) },
    }));
  }
  const transport = processTransport({
    command: variant.command,
    args: [...variant.args, "--enable-rate-limiting=false", "--toolsets", "cli", ...args],
    env: cleanEnvironment({ PATH: `${path}:${Deno.env.get("PATH")}`, ...env }),
  });
  await client.connect(transport);
  const call: Started["call"] = async (name, input) => {
    const result = await client.callTool({ name, arguments: { ...input } }, { timeout: 120_000 });
    const blocks = (result.content as { text?: string }[]).map(({ text }) => text ?? "");
    return {
      blocks,
      text: blocks.join("\n"),
      isError: result.isError === true,
      data: result.structuredContent as Called["data"],
    };
  };
  return {
    client,
    pid: transport.pid,
    call,
    kubectl: (command, more = {}) => call("execute_kubectl", { command, ...more }),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

for (const variant of VARIANTS) {
  const test = (fact: string, check: () => Promise<void>) =>
    Deno.test(needs([...slow(variant), "kubectl"], `cli, ${variant.name}: ${fact}`), check);
  const demo = (args: readonly string[] = [], options?: Parameters<typeof start>[2]) =>
    start(variant, ["--demo", ...args], options);

  test("a cluster that cannot be reached is told with its reason, once", async () => {
    const path = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(
        path,
        JSON.stringify({
          clusters: [{ name: "c", cluster: { server: "http://127.0.0.1:1" } }],
          contexts: [{ name: "down", context: { cluster: "c" } }],
          "current-context": "down",
        }),
      );
      await using server = await start(variant, ["--kubeconfig", path]);
      for (const command of ["get pods", "get pods && true"]) {
        const { text } = await server.kubectl(command);
        assert.match(text, /Cannot reach the API server "http:..127.0.0.1:1"/);
        assert.doesNotMatch(text, /memcache/);
      }
    } finally {
      await Deno.remove(path);
    }
  });

  test("a command gives its output, and the same as data", async () => {
    await using server = await demo();
    const { blocks, isError, data } = await server.kubectl("get deploy -n shop -o name");
    assert.equal(isError, false, blocks.join("\n"));
    assert.match(blocks[0] ?? "", /^deployment\.apps\/\S+\n/);
    const { execution_time, ...rest } = data;
    assert.deepEqual(rest, { status: "success", output: blocks[0], exit_code: 0 });
    assert.ok(Number(execution_time) > 0);
    const named = await server.kubectl("kubectl get deploy -n shop -o name");
    assert.equal(named.text, blocks[0]);
  });

  test("a failed command keeps its exit code, and begins with its error's code", async () => {
    await using server = await demo();
    const { blocks, isError, data } = await server.kubectl("get pod no-such-pod -n shop");
    assert.equal(isError, true);
    const message = 'Error from server (NotFound): pods "no-such-pod" not found';
    assert.equal(blocks[0], `EXECUTION_ERROR: ${message}`);
    assert.deepEqual(
      { ...data, execution_time: 0 },
      {
        status: "error",
        output: message,
        exit_code: 1,
        execution_time: 0,
        error: { code: "EXECUTION_ERROR", message },
      },
    );
  });

  test("what cannot be run is a validation error, and nothing is started", async () => {
    await using server = await demo();
    const bad: readonly (readonly [string, RegExp])[] = [
      ["", /it is empty/],
      ["get pods\u0007", /control character U\+0007/],
      ["frobnicate pods", /frobnicate/],
      ["get pods --no-such-flag", /no-such-flag/],
      ["helm list", /execute_helm|helm is not installed/],
      ["edit deploy/catalog", /edit/],
      ["exec -it x -- sh", /terminal|exec/],
      ["get 'pods", /quote|unexpected|EOF|closing/i],
      ["x".repeat(1_000_000), /262144 characters/],
      ["get pods --kubeconfig=/etc/passwd", /kubeconfig/],
    ];
    for (const [command, why] of bad) {
      const { text, isError, data } = await server.kubectl(command);
      assert.equal(isError, true, command);
      assert.match(text, /^VALIDATION_ERROR: /, `${command.slice(0, 50)}: ${text}`);
      assert.match(text, why);
      assert.equal((data.error as { code: string }).code, "VALIDATION_ERROR");
    }
    const unknown = await server.call("execute_kubectl", { command: "get pods", dryrunn: true });
    assert.match(unknown.text, /^VALIDATION_ERROR: .*no parameter "dryrunn"; did you mean dry_run/);
    assert.match((await server.call("execute_kubectl", {})).text, /^VALIDATION_ERROR: .*command/);
  });

  test("a program sees nothing of how the cluster is reached", async () => {
    await using server = await demo();
    const { text } = await server.kubectl("config view --raw");
    assert.match(text, /server: https:\/\/kubecode/);
    assert.doesNotMatch(text, /127\.0\.0\.1|token|certificate/);
  });

  test("describe shows help, and never runs anything else", async () => {
    await using server = await demo();
    const { text, data } = await server.call("describe_kubectl", { command: "rollout restart" });
    assert.match(text, /Restart a resource/);
    assert.equal(data.status, "success");
    assert.match((await server.call("describe_kubectl", {})).text, /kubectl controls the Kubern/);
    for (const command of ["-n x delete ns prod --", "delete ns x --help=false"]) {
      assert.match((await server.call("describe_kubectl", { command })).text, /^Delete resources/);
    }
    for (const command of ["get; id", "nope", "$(id)", "get\nget"]) {
      const { text, isError } = await server.call("describe_kubectl", { command });
      assert.equal(isError, true, text);
      assert.match(text, /^VALIDATION_ERROR: /);
    }
  });

  test("manifests come by stdin and by files", async () => {
    await using server = await demo(["--read-write"]);
    const manifest = (name: string) => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name },
      data: { a: "b" },
    });
    const one = await server.kubectl("apply -n shop -f -", { stdin: manifest("by-stdin") });
    assert.equal(one.text, "configmap/by-stdin created\n");
    const files = {
      "all/one.json": JSON.stringify(manifest("by-file")),
      "all/two.json": manifest("by-folder"),
    };
    const two = await server.kubectl("apply -n shop -f all", { files: JSON.stringify(files) });
    assert.equal(two.text, "configmap/by-file created\nconfigmap/by-folder created\n");
    const changed = { ...manifest("by-stdin"), data: { a: "c" } };
    const differs = await server.kubectl("diff -n shop -f -", { stdin: changed });
    assert.deepEqual([differs.isError, differs.data.exit_code], [false, 1], differs.text);
    assert.match(differs.text, /^-\s+a: b\n\+\s+a: c$/m);
    assert.doesNotMatch(differs.text, /kubecode-programs/);
    for (const name of ["../x", "/etc/x", "a/../../b", ".x", "", "-f"]) {
      const { text } = await server.kubectl("apply -f x", { files: { [name]: "x" } });
      assert.match(text, /^VALIDATION_ERROR: .*no plain name/, name);
    }
  });

  test("a change is refused where the cluster is read-only, tried out, and asked about", async () => {
    const scale = "scale deploy/catalog -n shop --replicas=5";
    const replicas = "get deploy catalog -n shop -o jsonpath={.spec.replicas}";
    {
      await using server = await demo();
      const { text } = await server.kubectl(scale);
      assert.match(text, /^EXECUTION_ERROR: .*--read-write/s);
    }
    await using server = await demo(["--read-write"]);
    const before = (await server.kubectl(replicas)).text;
    const tried = await server.kubectl(scale, { dry_run: true });
    assert.equal(tried.isError, false, tried.text);
    assert.match(tried.text, /Nothing was changed\. Plan: .*\n.*deployments/);
    assert.equal((await server.kubectl(replicas)).text, before);

    const questions: string[] = [];
    let says = false;
    const answer = (question: string) => {
      questions.push(question);
      return says;
    };
    await using asking = await demo(["--approve"], { answer });
    const declined = await asking.kubectl(scale);
    assert.match(declined.text, /^VALIDATION_ERROR: Nothing was changed: the person/);
    assert.equal((await asking.kubectl(replicas)).text, before);
    says = true;
    const made = await asking.kubectl(scale);
    assert.equal(made.isError, false, made.text);
    assert.equal((await asking.kubectl(replicas)).text, "5");
    assert.equal(questions.length, 2);
    assert.match(questions[0] ?? "", /execute_kubectl asks to make .*change/);
  });

  test("a Secret is shown as a token, in an output and in a pipe", async () => {
    await using server = await demo(["--read-write"]);
    const made = await server.kubectl(
      "create secret generic cli-test -n shop --from-literal=password=Swordfish-4711",
    );
    assert.equal(made.isError, false, made.text);
    const whole = await server.kubectl("get secret cli-test -n shop -o yaml");
    assert.doesNotMatch(whole.text, /Swordfish|U3dvcmRmaXNo/);
    // A token, as `data` has it: in Base64.
    assert.match(whole.text, /password: W3JlZGFjdGVk/);
    const piped = await server.kubectl(
      "get secret cli-test -n shop -o json | jq -r .data.password | base64 -d",
    );
    assert.match(piped.text, /^\[redacted:[0-9a-f]+\]/);
  });

  test("pipes, loops and several programs in a line", async () => {
    await using server = await demo();
    const names = await server.kubectl("get deploy -n shop -o name | sort | head -n 1");
    assert.match(names.text, /^deployment\.apps\/\S+\n$/);
    const loop = await server.kubectl(
      "for d in $(kubectl get deploy -n shop -o name | head -2); do kubectl get -n shop $d -o name; done",
    );
    assert.equal(loop.text.trim().split("\n").length, 2, loop.text);
    const refused = await server.kubectl("get pods -n shop | xargs kubectl edit");
    assert.match(refused.text, /^VALIDATION_ERROR: .*edit/s);
    const late = await server.kubectl("get pods -n shop -w | head -n 2", { timeout: 4 });
    assert.match(late.text, /^TIMEOUT_ERROR: [^\n]*\nNAME /);
    assert.equal(late.data.exit_code, 124);
    const missing = await server.kubectl("get pods -n shop | curl http://x");
    assert.match(missing.text, /curl/);
    assert.equal(missing.isError, true);
  });

  test("the audit names commands without their values", async () => {
    const audit = await Deno.makeTempFile();
    try {
      {
        await using server = await demo(["--audit", audit]);
        await server.kubectl("-n shop get po -l app=x");
        await server.kubectl("create secret generic x --from-literal=p=Swordfish-4711");
      }
      const text = await Deno.readTextFile(audit);
      assert.doesNotMatch(text, /Swordfish/);
      const calls = text.trim().split("\n").map((line) => JSON.parse(line))
        .filter(({ kind }) => kind === "call");
      assert.deepEqual(calls.map(({ tool, commands }) => [tool, commands]), [
        ["execute_kubectl", ["kubectl get --namespace=shop --selector=app=x po"]],
        ["execute_kubectl", ["kubectl create secret generic --from-literal=… x"]],
      ]);
    } finally {
      await Deno.remove(audit);
    }
  });

  test("programs that misbehave end with their call, and leave nothing", async () => {
    await using programs = await fakePrograms();
    await programs.add(
      "kubectl",
      `case $2 in
        deaf) trap '' TERM; echo begun; while :; do sleep 1; done ;;
        forever) exec yes ;;
        forks) sleep 300 & (setsid sleep 300 >/dev/null 2>&1 &); echo done ;;
        dies) kill -SEGV $$ ;;
        bytes) printf 'a\\377b' ;;
        environment) env ;;
      esac`,
    );
    const temporary = await Deno.makeTempDir();
    try {
      const options = {
        path: programs.folder,
        env: { TMPDIR: temporary, SECRET_OF_OURS: "Swordfish-4711", K8S_MCP_MAX_OUTPUT: "1000" },
      };
      await using server = await demo([], options);
      const get = (how: string, more = {}) => server.kubectl(`get ${how}`, more);
      const deaf = await get("deaf", { timeout: 1 });
      assert.match(deaf.text, /^TIMEOUT_ERROR: the command was ended after 1 s\nbegun\n$/);
      assert.deepEqual([deaf.data.exit_code, deaf.data.output], [124, "begun\n"]);
      const forever = await get("forever");
      assert.match(forever.text, /^EXECUTION_ERROR: .*wrote without an end/);
      assert.match(forever.text, /y\n\[output cut after 1000 characters/);
      assert.equal((await get("forks")).text, "done\n");
      assert.equal((await get("dies")).data.exit_code, 139);
      assert.equal((await get("bytes")).text, "a\uFFFDb");
      const environment = await get("environment");
      assert.doesNotMatch(environment.text, /Swordfish|KUBECODE/);

      const cancelled = new AbortController();
      const call = server.client.callTool({
        name: "execute_kubectl",
        arguments: { command: "get deaf" },
      }, { signal: cancelled.signal });
      await until(() => descendants(server.pid).length > 1);
      cancelled.abort();
      await assert.rejects(call);

      // The guard stays.
      await until(() => descendants(server.pid).length <= 1);
      const [folder] = [...Deno.readDirSync(temporary)].filter(({ name }) =>
        name.startsWith("kubecode-programs-")
      );
      const left = () => [...Deno.readDirSync(`${temporary}/${folder?.name}`)];
      await until(() => left().every(({ name }) => name === "lock"));
    } finally {
      await until(() =>
        ![...Deno.readDirSync(temporary)].some(({ name }) => /programs/.test(name))
      );
      await Deno.remove(temporary, { recursive: true });
    }
  });

  test("argocd asks the cluster, or its own server for what is allowed there", async () => {
    await using programs = await fakePrograms();
    await programs.add("argocd", 'echo "$@"; cat "$ARGOCD_CONFIG_DIR/config" 2>/dev/null; env');
    const argocd = (server: Started, command: string) => server.call("execute_argocd", { command });
    const token = `${programs.folder}/token`;
    await Deno.writeTextFile(token, "Swordfish-4711\n");
    const config = `${programs.folder}/config.yaml`;
    await Deno.writeTextFile(
      config,
      `programs: {argocd: {server: "argo.example:443", tokenFile: "${token}", verbs: [app]}}\n`,
    );
    {
      await using server = await demo(["--read-write"], { path: programs.folder });
      assert.match((await argocd(server, "app list")).text, /^app list --core(=true)?\n/);
      assert.match((await argocd(server, "app list --core=false")).text, /no server of it/);
    }
    const options = { path: programs.folder, env: { KUBECODE_CONFIG: config } };
    {
      await using server = await demo(["--read-write"], options);
      const { text, isError } = await argocd(server, "app sync web");
      assert.equal(isError, false, text);
      assert.match(text, /^app sync web\n.*"server":"argo.example:443"/);
      assert.match(text, /auth-token/);
      assert.doesNotMatch(text, /Swordfish/);
      const refused = await argocd(server, "repo list");
      assert.match(refused.text, /^VALIDATION_ERROR: .*not allowed at its server/);
      const elsewhere = await argocd(server, "app list --server evil.example");
      assert.match(elsewhere.text, /^VALIDATION_ERROR: /);
      const tried = await server.call("execute_argocd", { command: "app sync x", dry_run: true });
      assert.match(tried.text, /cannot be tried out/);
    }
    await using server = await demo([], options);
    assert.equal((await argocd(server, "app get web")).isError, false);
    assert.match((await argocd(server, "app sync web")).text, /only reads are allowed/);
  });

  test("only installed programs have tools, and a missing one is told", async () => {
    await using programs = await fakePrograms();
    const kubectl = await programs.add("kubectl", "echo v1.36.3");
    const config = `${programs.folder}/config.yaml`;
    await Deno.writeTextFile(config, `programs: {kubectl: {path: "${kubectl}"}}\n`);
    const options = { env: { PATH: "/nowhere", KUBECODE_CONFIG: config } };
    const args = ["--demo", "--toolsets", "cli"];
    if (variant.name === "binary") {
      await using server = await demo([], options);
      const { tools } = await server.client.listTools();
      assert.deepEqual(tools.map(({ name }) => name), ["describe_kubectl", "execute_kubectl"]);
    }
    await Deno.writeTextFile(config, `programs: {kubectl: {path: "${kubectl}-none"}}\n`);
    const { code, stderr } = await run(variant, args, options);
    assert.equal(code, 2);
    assert.match(stderr, /Cannot use programs\.kubectl\.path/);
  });

  Deno.test(
    needs([...slow(variant), "kubectl", "a control plane"], `cli, ${variant.name}: helm`),
    async () => {
      const namespace = `cli-${variant.name}-${crypto.randomUUID().slice(0, 8)}`;
      const args = ["--kubeconfig", realKubeconfig(), "--read-write", "--namespace", namespace];
      await using server = await start(variant, [...args, "--security-mode", "permissive"]);
      const files = {
        "web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
        "web/values.yaml": "password: Swordfish-4711\nreplicas: 1\n",
        "web/templates/secret.yaml": `apiVersion: v1
kind: Secret
metadata: {name: {{ .Release.Name }}}
stringData: {password: {{ .Values.password }}, replicas: "{{ .Values.replicas }}"}
`,
      };
      const helm = (command: string, more = {}) =>
        server.call("execute_helm", { command, files, ...more });
      await server.kubectl(`create namespace ${namespace}`);
      try {
        const tried = await helm("install web ./web", { dry_run: true });
        assert.match(tried.text, /Plan: .*\n.*create secrets/, tried.text);
        assert.match((await helm("install web ./web")).text, /STATUS: deployed/);
        assert.match((await helm("list")).text, /web\s+\S+\s+1\s.*deployed/);
        assert.match((await helm("upgrade web ./web --set replicas=2")).text, /REVISION: 2/);
        const values = await helm("get values web --all");
        assert.match(values.text, /replicas: 2/);
        const manifest = await helm("get manifest web");
        const secret = await server.kubectl("get secret web -o yaml");
        for (const { text } of [values, manifest, secret]) {
          assert.doesNotMatch(text, /Swordfish|U3dvcmRmaXNo/);
        }
        assert.match((await helm("uninstall web")).text, /uninstalled/);
        const remote = await helm("install web https://charts.example/web.tgz");
        assert.match(remote.text, /^VALIDATION_ERROR: /);
      } finally {
        await server.kubectl(`delete namespace ${namespace} --wait=false`);
      }
    },
  );

  Deno.test(
    needs(
      [...slow(variant), "kubectl", "a control plane"],
      `cli, ${variant.name}: a resource that is new to the cluster is found`,
    ),
    async () => {
      const group = `g${crypto.randomUUID().slice(0, 8)}.example.com`;
      const args = ["--kubeconfig", realKubeconfig(), "--read-write"];
      await using server = await start(variant, [...args, "--security-mode", "permissive"]);
      // From here on the calls share what the cluster served.
      await server.kubectl("get namespaces");
      const definition = {
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: `widgets.${group}` },
        spec: {
          group,
          scope: "Cluster",
          names: { plural: "widgets", kind: "Widget" },
          versions: [{
            name: "v1",
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
            },
          }],
        },
      };
      try {
        const made = await server.kubectl(
          `apply -f - && kubectl wait crd widgets.${group} --for=condition=Established`,
          { stdin: definition },
        );
        assert.equal(made.isError, false, made.text);
        const widget = { apiVersion: `${group}/v1`, kind: "Widget", metadata: { name: "one" } };
        assert.match((await server.kubectl("apply -f -", { stdin: widget })).text, /one created/);
        assert.match((await server.kubectl(`get widgets.${group} -o name`)).text, /\/one\n/);
      } finally {
        await server.kubectl(`delete crd widgets.${group}`);
      }
    },
  );
}
