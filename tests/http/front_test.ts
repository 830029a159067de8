/** What is refused at the door, whoever asks. */
import assert from "node:assert/strict";
import type { Caller } from "../../lib/identity/caller.ts";
import type { Identity } from "../../lib/identity/types.ts";
import { startFront } from "./front.ts";
import { modern, sendRaw } from "./served.ts";

const LIST = modern("tools/list");
const BODY = String(LIST.body);

/** A whole request as it goes over the wire. */
function wire(headers: Record<string, string>, body = BODY, start = "POST /mcp HTTP/1.1"): string {
  const all: Record<string, string> = {
    ...LIST.headers,
    connection: "close",
    "content-length": String(new TextEncoder().encode(body).length),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `${start}\r\n${lines.join("\r\n")}\r\n\r\n${body}`;
}

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);

Deno.test("the Host must be local, an address or listed: a name may have been pointed here", async () => {
  await using front = await startFront({
    origins: { hosts: ["kubecode.tools.svc"], pages: [], isLocal: false },
  });
  const status = async (host: string) => statusOf(await sendRaw(front.url, wire({ host })));
  for (const host of ["localhost", "localhost:1", "127.0.0.1:80", "[::1]:8080", "10.1.2.3:8080"]) {
    assert.equal(await status(host), 200, host);
  }
  assert.equal(await status("kubecode.tools.svc:8080"), 200);
  assert.equal(await status("KUBECODE.tools.svc"), 200);
  for (
    const host of [
      "evil.example",
      "kubecode.tools.svc.evil.example",
      "localhost.evil.example",
      "a b",
      "",
    ]
  ) {
    assert.ok([400, 403].includes(await status(host)), host);
  }
});

Deno.test("forwarding headers count for nothing", async () => {
  const seen: string[] = [];
  await using front = await startFront({
    identity: {
      routes: [],
      authenticate: (_, { address }) => {
        seen.push(address);
        return Promise.resolve({ refused: { status: 401, challenge: "Bearer", message: "who?" } });
      },
    },
  });
  const forged = {
    "x-forwarded-for": "10.9.9.9",
    "x-forwarded-host": "localhost",
    forwarded: "for=10.9.9.9;host=localhost",
    "x-remote-user": "admin",
    "x-real-ip": "10.9.9.9",
  };
  assert.equal(statusOf(await sendRaw(front.url, wire({ host: "evil.example", ...forged }))), 403);
  const answer = await sendRaw(front.url, wire({ host: "localhost", ...forged }));
  assert.equal(statusOf(answer), 401);
  assert.match(answer, /www-authenticate: Bearer/i);
  assert.deepEqual(seen, ["127.0.0.1"]);
});

Deno.test("pages of others get nothing; pages of this machine only on the loopback", async () => {
  const asks = async (origin: string, isLocal: boolean, pages: string[] = []) => {
    await using front = await startFront({ origins: { hosts: [], pages, isLocal } });
    const answer = await sendRaw(front.url, wire({ host: "127.0.0.1", origin }));
    return [statusOf(answer), /access-control-allow-origin: (.*)\r/i.exec(answer)?.[1]];
  };
  for (
    const origin of ["https://evil.example", "null", "file://", "http://localhost.evil.example"]
  ) {
    assert.deepEqual(await asks(origin, true), [403, undefined], origin);
  }
  assert.deepEqual(await asks("http://localhost:6274", true), [200, undefined]);
  assert.deepEqual(await asks("http://localhost:6274", false), [403, undefined]);
  assert.deepEqual(
    await asks("https://console.example", false, ["console.example"]),
    [200, "https://console.example"],
  );
});

Deno.test("what a page of others has fetched without an Origin (an image, a frame) is refused", async () => {
  await using front = await startFront();
  const status = async (site: string, added: Record<string, string> = {}) =>
    statusOf(
      await sendRaw(front.url, wire({ host: "localhost", "sec-fetch-site": site, ...added })),
    );
  for (const site of ["cross-site", "same-site"]) assert.equal(await status(site), 403, site);
  for (const site of ["same-origin", "none"]) assert.equal(await status(site), 200, site);
  // Its Origin counts where there is one.
  assert.equal(await status("same-site", { origin: "http://localhost:3000" }), 200);
});

