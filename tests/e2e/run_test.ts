/** `kubecode run` and `kubecode proxy`, from outside: a program with a door in place of credentials. */
import assert from "node:assert/strict";
import {
  connect,
  CONTROL_PLANE,
  HELM,
  KUBECTL,
  realKubeconfig,
  runningPod,
} from "../support/clusters.ts";
import { needs } from "../support/needs.ts";
import { cleanEnvironment, requireBuilt, run, VARIANTS } from "./program.ts";

for (const variant of VARIANTS) {
  const test = (fact: string, body: () => Promise<void>) =>
    Deno.test(needs([...variant.needs, "kubectl", "time"], `${variant.name}: ${fact}`), body);
  const kubectl = (flags: readonly string[], line: string, options = {}) =>
    run(variant, ["run", "--demo", ...flags, "--", KUBECTL, ...line.split(" ")], options);

  test("run gives a program the cluster, its own output and its own exit code", async () => {
    const list = await kubectl([], "get deployments -n shop -o name");
    assert.equal(list.code, 0, list.stderr);
    assert.match(list.stdout, /^deployment\.apps\/catalog$/m);
    const none = await kubectl([], "get pods nothing -n shop");
    assert.equal(none.code, 1);
    assert.match(none.stderr, /^Error from server \(NotFound\): pods "nothing" not found$/m);
    const odd = await run(variant, ["run", "--demo", "--", "sh", "-c", "exit 7"]);
    assert.equal(odd.code, 7);
    const killed = await run(variant, ["run", "--demo", "--", "sh", "-c", "kill -TERM $$"]);
    assert.equal(killed.code, 143);
  });

  test("run says why the cluster could not be asked, where the program does not", async () => {
    const folder = await Deno.makeTempDir();
    try {
      const path = `${folder}/kubeconfig`;
      const exec = {
        apiVersion: "client.authentication.k8s.io/v1",
        command: "no-such-plugin",
        interactiveMode: "Never",
      };
      await Deno.writeTextFile(
        path,
        JSON.stringify({
          clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
          users: [{ name: "u", user: { exec } }],
          contexts: [
            { name: "down", context: { cluster: "c" } },
            { name: "login", context: { cluster: "c", user: "u" } },
          ],
        }),
      );
      const get = (context: string) =>
        run(variant, [
          ...["run", "--kubeconfig", path, "--context", context],
          ...["--", KUBECTL, "get", "pods"],
        ]);
      const down = await get("down");
      assert.equal(down.code, 1);
      assert.match(
        down.stderr,
        /^kubecode: Cannot reach the API server "https:..127.0.0.1:1" \(context "down"\): .+\n$/m,
      );
      assert.equal(down.stderr.match(/^kubecode:/gm)?.length, 1);
      assert.match((await get("login")).stderr, /^kubecode: .*no-such-plugin/m);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  test("run needs no -- where no flag stands behind the program", async () => {
    const plain = await run(variant, ["run", "--demo", KUBECTL, "get", "namespaces"]);
    assert.equal(plain.code, 0, plain.stderr);
    for (const words of [["get", "pods", "-n", "shop"], ["get", "--context", "demo"]]) {
      const { code, stderr } = await run(variant, ["run", "--demo", KUBECTL, ...words]);
      assert.equal(code, 2);
      assert.match(stderr, /Cannot tell the program's flags from those of kubecode/);
    }
    const unknown = await run(variant, ["run", "--demo", KUBECTL, "get", "pods", "-o", "name"]);
    assert.match(unknown.stderr, /unknown option '-o'\n\(write -- before the program; /);
    const value = await run(variant, ["run", "echo", "--context", "echo"]);
    assert.match(value.stderr, /Cannot tell/);
    assert.match((await run(variant, ["--help"])).stdout, /run -- <PROGRAM> \[ARG\.\.\.\]/);
  });

  test("run holds a program to the policy, in words that kubectl prints", async () => {
    const refused = await kubectl([], "delete deployment catalog -n shop");
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /\(Forbidden\): .*the server is read-only\. .*--read-write/s);
    const may = await kubectl([], "auth can-i delete pods -n shop");
    assert.match(may.stdout, /^no - kubecode: the server is read-only/);
    assert.equal(may.code, 1);
    assert.equal((await kubectl([], "auth can-i list pods -n shop")).stdout, "yes\n");
    const made = await kubectl(["--read-write"], "scale deployment catalog -n shop --replicas=4");
    assert.equal(made.stdout, "deployment.apps/catalog scaled\n", made.stderr);
    const unasked = await kubectl(["--approve"], "delete deployment catalog -n shop --wait=false");
    assert.equal(unasked.code, 1);
    assert.match(unasked.stderr, /1\. delete deployments\.apps shop\/catalog/);
    assert.match(unasked.stderr, /Nothing was changed: these changes need approval/);
    assert.equal(unasked.stdout, "", "what was tried out is not told as if it were done");
  });

  test("run tries changes out where that is asked for, and lists them", async () => {
    const { code, stdout, stderr } = await kubectl(
      ["--dry-run"],
      "create -f -",
      {
        stdin:
          '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"new","namespace":"shop"}}',
      },
    );
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "configmap/new created\n");
    assert.match(stderr, /Nothing was changed\. Plan: 1 change:\n1\. create configmaps shop\/new/);
    const waits = await kubectl(["--dry-run"], "rollout restart deployment/catalog -n shop");
    assert.match(waits.stderr, /1\. patch deployments\.apps shop\/catalog/);
  });

  test("run shows no Secret, and takes back what it has shown", async () => {
    const line = [
      `${KUBECTL} get secrets -A -o yaml`,
      `${KUBECTL} get secrets -A -o jsonpath='{.items[0].data}'`,
    ].join(" && ");
    const { stdout, stderr } = await run(variant, ["run", "--demo", "--", "sh", "-c", line]);
    assert.match(stdout, /W3JlZGFjdGVkO/, stderr);
    for (const [, value = ""] of stdout.matchAll(/^ {4}[\w.-]+: (\S+)$/gm)) {
      if (!/^[A-Za-z0-9+/]{12,}=*$/.test(value)) continue;
      // A certificate is public.
      assert.match(atob(value), /^(\[redacted:|-----BEGIN CERTIFICATE-----)/);
    }
  });

  test("run leaves a program no other way to a cluster, and nothing behind", async () => {
    const script = 'env; echo "mode=$(stat -c %a "$KUBECONFIG")"; cat "$KUBECONFIG"';
    const { stdout } = await run(variant, ["run", "--demo", "--", "sh", "-c", script], {
      env: {
        KUBERNETES_SERVICE_HOST: "10.0.0.1",
        HELM_KUBETOKEN: "leak-of-a-token",
        KUBECONFIG: "/nowhere",
        KUBECODE_NAMESPACE: "shop",
        OTHER: "stays",
      },
    });
    assert.doesNotMatch(stdout, /KUBERNETES_SERVICE|leak-of-a-token|KUBECODE_|\/nowhere/);
    assert.match(stdout, /^OTHER=stays$/m);
    assert.match(stdout, /^mode=600$/m);
    assert.match(stdout, /"server": "http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/0"/);
    const path = /^KUBECONFIG=(.*)$/m.exec(stdout)?.[1] ?? "";
    await assert.rejects(Deno.stat(path), Deno.errors.NotFound);
    const port = /127\.0\.0\.1:(\d+)/.exec(stdout)?.[1];
    await assert.rejects(fetch(`http://127.0.0.1:${port}/`));
  });

  const session = `${variant.name}: run ends a session as soon as its command has ended`;
  Deno.test(
    needs([...variant.needs, ...CONTROL_PLANE.needs, "kubectl", "time"], session),
    async () => {
      await using cluster = await connect(CONTROL_PLANE);
      const { namespace, name } = await runningPod(CONTROL_PLANE, cluster);
      const exec = [KUBECTL, "exec", "-n", namespace, name, "--", "sh", "-c", "echo one"];
      const started = performance.now();
      const { code, stdout, stderr } = await run(variant, [
        ...["run", "--kubeconfig", realKubeconfig(), "--read-write", "--"],
        ...exec,
      ]);
      assert.deepEqual([code, stdout], [0, "one\n"], stderr);
      // A WebSocket whose connection is not ended by the runtime is given up after 30 s.
      assert.ok(performance.now() - started < 25_000);
    },
  );

  test("run says what is wrong with a command line", async () => {
    const missing = await run(variant, ["run", "--demo", "--", "no-such-program"]);
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /Cannot run "no-such-program": there is no such program/);
    const undashed = await run(variant, ["run", "--demo", "kubectl", "get", "-n", "shop"]);
    assert.equal(undashed.code, 2);
    assert.match(undashed.stderr, /kubecode run -- kubectl/);
  });

  test("run lets helm read its releases, and hides in its output what they hide", async () => {
    const folder = await Deno.makeTempDir();
    try {
      await Deno.mkdir(`${folder}/templates`);
      await Deno.writeTextFile(
        `${folder}/Chart.yaml`,
        "apiVersion: v2\nname: shop\nversion: 0.1.0\n",
      );
      await Deno.writeTextFile(`${folder}/values.yaml`, "password: kestrel-harbour-42\nport: 80\n");
      await Deno.writeTextFile(
        `${folder}/templates/secret.yaml`,
        'apiVersion: v1\nkind: Secret\nmetadata: {name: "{{ .Release.Name }}"}\nstringData: {password: "{{ .Values.password }}", note: "n-{{ .Values.password }}"}\n',
      );
      const helm = (words: string) => `${HELM} ${words} -n shop`;
      const line = [
        helm(`install mine ${folder}`),
        helm("get all mine"),
        helm("get values mine --all -o json"),
        helm("get manifest mine | base64 -w0"),
        helm("uninstall mine"),
      ].join(" && ");
      const { code, stdout, stderr } = await run(
        variant,
        // A shell is no helm: what it starts gets no release.
        ["run", "--demo", "--read-write", "--", "sh", "-c", line],
      );
      assert.notEqual(code, 0, stdout);
      assert.doesNotMatch(`${stdout}${stderr}`, /kestrel/);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  test("proxy lets programs in for as long as it runs", async () => {
    requireBuilt(variant);
    const folder = await Deno.makeTempDir();
    const path = `${folder}/my kubeconfig`;
    const start = (...args: string[]) =>
      new Deno.Command(variant.command, {
        args: [...variant.args, "proxy", "--demo", ...args],
        clearEnv: true,
        env: cleanEnvironment(),
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
    try {
      const proxy = start("--kubeconfig-out", path, "--for", "8h");
      const reader = proxy.stdout.getReader();
      const { value } = await reader.read();
      const said = new TextDecoder().decode(value);
      assert.equal(said, `export KUBECONFIG='${path}'\n`);
      assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
      const line =
        `${said.trim()}; ${KUBECTL} get deploy -n shop -o name; ${KUBECTL} delete deploy catalog -n shop`;
      const { stdout, stderr } = await new Deno.Command("sh", {
        args: ["-c", line],
        env: { HOME: folder },
      }).output();
      assert.match(new TextDecoder().decode(stdout), /deployment\.apps\/catalog/);
      assert.match(new TextDecoder().decode(stderr), /\(Forbidden\): .*read-only/);
      proxy.kill("SIGTERM");
      await reader.cancel();
      const told = await new Response(proxy.stderr).text();
      assert.match(told, /by kubecode \(read-only\) for 8 h, or until Ctrl-C\./);
      assert.equal((await proxy.status).code, 0);
      await assert.rejects(Deno.stat(path), Deno.errors.NotFound);

      await Deno.writeTextFile(path, "apiVersion: v1\nkind: Config\n");
      const refused = await start("--kubeconfig-out", path).output();
      assert.equal(refused.code, 2);
      assert.match(new TextDecoder().decode(refused.stderr), /there is another file/);
      assert.equal(await Deno.readTextFile(path), "apiVersion: v1\nkind: Config\n");
      const short = await start("--for", "500ms").output();
      assert.equal(short.code, 0);
      assert.match(new TextDecoder().decode(short.stderr), / for 0\.5 s, or until /);
      const odd = await start("--for", "soon").output();
      assert.equal(odd.code, 2);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  test("proxy takes a changed config file by itself", async () => {
    requireBuilt(variant);
    const folder = await Deno.makeTempDir();
    const [path, config] = [`${folder}/kubeconfig`, `${folder}/config.yaml`];
    await Deno.writeTextFile(config, "policy: {profile: standard}\n");
    const proxy = new Deno.Command(variant.command, {
      args: [...variant.args, "proxy", "--demo", "--config", config, "--kubeconfig-out", path],
      clearEnv: true,
      env: cleanEnvironment(),
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = proxy.stdout.getReader();
    try {
      await reader.read();
      const get = async () => {
        const { stderr } = await new Deno.Command(KUBECTL, {
          args: ["get", "pods", "-n", "shop", "-o", "name"],
          env: { HOME: folder, KUBECONFIG: path },
        }).output();
        return new TextDecoder().decode(stderr);
      };
      assert.equal(await get(), "");
      await Deno.writeTextFile(
        config,
        "policy: {rules: [{name: no pods, effect: deny, resources: [pods]}]}\n",
      );
      let said = "";
      for (let tries = 0; tries < 60 && said === ""; tries++) {
        said = await get();
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
      assert.match(said, /\(Forbidden\): .*rule "no pods"/);
    } finally {
      proxy.kill("SIGTERM");
      await reader.cancel();
      await proxy.status;
      await Deno.remove(folder, { recursive: true });
    }
  });
}
