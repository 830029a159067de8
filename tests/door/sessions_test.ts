/** Sessions with pods through the door, as kubectl asks for them: real ones, and one of every kind of end. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
// @ts-types="@types/ws"
import { WebSocket as NodeWebSocket } from "ws";
import { type AuditEntry, NO_AUDIT } from "../../lib/audit.ts";
import { createBrokers } from "../../lib/broker/broker.ts";
import { type DoorParts, openDoor } from "../../lib/door/door.ts";
import { createPlan } from "../../lib/policy/plan.ts";
import { makePolicy } from "../../lib/policy/profiles.ts";
import type { Rule } from "../../lib/policy/types.ts";
import {
  connect,
  CONTROL_PLANE,
  KUBECTL,
  LOGGER,
  openClient,
  runningPod,
  type TestTarget,
} from "../support/clusters.ts";
import { type ExecSession, startExecServer } from "../support/exec_server.ts";
import { needs } from "../support/needs.ts";

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface OpenDoor extends AsyncDisposable {
  readonly audit: AuditEntry[];
  /** The address of the API, for who is no kubectl. */
  readonly url: string;
  kubectl(words: readonly string[], env?: Record<string, string>): Promise<Run>;
}

const TUNNELS: Rule = {
  name: "tunnels",
  effect: "allow",
  resources: ["pods/attach", "pods/portforward"],
  source: "test",
};

