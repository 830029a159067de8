/** Facts about the test bed itself; each test starts what it needs, and leaves nothing. */
import assert from "node:assert/strict";
import { needs } from "../support/needs.ts";
import { startCluster, type TestCluster } from "./cluster.ts";
import { createPods } from "./load.ts";
import { startSupervisor } from "./supervised.ts";

const CLUSTER = new URL("./cluster.ts", import.meta.url).href;
const SUPERVISED = new URL("./supervised.ts", import.meta.url).href;

interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function kubectl(cluster: TestCluster, ...args: string[]): Promise<Finished> {
  const { code, stdout, stderr } = await new Deno.Command(cluster.programs.kubectl, {
    args: [`--kubeconfig=${cluster.kubeconfig}`, ...args],
    stdin: "null",
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}

async function succeed(cluster: TestCluster, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await kubectl(cluster, ...args);
  assert.equal(code, 0, stderr);
  return stdout;
}

/** Whether a process is there; one that only waits to be reaped is not. */
async function isAlive(pid: number): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-o", "stat=", "-p", String(pid)],
    stderr: "null",
  }).output();
  const state = new TextDecoder().decode(stdout).trim();
  return state !== "" && !state.startsWith("Z");
}

/** Those that are still there when all the time that they have to go is over. */
async function survivors(pids: readonly number[]): Promise<number[]> {
  let left = [...pids];
  for (let attempt = 0; attempt < 100 && left.length > 0; attempt++) {
    const alive = await Promise.all(left.map(isAlive));
    left = left.filter((_, index) => alive[index]);
    if (left.length > 0) await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return left;
}

/** Runs a program that prints one line of JSON, and gives that and a way to end it by a signal. */
async function runOwner<Result>(
  source: string,
): Promise<{ told: Result; end(signal: Deno.Signal): Promise<void> }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", source],
    cwd: `${import.meta.dirname}/../..`,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`Cannot run the owner: it ends after "${text}".`);
    text += value;
  }
  return {
    told: JSON.parse(text),
    async end(signal) {
      child.kill(signal);
      await child.status;
      await reader.cancel();
    },
  };
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** Declares a test that starts a control plane of its own. */
const starting = (fact: string) => needs(["a control plane"], `startCluster() ${fact}`);

Deno.test(starting("serves a cluster with all that tests need"), async (t) => {
  const cluster = await startCluster({ nodes: 2 });
  await using _cluster = cluster;

  await t.step("all nodes are ready", async () => {
    const path = '{range .items[*].status.conditions[?(@.type=="Ready")]}{.status} {end}';
    assert.equal(await succeed(cluster, "get", "nodes", `-o=jsonpath=${path}`), "True True ");
  });

  await t.step("a Deployment's pods run", async () => {
    await succeed(cluster, "create", "deployment", "web", "--image=nginx:1", "--replicas=2");
    await succeed(cluster, "wait", "--for=condition=Available", "deployment/web", "--timeout=60s");
    const phases = await succeed(
      cluster,
      "get",
      "pods",
      "-l=app=web",
      "-o=jsonpath={.items[*].status.phase}",
    );
    assert.equal(phases, "Running Running");
  });

  await t.step("pods have logs, of the container before too", async () => {
    assert.equal(await succeed(cluster, "logs", "deploy/web", "--tail=1"), "ready\n");
    assert.equal(
      await succeed(cluster, "logs", "deploy/web", "--previous"),
      "starting\nERROR out of memory\nended\n",
    );
  });

  await t.step("commands are really run, without the developer's environment", async () => {
    const command = ["exec", "deploy/web", "--", "sh", "-c"];
    assert.equal(await succeed(cluster, ...command, "echo $((6 * 7))"), "42\n");
    const names = (await succeed(cluster, ...command, "env | cut -d= -f1")).trim().split("\n");
    const allowed = ["HOME", "OLDPWD", "PATH", "PWD", "SHLVL", "TESTBED", "TMPDIR", "_"];
    assert.deepEqual(names.filter((name) => !allowed.includes(name)), []);
    assert.ok(names.includes("TESTBED"));
  });

  await t.step("an annotation makes a pod fail", async () => {
    await succeed(
      cluster,
      "run",
      "broken",
      "--image=nginx:1",
      "--annotations=testbed/waiting=CrashLoopBackOff",
      "--annotations=testbed/exit-code=137",
      "--annotations=testbed/restarts=7",
    );
    const status = "jsonpath={.status.containerStatuses[0].state.waiting.reason}=CrashLoopBackOff";
    await succeed(cluster, "wait", `--for=${status}`, "pod/broken", "--timeout=60s");
    const path = "{.status.containerStatuses[0].restartCount} " +
      "{.status.containerStatuses[0].lastState.terminated.reason}";
    assert.equal(await succeed(cluster, "get", "pod/broken", `-o=jsonpath=${path}`), "7 OOMKilled");
  });

  await t.step("a Job completes", async () => {
    await succeed(cluster, "create", "job", "once", "--image=busybox:1");
    await succeed(cluster, "wait", "--for=condition=Complete", "job/once", "--timeout=60s");
  });

  await t.step("the token of the context nobody may do nothing", async () => {
    const { code, stderr } = await kubectl(cluster, "--context=nobody", "get", "pods");
    assert.equal(code, 1);
    assert.match(stderr, /Forbidden.*User "nobody" cannot list resource "pods"/);
  });

  await t.step("the token of the context token may do everything", async () => {
    assert.equal(
      await succeed(cluster, "--context=token", "auth", "can-i", "*", "*"),
      "yes\n",
    );
  });

  await t.step("createPods() makes pods of about 9 KB that run", async () => {
    await createPods(cluster, { namespace: "load", count: 20, nodes: 2 });
    const { items } = await cluster.api.request<{ items: { status: { phase: string } }[] }>(
      "GET",
      "/api/v1/namespaces/load/pods",
    );
    assert.equal(items.length, 20);
    assert.ok(items.every(({ status }) => status.phase === "Running"));
    const bytes = JSON.stringify(items).length / items.length;
    assert.ok(bytes > 8_000 && bytes < 11_000, `${bytes} bytes`);
  });

  await t.step("metrics of nodes and pods are served", async () => {
    await cluster.waitForMetrics();
    assert.match(await succeed(cluster, "top", "nodes"), /^node-0\s+\d+m\s/m);
  });

  await t.step("close() ends all processes and removes the directory", async () => {
    const pids = Object.values(cluster.pids);
    assert.equal(pids.length, 7);
    assert.deepEqual((await Promise.all(pids.map(isAlive))).filter((alive) => !alive), []);
    await cluster.close();
    await cluster.close();
    assert.deepEqual(await survivors(pids), []);
    assert.equal(await exists(cluster.directory), false);
  });
});

