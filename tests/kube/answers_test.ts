/** Answers as servers, proxies and broken connections give them. */
import assert from "node:assert/strict";
import { ApiError } from "../../lib/errors.ts";
import { createAnswers } from "../../lib/kube/calls/answers.ts";
import { createClient } from "../../lib/kube/client.ts";
import { createTransport } from "../../lib/kube/transport/transport.ts";
import type { ResourceRequest } from "../../lib/kube/wire/request.ts";
import { PROTOBUF_MEDIA_TYPE } from "../../lib/protobuf/media_type.ts";
import { concatBytes } from "../../lib/std/bytes.ts";
import { body, field } from "../protobuf/messages.ts";
import { accessAt } from "../support/access.ts";
import { LOGGER } from "../support/clusters.ts";
import { jsonAnswer, type RawAnswer, startRawServer } from "../support/raw_server.ts";

const never = new AbortController().signal;

const PODS = {
  group: "",
  version: "v1",
  resource: "pods",
  kind: "Pod",
  singular: "pod",
  shortNames: [],
  namespaced: true,
  verbs: ["get", "list", "watch", "create", "delete"],
  subresources: [{ name: "log", kind: "Pod", verbs: ["get"] }],
};

/** A client of a server that answers by the query of a request. */
function clientOf(answer: (query: URLSearchParams, count: number) => RawAnswer) {
  const server = startRawServer(({ path }) =>
    answer(new URL(path, "http://x").searchParams, server.requests.length)
  );
  const access = accessAt(`http://127.0.0.1:${server.port}`);
  const transport = createTransport(access, {
    userAgent: "kubecode/test",
    logger: LOGGER,
    env: () => undefined,
  });
  const client = createClient(access, transport, { discoveryTimeoutMs: 30_000 });
  return {
    server,
    client,
    async send(request: Partial<ResourceRequest>): Promise<string> {
      const whole = { verb: "get", resource: PODS, namespace: "shop", name: "x", ...request };
      return new TextDecoder().decode(await client.send(whole as ResourceRequest, never));
    },
    /** The names of each page of a list, and whether it replaces those before. */
    async pages(options: ResourceRequest["options"] = {}): Promise<unknown[]> {
      const pages: unknown[] = [];
      const request = { verb: "list", resource: PODS, options } as const;
      for await (const { body, again } of client.pages(request, never)) {
        const { items } = JSON.parse(new TextDecoder().decode(body)) as { items: string[] };
        pages.push(again ? { again, items } : items);
      }
      return pages;
    },
    async [Symbol.asyncDispose]() {
      client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error = await promise.then(() => undefined, (error) => error);
  assert.ok(error instanceof ApiError, `an ApiError, not ${error}`);
  return error;
}

const page = (items: readonly string[], token?: unknown) =>
  jsonAnswer({
    kind: "PodList",
    apiVersion: "v1",
    metadata: { resourceVersion: "7", ...(token === undefined ? {} : { continue: token }) },
    items,
  });

const expired = jsonAnswer(
  { kind: "Status", status: "Failure", code: 410, reason: "Expired", message: "too old" },
  "410 Gone",
);

Deno.test("only a string that is not empty is a token", async () => {
  for (const token of [null, "", 7, 0, false, {}, []]) {
    await using one = clientOf(() => page(["a"], token));
    assert.deepEqual(await one.pages(), [["a"]], JSON.stringify(token));
    assert.equal(one.server.requests.length, 1);
  }
});

Deno.test("a list whose token leads to the same page again is not read for ever", async () => {
  await using one = clientOf(() => page(["a"], "round"));
  assert.match((await failure(one.pages())).message, /gives the same page again/);
  assert.ok(one.server.requests.length <= 3, `${one.server.requests.length}`);
});

Deno.test("a token that expires between two pages leads to one whole list", async () => {
  await using one = clientOf((query) =>
    query.has("continue") ? expired : query.has("limit") ? page(["a"], "t") : page(["b", "c"])
  );
  const found = await one.pages({ labelSelector: "app=web" });
  assert.deepEqual(found, [["a"], { again: true, items: ["b", "c"] }]);
  assert.deepEqual(one.server.requests.map(({ path }) => new URL(path, "http://x").search), [
    "?limit=500&labelSelector=app%3Dweb",
    "?limit=500&labelSelector=app%3Dweb&continue=t",
    "?labelSelector=app%3Dweb",
  ]);
});

Deno.test("a server that gives pages whatever is asked for, and whose tokens expire, is not asked for ever", async () => {
  await using one = clientOf((query, count) =>
    query.has("continue") && count < 100 ? expired : page(["a"], count < 100 ? "t" : undefined)
  );
  assert.equal((await failure(one.pages())).status, 410);
  assert.equal(one.server.requests.length, 4);
});

Deno.test("a list that was too old from the start, or by somebody's own token, stays an error", async () => {
  await using one = clientOf(() => expired);
  assert.equal((await failure(one.pages())).status, 410);
  assert.equal((await failure(one.pages({ continue: "theirs" }))).status, 410);
  assert.equal(one.server.requests.length, 2);
});

const text = (body: string, type = "text/html") =>
  `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

Deno.test("a good answer that is no JSON is told as such, with its first words", async () => {
  await using one = clientOf(() => text("<html><h1>Please log in</h1></html>"));
  for (const ask of [() => one.send({}), () => one.pages()]) {
    const { message, reason, hint } = await failure(ask());
    assert.match(
      message,
      /the answer of the API server .*: it is not a JSON object: Please log in$/,
    );
    assert.equal(reason, "InvalidAnswer");
    assert.match(hint ?? "", /a proxy or a login page/);
  }
  const change = await failure(one.send({ verb: "delete" }));
  assert.match(change.hint ?? "", /Whether the change was made is unknown/);
});

Deno.test("half an answer, and none, are told as such", async () => {
  for (const body of ['{"items":[', "", "[]", "null"]) {
    await using one = clientOf(() => text(body, "application/json"));
    assert.match((await failure(one.send({}))).message, /it is not a JSON object/, body);
    assert.match((await failure(one.pages())).message, /it is not a JSON object/, body);
  }
});

Deno.test("a failure that comes with 200 is one", async () => {
  const status = {
    metadata: {},
    kind: "Status",
    status: "Failure",
    code: 404,
    reason: "NotFound",
    message: 'pods "x" not found',
  };
  await using one = clientOf(() => jsonAnswer(status));
  const { status: code, message } = await failure(one.send({}));
  assert.deepEqual([code, message], [404, 'pods "x" not found']);
  assert.equal((await failure(one.pages())).status, 404);
  const path = one.client.getJson("/version", { signal: never });
  assert.equal((await failure(path)).status, 404);
  await using fine = clientOf(() => jsonAnswer({ kind: "Status", status: "Success" }));
  assert.match(await fine.send({ verb: "delete" }), /Success/);
});

Deno.test("a 403 that is not the API server's gets no advice on RBAC", async () => {
  await using proxy = clientOf(() => text("Blocked by policy").replace("200 OK", "403 Forbidden"));
  const blocked = await failure(proxy.send({}));
  assert.match(blocked.message, /answered 403: Blocked by policy$/);
  assert.match(blocked.hint ?? "", /^These are not the API server's words/);
  const refused = { kind: "Status", status: "Failure", code: 403, reason: "Forbidden" };
  await using server = clientOf(() => jsonAnswer(refused, "403 Forbidden"));
  assert.match((await failure(server.send({}))).hint ?? "", /RBAC/);
});

Deno.test("a log that breaks off is kept, without its cut line, and says so", async () => {
  const cut = (body: string) =>
    `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n${
      body.length.toString(16)
    }\r\n${body}\r\nZZ\r\n`;
  await using one = clientOf(() => cut("first\nsecond\npassword: hal"));
  assert.match(
    await one.send({ subresource: "log" }),
    /^first\nsecond\n\(kubecode: the log breaks off here\. Cannot reach the API server ".*\)\n$/,
  );
  await using none = clientOf(() => cut("password: hal"));
  await failure(none.send({ subresource: "log" }));
  // A log need not be JSON, and may look like a failure.
  await using whole = clientOf(() => text('{"kind":"Status","status":"Failure"}', "text/plain"));
  assert.match(await whole.send({ subresource: "log" }), /Failure/);
});

Deno.test("a list in a protobuf that is newer than this program is asked for as JSON, and its kind from then on", async () => {
  const accepted: string[] = [];
  await using server = startRawServer(({ headers }) => {
    accepted.push(new Map(headers).get("accept") ?? "");
    if (accepted.length > 1) return jsonAnswer({ kind: "PodList", metadata: {}, items: ["a"] });
    const list = body("v1", "PodList", field(2, [field(99, "new")]));
    const head = `Content-Type: ${PROTOBUF_MEDIA_TYPE}\r\nContent-Length: ${list.length}\r\n\r\n`;
    return concatBytes([new TextEncoder().encode(`HTTP/1.1 200 OK\r\n${head}`), list]);
  });
  const transport = createTransport(accessAt(`http://127.0.0.1:${server.port}`), {
    userAgent: "kubecode/test",
    logger: LOGGER,
    env: () => undefined,
  });
  const client = createClient(accessAt(`http://127.0.0.1:${server.port}`), transport, {
    discoveryTimeoutMs: 30_000,
  });
  const request = { verb: "list", resource: PODS, withoutManagedFields: true } as const;
  for (let round = 0; round < 2; round++) {
    for await (const page of client.pages(request, never)) {
      assert.deepEqual(JSON.parse(new TextDecoder().decode(page.body)).items, ["a"]);
    }
  }
  client.close();
  assert.deepEqual(accepted, [
    "application/vnd.kubernetes.protobuf,application/json",
    "application/json",
    "application/json",
  ]);
});

