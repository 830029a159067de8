/** The broker before a server that records what reaches it. */
import assert from "node:assert/strict";
import { createBrokers } from "../../lib/broker/broker.ts";
import { parseCall } from "../../lib/broker/calls.ts";
import type { BrokerCall, RequestCall } from "../../lib/broker/types.ts";
import { ApiError, InputError, PolicyError, ResolveError } from "../../lib/errors.ts";
import { type Verb, VERBS } from "../../lib/names/requests.ts";
import { makePolicy } from "../../lib/policy/profiles.ts";
import { LOGGER } from "../support/clusters.ts";
import { createRecorder } from "../support/recorder.ts";

const SUBRESOURCES = [
  "status",
  "scale",
  "log",
  "exec",
  "attach",
  "portforward",
  "proxy",
  "token",
  "eviction",
  "approval",
  "ephemeralcontainers",
  "made-up",
];

const SERVED = ["Pod", "Secret", "Service", "Node"].map((kind) => ({
  group: "",
  resource: `${kind.toLowerCase()}s`,
  kind,
  namespaced: kind !== "Node",
  subresources: SUBRESOURCES,
}));

function recorder() {
  const { brokers, ...asked } = createRecorder(SERVED);
  const broker = (readWrite: boolean) =>
    brokers(() => makePolicy({ mode: readWrite ? "read-write" : "read-only" }))
      .as({ tool: "test", session: "test" });
  return { ...asked, broker };
}

const named = (verb: Verb) =>
  verb !== "list" && verb !== "watch" && verb !== "create" && verb !== "deletecollection";

/** All requests that can be put together, in every spelling of the resource. */
function* requests(): Generator<RequestCall> {
  for (const verb of VERBS) {
    for (const resource of ["pods", "Pod", "PODS", "secrets", "services", "nodes"]) {
      for (const subresource of [undefined, ...SUBRESOURCES]) {
        yield {
          op: "request",
          verb,
          resource,
          ...(subresource ? { subresource } : {}),
          ...(resource === "nodes" ? {} : { namespace: "shop" }),
          ...(named(verb) || subresource ? { name: "x" } : {}),
        };
      }
    }
  }
}

const SIGNAL = new AbortController().signal;

async function drain(calls: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of calls);
}

/** The same of a call that may be a watch, which begins anew for as long as it is read. */
async function begin(call: BrokerCall, calls: AsyncIterable<unknown>): Promise<void> {
  if (call.op !== "request" || call.verb !== "watch") return await drain(calls);
  for await (const _ of calls) break;
}

Deno.test("broker: in read-only mode no request but GET ever reaches the server", async () => {
  const { sent, broker } = recorder();
  const readOnly = broker(false);
  let refused = 0;
  for (const call of requests()) {
    await begin(call, readOnly.call(call, new TextEncoder().encode("{}"), SIGNAL)).catch(
      (error) => {
        assert.ok(error instanceof PolicyError || error instanceof InputError, String(error));
        if (error instanceof PolicyError) refused += 1;
      },
    );
  }
  assert.ok(refused > 300);
  assert.ok(sent.length > 20);
  for (const { method, path } of sent) {
    assert.equal(method, "GET", path);
    assert.match(
      path,
      /^\/api\/v1\/[^?]*?(\/(status|scale|log)|\/pods\/x\/ephemeralcontainers)?(\?.*)?$/,
    );
    assert.doesNotMatch(path, /\/(exec|attach|portforward|proxy|token|approval|made-up|eviction)/);
  }
});

Deno.test("broker: what acts on more than an object's state never reaches the server, in either mode", async () => {
  for (const readWrite of [false, true]) {
    const { sent, broker } = recorder();
    const open = broker(readWrite);
    for (const call of requests()) {
      await begin(call, open.call(call, new TextEncoder().encode("{}"), SIGNAL)).catch(() => {});
    }
    for (const { path } of sent) {
      assert.doesNotMatch(path, /\/(attach|portforward|proxy|token|approval|made-up)/);
      // Everyday for pods, nothing known for anything else.
      assert.doesNotMatch(path, /\/(secrets|services|nodes)\/x\/(exec|ephemeral|eviction)/);
      if (!readWrite) assert.doesNotMatch(path, /\/exec/);
    }
    assert.equal(sent.some(({ method }) => method === "DELETE"), readWrite);
  }
});

