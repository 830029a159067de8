/** Names of contexts, which come from scripts, against what is allowed. */
import assert from "node:assert/strict";
import { createBrokers } from "../../lib/broker/broker.ts";
import { parseCall } from "../../lib/broker/calls.ts";
import type { BrokerCall, ContextEntry } from "../../lib/broker/types.ts";
import { ConfigError, InputError, KubecodeError, PolicyError } from "../../lib/errors.ts";
import { createClient } from "../../lib/kube/client.ts";
import type { Transport } from "../../lib/kube/types.ts";
import { accessAt } from "../support/access.ts";
import { LOGGER } from "../support/clusters.ts";
import { makePolicy } from "../../lib/policy/profiles.ts";

const SIGNAL = new AbortController().signal;

const ENTRIES: readonly ContextEntry[] = ["here", "staging", "prod-eu", "prod-us", "payroll"]
  .map((name) => ({ name, cluster: `of-${name}`, namespace: "default", current: name === "here" }));

/** A client whose every answer says which context it is of. */
function clientOf(context: string) {
  const transport: Transport = {
    login: () => undefined,
    send: () => Promise.resolve(Response.json({ gitVersion: context })),
    openSocket: () => Promise.reject(new Error("no socket here")),
    close() {},
  };
  const access = accessAt(`http://${context}`, { context });
  return createClient(access, transport, { discoveryTimeoutMs: 30_000 });
}

/** A broker over named clients, what it connected to, and how often it looked at the configuration. */
function brokerFor(allowed: readonly string[], fail?: (context?: string) => Error | undefined) {
  const connected: (string | undefined)[] = [];
  let looks = 0;
  const broker = createBrokers({
    connect(context) {
      connected.push(context);
      const error = fail?.(context);
      return error ? Promise.reject(error) : Promise.resolve(clientOf(context ?? "here"));
    },
    contexts: {
      allowed,
      list() {
        looks += 1;
        return Promise.resolve(ENTRIES);
      },
    },
    policy: () => makePolicy({ mode: "read-only" }),
    logger: LOGGER,
  }).as({ tool: "test", session: "test" });
  const ask = async (call: BrokerCall): Promise<unknown> => {
    let text = "";
    for await (const { body } of broker.call(call, undefined, SIGNAL)) {
      text += new TextDecoder().decode(body);
    }
    return JSON.parse(text);
  };
  const version = async (context?: string) => {
    const call = { op: "path", path: "/version", ...(context ? { context } : {}) } as const;
    return (await ask(call) as { gitVersion: string }).gitVersion;
  };
  return { connected, looks: () => looks, ask, version };
}

/** What a refusal says, with the name taken out. */
async function refusal(asked: Promise<unknown>, name: string): Promise<string> {
  try {
    await asked;
  } catch (error) {
    assert.ok(error instanceof PolicyError, String(error));
    return `${error.message} | ${error.hint}`.replace(JSON.stringify(name), "<name>");
  }
  throw new Error(`"${name}" was allowed`);
}

const HOSTILE = [
  "payroll",
  "nowhere",
  "__proto__",
  "constructor",
  "toString",
  "../payroll",
  "staging/../payroll",
  "staging\u0000",
  " staging",
  "STAGING",
  "*",
  "prod-*",
  '"',
  "x".repeat(1024),
];

Deno.test("contexts: each call goes to the context it names, and without a name to the current one", async () => {
  const { version, connected } = brokerFor(["staging", "prod-*"]);
  assert.deepEqual(
    [await version(), await version("staging"), await version("prod-us"), await version("here")],
    ["here", "staging", "prod-us", "here"],
  );
  assert.deepEqual(connected, [undefined, "staging", "prod-us", undefined]);
});

Deno.test("contexts: no name outside the list reaches a client, in any kind of call", async () => {
  const { connected, ask } = brokerFor(["staging", "prod-*"]);
  for (const context of HOSTILE) {
    for (
      const call of [
        { op: "contexts", context },
        { op: "names", context },
        { op: "names", context, refresh: true },
        { op: "path", path: "/version", context },
        { op: "explain", path: "pods", context },
        { op: "request", verb: "list", resource: "pods", context },
        { op: "request", verb: "watch", resource: "pods", context },
      ]
    ) await refusal(ask(parseCall(call)), context);
  }
  assert.deepEqual(connected, []);
});

Deno.test("contexts: what is outside is not told apart from what does not exist", async () => {
  for (const allowed of [[], ["staging"]]) {
    const { version } = brokerFor(allowed);
    const outside = await refusal(version("payroll"), "payroll");
    assert.equal(outside, await refusal(version("payrolk"), "payrolk"));
    assert.doesNotMatch(outside, /payroll|prod/);
  }
});

Deno.test("contexts: a refusal says the way out: the flag, the near name, the list", async () => {
  const off = brokerFor([]);
  assert.match(await refusal(off.version("staging"), "staging"), /--contexts/);
  const on = brokerFor(["staging", "prod-*"]);
  assert.match(await refusal(on.version("Staging"), "Staging"), /Did you mean "staging"\?/);
  assert.match(await refusal(on.version("prod-ei"), "prod-ei"), /Did you mean "prod-eu"\?/);
  assert.match(await refusal(on.version("zzzzzz"), "zzzzzz"), /k8s\.contexts\(\) lists them/);
});

