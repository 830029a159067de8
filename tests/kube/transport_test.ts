import assert from "node:assert/strict";
import { ApiError, KubecodeError } from "../../lib/errors.ts";
import { createLogger } from "../../lib/log.ts";
import { createTransport, type TransportOptions } from "../../lib/kube/transport/transport.ts";
import type { ClusterAccess, HttpRequest } from "../../lib/kube/types.ts";
import { accessAt } from "../support/access.ts";
import { createAuthority, type TestAuthority } from "../support/certificates.ts";
import { createTestClock } from "../support/clock.ts";
import { startProxy } from "../support/proxy.ts";
import { jsonAnswer, startRawServer } from "../support/raw_server.ts";

const get = (path: string): HttpRequest => ({ method: "GET", path });
const never = new AbortController().signal;

function accessTo(port: number, changes?: Partial<ClusterAccess>): ClusterAccess {
  return accessAt(`https://127.0.0.1:${port}`, changes);
}

function transportTo(access: ClusterAccess, options: Partial<TransportOptions> = {}) {
  const transport = createTransport(access, {
    userAgent: "kubecode/0.0.0",
    logger: createLogger("silent"),
    env: () => undefined,
    ...options,
  });
  return { ...transport, [Symbol.dispose]: () => transport.close() };
}

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error = await promise.then(() => undefined, (error) => error);
  assert.ok(error instanceof ApiError, `an ApiError, not ${error}`);
  return error;
}

async function tlsServer(
  answer: Parameters<typeof startRawServer>[0] = () => jsonAnswer({ ok: true }),
  authority?: TestAuthority,
) {
  const ca = authority ?? await createAuthority();
  const server = startRawServer(answer, await ca.server());
  return { server, ca, tls: { ca: ca.cert, insecureSkipVerify: false } };
}

Deno.test("createTransport() uses one connection for requests that follow one another", async () => {
  const { server, tls } = await tlsServer();
  await using _ = server;
  using transport = transportTo(accessTo(server.port, { tls }));
  for (let i = 0; i < 20; i++) {
    assert.deepEqual(await (await transport.send(get(`/n/${i}`), never)).json(), { ok: true });
  }
  assert.equal(server.requests.length, 20);
  assert.equal(server.connections, 1);
});

Deno.test("createTransport() keeps the connection after answers to writes, too", async () => {
  const { server, tls } = await tlsServer();
  await using _ = server;
  using transport = transportTo(accessTo(server.port, { tls }));
  const body = new TextEncoder().encode('{"a":"ä"}');
  for (const method of ["POST", "PUT", "PATCH", "DELETE"] as const) {
    await (await transport.send({ method, path: "/x", body }, never)).body?.cancel();
    await (await transport.send({ method, path: "/x", body }, never)).text();
  }
  assert.deepEqual([...new Set(server.requests.map((r) => r.body.length))], [body.length]);
  assert.deepEqual(server.requests.filter((_, i) => i % 2).map((r) => r.method), [
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
  ]);
});

Deno.test("createTransport() runs requests side by side on connections of their own", async () => {
  const release = Promise.withResolvers<void>();
  const { server, tls } = await tlsServer(async () => {
    if (server.requests.length === 3) release.resolve();
    await release.promise;
    return jsonAnswer({});
  });
  await using _ = server;
  using transport = transportTo(accessTo(server.port, { tls }));
  await Promise.all(["/a", "/b", "/c"].map(async (path) => {
    await (await transport.send(get(path), never)).text();
  }));
  assert.equal(server.connections, 3);
});

Deno.test("createTransport() keeps the path of the server URL", async () => {
  const { server, tls } = await tlsServer();
  await using _ = server;
  using transport = transportTo(
    accessTo(server.port, { tls, server: `https://127.0.0.1:${server.port}/k8s/c/1` }),
  );
  await (await transport.send(get("/api/v1/pods?limit=5"), never)).text();
  assert.equal(server.requests[0]!.path, "/k8s/c/1/api/v1/pods?limit=5");
});

