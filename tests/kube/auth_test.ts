import assert from "node:assert/strict";
import { join } from "node:path";
import { ConfigError, describeError } from "../../lib/errors.ts";
import { createAuth } from "../../lib/kube/auth/auth.ts";
import type { ClusterAccess, Credentials, ExecPlugin } from "../../lib/kube/types.ts";
import { createClient } from "../../lib/kube/client.ts";
import { createTransport } from "../../lib/kube/transport/transport.ts";
import { createAuthority } from "../support/certificates.ts";
import { createTestClock } from "../support/clock.ts";
import { LOGGER } from "../support/clusters.ts";
import { jsonAnswer, startRawServer } from "../support/raw_server.ts";
import { accessAt } from "../support/access.ts";

const never = new AbortController().signal;
const V1 = "client.authentication.k8s.io/v1";

function accessWith(credentials: Credentials, changes?: Partial<ClusterAccess>): ClusterAccess {
  return accessAt("https://kube:6443", { credentials, ...changes });
}

const bearer = (bearer: Credentials["bearer"]) => accessWith({ bearer });

/** A plugin written in JavaScript, run by this very Deno; `folder` is where it may keep things. */
async function withPlugin(
  script: string,
  test: (plugin: ExecPlugin, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      join(folder, "plugin.mjs"),
      `const folder = ${JSON.stringify(folder)};
       const info = JSON.parse(Deno.env.get("KUBERNETES_EXEC_INFO"));
       const print = (status) => console.log(JSON.stringify({
         apiVersion: info.apiVersion, kind: "ExecCredential", status }));
       Deno.writeTextFileSync(folder + "/runs", "x", { append: true });
       ${script}`,
    );
    const plugin: ExecPlugin = {
      apiVersion: V1,
      command: Deno.execPath(),
      args: ["run", "-A", "--no-config", "--no-lock", join(folder, "plugin.mjs")],
      env: [],
      provideClusterInfo: false,
    };
    await test(plugin, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const runs = async (folder: string) => (await Deno.readTextFile(join(folder, "runs"))).length;

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(() => undefined, (error) => error);
  assert.ok(error instanceof ConfigError, `a ConfigError, not ${error}`);
  return describeError(error);
}

Deno.test("createAuth() sends a token, or name and password in UTF-8", async () => {
  const token = await createAuth(bearer({ kind: "token", token: " abc\n" })).credentials(never);
  assert.deepEqual(token.headers, { Authorization: "Bearer abc" });
  const access = bearer({ kind: "basic", username: "jo", password: "ü:x" });
  const basic = await createAuth(access).credentials(never);
  assert.deepEqual(basic.headers, { Authorization: "Basic am86w7w6eA==" });
});

Deno.test("createAuth() refuses a token that cannot stand in a header, and does not show it", () => {
  for (const token of ["", "  ", "a b", "a\r\nX-Evil: 1", "tökén"]) {
    assert.throws(() => createAuth(bearer({ kind: "token", token })), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, /^Cannot use the token of user "tester": it/);
      return !token.trim() || !error.message.includes(token);
    });
  }
});

Deno.test("createAuth() refuses to act as a user whose name cannot stand in a header", () => {
  for (const user of ["", "jürgen", "a\r\nX-Evil: 1", " a"]) {
    const access = accessWith({}, { impersonate: { user, groups: [], extra: {} } });
    assert.throws(() => createAuth(access), ConfigError, user);
  }
});

Deno.test("createAuth() reads a token file again after a minute, or when it was refused", async () => {
  const path = await Deno.makeTempFile();
  try {
    let now = 0;
    const auth = createAuth(bearer({ kind: "file", path }), { now: () => now });
    const token = async () => (await auth.credentials(never)).headers.Authorization;
    await Deno.writeTextFile(path, "one\n");
    assert.equal(await token(), "Bearer one");
    await Deno.writeTextFile(path, "two\n");
    now = 59_000;
    assert.equal(await token(), "Bearer one");
    now = 61_000;
    assert.equal(await token(), "Bearer two");
    await Deno.writeTextFile(path, "three\n");
    assert.equal(auth.refused(await auth.credentials(never)), true);
    assert.equal(await token(), "Bearer three");
    await Deno.remove(path);
    now = 200_000;
    assert.equal(await token(), "Bearer three", "the last token, while the file cannot be read");
  } finally {
    await Deno.remove(path).catch(() => {});
  }
});