Deno.test("a browser's preflight is answered for listed pages alone", async () => {
  const ask = async (pages: string[]) => {
    await using front = await startFront({ origins: { hosts: [], pages, isLocal: false } });
    const headers = { origin: "https://console.example", "access-control-request-method": "POST" };
    const response = await fetch(front.url, { method: "OPTIONS", headers });
    await response.body?.cancel();
    return [response.status, response.headers.get("access-control-allow-methods")];
  };
  assert.deepEqual(await ask(["console.example"]), [204, "POST, GET, DELETE"]);
  assert.deepEqual(await ask([]), [403, null]);
});

Deno.test("paths and methods that are not there are told apart", async () => {
  await using front = await startFront();
  for (
    const [method, path, status, allow] of [
      ["POST", "/", 404, null],
      ["POST", "/mcp/", 404, null],
      ["GET", "/../etc/passwd", 404, null],
      ["PUT", "/mcp", 405, "POST, GET, DELETE"],
      ["OPTIONS", "/mcp", 405, "POST, GET, DELETE"],
      ["GET", "/mcp", 405, "POST"],
      ["DELETE", "/mcp", 405, "POST"],
    ] as const
  ) {
    const response = await fetch(new URL(path, front.url), { method });
    await response.body?.cancel();
    assert.deepEqual([response.status, response.headers.get("allow")], [status, allow], path);
  }
});

Deno.test("bodies that are no JSON of the protocol are refused with their reason", async () => {
  await using front = await startFront();
  const send = async (body: BodyInit, headers: Record<string, string> = {}) => {
    const response = await fetch(front.url, {
      method: "POST",
      body,
      headers: { ...LIST.headers, ...headers },
    });
    return [response.status, (await response.text()).slice(0, 200)] as const;
  };
  for (
    const [body, headers, status, message] of [
      [BODY, { "content-type": "text/plain" }, 415, /application\/json/],
      [BODY, { "content-type": "application/x-www-form-urlencoded" }, 415, /application\/json/],
      [BODY, { "content-encoding": "gzip" }, 415, /Content-Encoding/],
      ["", {}, 400, /not JSON/],
      ["{", {}, 400, /not JSON/],
      ["null", {}, 400, /./],
      ['"text"', {}, 400, /./],
      ["[]", {}, 400, /./],
      [new Uint8Array([0x22, 0xff, 0x22]), {}, 400, /UTF-8/],
      ["[".repeat(100_000), {}, 400, /512 levels/],
      [`{"a":"${"[".repeat(1000)}"}`, {}, 400, /^(?!.*levels)/],
      [`{"a":"\\\\",${'"b":['.repeat(1)}${"[".repeat(600)}`, {}, 400, /512 levels/],
    ] as const
  ) {
    const [got, text] = await send(body as BodyInit, headers);
    assert.equal(got, status, String(body).slice(0, 40));
    assert.match(text, message, String(body).slice(0, 40));
  }
});

Deno.test("a batch of an earlier revision is answered, one of 101 messages is not", async () => {
  await using front = await startFront();
  const send = async (count: number) => {
    const body = Array.from({ length: count }, (_, id) => ({ jsonrpc: "2.0", id, method: "ping" }));
    const response = await fetch(front.url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        "mcp-protocol-version": "2025-03-26",
      },
      body: JSON.stringify(body),
    });
    return [response.status, (await response.text()).match(/"result"/g)?.length ?? 0];
  };
  assert.deepEqual(await send(3), [200, 3]);
  assert.deepEqual(await send(101), [400, 0]);
});

Deno.test("headers that say something else than the body are refused: -32020", async () => {
  await using front = await startFront();
  const wrong: Record<string, string>[] = [
    { "mcp-method": "tools/call" },
    { "mcp-protocol-version": "2025-11-25" },
  ];
  for (const headers of wrong) {
    const response = await fetch(front.url, modern("tools/list", {}, headers));
    const { error } = await response.json();
    assert.deepEqual([response.status, error.code], [400, -32020], JSON.stringify(headers));
  }
  const named = modern("tools/call", { name: "test_simple_text" }, { "mcp-name": "other" });
  const { error } = await (await fetch(front.url, named)).json();
  assert.equal(error.code, -32020);
});

