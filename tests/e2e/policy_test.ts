/** The policy of the whole program: what it says about itself, and a config file that changes. */
import assert from "node:assert/strict";
import { run, type ServerUnderTest, startServer, until, VARIANTS } from "./program.ts";

const [SOURCE] = VARIANTS;
if (SOURCE === undefined) throw new Error("no program to test");

/** Nothing that leads to a cluster. */
const NOWHERE = { KUBECONFIG: "/nonexistent/kubeconfig" };

async function withFile(use: (path: string, folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(`${folder}/config.yaml`, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const check = (...args: string[]) => run(SOURCE, ["policy", "check", ...args], { env: NOWHERE });

Deno.test("policy check answers without a cluster, by exit code and rule", async () => {
  const read = await check("list", "pods");
  assert.equal(read.code, 0, read.stderr);
  assert.match(read.stdout, /^allowed: list pods in all namespaces\nby: rule "everyday"/);
  const write = await check("delete", "deployments.apps", "web", "-n", "shop");
  assert.equal(write.code, 1);
  assert.match(
    write.stdout,
    /^refused: delete deployments "web" in namespace "shop"\nby: mode read-only/,
  );
  await withFile(async (path) => {
    await Deno.writeTextFile(
      path,
      "policy:\n  mode: read-write\n  rules:\n    - {name: no prod, effect: deny, namespaces: [prod]}\n",
    );
    const refused = await check("get", "po/log", "web", "-n", "prod", "--config", path);
    assert.equal(refused.code, 1);
    assert.match(refused.stdout, /by: rule "no prod" \(config\.yaml:4\)/);
    assert.equal((await check("delete", "po", "web", "-n", "shop", "--config", path)).code, 0);
    const all = await check("list", "po", "--config", path);
    assert.match(all.stdout, /hint: Name one namespace; the rule denies prod\./);
  });
  const unknown = await check("use", "pods");
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /there is no such verb/);
});

Deno.test("policy check answers for a user of a shared server", async () => {
  await withFile(async (path) => {
    await Deno.writeTextFile(
      path,
      `policy:
  mode: read-write
  profile: none
  rules:
    - {effect: allow, users: [ann]}
    - {effect: allow, userGroups: [ops], resources: [pods]}
    - {effect: deny, users: [eve], userGroups: [ops]}
`,
    );
    const codeFor = async (...who: string[]) =>
      (await check(...who, "delete", "pods", "web", "-n", "shop", "--config", path)).code;
    assert.equal(await codeFor("--as", "ann"), 0);
    assert.equal(await codeFor("--as=bob"), 1);
    assert.equal(await codeFor("--as", "bob", "--as-group", "dev", "--as-group", "ops"), 0);
    assert.equal(await codeFor("--as", "eve", "--as-group", "ops"), 1);
    assert.equal(await codeFor(), 1);
    assert.equal(await codeFor("--as-group", "ops"), 2);
    const shown = await run(SOURCE, ["policy", "show", "--config", path], { env: NOWHERE });
    assert.match(shown.stdout, /users: \[eve\]\n {6}userGroups: \[ops\]/);
  });
});

Deno.test("policy show prints what a config file takes as it is", async () => {
  const show = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(SOURCE, ["policy", "show", ...args], {
      env: NOWHERE,
    });
    assert.equal(code, 0, stderr);
    return stdout;
  };
  await withFile(async (path) => {
    await Deno.writeTextFile(path, await show("guarded"));
    const refused = await check("get", "secrets", "s", "-n", "shop", "--config", path);
    assert.match(refused.stdout, /^refused:.*\nby: rule "no secrets and configmaps" \(config/);
    assert.equal((await check("get", "pods", "p", "-n", "shop", "--config", path)).code, 0);
    const inForce = await show("--config", path, "--approve");
    assert.match(inForce, /^policy:\n {2}mode: approve\n {2}profile: none\n/);
    assert.match(inForce, /# config\.yaml:5\n {4}- name: in a namespace\n {6}effect: allow\n/);
    await Deno.writeTextFile(path, inForce);
    assert.equal(
      (await show("--config", path)).replaceAll(/:\d+$/gm, ""),
      inForce.replaceAll(/:\d+$/gm, ""),
    );
  });
  const unknown = await run(SOURCE, ["policy", "show", "toString"], { env: NOWHERE });
  assert.equal(unknown.code, 2);
});

Deno.test("a rule that cannot be read stops the start, naming file, line and reason", async () => {
  await withFile(async (path) => {
    await Deno.writeTextFile(path, "policy:\n  rules:\n    - {effect: forbid}\n");
    const { code, stdout, stderr } = await run(SOURCE, ["--config", path], { env: NOWHERE });
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    assert.ok(stderr.includes(`"${path}": line 3: policy.rules[0].effect: must be allow`), stderr);
  });
});

Deno.test("both ways to allow changes at once are refused; a flag goes before the environment", async () => {
  const both = await check("delete", "pods", "p", "--read-write", "--approve");
  assert.equal(both.code, 2);
  assert.match(both.stderr, /--read-write and --approve together/);
  const asked = await run(SOURCE, ["policy", "check", "delete", "pods", "p", "--approve"], {
    env: { ...NOWHERE, KUBECODE_READ_WRITE: "true" },
  });
  assert.equal(asked.code, 1);
  assert.match(asked.stdout, /^to be approved: /);
});

const ALLOW = "policy: {profile: standard}\n";
const DENY = "policy:\n  rules:\n    - {name: closed, effect: deny, tools: [search_api]}\n";

/** Asks until the answer fits: a file is taken after a moment. */
async function answers({ client }: ServerUnderTest, expected: RegExp): Promise<void> {
  let text = "";
  for (let tries = 0; tries < 120; tries++) {
    const { content } = await client.callTool({
      name: "search_api",
      arguments: { query: "pods" },
    }, { timeout: 300_000 });
    text = JSON.stringify(content);
    if (expected.test(text)) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  assert.fail(`never ${expected}: ${text}`);
}

Deno.test("a server takes a changed config file, and no faulty one", async () => {
  await withFile(async (path, folder) => {
    await Deno.writeTextFile(path, ALLOW);
    await using server = await startServer(SOURCE, ["--demo", "--config", path]);
    await answers(server, /Pod/);
    // As an editor does it: another file takes the place of the first.
    await Deno.writeTextFile(`${folder}/new`, DENY);
    await Deno.rename(`${folder}/new`, path);
    await answers(server, /closed.*\(config\.yaml:3\) denies it/);
    // Faulty, another mode, gone: what was in force stays so. A hang-up reads at once.
    for (const text of ["policy: {rules: [", "", "policy: {mode: read-write}\n", undefined]) {
      if (text === undefined) await Deno.remove(path);
      else await Deno.writeTextFile(path, text);
      Deno.kill(server.pid, "SIGHUP");
      await answers(server, /denies it/);
    }
    await Deno.writeTextFile(path, ALLOW);
    Deno.kill(server.pid, "SIGHUP");
    await answers(server, /Pod/);
  });
});

Deno.test("a server takes a config file that a Kubernetes mount has put in the place of another", async () => {
  await withFile(async (_, folder) => {
    for (const [at, text] of [ALLOW, DENY].entries()) {
      await Deno.mkdir(`${folder}/..${at}`);
      await Deno.writeTextFile(`${folder}/..${at}/config.yaml`, text);
    }
    await Deno.symlink("..0", `${folder}/..data`);
    await Deno.symlink("..data/config.yaml", `${folder}/config.yaml`);
    await using server = await startServer(SOURCE, ["--demo", "--config", `${folder}/config.yaml`]);
    await answers(server, /Pod/);
    await Deno.symlink("..1", `${folder}/..data_tmp`);
    await Deno.rename(`${folder}/..data_tmp`, `${folder}/..data`);
    await answers(server, /denies it/);
  });
});

Deno.test("without a config file a hang-up ends the server", async () => {
  const server = await startServer(SOURCE, ["--demo"], { KUBECODE_CONFIG: "" });
  try {
    await answers(server, /Pod/);
    Deno.kill(server.pid, "SIGHUP");
    await until(() => {
      try {
        Deno.kill(server.pid, "SIGCONT");
        return false;
      } catch {
        return true;
      }
    });
  } finally {
    await server[Symbol.asyncDispose]().catch(() => {});
  }
});
