/** Clients that send too much, too slowly, or go in the middle; and what the server listens on. */
import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { connect } from "node:tls";
import { join } from "node:path";
import { BODY_LIMIT_BYTES } from "../../lib/http/body.ts";
import { listen } from "../../lib/http/listen.ts";
import type { TlsFiles } from "../../lib/http/tls_files.ts";
import { createLogger } from "../../lib/log.ts";
import { createAuthority, type TestCertificate } from "../support/certificates.ts";
import { startFront } from "./front.ts";
import { modern, sendRaw } from "./served.ts";

const LIST = modern("tools/list");
const HEAD = `POST /mcp HTTP/1.1\r\nHost: localhost\r\n${
  Object.entries(LIST.headers).map(([name, value]) => `${name}: ${value}\r\n`).join("")
}`;

async function isWell(url: URL): Promise<void> {
  const response = await fetch(url, LIST);
  assert.equal(response.status, 200);
  await response.body?.cancel();
}

Deno.test("a body that says it is too large is refused before a byte of it is read", async () => {
  await using front = await startFront({
    identity: { routes: [], authenticate: () => Promise.reject(new Error("not to be asked")) },
  });
  const answer = await sendRaw(front.url, `${HEAD}Content-Length: ${100 * 2 ** 20}\r\n\r\n{`);
  assert.match(answer, /^HTTP\/1\.1 413 /);
  assert.match(answer, new RegExp(String(BODY_LIMIT_BYTES)));
});

Deno.test("100 MB that do not say so are refused once they are too many, and not kept", async () => {
  await using front = await startFront();
  const before = Deno.memoryUsage().rss;
  let sent = 0;
  let most = 0;
  const chunk = new Uint8Array(256 * 1024).fill(0x20);
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      most = Math.max(most, Deno.memoryUsage().rss);
      if (sent >= 100 * 2 ** 20) return controller.close();
      sent += chunk.length;
      controller.enqueue(chunk);
    },
  });
  const answer = await fetch(front.url, { ...LIST, body })
    .then(async (response) => {
      await response.body?.cancel();
      return response.status;
    }, () => "cut");
  assert.ok(answer === 413 || answer === "cut", String(answer));
  assert.ok(sent < 100 * 2 ** 20, `all ${sent} bytes were taken`);
  assert.ok(most - before < 96 * 2 ** 20, `${(most - before) / 2 ** 20} MiB`);
  await isWell(front.url);
});

Deno.test("heads and bodies that do not come in time end their connection alone", async () => {
  await using front = await startFront({ patience: { headMs: 300, requestMs: 600 } });
  const [head, body, nothing] = await Promise.all([
    sendRaw(front.url, HEAD.slice(0, 40), 10_000),
    sendRaw(front.url, `${HEAD}Content-Length: 100\r\n\r\n{`, 10_000),
    sendRaw(front.url, "", 10_000),
    isWell(front.url),
  ]);
  assert.match(head, /^HTTP\/1\.1 408 /);
  assert.match(body, /^HTTP\/1\.1 4\d\d /);
  assert.ok(nothing === "" || nothing.startsWith("HTTP/1.1 408 "), nothing);
});

Deno.test("what is no HTTP is answered by 400, and closed", async () => {
  await using front = await startFront();
  for (
    const text of [
      "\0\0\0\0\r\n\r\n",
      "GET\r\n\r\n",
      "\x16\x03\x01\x02\x00",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ]
  ) {
    const answer = await sendRaw(front.url, text, 2000);
    assert.ok(answer === "" || /^HTTP\/1\.1 4\d\d /.test(answer), JSON.stringify(answer));
  }
  await isWell(front.url);
});

Deno.test("a body of two lengths is refused: it may be read as two requests on the way", async () => {
  await using front = await startFront();
  const smuggled =
    `${HEAD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n`;
  const answer = await sendRaw(front.url, smuggled, 1500);
  assert.doesNotMatch(answer, /HTTP\/1\.1 200[^]*HTTP\/1\.1/);
  const twice = `${HEAD}Content-Length: 4\r\nContent-Length: 5\r\n\r\n{}{}`;
  assert.match(await sendRaw(front.url, twice, 1500), /^HTTP\/1\.1 4\d\d |^$/);
  await isWell(front.url);
});