/** A door to a cluster, and kubectl before it. */
async function open(
  target: TestTarget,
  { mode = "read-write", rules = [TUNNELS], ...parts }: {
    readonly mode?: "read-only" | "read-write";
    readonly rules?: readonly Rule[];
    readonly plan?: boolean;
  } & Partial<Pick<DoorParts, "ask">> = {},
): Promise<OpenDoor> {
  const opened = await openClient(target);
  const { client } = opened;
  const audit: AuditEntry[] = [];
  const { plan, ...doorParts } = parts;
  const door = await openDoor({
    brokers: createBrokers({
      connect: () => Promise.resolve(client),
      policy: () => makePolicy({ mode, rules }),
      logger: LOGGER,
      audit: { ...NO_AUDIT, record: (entry) => audit.push(entry) },
    }),
    origin: {
      tool: "test",
      session: "test",
      ...(plan ? { plan: createPlan(Date.now()) } : {}),
    },
    signal: new AbortController().signal,
    ...doorParts,
  });
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/kubeconfig`, door.kubeconfig);
  return {
    audit,
    url: JSON.parse(door.kubeconfig).clusters[0].cluster.server,
    kubectl: (words, env = {}) => run(words, folder, env),
    async [Symbol.asyncDispose]() {
      await door.close();
      await opened[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function run(
  words: readonly string[],
  folder: string,
  env: Record<string, string>,
): Promise<Run> {
  const { promise, resolve, reject } = Promise.withResolvers<Run>();
  const child = spawn(KUBECTL, [`--cache-dir=${folder}/cache`, ...words], {
    env: {
      PATH: Deno.env.get("PATH"),
      HOME: folder,
      KUBECONFIG: `${folder}/kubeconfig`,
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk) => out += chunk);
  child.stderr.on("data", (chunk) => err += chunk);
  child.on("error", reject);
  child.on("close", (code) => resolve({ code, out, err }));
  return promise;
}

const CLUSTER = ["a control plane", "kubectl"] as const;

Deno.test({
  ...needs(CLUSTER, "sessions: kubectl exec gives what a command writes, redacted, with its end"),
  fn: async () => {
    await using cluster = await connect(CONTROL_PLANE, { readWrite: true });
    const pod = await runningPod(CONTROL_PLANE, cluster);
    await using door = await open(CONTROL_PLANE);
    const exec = (...command: string[]) =>
      door.kubectl(["exec", "-n", pod.namespace, pod.name, "--", ...command]);
    const script =
      "echo one; printf 'DB_PASS'; printf 'WORD=kestrel-harbour-42\\nlast'; echo two >&2";
    const good = await exec("sh", "-c", script);
    assert.equal(good.code, 0, good.err);
    assert.match(good.out, /^one\nDB_PASSWORD=\[redacted:[0-9a-f]{12}\]\nlast$/);
    assert.match(good.err, /^two$/m);
    const bad = await exec("sh", "-c", "exit 3");
    assert.notEqual(bad.code, 0);
    assert.match(bad.err, /exit status 3/);
    const many = await exec("sh", "-c", "yes 0123456789abcde | head -c 1000000");
    assert.equal(many.out.length, 1_000_000);
    const line = door.audit.find(({ subresource }) => subresource === "exec");
    assert.equal(line?.verb, "create");
    assert.equal(line?.decision, "allow");
    assert.equal(line?.name, pod.name);
    assert.ok(line?.container);
    assert.match(line?.commands?.[0] ?? "", /^sh -c 'echo one; /);
  },
});

Deno.test({
  ...needs(CLUSTER, "sessions: kubectl cp brings files, and none that holds a credential"),
  fn: async () => {
    await using cluster = await connect(CONTROL_PLANE, { readWrite: true });
    const pod = await runningPod(CONTROL_PLANE, cluster);
    await using door = await open(CONTROL_PLANE);
    const folder = await Deno.makeTempDir();
    try {
      const bytes = crypto.getRandomValues(new Uint8Array(60_000));
      await Deno.writeFile(`${folder}/blob`, bytes);
      await Deno.writeTextFile(`${folder}/env`, "A=1\nDB_PASSWORD=kestrel-harbour-42\n");
      // The test bed's containers see the machine's files.
      const from = (name: string) => `${pod.namespace}/${pod.name}:${folder}/${name}`;
      const good = await door.kubectl(["cp", from("blob"), `${folder}/copy`]);
      assert.equal(good.code, 0, good.err);
      assert.deepEqual(await Deno.readFile(`${folder}/copy`), bytes);
      const bad = await door.kubectl(["cp", from("env"), `${folder}/env-copy`]);
      assert.notEqual(bad.code, 0);
      assert.match(bad.err, /it is no text, and holds what looks like a credential/);
      const copied = await Deno.readTextFile(`${folder}/env-copy`).catch(() => "");
      assert.doesNotMatch(copied, /kestrel/);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  ...needs(CLUSTER, "sessions: kubectl port-forward reaches a pod where a rule names it"),
  fn: async () => {
    await using cluster = await connect(CONTROL_PLANE, { readWrite: true });
    const pod = await runningPod(CONTROL_PLANE, cluster);
    await using door = await open(CONTROL_PLANE);
    const folder = await Deno.makeTempDir();
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    listener.close();
    await Deno.writeTextFile(`${folder}/kubeconfig`, kubeconfigOf(door));
    const child = spawn(KUBECTL, [
      ...[`--cache-dir=${folder}/cache`, `--kubeconfig=${folder}/kubeconfig`],
      ...["port-forward", "-n", pod.namespace, `pod/${pod.name}`, `${port}:80`],
    ], { env: { HOME: folder, PATH: Deno.env.get("PATH") } });
    try {
      await new Promise<void>((resolve, reject) => {
        child.stdout.on("data", (chunk) => /Forwarding/.test(`${chunk}`) && resolve());
        child.stderr.on("data", (chunk) => reject(new Error(`${chunk}`)));
      });
      for (let times = 0; times < 2; times++) {
        const response = await fetch(`http://127.0.0.1:${port}/`);
        assert.equal(await response.text(), "ok\n");
      }
    } finally {
      const closed = new Promise((resolve) => child.once("close", resolve));
      child.kill();
      await closed;
      await Deno.remove(folder, { recursive: true });
    }
  },
});

function kubeconfigOf({ url }: OpenDoor): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "door",
    contexts: [{ name: "door", context: { cluster: "door", user: "nobody" } }],
    clusters: [{ name: "door", cluster: { server: url } }],
    users: [{ name: "nobody", user: {} }],
  });
}