Deno.test("broker: a command is a change, and is run only in read-write mode", async () => {
  const { sent, opened, broker } = recorder();
  const command = ["sh", "-c", "echo $HOME & true"];
  const call = { op: "exec", namespace: "shop", name: "web-0", command } as const;
  assert.equal(broker(true).isRead(call), false);
  await assert.rejects(drain(broker(false).call(call, undefined, SIGNAL)), (error) => {
    assert.ok(error instanceof PolicyError);
    assert.match(
      error.message,
      /^Cannot create pods\/exec "web-0" in namespace "shop": .*read-only/,
    );
    return true;
  });
  assert.deepEqual([sent, opened], [[], []]);
  await assert.rejects(drain(broker(true).call(call, undefined, SIGNAL)), ApiError);
  // Before it, the containers of the pod are looked at.
  assert.deepEqual(sent.map(({ path }) => path.split("?")[0]), [
    "/api/v1/namespaces/shop/pods/web-0",
    "/api/v1/namespaces/shop/pods/web-0/exec",
  ]);
  assert.deepEqual(opened, [{
    path: "/api/v1/namespaces/shop/pods/web-0/exec?stdout=true&stderr=true&command=sh&command=-c" +
      "&command=echo+%24HOME+%26+true",
    protocols: ["v5.channel.k8s.io", "v4.channel.k8s.io"],
  }]);
  for (const name of ["../../nodes/x", "a/b", "a%2fb", ".."]) {
    await assert.rejects(
      drain(broker(true).call({ ...call, name }, undefined, SIGNAL)),
      // One slash stands between a resource and a name of it.
      name === "a/b" ? ResolveError : InputError,
    );
    await assert.rejects(
      drain(broker(true).call({ ...call, namespace: name }, undefined, SIGNAL)),
      InputError,
    );
  }
  assert.equal(opened.length, 1);
});

Deno.test("broker: writes carry our field manager and are validated strictly, unless said otherwise", async () => {
  const { sent, broker } = recorder();
  const call = { op: "request", verb: "create", resource: "pods", namespace: "shop" } as const;
  const body = new TextEncoder().encode("{}");
  await drain(broker(true).call(call, body, SIGNAL));
  await drain(
    broker(true).call(
      { ...call, options: { fieldManager: "me", fieldValidation: "Warn" } },
      body,
      SIGNAL,
    ),
  );
  assert.match(sent[0]?.path ?? "", /fieldManager=kubecode&fieldValidation=Strict/);
  assert.match(sent[1]?.path ?? "", /fieldManager=me&fieldValidation=Warn/);
});

Deno.test("broker: a connection that fails is tried again by the next call", async () => {
  const { broker: _, ...rest } = recorder();
  let tries = 0;
  const broker = createBrokers({
    connect: () => {
      tries += 1;
      return Promise.reject(new InputError(`try ${tries}`));
    },
    policy: () => makePolicy(),
    logger: LOGGER,
  }).as({ tool: "test", session: "test" });
  assert.equal(rest.sent.length, 0);
  await assert.rejects(drain(broker.call({ op: "names" }, undefined, SIGNAL)), /try 1/);
  await assert.rejects(drain(broker.call({ op: "names" }, undefined, SIGNAL)), /try 2/);
  assert.equal(await broker.namespace(), "default");
});

Deno.test("parseCall() takes what the SDK sends, and refuses everything else by field", () => {
  const good = { op: "request", verb: "list", resource: "pods", options: { limit: 1 } };
  assert.deepEqual(parseCall(good), good);
  const explain = { op: "explain", path: "pod.spec", group: "", version: "v1" };
  assert.deepEqual(parseCall(explain), explain);
  for (
    const bad of [
      null,
      "names",
      {},
      { op: "shell" },
      { ...good, verb: "connect" },
      { ...good, resource: "" },
      { ...good, resource: 5 },
      { ...good, path: "/api" },
      { ...good, options: { a: {} } },
      { ...good, contentType: "text/html" },
      { op: "path", path: "/api/v1/secrets" },
      { op: "path", path: "/version/../api" },
      { op: "explain" },
      { op: "explain", path: "" },
      { op: "explain", path: ["pods"] },
      { op: "explain", path: "x".repeat(2000) },
      { op: "explain", path: "pods", limitCharacters: 1e9 },
      { op: "explain", path: "pods", verb: "delete" },
      { op: "exec", name: "x" },
      { op: "exec", name: "x", command: [] },
      { op: "exec", name: "x", command: "ls" },
      { op: "exec", name: "x", command: [5] },
      { op: "exec", name: "x", command: ["ls"], stdin: "text" },
      { op: "exec", name: "x", command: ["ls"], resource: "nodes" },
    ]
  ) assert.throws(() => parseCall(bad), InputError, JSON.stringify(bad));
});
