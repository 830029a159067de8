/** Callers as the real API server knows them: impersonated, reviewed, and by an exchanged token. */
import assert from "node:assert/strict";
import { VARIANTS } from "../e2e/program.ts";
import { connectTo, modern, runScript, type Served, startHttp } from "../http/served.ts";
import { makeToken } from "../../lib/identity/tokens/token_file.ts";
import { KUBECTL, realKubeconfig } from "../support/clusters.ts";
import { startIssuer } from "../support/issuer.ts";
import { needs } from "../support/needs.ts";
import { childrenOf, residentBytes } from "../operation/operation.ts";

const SOURCE = VARIANTS[0]!;
const WHOAMI = "k8s.authenticationV1().selfSubjectReviews().create({}).status.userInfo.username";

const test = (fact: string, run: (place: Place) => Promise<void>) =>
  Deno.test(needs(["a control plane"], fact), () => withPlace(run));

/** Two namespaces of a test's own: ann may list pods of one, the group dev those of the other. */
interface Place {
  readonly folder: string;
  readonly a: string;
  readonly b: string;
  kubectl(...args: string[]): Promise<string>;
  start(args: readonly string[], config?: string): Promise<Served>;
}

async function withPlace(use: (place: Place) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const id = crypto.randomUUID().slice(0, 8);
  const [a, b] = [`identity-a-${id}`, `identity-b-${id}`];
  const kubeconfig = realKubeconfig();
  const kubectl = async (...args: string[]) => {
    const { stdout, stderr, success } = await new Deno.Command(KUBECTL, {
      args: ["--kubeconfig", kubeconfig, ...args],
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout).trim();
  };
  try {
    for (const [namespace, who] of [[a, "--user=ann"], [b, "--group=dev"]] as const) {
      await kubectl("create", "namespace", namespace);
      await kubectl("create", "role", "reader", "-n", namespace, "--verb=list", "--resource=pods");
      await kubectl("create", "rolebinding", "r", "-n", namespace, "--role=reader", who);
    }
    await use({
      folder,
      a,
      b,
      kubectl,
      async start(args, config = "") {
        await Deno.writeTextFile(`${folder}/config.yaml`, config || "policy: {}\n");
        return await startHttp(SOURCE, [
          "--demo=false",
          `--config=${folder}/config.yaml`,
          `--audit=${folder}/audit`,
          ...args,
        ], { KUBECONFIG: kubeconfig, PATH: pathWithKubectl() });
      },
    });
  } finally {
    await kubectl("delete", "namespace", a, b, "--wait=false", "--ignore-not-found");
    await Deno.remove(folder, { recursive: true });
  }
}

function pathWithKubectl(): string {
  const folder = KUBECTL.includes("/") ? `${KUBECTL.slice(0, KUBECTL.lastIndexOf("/"))}:` : "";
  return `${folder}${Deno.env.get("PATH")}`;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Runs a script as whoever has a token. */
async function runAs(served: Served, token: string, script: string): Promise<string> {
  const client = await connectTo(served.url, "auto", { headers: bearer(token) });
  try {
    return await runScript(client, script);
  } finally {
    await client.close();
  }
}

async function statusFor(served: Served, token: string): Promise<number> {
  const list = modern("tools/list", {}, bearer(token));
  const response = await fetch(served.url, list);
  await response.body?.cancel();
  return response.status;
}

async function tokensFile(folder: string, people: Readonly<Record<string, readonly string[]>>) {
  const made = Object.entries(people).map(([name, groups]) => ({
    name,
    ...makeToken(name, { groups }),
  }));
  await Deno.writeTextFile(`${folder}/tokens`, made.map(({ line }) => line).join("\n"));
  return Object.fromEntries(made.map(({ name, token }) => [name, token]));
}

test("each caller has their own rights in the cluster, and no more", async ({ folder, a, b, start }) => {
  const people = await tokensFile(folder, {
    ann: [],
    bob: ["dev"],
    eve: ["system:masters"],
    "system:admin": [],
  });
  const { ann = "", bob = "", eve = "" } = people;
  const args = [`--tokens-file=${folder}/tokens`, "--cluster-identity=impersonate"];
  await using served = await start(args);
  const list = (namespace: string) => `k8s.coreV1().pods("${namespace}").list().items.length`;
  assert.equal(await runAs(served, ann, WHOAMI), "ann");
  assert.equal(await runAs(served, bob, WHOAMI), "bob");
  assert.equal(await runAs(served, ann, list(a)), "0");
  assert.match(await runAs(served, ann, list(b)), /User "ann" cannot list resource "pods"/i);
  assert.match(await runAs(served, bob, list(a)), /User "bob" cannot list resource "pods"/i);
  assert.equal(await runAs(served, bob, list(b)), "0");
  assert.match(await runAs(served, eve, list(a)), /User "eve" cannot list/i);
  assert.equal(await statusFor(served, people["system:admin"] ?? ""), 403);
  // Nothing that a script says makes it anybody else.
  for (
    const trick of [
      `k8s.coreV1().pods("${b}").list({headers: {"Impersonate-User": "admin"}}).items.length`,
      `k8s.coreV1().pods("${b}").list({impersonateUser: "admin"}).items.length`,
      `k8s.coreV1().pods("${b}/pods?impersonate-user=admin#").list().items.length`,
      `k8s.coreV1({as: "admin"}).pods("${b}").list().items.length`,
    ]
  ) assert.doesNotMatch(await runAs(served, ann, trick), /^0$/, trick);
  const audit = (await Deno.readTextFile(`${folder}/audit`)).trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  for (const { caller, user } of audit) {
    if (caller !== undefined && user !== undefined) assert.equal(user, caller);
  }
  assert.ok(audit.some(({ user }) => user === "ann") && audit.some(({ user }) => user === "bob"));
});

test("programs speak as the caller, and as nobody else", async ({ folder, a, b, start }) => {
  const { ann = "" } = await tokensFile(folder, { ann: [] });
  await using served = await start([
    `--tokens-file=${folder}/tokens`,
    "--cluster-identity=impersonate",
    "--toolsets=cli",
  ]);
  const client = await connectTo(served.url, "auto", { headers: bearer(ann) });
  const run = async (command: string) => {
    const { content } = await client.callTool({ name: "execute_kubectl", arguments: { command } });
    return JSON.stringify(content);
  };
  try {
    assert.match(await run(`kubectl get pods -n ${a}`), /No resources found/);
    assert.match(await run(`kubectl get pods -n ${b}`), /ann.* cannot list/);
    for (const as of ["--as=admin", "--as-group=system:masters", "--as admin --as-group=dev"]) {
      assert.match(await run(`kubectl get pods -n ${b} ${as}`), /speak as another user/, as);
    }
  } finally {
    await client.close();
  }
});

test("programs of two callers at once are each of their own", async ({ folder, start }) => {
  const people = await tokensFile(folder, { ann: [], bob: ["dev"] });
  await using served = await start([
    `--tokens-file=${folder}/tokens`,
    "--cluster-identity=impersonate",
    "--toolsets=cli",
  ]);
  const runsOf = async (name: string) => {
    const headers = bearer(people[name] ?? "");
    const client = await connectTo(served.url, "auto", { headers });
    const whoami = "kubectl auth whoami -o jsonpath={.status.userInfo.username}";
    try {
      return await Promise.all(Array.from({ length: 3 }, async () => {
        const { content } = await client.callTool({
          name: "execute_kubectl",
          arguments: { command: `${whoami} | cat` },
        });
        return JSON.stringify(content);
      }));
    } finally {
      await client.close();
    }
  };
  const [anns, bobs] = await Promise.all([runsOf("ann"), runsOf("bob")]);
  for (const said of anns) assert.match(said, /\bann\b/);
  for (const said of bobs) assert.match(said, /\bbob\b/);
  assert.doesNotMatch(anns.join(), /bob/);
  assert.doesNotMatch(bobs.join(), /\bann\b/);
});

test("only a token of the cluster that is for this server lets in", async ({ a, kubectl, start }) => {
  await kubectl("create", "serviceaccount", "bot", "-n", a);
  const tokenFor = (...more: string[]) => kubectl("create", "token", "bot", "-n", a, ...more);
  const [ours, theirs] = [await tokenFor("--audience=kubecode"), await tokenFor()];
  const review = "--token-review-audience=kubecode";
  {
    await using served = await start([review]);
    assert.equal(await statusFor(served, ours), 200);
    assert.equal(await statusFor(served, theirs), 401);
    assert.equal(await statusFor(served, `${ours}x`), 401);
    assert.equal(await statusFor(served, ours.replace(/\.[^.]*$/, ".")), 401);
  }
  {
    await using served = await start([review, "--cluster-identity=impersonate"]);
    assert.equal(await statusFor(served, ours), 403);
  }
  const names = `identity: {cluster: {systemNames: ["system:serviceaccount:${a}:*"]}}\n`;
  await using served = await start([review, "--cluster-identity=impersonate"], names);
  assert.equal(await runAs(served, ours, WHOAMI), `system:serviceaccount:${a}:bot`);
});

test("the cluster gets a token in exchange for the caller's, and never that one", async ({ a, folder, kubectl, start }) => {
  await using issuer = await startIssuer();
  await Deno.writeTextFile(`${folder}/secret`, "hush\n");
  const forms: URLSearchParams[] = [];
  const names: Record<string, string> = {};
  for (const name of ["ann", "bob"]) {
    await kubectl("create", "serviceaccount", name, "-n", a);
    names[await issuer.sign({ sub: name })] = name;
  }
  issuer.exchange(async (form, headers) => {
    forms.push(form);
    const name = names[form.get("subject_token") ?? ""];
    const isUs = headers.get("authorization") === `Basic ${btoa("kubecode:hush")}`;
    if (name === undefined || !isUs) {
      return Response.json({ error: "invalid_request" }, { status: 400 });
    }
    const token = await kubectl("create", "token", name, "-n", a);
    return Response.json({ access_token: token, expires_in: 3600, token_type: "Bearer" });
  });
  const config = `identity:
  oidc: {issuer: "${issuer.url}", audiences: [kubecode]}
  cluster:
    as: token-exchange
    exchange: {clientId: kubecode, clientSecretFile: "${folder}/secret", audience: kubernetes}
`;
  await using served = await start([], config);
  for (const [token, name] of Object.entries(names)) {
    for (let times = 0; times < 2; times++) {
      assert.equal(await runAs(served, token, WHOAMI), `system:serviceaccount:${a}:${name}`);
    }
  }
  assert.equal(forms.length, 2, "one exchange for each");
  assert.equal(forms[0]?.get("audience"), "kubernetes");
  const stranger = await issuer.sign({ sub: "eve" });
  assert.match(
    await runAs(served, stranger, WHOAMI),
    /refused to exchange the token \(invalid_request\)/,
  );
  issuer.exchange((form) => Response.json({ access_token: form.get("subject_token") }));
  const again = await issuer.sign({ sub: "mallory" });
  const said = await runAs(served, again, WHOAMI);
  assert.match(said, /the issuer gave the same token back/);
  assert.ok(!said.includes(again.slice(0, 40)));
});

test("256 callers at once are each themselves, and the server stays within its bounds", async ({ folder, start }) => {
  const names = Array.from({ length: 256 }, (_, n) => `caller-${n}`);
  const people = await tokensFile(folder, Object.fromEntries(names.map((name) => [name, []])));
  await using served = await start([
    `--tokens-file=${folder}/tokens`,
    "--cluster-identity=impersonate",
  ]);
  const ask = async (name: string): Promise<string> => {
    const call = { name: "evaluate_script", arguments: { script: WHOAMI } };
    const request = modern("tools/call", call, bearer(people[name]!));
    for (;;) {
      const response = await fetch(served.url, request);
      const text = await response.text();
      if (response.status !== 503) return text;
      const seconds = Number(response.headers.get("retry-after"));
      assert.ok(seconds > 0, text);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    }
  };
  let peak = 0;
  const sampling = setInterval(() => {
    const pids = [served.pid, ...childrenOf(served.pid)];
    peak = Math.max(peak, pids.map(residentBytes).reduce((sum, bytes) => sum + bytes, 0));
  }, 200);
  const answers = await Promise.all(names.map(ask)).finally(() => clearInterval(sampling));
  assert.ok(peak < 1.5 * 2 ** 30, `${peak} bytes`);
  for (const [at, text] of answers.entries()) {
    assert.match(text, new RegExp(`"text":"${names[at]}"`), text.slice(0, 500));
  }
});