Deno.test("who takes versions page by page may read large answers between them", async () => {
  const large = 40 * 1024 * 1024;
  const versions = (token: string) =>
    body(
      "meta.k8s.io/v1",
      "PartialObjectMetadataList",
      field(1, [field(2, "7"), field(3, token)]),
      field(2, [field(1, [field(1, "a"), field(5, "uid"), field(6, "7")])]),
      field(2, [field(1, [field(1, "b"), field(12, new Uint8Array(large))])]),
    );
  const answers = createAnswers(({ path, headers }) => {
    if (!headers?.accept?.includes("as=Partial")) {
      return Promise.resolve(new Response(`{"items":[],"filling":"${"x".repeat(large)}"}`));
    }
    const list = versions(path.includes("continue") ? "" : "next");
    return Promise.resolve(new Response(list.slice()));
  }, { server: "https://x", context: "x" });
  const request = { verb: "list", resource: PODS } as const;
  let pages = 0;
  for await (const { objects } of answers.versions(request, never)) {
    assert.deepEqual(objects.map(({ name }) => name), ["a", "b"]);
    for await (const { body } of answers.pages({ ...request, options: { limit: 1 } }, never)) {
      assert.ok(body.length > large);
    }
    pages += 1;
  }
  assert.equal(pages, 2);
});