Deno.test(starting("leaves nothing when its process is killed"), async () => {
  const owner = await runOwner<{ pids: Record<string, number>; directory: string }>(`
    import { startCluster } from ${JSON.stringify(CLUSTER)};
    const { pids, directory } = await startCluster({ nodes: 1, metrics: false });
    console.log(JSON.stringify({ pids, directory }));
  `);
  const pids = Object.values(owner.told.pids);
  assert.equal(pids.length, 6);
  assert.ok(await exists(owner.told.directory));
  await owner.end("SIGKILL");
  assert.deepEqual(await survivors(pids), []);
  assert.equal(await exists(owner.told.directory), false);
});

for (const signal of ["SIGKILL", "SIGTERM", "SIGINT"] as const) {
  Deno.test(`startSupervisor() ends processes and their children after ${signal}`, async () => {
    const owner = await runOwner<{ pids: number[]; directory: string }>(`
      import { startSupervisor } from ${JSON.stringify(SUPERVISED)};
      const supervisor = await startSupervisor();
      const { directory } = supervisor;
      const { pid } = await supervisor.start({
        name: "parent",
        program: "sh",
        args: ["-c", "sleep 1000 & echo $! > child; wait"],
        env: { PATH: Deno.env.get("PATH") },
        cwd: directory,
      });
      let child = "";
      while (!child.endsWith("\\n")) child = await Deno.readTextFile(directory + "/child").catch(() => "");
      console.log(JSON.stringify({ pids: [supervisor.pid, pid, Number(child)], directory }));
    `);
    assert.equal((await Promise.all(owner.told.pids.map(isAlive))).every(Boolean), true);
    await owner.end(signal);
    assert.deepEqual(await survivors(owner.told.pids), []);
    assert.equal(await exists(owner.told.directory), false);
  });
}

Deno.test("startSupervisor() tells of a process that ends, with its code and output", async () => {
  const supervisor = await startSupervisor();
  try {
    const ended = await supervisor.start({
      name: "ends",
      program: "sh",
      args: ["-c", "echo so; exit 3"],
      env: { PATH: "/usr/bin:/bin" },
      cwd: supervisor.directory,
    });
    assert.equal(await ended.exited, 3);
    assert.equal(await Deno.readTextFile(ended.log), "so\n");
  } finally {
    await supervisor.close();
  }
});

Deno.test("startSupervisor() ends its processes when the supervisor itself is killed", async () => {
  const supervisor = await startSupervisor();
  const { pid } = await supervisor.start({
    name: "sleep",
    program: "sleep",
    args: ["1000"],
    env: { PATH: "/usr/bin:/bin" },
    cwd: supervisor.directory,
  });
  Deno.kill(supervisor.pid, "SIGKILL");
  await supervisor.close();
  assert.deepEqual(await survivors([pid]), []);
  await Deno.remove(supervisor.directory, { recursive: true });
});