Deno.test({
  ...needs(CLUSTER, "sessions: what the policy refuses kubectl says with the reason"),
  fn: async () => {
    await using cluster = await connect(CONTROL_PLANE, { readWrite: true });
    const pod = await runningPod(CONTROL_PLANE, cluster);
    const where = ["-n", pod.namespace, pod.name];
    await using unnamed = await open(CONTROL_PLANE, { rules: [] });
    const attach = await unnamed.kubectl(["attach", ...where]);
    assert.match(attach.err, /Cannot create pods\/attach .*: that needs a rule which names it/);
    const forward = await unnamed.kubectl(["port-forward", ...where, "18099:80"]);
    assert.match(forward.err, /Cannot create pods\/portforward .*: that needs a rule/);
    await using reads = await open(CONTROL_PLANE, { mode: "read-only" });
    const exec = await reads.kubectl(["exec", ...where, "--", "ls"]);
    assert.match(exec.err, /Cannot create pods\/exec .*: the server is read-only/);
    assert.equal(exec.out, "");
    const line = reads.audit.find(({ subresource }) => subresource === "exec");
    assert.equal(line?.decision, "refuse");
    await using tried = await open(CONTROL_PLANE, { plan: true });
    const planned = await tried.kubectl(["exec", ...where, "--", "ls"]);
    assert.match(planned.err, /Cannot try out pods\/exec: it acts at once/);
    await using old = await open(CONTROL_PLANE);
    const env = { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: "false" };
    const spdy = await old.kubectl(["exec", ...where, "--", "ls"], env);
    assert.match(spdy.err, /use kubectl 1\.31 or newer/);
  },
});