Deno.test("heads of a megabyte are refused", async () => {
  await using front = await startFront();
  const head = { host: "localhost", authorization: `Bearer ${"k".repeat(1024 * 1024)}` };
  const answer = await sendRaw(front.url, wire(head));
  assert.ok(answer === "" || statusOf(answer) === 431, answer.slice(0, 100));
  const next = await fetch(front.url, LIST);
  assert.equal(next.status, 200);
  await next.body?.cancel();
});

Deno.test("a session of nobody is not found, and later revisions pass over its header", async () => {
  await using front = await startFront();
  const forged = { "mcp-session-id": crypto.randomUUID() };
  const old = await fetch(front.url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...forged,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }),
  });
  assert.equal(old.status, 404);
  assert.match(await old.text(), /initialize again/);
  for (const method of ["GET", "DELETE"]) {
    const response = await fetch(front.url, { method, headers: forged });
    await response.body?.cancel();
    assert.equal(response.status, 404);
  }
  const response = await fetch(front.url, modern("tools/list", {}, forged));
  await response.body?.cancel();
  assert.equal(response.status, 200);
});

Deno.test("watchers hear of a request's end once, also when its client goes, and may refuse it", async () => {
  const heard: string[] = [];
  let isFull = false;
  const slow = Promise.withResolvers<void>();
  await using front = await startFront({
    routes: [{
      path: "/stream",
      methods: ["GET"],
      open: true,
      answer: () =>
        new Response(new ReadableStream({ start: (c) => c.enqueue(new Uint8Array([65])) })),
    }],
    watchers: [{
      begin(_, { route }) {
        if (isFull) return { refused: new Response("full", { status: 503 }) };
        heard.push(`begin ${route.path}`);
        return {
          end: (status) => {
            heard.push(`end ${status}`);
            slow.resolve();
          },
        };
      },
    }],
  });
  await (await fetch(front.url, LIST)).text();
  assert.deepEqual(heard.splice(0), ["begin /mcp", "end 200"]);
  const gone = new AbortController();
  const response = await fetch(new URL("/stream", front.url), { signal: gone.signal });
  await response.body!.getReader().read();
  assert.deepEqual(heard.splice(0), ["begin /stream"]);
  const { promise, resolve } = Promise.withResolvers<void>();
  slow.promise.then(resolve);
  gone.abort();
  await promise;
  isFull = true;
  assert.equal(await (await fetch(front.url, LIST)).text(), "full");
});

Deno.test("nobody is asked who they are for open routes, and everybody for the others", async () => {
  const caller: Caller = { id: "i s", user: "ann", groups: ["dev"], how: "token" };
  const identity: Identity = {
    routes: [],
    authenticate: (request) =>
      Promise.resolve(
        request.headers.get("authorization") === "Bearer good"
          ? { caller }
          : { refused: { status: 401, challenge: 'Bearer realm="x"', message: "no" } },
      ),
  };
  await using front = await startFront({
    identity,
    routes: [
      {
        path: "/open",
        methods: ["GET"],
        open: true,
        answer: (_, { caller }) => new Response(caller.user),
      },
      { path: "/shut", methods: ["GET"], answer: (_, { caller }) => new Response(caller.user) },
    ],
  });
  const get = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(new URL(path, front.url), { headers });
    return [response.status, (await response.text()).slice(0, 5)];
  };
  assert.deepEqual(await get("/open"), [200, ""]);
  assert.equal((await get("/shut"))[0], 401);
  assert.deepEqual(await get("/shut", { authorization: "Bearer good" }), [200, "ann"]);
  const refused = await fetch(front.url, LIST);
  assert.equal(refused.headers.get("www-authenticate"), 'Bearer realm="x"');
  await refused.body?.cancel();
});