Deno.test("a body that nobody wants does not hold up the next request of its connection", async () => {
  await using front = await startFront();
  const unwanted = "x".repeat(300_000);
  const first =
    `PUT /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${unwanted.length}\r\n\r\n`;
  const second = "GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  const answer = await sendRaw(front.url, first + unwanted + second, 3000);
  assert.deepEqual(answer.match(/HTTP\/1\.1 \d+/g), ["HTTP/1.1 405", "HTTP/1.1 404"]);
});

Deno.test("clients that go in the middle of a body or of an answer leave nothing behind", async () => {
  let begun = 0;
  let ended = 0;
  await using front = await startFront({
    watchers: [{
      begin() {
        begun += 1;
        return { end: () => void (ended += 1) };
      },
    }],
  });
  const slow = modern("tools/call", {
    name: "test_tool_with_progress",
    _meta: { progressToken: "t" },
  });
  await Promise.all(Array.from({ length: 30 }, async (_, index) => {
    if (index % 2 === 0) {
      using connection = await Deno.connect({ port: Number(front.url.port) });
      await connection.write(
        new TextEncoder().encode(`${HEAD}Content-Length: 1000\r\n\r\n{"jsonrpc":`),
      );
      await new Promise((resolve) => setTimeout(resolve, 20));
    } else {
      const gone = new AbortController();
      const response = await fetch(front.url, { ...slow, signal: gone.signal });
      gone.abort();
      await response.body?.cancel().catch(() => {});
    }
  }));
  for (let tries = 0; tries < 100 && ended < begun; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal(begun, 30);
  assert.equal(ended, 30);
  await isWell(front.url);
});

Deno.test("an answer is made no faster than it is read", async () => {
  let made = 0;
  const chunk = new Uint8Array(64 * 1024);
  await using front = await startFront({
    routes: [{
      path: "/endless",
      methods: ["GET"],
      answer: () =>
        new Response(
          new ReadableStream({
            pull(controller) {
              made += chunk.length;
              controller.enqueue(chunk);
            },
          }),
        ),
    }],
  });
  using connection = await Deno.connect({ port: Number(front.url.port) });
  await connection.write(
    new TextEncoder().encode("GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n"),
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  const early = made;
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(made, early);
  assert.ok(made < 32 * 2 ** 20, `${made} bytes`);
});

Deno.test({
  name: "a Unix socket is its owner's alone; a stale one is replaced, a used one is not",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir();
    const socket = join(folder, "s");
    try {
      {
        await using _ = await startFront({ socket });
        assert.equal((await Deno.stat(socket)).mode! & 0o777, 0o600);
        using connection = await Deno.connect({ transport: "unix", path: socket });
        await connection.write(
          new TextEncoder().encode("GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        );
        const buffer = new Uint8Array(100);
        const length = await connection.read(buffer) ?? 0;
        assert.match(new TextDecoder().decode(buffer.subarray(0, length)), /^HTTP\/1\.1 404 /);
        await assert.rejects(startFront({ socket }), /another program listens there/);
      }
      await assert.rejects(Deno.stat(socket), Deno.errors.NotFound);
      // Left behind by a process that was killed.
      await new Deno.Command(Deno.execPath(), {
        args: [
          "eval",
          `Deno.listen({transport: "unix", path: ${
            JSON.stringify(socket)
          }}); Deno.kill(Deno.pid, "SIGKILL");`,
        ],
      }).output();
      assert.ok((await Deno.stat(socket)).isSocket);
      {
        await using _ = await startFront({ socket });
      }
      await Deno.writeTextFile(socket, "precious");
      await assert.rejects(startFront({ socket }), /something else than a socket/);
      assert.equal(await Deno.readTextFile(socket), "precious");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("a port in use and an address of nobody are told apart from faults", async () => {
  await using front = await startFront();
  const logger = createLogger("silent");
  const answer = () => Promise.resolve(new Response());
  const port = Number(front.url.port);
  await assert.rejects(
    listen({ host: "127.0.0.1", port }, answer, logger),
    /Cannot listen on 127\.0\.0\.1:\d+: another program listens there/,
  );
  await assert.rejects(
    listen({ host: "203.0.113.1", port: 0 }, answer, logger),
    /Cannot listen on 203\.0\.113\.1:0/,
  );
});

/** Files of a certificate and its key. */
async function write(folder: string, { cert, key }: TestCertificate) {
  const files = { cert: join(folder, "tls.crt"), key: join(folder, "tls.key") };
  await Deno.writeTextFile(files.cert, cert);
  await Deno.writeTextFile(files.key, key);
  return files;
}

Deno.test("a new certificate is taken for new connections, and those that are open go on", async () => {
  const folder = await Deno.makeTempDir();
  const [first, second] = [await createAuthority("first"), await createAuthority("second")];
  try {
    const files = await write(folder, await first.server());
    await using front = await startFront({ files });
    const clientOf = (ca: string) => Deno.createHttpClient({ caCerts: [ca] });
    using old = clientOf(first.cert);
    using renewed = clientOf(second.cert);
    const status = async (client: Deno.HttpClient) => {
      const response = await fetch(front.url, { ...LIST, client });
      await response.body?.cancel();
      return response.status;
    };
    assert.equal(await status(old), 200);
    // A stream that is open while the certificate changes.
    const slow = modern("tools/call", {
      name: "test_tool_with_progress",
      _meta: { progressToken: "t" },
    });
    const streaming = fetch(front.url, { ...slow, client: old });
    // Its key is still that of the first: not taken.
    const other = await second.server();
    await Deno.writeTextFile(files.cert, other.cert);
    await assert.rejects(front.listener.reload(), /key is that of another certificate/);
    assert.equal(await status(old), 200);
    await Deno.writeTextFile(files.key, other.key);
    await front.listener.reload();
    assert.match(await (await streaming).text(), /"progress":100/);
    assert.equal(await status(renewed), 200);
    using anew = clientOf(first.cert);
    await assert.rejects(status(anew));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a client's certificate is shown where its authority is known, and only then", async () => {
  const folder = await Deno.makeTempDir();
  const [server, clients, others] = [
    await createAuthority("server"),
    await createAuthority("clients"),
    await createAuthority("others"),
  ];
  try {
    const files = await write(folder, await server.server());
    const clientCa = join(folder, "ca.crt");
    await Deno.writeTextFile(clientCa, clients.cert);
    const seen: (number | undefined)[] = [];
    await using front = await startFront({
      files: { ...files, clientCa },
      routes: [{
        path: "/who",
        methods: ["GET"],
        answer: (_, { peer }) => {
          seen.push(peer.certificate?.length);
          return new Response();
        },
      }],
    });
    const ask = (own: Partial<TestCertificate>) =>
      new Promise<void>((resolve, reject) => {
        const socket = connect(
          { port: Number(front.url.port), host: "127.0.0.1", ca: server.cert, ...own },
          () => socket.write("GET /who HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
        );
        socket.on("data", () => {});
        socket.on("error", reject);
        socket.on("close", () => resolve());
      });
    await ask({});
    await ask(await clients.client("ann"));
    await ask(await others.client("ann"));
    assert.equal(seen.length, 3);
    assert.deepEqual([seen[0], seen[2]], [undefined, undefined]);
    assert.ok(seen[1]! > 100);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("files that are no certificate are refused by name", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const refuses = (files: TlsFiles, message: RegExp) =>
      assert.rejects(startFront({ files }), message);
    const { cert, key } = await createAuthority();
    const none = await write(folder, { cert: "no", key: "no" });
    await refuses(none, /the TLS certificate ".*tls\.crt": there is no certificate in PEM$/);
    await refuses({ ...none, cert: "/nowhere" }, /TLS certificate "\/nowhere": no such file$/);
    const good = await write(folder, { cert, key });
    await refuses({ ...good, key: "/nowhere" }, /the TLS key "\/nowhere": no such file$/);
    await refuses({ ...good, key: good.cert }, /the TLS key ".*": there is no private key in PEM$/);
    const other = `${folder}/other.key`;
    await Deno.writeTextFile(other, (await createAuthority()).key);
    await refuses({ ...good, key: other }, /the key is that of another certificate$/);
    const locked = createPrivateKey(key)
      .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" });
    await Deno.writeTextFile(other, String(locked));
    await refuses({ ...good, key: other }, /the TLS key ".*": it has a passphrase/);
    await refuses({ ...good, clientCa: good.key }, /authorities of clients ".*": there is no cert/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