Deno.test("contexts: the list has what is allowed, and nothing of how a server is reached", async () => {
  const { ask, connected } = brokerFor(["prod-*"]);
  assert.deepEqual(await ask({ op: "contexts" }), [
    { name: "here", cluster: "of-here", namespace: "default", current: true },
    { name: "prod-eu", cluster: "of-prod-eu", namespace: "default", current: false },
    { name: "prod-us", cluster: "of-prod-us", namespace: "default", current: false },
  ]);
  const [one, ...more] = await ask({ op: "contexts", context: "prod-us" }) as ContextEntry[];
  assert.deepEqual([one?.name, more], ["prod-us", []]);
  assert.deepEqual(connected, []);
  const off = await brokerFor([]).ask({ op: "contexts" }) as ContextEntry[];
  assert.deepEqual(off.map(({ name }) => name), ["here"]);
});

Deno.test("contexts: a broker that was given no list knows the current one alone", async () => {
  const broker = createBrokers({
    connect: (context) => Promise.resolve(clientOf(context ?? "here")),
    policy: () => makePolicy({ mode: "read-only" }),
    logger: LOGGER,
  }).as({ tool: "test", session: "test" });
  const names = async (call: BrokerCall) => {
    for await (const { body } of broker.call(call, undefined, SIGNAL)) {
      return (JSON.parse(new TextDecoder().decode(body)) as ContextEntry[]).map(({ name }) => name);
    }
  };
  assert.deepEqual(await names({ op: "contexts" }), ["here"]);
  assert.deepEqual(await names({ op: "contexts", context: "here" }), ["here"]);
  await assert.rejects(names({ op: "contexts", context: "staging" }), PolicyError);
});

Deno.test("contexts: a name that has become another's is held against the list again", async () => {
  // The file says by now that "staging" is current; the server runs with "here".
  const list = () =>
    Promise.resolve(ENTRIES.map((entry) => ({ ...entry, current: entry.name === "staging" })));
  for (const allowed of [[], ["staging"]]) {
    const broker = createBrokers({
      connect: (context) => Promise.resolve(clientOf(context ?? "here")),
      contexts: { allowed, list },
      policy: () => makePolicy({ mode: "read-only" }),
      logger: LOGGER,
    }).as({ tool: "test", session: "test" });
    const asked = (async () => {
      const call = { op: "path", path: "/version", context: "staging" } as const;
      for await (const { body } of broker.call(call, undefined, SIGNAL)) {
        return new TextDecoder().decode(body);
      }
    })();
    if (allowed.length === 0) await assert.rejects(asked, PolicyError);
    else assert.match(await asked ?? "", /staging/);
  }
});

Deno.test("contexts: an error names the context, once, and lists nothing of the kubeconfig", async () => {
  const failing = (error: () => Error) =>
    brokerFor(["staging"], (context) => context === "staging" ? error() : undefined);
  const { version } = failing(() =>
    new ConfigError('Cannot use the cluster "c": it has no server', {
      hint: 'There are "payroll" and "prod-eu".',
    })
  );
  await assert.rejects(version("staging"), (error: unknown) => {
    assert.ok(error instanceof ConfigError);
    assert.equal(error.message, 'Cannot use the cluster "c": it has no server (context "staging")');
    assert.doesNotMatch(error.hint ?? "", /payroll|prod/);
    return true;
  });
  assert.equal(await version(), "here");

  const shared = new KubecodeError("Cannot discover");
  const same = failing(() => shared);
  for (let times = 0; times < 2; times++) {
    await assert.rejects(same.version("staging"), {
      message: 'Cannot discover (context "staging")',
    });
  }
});

Deno.test("contexts: 10,000 names are refused without 10,000 looks at the configuration", async () => {
  const { ask, looks, connected } = brokerFor(["staging"]);
  let refused = 0;
  for (let at = 0; at < 10_000; at++) {
    await ask({ op: "contexts", context: `name-${at}` }).catch(() => refused += 1);
  }
  assert.equal(refused, 10_000);
  assert.ok(looks() < 100, `${looks()} looks`);
  assert.deepEqual(connected, []);
});

Deno.test("parseCall() takes a context in each kind of call, and only a name", () => {
  for (
    const call of [
      { op: "contexts" },
      { op: "names" },
      { op: "path", path: "/version" },
      { op: "explain", path: "pods" },
      { op: "request", verb: "list", resource: "pods" },
    ]
  ) {
    const good = { ...call, context: "staging" };
    assert.deepEqual(parseCall(good), good);
    for (const context of ["", 5, null, ["staging"], { name: "staging" }, "x".repeat(1025)]) {
      assert.throws(() => parseCall({ ...call, context }), InputError);
    }
  }
  assert.throws(() => parseCall({ op: "contexts", all: true }), InputError);
});
