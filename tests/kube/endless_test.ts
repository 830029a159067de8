/** Servers, plugins and files that never come to an end: each is read up to a limit, which the error names. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ConfigError, LimitError } from "../../lib/errors.ts";
import { createAuth } from "../../lib/kube/auth/auth.ts";
import { createClient } from "../../lib/kube/client.ts";
import { createTransport } from "../../lib/kube/transport/transport.ts";
import type { ApiResource } from "../../lib/kube/types.ts";
import { collectBytes } from "../../lib/std/bytes.ts";
import { accessAt } from "../support/access.ts";
import { LOGGER } from "../support/clusters.ts";

const MIB = 1024 * 1024;
const signal = new AbortController().signal;

/** Writes the beginning of an answer, and then the same for ever. */
function endless(head: string, unit: string) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections = new Set<Deno.Conn>();
  const serving: Promise<void>[] = [];
  let written = 0;
  const encoder = new TextEncoder();
  const units = encoder.encode(unit.repeat(Math.ceil(64 * 1024 / unit.length)));

  async function serve(connection: Deno.Conn): Promise<void> {
    try {
      await connection.read(new Uint8Array(64 * 1024));
      await connection.write(encoder.encode(head));
      for (;;) written += await connection.write(units);
    } catch {
      // The other side has had enough, or the test has ended.
    }
  }

  const accepting = (async () => {
    for await (const connection of listener) {
      connections.add(connection);
      serving.push(serve(connection));
    }
  })();
  const access = accessAt(`http://127.0.0.1:${listener.addr.port}`);
  const transport = createTransport(access, {
    userAgent: "test",
    logger: LOGGER,
    env: () => undefined,
  });
  const client = createClient(access, transport, { discoveryTimeoutMs: 60_000 });
  return {
    client,
    written: () => written,
    async [Symbol.asyncDispose]() {
      client.close();
      listener.close();
      for (const connection of connections) connection.close();
      await accepting.catch(() => {});
      await Promise.all(serving);
    },
  };
}

const OK = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";
const PODS: ApiResource = {
  group: "",
  version: "v1",
  resource: "pods",
  kind: "Pod",
  singular: "pod",
  shortNames: [],
  namespaced: true,
  verbs: ["get", "watch"],
  subresources: [{ name: "log", kind: "Pod", verbs: ["get"] }],
};

Deno.test("discovery without end is read up to a limit for all its answers together", async () => {
  await using server = endless(`${OK}{"kind":"APIGroupDiscoveryList","items":[`, "{},");
  await assert.rejects(server.client.index({ signal }), (error) => {
    assert.ok(error instanceof LimitError);
    assert.match(error.message, /discovery of the API server "http:.*larger than 64 MiB$/);
    return true;
  });
  assert.ok(server.written() < 80 * MIB, `${server.written() / MIB} MiB`);
});

Deno.test("a document without end is read up to a limit", async () => {
  await using server = endless(`${OK}{"paths":{`, '"api/v1":{},');
  const core = { group: "", version: "v1" };
  await assert.rejects(
    server.client.schemas(core, { maxAgeMs: 0, signal }),
    /\/openapi\/v3 of the API server .*larger than 64 MiB/,
  );
  await assert.rejects(server.client.getJson("/version", { signal }), /\/version of .*64 MiB/);
});

Deno.test("an object or log without end is read up to a limit", async () => {
  await using server = endless(OK, "a line of a log\n");
  const log = {
    verb: "get",
    resource: PODS,
    namespace: "a",
    name: "b",
    subresource: "log",
  } as const;
  await assert.rejects(
    server.client.send(log, signal),
    /the API server's answer: it is larger than 64 MiB/,
  );
});

Deno.test("an event without end is read up to a limit", async () => {
  await using server = endless(`${OK}{"type":"ADDED","object":{"a":"`, "aaaa");
  const watch = server.client.watch({ verb: "watch", resource: PODS }, { signal });
  await assert.rejects(Array.fromAsync(watch), /a line of it is longer than/);
});

Deno.test("the words of an error are read up to a limit, and the status is told", async () => {
  await using server = endless("HTTP/1.1 403 Forbidden\r\n\r\n", "no, no, no, ");
  await assert.rejects(
    server.client.send({ verb: "get", resource: PODS, namespace: "a", name: "b" }, signal),
    { status: 403 },
  );
  assert.ok(server.written() < 16 * MIB, `${server.written() / MIB} MiB`);
});

for (
  const [what, head, unit] of [
    ["headers", "HTTP/1.1 200 OK\r\n", "X-More: and more\r\n"],
    ["a header", "HTTP/1.1 200 OK\r\nX-More: ", "and more "],
    ["answers before the answer", "", "HTTP/1.1 103 Early Hints\r\n\r\n"],
  ] as const
) {
  Deno.test(`${what} without end: the server cannot be used`, async () => {
    await using server = endless(head, unit);
    await assert.rejects(server.client.getJson("/version", { signal }), { status: 0 });
  });
}

Deno.test("a server that lists groups without number is not asked for each of them", async () => {
  const groups = Array.from({ length: 3_000 }, (_, at) => ({
    name: `g${at}`,
    versions: [{ version: "v1" }],
  }));
  let asked = 0;
  const listener = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    asked += 1;
    return Response.json(
      new URL(request.url).pathname === "/api"
        ? { kind: "APIVersions", versions: [] }
        : { kind: "APIGroupList", groups },
    );
  });
  const access = accessAt(`http://127.0.0.1:${listener.addr.port}`);
  const transport = createTransport(access, {
    userAgent: "test",
    logger: LOGGER,
    env: () => undefined,
  });
  const client = createClient(access, transport, { discoveryTimeoutMs: 60_000 });
  try {
    await assert.rejects(
      client.index({ signal }),
      /lists 3000 groups and versions, more than 2000/,
    );
    assert.equal(asked, 2);
  } finally {
    client.close();
    await listener.shutdown();
  }
});

Deno.test("an exec plugin that prints without end is stopped", async () => {
  const exec = {
    command: Deno.execPath(),
    args: ["eval", "for (;;) Deno.stdout.writeSync(new Uint8Array(65536).fill(97))"],
    apiVersion: "client.authentication.k8s.io/v1",
    env: [],
    provideClusterInfo: false,
  } as const;
  const access = accessAt("http://test", { credentials: { bearer: { kind: "exec", exec } } });
  await assert.rejects(createAuth(access).credentials(signal), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.match(error.message, /it printed more than 1 MiB/);
    return true;
  });
});

Deno.test("a token file that is too large is not read", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "token");
    await Deno.writeFile(path, new Uint8Array(17 * MIB).fill(97));
    const access = accessAt("http://test", { credentials: { bearer: { kind: "file", path } } });
    await assert.rejects(createAuth(access).credentials(signal), /it is larger than 16 MiB/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("collectBytes() holds chunks of one byte as it holds large ones", () => {
  const collected = collectBytes();
  for (let at = 0; at < 2_000_000; at++) collected.push(new Uint8Array([at & 255]));
  collected.push(new Uint8Array(10_000).fill(7));
  collected.push(new Uint8Array([1, 2]));
  assert.equal(collected.length, 2_010_002);
  const whole = collected.join();
  assert.equal(whole.length, 2_010_002);
  assert.ok(whole.subarray(0, 2_000_000).every((byte, at) => byte === (at & 255)));
  assert.deepEqual([...whole.subarray(-3)], [7, 1, 2]);
});