Deno.test("createTransport() sends impersonation as separate headers", async () => {
  const { server, tls } = await tlsServer();
  await using _ = server;
  using transport = transportTo(accessTo(server.port, {
    tls,
    impersonate: {
      user: "jane@example.com",
      uid: "u-1",
      groups: ["dev, ops", "system:masters"],
      extra: { "example.com/scöpe": ["a", "b"] },
    },
  }));
  await (await transport.send(get("/"), never)).text();
  const sent = server.requests[0]!.headers.filter(([name]) => name.startsWith("impersonate-"));
  assert.deepEqual(sent, [
    ["impersonate-user", "jane@example.com"],
    ["impersonate-uid", "u-1"],
    ["impersonate-group", "dev, ops"],
    ["impersonate-group", "system:masters"],
    ["impersonate-extra-example.com%2fsc%c3%b6pe", "a"],
    ["impersonate-extra-example.com%2fsc%c3%b6pe", "b"],
  ]);
});

Deno.test("createTransport() lets no request say who asks", async () => {
  const { server, tls } = await tlsServer();
  await using _ = server;
  using transport = transportTo(
    accessTo(server.port, { tls, credentials: { bearer: { kind: "token", token: "mine" } } }),
  );
  const headers = {
    "impersonate-user": "root",
    AUTHORIZATION: "Bearer other",
    "X-Remote-User": "r",
  };
  await (await transport.send({ ...get("/"), headers }, never)).text();
  const names = server.requests[0]!.headers.map(([name]) => name);
  assert.ok(!names.includes("impersonate-user") && !names.includes("x-remote-user"));
  assert.deepEqual(
    server.requests[0]!.headers.filter(([name]) => name === "authorization"),
    [["authorization", "Bearer mine"]],
  );
});

