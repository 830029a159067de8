/** Many connections, many requests on one, and targets that are read in several ways. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { slow, until, VARIANTS } from "../e2e/program.ts";
import { createAuthority } from "../support/certificates.ts";
import { needs } from "../support/needs.ts";
import { startFront } from "./front.ts";
import { modern, sendRaw, startHttp } from "./served.ts";

const LIST = modern("tools/list");
const BODY = String(LIST.body);
const HEADERS = Object.entries(LIST.headers).map(([name, value]) => `${name}: ${value}\r\n`).join(
  "",
);

function wire(target: string, host = "localhost"): string {
  return `POST ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${HEADERS}Content-Length: ${BODY.length}\r\n\r\n${BODY}`;
}

async function isWell(url: URL): Promise<void> {
  assert.match(await sendRaw(url, wire("/mcp")), /^HTTP\/1\.1 200 /);
}

Deno.test("connections on which nothing is asked make room for others", async () => {
  await using front = await startFront({ connectionLimit: 20 });
  const { hostname, port } = front.url;
  const open: Deno.Conn[] = [];
  try {
    for (let n = 0; n < 100; n++) {
      open.push(await Deno.connect({ hostname, port: Number(port) }));
    }
    await isWell(front.url);
    // The earliest have been closed, the latest have not.
    assert.equal(await open[0]!.read(new Uint8Array(1)).catch(() => null), null);
    const last = open.at(-1)!;
    await last.write(new TextEncoder().encode(wire("/mcp")));
    const read = new Uint8Array(12);
    await last.read(read);
    assert.equal(new TextDecoder().decode(read), "HTTP/1.1 200");
  } finally {
    for (const one of open) one.close();
  }
});

Deno.test("a connection whose request is being answered is not closed for others", async () => {
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  let asked = false;
  await using front = await startFront({
    connectionLimit: 10,
    routes: [{
      path: "/slow",
      methods: ["POST"],
      async answer() {
        asked = true;
        await answered;
        return new Response("done");
      },
    }],
  });
  const slow = sendRaw(front.url, wire("/slow"), 20_000);
  await until(() => asked);
  const { hostname, port } = front.url;
  const open = await Promise.all(
    Array.from({ length: 60 }, () => Deno.connect({ hostname, port: Number(port) })),
  );
  await isWell(front.url);
  answer();
  assert.match(await slow, /^HTTP\/1\.1 200 [^]*done/);
  for (const one of open) one.close();
});

Deno.test("requests sent ahead on one connection are not taken without end", async () => {
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  let asked = 0;
  await using front = await startFront({
    routes: [{
      path: "/slow",
      methods: ["GET"],
      async answer() {
        asked += 1;
        await answered;
        return new Response("done");
      },
    }],
  });
  const one = "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n";
  assert.equal(await sendRaw(front.url, one.repeat(200), 5000), "");
  assert.ok(asked <= 32, `${asked} were taken`);
  answer();
  // A few are: each answer makes room for another request.
  const few = await sendRaw(front.url, one.repeat(20), 1000);
  assert.equal(few.match(/done/g)?.length, 20);
});

Deno.test("answers that nobody reads do not pile up", async () => {
  await using front = await startFront();
  const before = Deno.memoryUsage().rss;
  const requests = new TextEncoder().encode(
    "GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100),
  );
  const { hostname, port } = front.url;
  using connection = await Deno.connect({ hostname, port: Number(port) });
  let sent = 0;
  const sending = (async () => {
    while (sent < 40_000) {
      await connection.write(requests);
      sent += 100;
    }
  })().catch(() => {});
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise((resolve) => timer = setTimeout(resolve, 4000));
  await Promise.race([sending, patience]).finally(() => clearTimeout(timer));
  const grown = (Deno.memoryUsage().rss - before) / 2 ** 20;
  assert.ok(grown < 64, `${grown} MiB after ${sent} requests`);
  await isWell(front.url);
});

/** Asks on one connection again and again; how many answers came before it ended, or the time was over. */
async function askOn(url: URL, forMs: number): Promise<{ answers: number; hasEnded: boolean }> {
  using connection = await Deno.connect({ hostname: url.hostname, port: Number(url.port) });
  const request = new TextEncoder().encode("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const chunk = new Uint8Array(4_096);
  const until = performance.now() + forMs;
  let answers = 0;
  while (performance.now() < until) {
    try {
      await connection.write(request);
      if (await connection.read(chunk) === null) return { answers, hasEnded: true };
    } catch {
      return { answers, hasEnded: true };
    }
    answers += 1;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { answers, hasEnded: false };
}

Deno.test("a connection that is used stays, however long after its first request", async () => {
  await using front = await startFront({ patience: { headMs: 200, requestMs: 300 } });
  const { answers, hasEnded } = await askOn(front.url, 2_000);
  assert.ok(!hasEnded, `it has ended after ${answers} answers`);
  assert.ok(answers > 5, `${answers} answers`);
});

for (const variant of VARIANTS) {
  if (variant.name === "source") continue;
  // The runtime of a binary may be another one, with time-outs of its own: every half minute, of old.
  const name = `http, ${variant.name}: a connection that is used stays longer than half a minute`;
  Deno.test(needs(slow(variant), name), async () => {
    await using served = await startHttp(variant);
    const { answers, hasEnded } = await askOn(served.url, 33_000);
    assert.ok(!hasEnded, `it has ended after ${answers} answers`);
  });
}

Deno.test("a TLS handshake that does not come ends its connection", async () => {
  const folder = await Deno.makeTempDir();
  const { cert, key } = await (await createAuthority()).server();
  const files = { cert: join(folder, "tls.crt"), key: join(folder, "tls.key") };
  await Deno.writeTextFile(files.cert, cert);
  await Deno.writeTextFile(files.key, key);
  await using front = await startFront({ files, patience: { headMs: 300, requestMs: 600 } });
  const started = performance.now();
  assert.equal(await sendRaw(front.url, "", 10_000), "");
  assert.ok(performance.now() - started < 5000);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a target is a path as it is written, and a Host a name", async () => {
  await using front = await startFront();
  const status = async (target: string, host?: string) =>
    Number(/^HTTP\/1\.1 (\d+)/.exec(await sendRaw(front.url, wire(target, host)))?.[1]);
  for (const target of ["/mcp", "/mcp?x=/../y", "http://localhost/mcp"]) {
    assert.equal(await status(target), 200, target);
  }
  for (
    const target of [
      "//evil.example/mcp",
      "//localhost/mcp",
      "/\\evil.example/mcp",
      "/./mcp",
      "/x/../mcp",
      "/x/%2e%2e/mcp",
      "http://evil.example/mcp",
      "http://user@localhost/mcp",
      "ws://localhost/mcp",
      "file:///mcp",
      "/mcp#x",
      "*",
    ]
  ) {
    assert.equal(await status(target), 400, target);
  }
  for (
    const host of [
      "user@localhost",
      "localhost/x",
      "localhost#x",
      "localhost?x",
      "localhost\\x",
      "%6cocalhost",
      "localhost, evil.example",
    ]
  ) {
    assert.equal(await status("/mcp", host), 400, host);
  }
  assert.equal(await status("/mcp/"), 404);
  assert.equal(await status("/%6dcp"), 404);
});

Deno.test("one caller's bodies do not fill the memory, and leave room for others'", async () => {
  await using front = await startFront({
    identity: {
      routes: [],
      authenticate: ({ headers }) => {
        const user = headers.get("authorization") ?? "";
        return Promise.resolve({ caller: { id: user, user, groups: [], how: "token" as const } });
      },
    },
  });
  const size = 16 * 2 ** 20 - 1024;
  const { hostname, port } = front.url;
  const head = new TextEncoder().encode(
    `POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: ann\r\n${HEADERS}Content-Length: ${size}\r\n\r\n`,
  );
  const most = new Uint8Array(size - 1).fill(0x20);
  const open: Deno.Conn[] = [];
  const send = async (bytes: readonly Uint8Array[]) => {
    const connection = await Deno.connect({ hostname, port: Number(port) });
    open.push(connection);
    for (const part of bytes) {
      for (let at = 0; at < part.length;) at += await connection.write(part.subarray(at));
    }
    return connection;
  };
  const answerOf = async (connection: Deno.Conn) => {
    const buffer = new Uint8Array(4096);
    const length = await connection.read(buffer).catch(() => null);
    return new TextDecoder().decode(buffer.subarray(0, length ?? 0));
  };
  try {
    for (let n = 0; n < 4; n++) await send([head, most]);
    const refused = await send([head, most.subarray(0, 1024 * 1024)]).then(answerOf);
    assert.match(refused, /^HTTP\/1\.1 503 [^]*retry-after: 1/i);
    const other = await fetch(front.url, {
      ...LIST,
      headers: { ...LIST.headers, authorization: "bob" },
    });
    assert.equal(other.status, 200);
    await other.body?.cancel();
  } finally {
    for (const one of open) one.close();
  }
  // What is over counts no more.
  let status = 0;
  for (let tries = 0; status !== 200 && tries < 100; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const headers = { ...LIST.headers, authorization: "ann" };
    const again = await fetch(front.url, { ...LIST, headers });
    await again.body?.cancel();
    status = again.status;
  }
  assert.equal(status, 200);
});

Deno.test("a client that wants its connection closed gets it closed, in a session too", async () => {
  await using front = await startFront();
  const body = JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: {
      protocolVersion: "2025-06-18",
      capabilities: { elicitation: {} },
      clientInfo: { name: "test", version: "0" },
    },
  });
  const started = performance.now();
  const answer = await sendRaw(
    front.url,
    "POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n" +
      `Accept: application/json, text/event-stream\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    10_000,
  );
  assert.match(answer, /mcp-session-id: /i);
  assert.ok(performance.now() - started < 5000);
});

Deno.test("over TLS too a connection whose request is being answered stays", async () => {
  const folder = await Deno.makeTempDir();
  const authority = await createAuthority();
  const { cert, key } = await authority.server();
  const files = { cert: join(folder, "tls.crt"), key: join(folder, "tls.key") };
  await Deno.writeTextFile(files.cert, cert);
  await Deno.writeTextFile(files.key, key);
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  let asked = false;
  await using front = await startFront({
    files,
    connectionLimit: 10,
    routes: [{
      path: "/slow",
      methods: ["GET"],
      async answer() {
        asked = true;
        await answered;
        return new Response("done");
      },
    }],
  });
  const { hostname, port } = front.url;
  using client = Deno.createHttpClient({ caCerts: [authority.cert] });
  const slow = fetch(`https://localhost:${port}/slow`, { client }).then((response) =>
    response.text()
  );
  slow.catch(() => {});
  await until(() => asked);
  const open = await Promise.all(
    Array.from({ length: 60 }, () => Deno.connect({ hostname, port: Number(port) })),
  );
  // The first of them has been closed by now.
  assert.equal(await open[0]!.read(new Uint8Array(1)).catch(() => null), null);
  answer();
  assert.equal(await slow, "done");
  for (const one of open) one.close();
  await Deno.remove(folder, { recursive: true });
});