/** A door to an API server that serves sessions as a test says. */
async function openTo(
  serve: (session: ExecSession, query: URLSearchParams) => void | Promise<void>,
  options: Parameters<typeof open>[1] = {},
) {
  const server = startExecServer(serve);
  const door = await open(server.target, options);
  return {
    server,
    door,
    async [Symbol.asyncDispose]() {
      await door[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const EXEC = "/api/v1/namespaces/shop/pods/web/exec";

/** A program's session: what it is sent, to its end. */
async function session(
  url: string,
  query: string,
  protocol = "v5.channel.k8s.io",
): Promise<{ readonly messages: string[]; readonly socket: WebSocket }> {
  const socket = new WebSocket(`${url.replace("http", "ws")}${EXEC}?${query}`, [protocol]);
  socket.binaryType = "arraybuffer";
  const messages: string[] = [];
  socket.onmessage = ({ data }) => {
    const bytes = new Uint8Array(data);
    messages.push(`${bytes[0]} ${new TextDecoder().decode(bytes.subarray(1))}`);
  };
  await new Promise<void>((resolve) => {
    socket.onclose = () => resolve();
    socket.onerror = (event) => event.preventDefault();
  });
  return { messages, socket };
}

Deno.test("sessions: a line is judged with those before it, a question is not held back", async () => {
  await using to = await openTo(async (session) => {
    session.send(1, "- name: DB_PASS");
    session.send(2, "warning\n");
    session.send(1, "WORD\n  value: kestrel-");
    session.send(1, "harbour-42\nGo on? ");
    await new Promise((resolve) => setTimeout(resolve, 600));
    session.send(1, "yes\n");
    session.succeed();
  });
  const { messages } = await session(to.door.url, "command=x&stdout=true&stderr=true");
  const out = messages.filter((one) => one.startsWith("1 ")).map((one) => one.slice(2));
  assert.match(
    out.join(""),
    /^- name: DB_PASSWORD\n {2}value: \[redacted:[0-9a-f]{12}\]\nGo on\? yes\n$/,
  );
  assert.ok(out.includes("Go on? "), out.join("|"));
  assert.ok(messages.includes("2 warning\n"));
  assert.match(messages.at(-1) ?? "", /^3 .*Success/);
});

Deno.test("sessions: only what is understood goes on to the API server", async () => {
  await using to = await openTo((session) => session.succeed());
  await session(
    to.door.url,
    "command=ls&command=-l&container=main&stdout=true&stderr=1&stdin=false",
  );
  assert.deepEqual(to.server.requests.filter((one) => one.includes("/exec")), [
    `GET ${EXEC}?container=main&stdout=true&stderr=true&command=ls&command=-l`,
  ]);
  for (
    const [query, protocol] of [
      ["command=ls&dryRun=All", "v5.channel.k8s.io"],
      ["command=ls&container=a&container=b", "v5.channel.k8s.io"],
      ["stdout=true", "v5.channel.k8s.io"],
      ["command=ls", "base64.channel.k8s.io"],
    ] as const
  ) {
    const before = to.server.requests.length;
    assert.deepEqual((await session(to.door.url, query, protocol)).messages, []);
    assert.equal(
      to.server.requests.slice(before).filter((one) => one.includes("/exec")).length,
      0,
      query,
    );
  }
});

Deno.test("sessions: a person is asked where the policy wants that, and what was agreed to is run", async () => {
  const rules: Rule[] = [{
    name: "ask",
    effect: "approve",
    resources: ["pods/exec"],
    source: "test",
  }];
  const seen: string[] = [];
  for (const answer of [true, false]) {
    await using to = await openTo((session) => {
      session.send(1, "ran\n");
      session.succeed();
    }, {
      rules,
      ask: (plan) => {
        seen.push(...plan.changes.flatMap(({ what, lines }) => [what, ...lines]));
        return Promise.resolve(answer);
      },
    });
    const { messages } = await session(to.door.url, "command=rm&command=-r&stdout=true&stdin=true");
    assert.equal(messages.includes("1 ran\n"), answer);
  }
  assert.match(
    seen.join("\n"),
    /create pods\/exec shop\/web\n.*"rm","-r".*whatever the program sends/,
  );
});

Deno.test("sessions: who leaves ends the session behind the door", async () => {
  await using to = await openTo((session) => session.send(1, "started\n"));
  const socket = new WebSocket(
    `${to.door.url.replace("http", "ws")}${EXEC}?command=sleep&stdout=true`,
    ["v5.channel.k8s.io"],
  );
  await new Promise((resolve) => socket.onmessage = resolve);
  await to.server.untilOpen(1);
  socket.close();
  await to.server.untilOpen(0);
});

Deno.test("sessions: a program is asked as Python asks, which names the door as its origin", async () => {
  await using to = await openTo((session) => session.succeed());
  const address = `${to.door.url.replace("http", "ws")}${EXEC}?command=ls&stdout=true`;
  const { origin } = new URL(to.door.url);
  const opens = (headers: Record<string, string>) => {
    const socket = new NodeWebSocket(address, ["v5.channel.k8s.io"], { headers });
    return new Promise<boolean>((resolve) => {
      socket.on("open", () => resolve(true));
      socket.on("error", () => resolve(false));
    });
  };
  assert.equal(await opens({ origin: "https://page.example" }), false);
  assert.equal(await opens({ origin }), true);
});

Deno.test("sessions: what a program does not read is not gathered", async () => {
  let sent = 0;
  await using to = await openTo(async (session) => {
    const line = "x".repeat(32 * 1024);
    while (session.isOpen()) {
      if (session.waiting() < 1024 * 1024) {
        session.send(1, line);
        sent += line.length;
      }
      await new Promise((resolve) => setTimeout(resolve));
    }
  });
  const address = `${to.door.url.replace("http", "ws")}${EXEC}?command=cat&stdout=true`;
  const socket = new NodeWebSocket(address, ["v5.channel.k8s.io"]);
  await new Promise((resolve) => socket.once("message", resolve));
  socket.pause();
  // What is read ahead, and what the sockets between hold, fills up; then nothing more is sent.
  let before = -1;
  for (let tries = 0; sent !== before && tries < 100; tries++) {
    before = sent;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  assert.equal(sent, before);
  assert.ok(sent < 64 * 1024 * 1024, `${sent} bytes`);
  socket.terminate();
  await to.server.untilOpen(0);
});

Deno.test("sessions: a rule that denies them in any words is not got round", async () => {
  const denials: Omit<Rule, "name" | "effect" | "source">[] = [
    { resources: ["pods/exec"] },
    { resources: ["pods/exec"], verbs: ["get"] },
    { resources: ["pods/exec"], verbs: ["create"] },
    { resources: ["pods"] },
    { resources: ["*/exec"], namespaces: ["shop"] },
    { resources: ["pods/*"], names: ["web"] },
  ];
  for (const denial of denials) {
    const rule: Rule = { name: "no", effect: "deny", source: "test", ...denial };
    await using to = await openTo((session) => session.succeed(), { rules: [TUNNELS, rule] });
    for (const path of [EXEC, EXEC.replace("web", "%77eb"), `${EXEC}/`]) {
      const url = `${to.door.url.replace("http", "ws")}${path}?command=ls&stdout=true`;
      const socket = new NodeWebSocket(url, ["v5.channel.k8s.io"]);
      const status = await new Promise((resolve) => {
        socket.on("open", () => resolve(101));
        socket.on("unexpected-response", (_request, response) => resolve(response.statusCode));
        socket.on("error", () => {});
      });
      assert.equal(status, 403, `${JSON.stringify(denial)} ${path}`);
      socket.terminate();
    }
    assert.deepEqual(to.server.requests.filter((one) => one.includes("/exec")), []);
  }
});