Deno.test("createTransport() presents the client certificate", async () => {
  const ca = await createAuthority();
  const { createServer } = await import("node:tls");
  const server = createServer({
    ...await ca.server(),
    ca: ca.cert,
    requestCert: true,
    rejectUnauthorized: true,
  }, (socket) => {
    const name = (socket.getPeerCertificate()?.subject as { CN?: string } | undefined)?.CN ??
      "none";
    socket.on("error", () => {});
    socket.once("data", () => socket.end(jsonAnswer({ name }, "200 OK", "Connection: close\r\n")));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as { port: number };
    const tls = { ca: ca.cert, insecureSkipVerify: false };
    using transport = transportTo(
      accessTo(port, { tls, credentials: { clientCertificate: await ca.client("admin") } }),
    );
    assert.equal((await transport.send(get("/"), never)).status, 200);
    using anonymous = transportTo(accessTo(port, { tls }));
    assert.equal((await failure(anonymous.send(get("/"), never))).status, 0);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

Deno.test("createTransport() says that a connection was refused, by whom, and what to try", async () => {
  const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = free.addr as Deno.NetAddr;
  free.close();
  using transport = transportTo(accessTo(port, { context: "prod" }));
  const error = await failure(transport.send(get("/"), never));
  assert.equal(
    error.message,
    `Cannot reach the API server "https://127.0.0.1:${port}" (context "prod"): connection refused`,
  );
  assert.equal(error.reason, "Unreachable");
  assert.match(error.hint ?? "", /kubectl --context prod version/);
});

Deno.test("createTransport() says that a name cannot be resolved", async () => {
  using transport = transportTo(accessTo(0, { server: "https://kubecode.invalid:6443" }));
  assert.match((await failure(transport.send(get("/"), never))).message, /name cannot be resolved/);
});

Deno.test("createTransport() trusts the kubeconfig's authority and no other", async () => {
  const { server } = await tlsServer();
  await using _ = server;
  const other = await createAuthority("other");
  for (
    const tls of [{ ca: other.cert, insecureSkipVerify: false }, { insecureSkipVerify: false }]
  ) {
    using transport = transportTo(accessTo(server.port, { tls }));
    const error = await failure(transport.send(get("/"), never));
    assert.equal(error.reason, "Tls");
    assert.match(error.message, /signed by an unknown authority/);
  }
  assert.equal(server.requests.length, 0);
});

Deno.test("createTransport() says when the server's certificate expired", async () => {
  const ca = await createAuthority();
  await using server = startRawServer(
    () => jsonAnswer({}),
    await ca.server({ notBefore: new Date("2020-01-01"), notAfter: new Date("2021-01-01") }),
  );
  const tls = { ca: ca.cert, insecureSkipVerify: false };
  using transport = transportTo(accessTo(server.port, { tls }));
  const error = await failure(transport.send(get("/"), never));
  assert.equal(error.reason, "Tls");
  assert.match(error.message, /its certificate expired on 2021-01-01T00:00:00Z/);
});

Deno.test("createTransport() says that the certificate is for another host", async () => {
  const ca = await createAuthority();
  const names = [{ type: "dns", value: "kube.example" }, {
    type: "ip",
    value: "10.9.8.7",
  }] as const;
  await using server = startRawServer(() => jsonAnswer({}), await ca.server({ names }));
  const tls = { ca: ca.cert, insecureSkipVerify: false };
  using transport = transportTo(accessTo(server.port, { tls }));
  const error = await failure(transport.send(get("/"), never));
  assert.equal(error.reason, "Tls");
  assert.match(error.message, /its certificate is not for 127\.0\.0\.1/);

  using renamed = transportTo(
    accessTo(server.port, { tls: { ...tls, serverName: "kube.example" } }),
  );
  assert.equal(await (await renamed.send(get("/"), never)).text(), "{}");
  using wrong = transportTo(accessTo(server.port, { tls: { ...tls, serverName: "no.example" } }));
  assert.match((await failure(wrong.send(get("/"), never))).message, /is not for no\.example/);
});

Deno.test("createTransport() verifies nothing with insecure-skip-tls-verify", async () => {
  const { server } = await tlsServer();
  await using _ = server;
  using transport = transportTo(accessTo(server.port, { tls: { insecureSkipVerify: true } }));
  assert.equal(await (await transport.send(get("/"), never)).text(), '{"ok":true}');
});

Deno.test("createTransport() names a server that speaks no TLS, and one that speaks no HTTP", async () => {
  await using plain = startRawServer(() => jsonAnswer({}));
  using secure = transportTo(accessTo(plain.port));
  const error = await failure(secure.send(get("/"), never));
  assert.match(error.message, /it does not speak TLS/);

  await using odd = startRawServer(() => "SSH-2.0-OpenSSH_9.6\r\n\r\n");
  using transport = transportTo(accessTo(0, { server: `http://127.0.0.1:${odd.port}` }));
  assert.match((await failure(transport.send(get("/"), never))).message, /does not speak HTTP/);
});

Deno.test("createTransport() gives up on a server that accepts and never answers", async () => {
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of silent) accepted.push(connection);
  })();
  try {
    const { port } = silent.addr as Deno.NetAddr;
    using tls = transportTo(accessTo(port), { connectTimeoutMs: 50 });
    const handshake = await failure(tls.send(get("/"), never));
    assert.equal(handshake.reason, "Timeout");
    assert.match(handshake.message, /no connection within 0\.05 s/);

    const access = accessTo(0, { server: `http://127.0.0.1:${port}` });
    using http = transportTo(access, { connectTimeoutMs: 50 });
    const answer = await failure(http.send(get("/"), never));
    assert.equal(answer.reason, "Timeout");
    assert.match(answer.message, /no answer within 0\.05 s/);
  } finally {
    silent.close();
    await accepting;
    for (const connection of accepted) connection.close();
  }
});

Deno.test("createTransport() gives a server that has answered the longer time", async () => {
  const clock = createTestClock();
  const { server, tls } = await tlsServer(async ({ path }) => {
    if (path === "/slow") {
      clock.advance(59_000);
      // Time for a timeout to reach the client, were there one.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return jsonAnswer({});
  });
  await using _ = server;
  using transport = transportTo(accessTo(server.port, { tls }), { clock });
  await (await transport.send(get("/"), never)).text();
  assert.equal(await (await transport.send(get("/slow"), never)).text(), "{}");
});

Deno.test("createTransport() throws the signal's reason as soon as it aborts", async () => {
  const { server, tls } = await tlsServer(() => "silence");
  await using _ = server;
  using transport = transportTo(accessTo(server.port, { tls }));
  const controller = new AbortController();
  const reason = new Error("enough");
  const sent = transport.send(get("/"), controller.signal);
  while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  controller.abort(reason);
  await assert.rejects(sent, (error) => error === reason);
  await assert.rejects(transport.send(get("/"), controller.signal), (error) => error === reason);
  await server.untilOpen(0);
});

Deno.test("createTransport() closes the connection of a body that is cancelled or aborted", async () => {
  const { server, tls } = await tlsServer(() =>
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
  );
  await using _ = server;
  using transport = transportTo(accessTo(server.port, { tls }));
  const cancelled = (await transport.send(get("/watch"), never)).body!.getReader();
  assert.equal(new TextDecoder().decode((await cancelled.read()).value), "abc");
  await cancelled.cancel();
  await server.untilOpen(0);

  const controller = new AbortController();
  const aborted = (await transport.send(get("/watch"), controller.signal)).body!.getReader();
  await aborted.read();
  const reason = new Error("enough");
  controller.abort(reason);
  await assert.rejects(aborted.read(), (error) => error === reason);
  await server.untilOpen(0);
});

Deno.test("createTransport() does not cut a body that is quiet for longer than the idle time", async () => {
  const { server, tls } = await tlsServer(() =>
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
  );
  await using _ = server;
  using transport = transportTo(accessTo(server.port, { tls }), { idleTimeoutMs: 50 });
  const reader = (await transport.send(get("/watch"), never)).body!.getReader();
  await reader.read();
  const quiet = await Promise.race([
    reader.read().then(() => "cut", () => "cut"),
    new Promise((resolve) => setTimeout(() => resolve("quiet"), 400)),
  ]);
  assert.equal(quiet, "quiet");
  await reader.cancel();
});

Deno.test("createTransport() closes a connection that nobody used for the idle time", async () => {
  const { server, tls } = await tlsServer();
  await using _ = server;
  using transport = transportTo(accessTo(server.port, { tls }), { idleTimeoutMs: 50 });
  await (await transport.send(get("/"), never)).text();
  await server.untilOpen(0);
  await (await transport.send(get("/"), never)).text();
  assert.equal(server.connections, 2);
});

Deno.test("createTransport() ends what is under way when it is closed, and sends no more", async () => {
  const { server, tls } = await tlsServer(() => "silence");
  await using _ = server;
  using transport = transportTo(accessTo(server.port, { tls }));
  const sent = failure(transport.send(get("/"), never));
  while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  transport.close();
  assert.equal((await sent).reason, "Unreachable");
  assert.equal((await failure(transport.send(get("/"), never))).reason, "Unreachable");
  await server.untilOpen(0);
});

Deno.test("createTransport() fails a body that ends before it is complete", async () => {
  const { server, tls } = await tlsServer(async (request) => {
    if (request.path === "/next") return "close";
    await Promise.resolve();
    return 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{"items":[';
  });
  await using _ = server;
  using transport = transportTo(accessTo(server.port, { tls }));
  const response = await transport.send(get("/"), never);
  const text = response.text();
  await server[Symbol.asyncDispose]();
  assert.match((await failure(text)).message, /the connection was closed before/);
});

Deno.test("createTransport() sends a GET again, once, on a kept connection found closed", async () => {
  let closeNext = false;
  const { server, tls } = await tlsServer(() => {
    if (!closeNext) return jsonAnswer({});
    closeNext = false;
    return "close";
  });
  await using _ = server;
  using transport = transportTo(accessTo(server.port, { tls }));
  await (await transport.send(get("/a"), never)).text();
  closeNext = true;
  assert.equal((await transport.send(get("/b"), never)).status, 200);
  assert.deepEqual(server.requests.map((r) => r.path), ["/a", "/b", "/b"]);
});

Deno.test("createTransport() never sends a write again", async () => {
  let closing = false;
  const { server, tls } = await tlsServer(() => closing ? "close" : jsonAnswer({}));
  await using _ = server;
  using transport = transportTo(accessTo(server.port, { tls }));
  await (await transport.send(get("/a"), never)).text();
  closing = true;
  const error = await failure(transport.send({ method: "POST", path: "/b" }, never));
  assert.equal(error.reason, "Unknown");
  assert.equal(server.requests.filter((r) => r.path === "/b").length, 1);
});

Deno.test("createTransport() does not send a GET again on a new connection that was closed", async () => {
  const { server, tls } = await tlsServer(() => "close");
  await using _ = server;
  using transport = transportTo(accessTo(server.port, { tls }));
  assert.match((await failure(transport.send(get("/"), never))).message, /closed before an answer/);
  assert.equal(server.requests.length, 1);
});

Deno.test("createTransport() asks again with a renewed token after 401, a write too", async () => {
  const { server, tls } = await tlsServer(({ headers }) =>
    headers.some(([, value]) => value === "Bearer new")
      ? jsonAnswer({})
      : jsonAnswer({}, "401 Unauthorized")
  );
  await using _ = server;
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, "old\n");
    using transport = transportTo(
      accessTo(server.port, { tls, credentials: { bearer: { kind: "file", path } } }),
    );
    assert.equal((await transport.send(get("/a"), never)).status, 401);
    assert.equal(server.requests.length, 1, "the same token is not worth asking again");
    await Deno.writeTextFile(path, "new\n");
    const body = new TextEncoder().encode("{}");
    const response = await transport.send({ method: "POST", path: "/b", body }, never);
    assert.equal(response.status, 200);
    await response.text();
    assert.ok(server.requests.slice(1).every((r) => r.body === "{}"));
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("createTransport() returns a 401 of credentials that cannot be renewed", async () => {
  const { server, tls } = await tlsServer(() => jsonAnswer({}, "401 Unauthorized"));
  await using _ = server;
  using transport = transportTo(
    accessTo(server.port, { tls, credentials: { bearer: { kind: "token", token: "t0p-s3cret" } } }),
  );
  assert.equal((await transport.send(get("/"), never)).status, 401);
  assert.equal(server.requests.length, 1);
});

Deno.test("createTransport() follows a redirect of a GET to the same path only, with or without a slash", async () => {
  await using elsewhere = startRawServer(() => jsonAnswer({}));
  const { server, tls } = await tlsServer(({ path }) => {
    const to = path === "/out" || path === "/write"
      ? `http://127.0.0.1:${elsewhere.port}/login?state=s3cret`
      : path === "/circle"
      ? "/circle"
      : "/there/";
    return path === "/there/"
      ? jsonAnswer({ there: true })
      : jsonAnswer({}, "302 Found", `Location: ${to}\r\n`);
  });
  await using _ = server;
  using transport = transportTo(
    accessTo(server.port, { tls, credentials: { bearer: { kind: "token", token: "t" } } }),
  );
  assert.deepEqual(await (await transport.send(get("/there"), never)).json(), { there: true });
  // The policy has decided about the path that was asked for, and about no other.
  assert.equal((await failure(transport.send(get("/proxy"), never))).reason, "Redirected");
  const out = await failure(transport.send(get("/out"), never));
  assert.equal(out.reason, "Redirected");
  assert.match(out.message, /redirects to "http:\/\/127\.0\.0\.1:\d+\/login"$/);
  assert.equal(elsewhere.connections, 0);
  await failure(transport.send(get("/circle"), never));
  await failure(transport.send({ method: "POST", path: "/write" }, never));
});

Deno.test("createTransport() asks for no compression on loopback and undoes it where it comes", async () => {
  const gzip = new Response("x".repeat(5000)).body!.pipeThrough(new CompressionStream("gzip"));
  const packed = new Uint8Array(await new Response(gzip).arrayBuffer());
  const head = new TextEncoder().encode(
    `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${packed.length}\r\n\r\n`,
  );
  const { server, tls } = await tlsServer(() => new Uint8Array([...head, ...packed]));
  await using _ = server;
  using transport = transportTo(accessTo(server.port, { tls }));
  const response = await transport.send(get("/"), never);
  assert.equal(await response.text(), "x".repeat(5000));
  assert.equal(response.headers.get("content-encoding"), null);
  const headers = new Map(server.requests[0]!.headers);
  assert.equal(headers.get("accept-encoding"), "identity");
  assert.equal(headers.get("user-agent"), "kubecode/0.0.0");
});

Deno.test("createTransport() holds a large body back while nobody reads it", async () => {
  const size = 64 * 1024 * 1024;
  await using server = startRawServer(() => {
    const head = new TextEncoder().encode(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
    const bytes = new Uint8Array(head.length + size);
    bytes.set(head);
    return bytes;
  });
  using transport = transportTo(accessTo(0, { server: `http://127.0.0.1:${server.port}` }));
  const response = await transport.send(get("/"), never);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.ok(server.written < size / 2, `${server.written} bytes were taken`);
  let bytes = 0;
  for await (const chunk of response.body!) bytes += chunk.length;
  assert.equal(bytes, size);
});

Deno.test("createTransport() says nothing of credentials in its errors", async () => {
  const { server } = await tlsServer();
  await using _ = server;
  const secrets = ["t0p-s3cret-token", "proxy-pa55"];
  using transport = transportTo(
    accessTo(server.port, { credentials: { bearer: { kind: "token", token: secrets[0]! } } }),
  );
  using proxied = transportTo(
    accessTo(server.port, { proxyUrl: `http://user:${secrets[1]}@127.0.0.1:${server.port}` }),
  );
  for (const broken of [transport, proxied]) {
    const error: KubecodeError = await failure(broken.send(get("/"), never));
    const shown = `${error.message} ${error.hint}`;
    assert.ok(!secrets.some((secret) => shown.includes(secret)), shown);
  }
});

for (const scheme of ["http", "socks5"] as const) {
  Deno.test(`createTransport() goes through a ${scheme} proxy, on one kept connection`, async () => {
    const { server, tls } = await tlsServer();
    await using _ = server;
    await using proxy = startProxy({ user: "u", password: "p:w" });
    using transport = transportTo(accessTo(server.port, {
      tls,
      proxyUrl: `${scheme}://u:p%3Aw@127.0.0.1:${proxy.port}`,
    }));
    for (let i = 0; i < 3; i++) await (await transport.send(get("/"), never)).text();
    assert.deepEqual(proxy.targets, [`127.0.0.1:${server.port}`]);
    assert.equal(server.connections, 1);
    assert.ok(
      server.requests.every((r) => r.headers.every(([name]) => !name.startsWith("proxy-"))),
    );

    using refused = transportTo(
      accessTo(server.port, { tls, proxyUrl: `${scheme}://u:wrong@127.0.0.1:${proxy.port}` }),
    );
    const error = await failure(refused.send(get("/"), never));
    assert.match(error.message, /the proxy ".*" .*user name and password/);
    assert.ok(!error.message.includes("wrong"));
  });

  Deno.test(`createTransport() verifies the API server behind a ${scheme} proxy`, async () => {
    const { server } = await tlsServer();
    await using _ = server;
    await using proxy = startProxy();
    const other = await createAuthority("other");
    using transport = transportTo(accessTo(server.port, {
      tls: { ca: other.cert, insecureSkipVerify: false },
      proxyUrl: `${scheme}://127.0.0.1:${proxy.port}`,
    }));
    const error = await failure(transport.send(get("/"), never));
    assert.equal(error.reason, "Tls");
    assert.match(error.message, /unknown authority/);
    assert.equal(server.requests.length, 0);
  });
}

Deno.test("createTransport() sends whole URLs to a proxy for a server without TLS", async () => {
  await using proxy = startRawServer(() => jsonAnswer({}));
  using transport = transportTo(accessTo(0, { server: "http://kube.invalid:8080" }), {
    env: (name) => name === "HTTP_PROXY" ? `http://u:p@127.0.0.1:${proxy.port}` : undefined,
  });
  await (await transport.send(get("/api?x=1"), never)).text();
  assert.equal(proxy.requests[0]!.path, "http://kube.invalid:8080/api?x=1");
  const headers = new Map(proxy.requests[0]!.headers);
  assert.equal(headers.get("host"), "kube.invalid:8080");
  assert.equal(headers.get("proxy-authorization"), `Basic ${btoa("u:p")}`);
});

Deno.test("createTransport() says that the proxy, not the server, cannot be reached", async () => {
  const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = free.addr as Deno.NetAddr;
  free.close();
  using transport = transportTo(accessTo(1, { proxyUrl: `http://127.0.0.1:${port}` }));
  const error = await failure(transport.send(get("/"), never));
  assert.match(error.message, /the proxy "http:\/\/127\.0\.0\.1:\d+" cannot be reached/);
  assert.match(error.hint ?? "", /proxy-url/);
});

Deno.test("createTransport() gives a SOCKS proxy an IPv6 address as an address", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = (listener.addr as Deno.NetAddr).port;
  const asked = (async () => {
    using client = await listener.accept();
    const buffer = new Uint8Array(64);
    await client.read(buffer);
    await client.write(new Uint8Array([5, 0]));
    const request = buffer.slice(0, await client.read(buffer) ?? 0);
    await client.write(new Uint8Array([5, 4, 0, 1, 0, 0, 0, 0, 0, 0]));
    return [...request];
  })();
  using transport = transportTo(
    accessTo(0, {
      server: "https://[fd12::ffff:10.1.2.3]:6443",
      proxyUrl: `socks5://127.0.0.1:${port}`,
    }),
  );
  const error = await failure(transport.send(get("/"), never));
  assert.match(error.message, /host unreachable/);
  const address = [0xfd, 0x12, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 2, 3];
  assert.deepEqual(await asked, [5, 1, 0, 4, ...address, 6443 >> 8, 6443 & 255]);
});

Deno.test("createTransport() verifies an address that tls-server-name gives", async () => {
  const ca = await createAuthority();
  const own = await ca.server({ names: [{ type: "ip", value: "10.0.0.1" }] });
  await using server = startRawServer(() => jsonAnswer({ ok: true }), own);
  const tls = { ca: ca.cert, insecureSkipVerify: false };
  using right = transportTo(accessTo(server.port, { tls: { ...tls, serverName: "10.0.0.1" } }));
  assert.deepEqual(await (await right.send(get("/"), never)).json(), { ok: true });
  for (const serverName of ["10.0.0.2", undefined]) {
    using wrong = transportTo(accessTo(server.port, { tls: { ...tls, serverName } }));
    const { message } = await failure(wrong.send(get("/"), never));
    assert.match(message, /its certificate is not for (?:10\.0\.0\.2|127\.0\.0\.1)$/);
  }
  assert.equal(server.requests.length, 1);
});

Deno.test("createTransport() reaches a server without TLS through a socks5 proxy", async () => {
  await using server = startRawServer(() => jsonAnswer({ ok: true }));
  await using proxy = startProxy();
  using transport = transportTo(accessTo(0, {
    server: `http://127.0.0.1:${server.port}`,
    proxyUrl: `socks5://127.0.0.1:${proxy.port}`,
  }));
  for (let i = 0; i < 2; i++) {
    assert.deepEqual(await (await transport.send(get("/api"), never)).json(), { ok: true });
  }
  assert.deepEqual(server.requests.map(({ path }) => path), ["/api", "/api"]);
  assert.deepEqual(proxy.targets, [`127.0.0.1:${server.port}`]);
});

Deno.test("createTransport() takes the server's own certificate in place of its authority's, as kubectl does", async () => {
  const authority = await createAuthority();
  const [own, other] = [await authority.server(), await authority.server()];
  await using server = startRawServer(() => jsonAnswer({ ok: true }), own);
  const reached = async (ca: string, serverName?: string) => {
    const tls = { ca, serverName, insecureSkipVerify: false };
    using transport = transportTo(accessTo(server.port, { tls }));
    return await (await transport.send(get("/"), never)).json();
  };
  assert.deepEqual(await reached(own.cert), { ok: true });
  assert.deepEqual(await reached(`${other.cert}\n${own.cert}`), { ok: true });
  assert.equal(server.requests.length, 2);
  const refused = async (ca: string, serverName?: string) =>
    (await failure(reached(ca, serverName))).message;
  assert.match(await refused(other.cert), /signed by an unknown authority$/);
  assert.match(
    await refused(own.cert, "other.example"),
    /its certificate is not for other.example$/,
  );
  assert.equal(server.requests.length, 2);
});

Deno.test("createTransport() does not take the server's own certificate once it has expired", async () => {
  const ended = { notAfter: new Date(Date.now() - 1000) };
  const own = await (await createAuthority()).server(ended);
  await using server = startRawServer(() => jsonAnswer({ ok: true }), own);
  const tls = { ca: own.cert, insecureSkipVerify: false };
  using transport = transportTo(accessTo(server.port, { tls }));
  assert.match((await failure(transport.send(get("/"), never))).message, /certificate expired on/);
  assert.equal(server.requests.length, 0);
});