Deno.test("createAuth() names a token file that is missing or empty", async () => {
  const missing = createAuth(bearer({ kind: "file", path: "/nonexistent/token" }));
  assert.match(
    await refusal(missing.credentials(never)),
    /token file "\/nonexistent\/token": no such file/,
  );
  const path = await Deno.makeTempFile();
  try {
    const empty = createAuth(bearer({ kind: "file", path }));
    assert.match(await refusal(empty.credentials(never)), /it is empty/);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("createAuth() ignores a refusal of credentials that were already replaced", async () => {
  const script = `print({ token: "t" + Deno.readTextFileSync(folder + "/runs").length });`;
  await withPlugin(script, async (exec, folder) => {
    const auth = createAuth(bearer({ kind: "exec", exec }));
    const first = await auth.credentials(never);
    assert.equal(first.headers.Authorization, "Bearer t1");
    auth.refused(first);
    const second = await auth.credentials(never);
    assert.equal(second.headers.Authorization, "Bearer t2");
    auth.refused(first);
    assert.equal(await auth.credentials(never), second);
    assert.equal(await runs(folder), 2);
  });
});

Deno.test("createAuth() runs a plugin once for all who wait, and keeps what it gave until it expires", async () => {
  const script = `print({ token: "t", expirationTimestamp: "2030-01-01T00:00:00Z" });`;
  await withPlugin(script, async (exec, folder) => {
    let now = Date.parse("2029-12-31T23:59:59Z");
    const auth = createAuth(bearer({ kind: "exec", exec }), { now: () => now });
    await Promise.all(Array.from({ length: 5 }, () => auth.credentials(never)));
    await auth.credentials(never);
    assert.equal(await runs(folder), 1);
    now += 2_000;
    await auth.credentials(never);
    assert.equal(await runs(folder), 2);
  });
});

Deno.test("createAuth() tells a plugin what it needs, and no terminal", async () => {
  const script = `
    const stdin = await new Response(Deno.stdin.readable).text();
    print({ token: btoa(JSON.stringify({ info, extra: Deno.env.get("EXTRA"), stdin })) });`;
  await withPlugin(script, async (exec) => {
    const access = accessWith(
      {
        bearer: {
          kind: "exec",
          exec: { ...exec, provideClusterInfo: true, env: [{ name: "EXTRA", value: "e" }] },
        },
      },
      {
        tls: { ca: "PEM", insecureSkipVerify: false, serverName: "n" },
        execConfig: { region: "eu" },
      },
    );
    const { headers } = await createAuth(access).credentials(never);
    const told = JSON.parse(atob(String(headers.Authorization).slice("Bearer ".length)));
    assert.deepEqual(told, {
      info: {
        apiVersion: V1,
        kind: "ExecCredential",
        spec: {
          interactive: false,
          cluster: {
            server: "https://kube:6443",
            "tls-server-name": "n",
            "certificate-authority-data": btoa("PEM"),
            config: { region: "eu" },
          },
        },
      },
      extra: "e",
      stdin: "",
    });
  });
});

Deno.test("createAuth() takes a client certificate from a plugin", async () => {
  const { cert, key } = await (await createAuthority()).client("from plugin");
  const status = JSON.stringify({ clientCertificateData: cert, clientKeyData: key });
  await withPlugin(`print(${status});`, async (exec) => {
    const credentials = await createAuth(bearer({ kind: "exec", exec })).credentials(never);
    assert.deepEqual(credentials, { headers: {}, clientCertificate: { cert, key } });
  });
});

const FAILURES: readonly (readonly [name: string, script: string, state: RegExp])[] = [
  ["nothing", "", /it printed nothing/],
  ["no JSON", "console.log('hello');", /it printed neither JSON nor YAML/],
  ["something else", "console.log('{}');", /it did not print an ExecCredential/],
  ["null", "console.log('null');", /it did not print an ExecCredential/],
  ["no status", "print();", /it printed no status/],
  ["an empty status", "print({});", /neither a token nor a client certificate/],
  ["half a pair", "print({ clientKeyData: 'x' });", /only one of client certificate and key/],
  ["a bad pair", "print({ clientCertificateData: 'x', clientKeyData: 'y' });", /it is not PEM/],
  ["a bad time", "print({ token: 't', expirationTimestamp: 'soon' });", /is no time/],
  ["a bad token", "print({ token: 'a\\nb' });", /cannot stand in an HTTP header/],
  ["another version", "info.apiVersion = 'x/v9'; print({ token: 't' });", /apiVersion "x\/v9"/],
];

for (const [name, script, state] of FAILURES) {
  Deno.test(`createAuth() refuses a plugin that prints ${name}`, async () => {
    await withPlugin(script, async (exec) => {
      const auth = createAuth(bearer({ kind: "exec", exec }));
      assert.match(await refusal(auth.credentials(never)), state);
    });
  });
}

Deno.test("createAuth() shows what a failing plugin said, cut, and without secrets", async () => {
  const script = `
    print({ token: "hunter2" });
    console.error("x".repeat(30) + " ".repeat(2000) + "\\x1b[31mlogin expired\\x1b[0m for jo");
    console.error("token=hunter2 password: 'hunter2' Bearer hunter2 eyJhbGciOi.eyJzdWIi.sig");
    console.error("env " + Deno.env.get("MY_TOKEN"));
    Deno.exit(3);`;
  await withPlugin(script, async (plugin) => {
    const exec = { ...plugin, env: [{ name: "MY_TOKEN", value: "hunter2" }] };
    const text = await refusal(createAuth(bearer({ kind: "exec", exec })).credentials(never));
    assert.match(text, /\(user "tester"\): it ended with exit code 3: …/);
    assert.match(text, /login expired for jo/);
    assert.ok(!text.includes("hunter2") && !text.includes("eyJ") && !text.includes("\x1b"), text);
    assert.ok(text.length < 1_200, `${text.length}`);
  });
});

Deno.test("createAuth() gives the install hint when the program is missing", async () => {
  const exec: ExecPlugin = {
    apiVersion: V1,
    command: "kubecode-no-such-plugin",
    args: [],
    env: [],
    installHint: "brew install it",
    provideClusterInfo: false,
  };
  const text = await refusal(createAuth(bearer({ kind: "exec", exec })).credentials(never));
  assert.match(text, /"kubecode-no-such-plugin" .*: no such program\nbrew install it/);
});

Deno.test("createAuth() looks for a relative program in the kubeconfig's folder, without a shell", async () => {
  if (Deno.build.os === "windows") return;
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "plugin");
    const credential = `{"apiVersion":"${V1}","kind":"ExecCredential","status":{"token":"'"$1"'"}}`;
    await Deno.writeTextFile(path, `#!/bin/sh\nprintf '%s' '${credential}'\n`, { mode: 0o755 });
    const exec: ExecPlugin = {
      apiVersion: V1,
      command: "./plugin",
      args: ["$(id)"],
      env: [],
      provideClusterInfo: false,
      directory: folder,
    };
    const { headers } = await createAuth(bearer({ kind: "exec", exec })).credentials(never);
    assert.equal(headers.Authorization, "Bearer $(id)");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("createAuth() ends a plugin that takes too long, or that nobody waits for", async () => {
  const script = `
    Deno.writeTextFileSync(folder + "/pid", String(Deno.pid));
    await new Promise((resolve) => setTimeout(resolve, 600_000));`;
  await withPlugin(script, async (exec, folder) => {
    const slow = createAuth(bearer({ kind: "exec", exec }), { execTimeoutMs: 50 });
    assert.match(await refusal(slow.credentials(never)), /it did not end within 0\.05 s/);
    await Deno.remove(join(folder, "pid")).catch(() => {});

    const auth = createAuth(bearer({ kind: "exec", exec }));
    const [one, two] = [new AbortController(), new AbortController()];
    const reason = new Error("enough");
    const first = assert.rejects(auth.credentials(one.signal), (error) => error === reason);
    const second = assert.rejects(auth.credentials(two.signal), (error) => error === reason);
    let pid = "";
    while (!pid) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      pid = await Deno.readTextFile(join(folder, "pid")).catch(() => "");
    }
    one.abort(reason);
    await first;
    Deno.kill(Number(pid), "SIGCONT"); // Still there: the other one waits.
    two.abort(reason);
    await second;
    while (true) {
      try {
        Deno.kill(Number(pid), "SIGCONT");
      } catch {
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
});

Deno.test("createAuth() reads a credential that is printed as YAML, as kubectl does", async () => {
  const script = `console.log(
    "apiVersion: " + info.apiVersion + "\\nkind: ExecCredential\\nstatus:\\n  token: from-yaml\\n" +
    "  expirationTimestamp: 2030-01-01T00:00:00Z");`;
  await withPlugin(script, async (exec) => {
    const { headers } = await createAuth(bearer({ kind: "exec", exec })).credentials(never);
    assert.equal(headers.Authorization, "Bearer from-yaml");
  });
});

Deno.test("createAuth() does not wait for a helper that a plugin leaves behind", async () => {
  const script = `
    const helper = new Deno.Command("sleep", {
      args: ["600"], stdin: "null", stdout: "null", stderr: "inherit",
    }).spawn();
    Deno.writeTextFileSync(folder + "/pid", String(helper.pid));
    console.error("almost there");
    print({ token: "t" });
    Deno.exit(0);`;
  await withPlugin(script, async (exec, folder) => {
    const told: string[] = [];
    const auth = createAuth(bearer({ kind: "exec", exec }), { tell: (line) => told.push(line) });
    const { headers } = await auth.credentials(never);
    const pid = Number(await Deno.readTextFile(join(folder, "pid")));
    Deno.kill(pid, "SIGKILL"); // It was still there.
    assert.equal(headers.Authorization, "Bearer t");
    assert.deepEqual(told, [`exec plugin "${exec.command}": almost there`]);
  });
});

Deno.test("createAuth() tells at once what a plugin says to whoever logs in, its URLs whole", async () => {
  const challenge = "A1b2".repeat(11);
  const script = `
    console.error("Open https://login.example/device?challenge=${challenge}&token=hunter2");
    console.error("and enter the code ABCD-EFGH");
    console.error("key ${challenge}");
    while (true) {
      try { Deno.statSync(folder + "/go"); break; } catch { /* Nobody has logged in yet. */ }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    print({ token: "t" });`;
  await withPlugin(script, async (exec, folder) => {
    const told: string[] = [];
    const seen = Promise.withResolvers<void>();
    const tell = (line: string) => {
      told.push(line.slice(line.indexOf(": ") + 2));
      if (told.length === 3) seen.resolve();
    };
    const auth = createAuth(bearer({ kind: "exec", exec }), { tell });
    const asked = auth.credentials(never);
    await seen.promise;
    assert.deepEqual(told, [
      `Open https://login.example/device?challenge=${challenge}&token=***`,
      "and enter the code ABCD-EFGH",
      "key ***",
    ]);
    await Deno.writeTextFile(join(folder, "go"), "");
    await asked;
  });
});

Deno.test("createAuth() says what a plugin that takes too long was waiting for", async () => {
  const script = `
    console.error("enter the code ABCD-EFGH");
    await new Promise((resolve) => setTimeout(resolve, 600_000));`;
  await withPlugin(script, async (exec) => {
    const auth = createAuth(bearer({ kind: "exec", exec }), { execTimeoutMs: 1_500 });
    const text = await refusal(auth.credentials(never));
    assert.match(text, /it did not end within 1\.5 s: enter the code ABCD-EFGH\n.*--exec-timeout/);
  });
});

Deno.test("a client's time for discovery does not run while a plugin waits for a person", async () => {
  const authority = await createAuthority();
  await using server = startRawServer(
    ({ path }) =>
      jsonAnswer({ kind: "APIGroupDiscoveryList", items: path === "/api" ? [] : undefined }),
    await authority.server(),
  );
  const script = `
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    print({ token: "t" });`;
  await withPlugin(script, async (exec) => {
    const access = accessAt(`https://127.0.0.1:${server.port}`, {
      credentials: { bearer: { kind: "exec", exec } },
      tls: { ca: authority.cert, insecureSkipVerify: false },
    });
    const clock = createTestClock();
    const transport = createTransport(access, {
      userAgent: "kubecode/test",
      logger: LOGGER,
      env: () => undefined,
    });
    const client = createClient(access, transport, { discoveryTimeoutMs: 1_000, clock });
    try {
      const asked = client.index({ signal: never });
      while (transport.login() === undefined) await new Promise((resolve) => setTimeout(resolve));
      clock.advance(1_500);
      const { versions } = await asked;
      assert.deepEqual(versions, []);
    } finally {
      client.close();
    }
  });
});
