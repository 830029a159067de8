/**
 * Reads are asked again; changes only where they were not looked at, and they say so where their
 * outcome is not known.
 */
import assert from "node:assert/strict";
import { ApiError } from "../../lib/errors.ts";
import { createClient } from "../../lib/kube/client.ts";
import type { ResourceRequest } from "../../lib/kube/wire/request.ts";
import { retryDelayMs, TRIES } from "../../lib/kube/calls/retry.ts";
import { createTransport } from "../../lib/kube/transport/transport.ts";
import { accessAt } from "../support/access.ts";
import { createTestClock } from "../support/clock.ts";
import { LOGGER } from "../support/clusters.ts";
import { jsonAnswer, type RawAnswer, startRawServer } from "../support/raw_server.ts";

const never = new AbortController().signal;

Deno.test("retryDelayMs() takes passing states only, and 500 where the server says when", () => {
  const asked = [429, 502, 503, 504].map((status) => retryDelayMs({ status }, 1, 0.5));
  assert.deepEqual(asked, [100, 100, 100, 100]);
  for (const status of [0, 400, 401, 403, 404, 409, 410, 422, 500, 501]) {
    assert.equal(retryDelayMs({ status }, 1, 0.5), undefined, `${status}`);
  }
  assert.equal(retryDelayMs({ status: 500, retryAfterSeconds: 2 }, 1, 0), 2000);
});

Deno.test("retryDelayMs() doubles, spreads, and ends", () => {
  const waits = (random: number) =>
    [1, 2, 3, 4, 5, 6].map((tries) => retryDelayMs({ status: 503 }, tries, random));
  assert.deepEqual(waits(0), [50, 100, 200, 400, undefined, undefined]);
  assert.deepEqual(waits(0.5), [100, 200, 400, 800, undefined, undefined]);
  assert.equal(TRIES, 5);
});

Deno.test("retryDelayMs() obeys Retry-After, and does not wait for one of minutes", () => {
  const wait = (retryAfterSeconds: number, random = 0) =>
    retryDelayMs({ status: 429, retryAfterSeconds }, 1, random);
  assert.deepEqual([wait(0), wait(1), wait(1, 1), wait(60)], [0, 1000, 1100, 60_000]);
  assert.deepEqual([wait(61), wait(-1)], [undefined, 0]);
});

const CONFIG_MAPS = {
  group: "",
  version: "v1",
  resource: "configmaps",
  kind: "ConfigMap",
  singular: "configmap",
  shortNames: [],
  namespaced: true,
  verbs: ["get", "list", "create", "update", "patch", "delete"],
  subresources: [],
};

const RESPONSE_TIMEOUT_MS = 30_000;

/** A client of a server that gives these answers, one after the other, the last one for ever. */
function clientOf(...answers: RawAnswer[]) {
  const left = [...answers];
  const clock = answers.includes("silence") ? createTestClock() : undefined;
  const server = startRawServer(() => {
    const answer = left.length > 1 ? left.shift()! : left[0]!;
    if (answer === "silence") clock?.advance(RESPONSE_TIMEOUT_MS);
    return answer;
  });
  const access = accessAt(`http://127.0.0.1:${server.port}`);
  const transport = createTransport(access, {
    userAgent: "kubecode/test",
    logger: LOGGER,
    env: () => undefined,
    responseTimeoutMs: RESPONSE_TIMEOUT_MS,
    clock,
  });
  const client = createClient(access, transport, { discoveryTimeoutMs: 30_000, clock });
  const send = (
    verb: ResourceRequest["verb"],
    { signal = never }: { readonly signal?: AbortSignal } = {},
  ) =>
    client.send({
      verb,
      resource: CONFIG_MAPS,
      namespace: "shop",
      ...(verb === "list" || verb === "create" ? {} : { name: "x" }),
      ...(verb === "create" ? { body: new TextEncoder().encode("{}") } : {}),
    }, signal);
  return {
    server,
    send,
    async failure(verb: ResourceRequest["verb"]): Promise<ApiError> {
      const error = await send(verb).then(() => undefined, (error) => error);
      assert.ok(error instanceof ApiError, `an ApiError, not ${error}`);
      return error;
    },
    async [Symbol.asyncDispose]() {
      client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

const AT_ONCE = "Retry-After: 0\r\n";
const busy = jsonAnswer({ kind: "Status", message: "busy" }, "429 Too Many Requests", AT_ONCE);
const gone = jsonAnswer({}, "503 Service Unavailable", AT_ONCE);

Deno.test("a read is asked again until it is answered", async () => {
  const failed = jsonAnswer({}, "500 Internal Server Error", AT_ONCE);
  for (const verb of ["get", "list"] as const) {
    await using client = clientOf(busy, gone, failed, jsonAnswer({ ok: true }));
    assert.equal(new TextDecoder().decode(await client.send(verb)), '{"ok":true}');
    assert.equal(client.server.requests.length, 4);
  }
});

Deno.test("a read without Retry-After is asked again after a moment", async () => {
  await using client = clientOf(jsonAnswer({}, "502 Bad Gateway"), jsonAnswer({}));
  await client.send("get");
  assert.equal(client.server.requests.length, 2);
});

Deno.test("a read is given up after five tries, with the server's own words", async () => {
  await using client = clientOf(busy);
  const { message, status, hint } = await client.failure("get");
  assert.deepEqual([message, status, hint], ["busy", 429, "It was asked 5 times."]);
  assert.equal(client.server.requests.length, 5);
});

Deno.test("a read that fails for good is asked once", async () => {
  for (const status of ["500 Internal Server Error", "404 Not Found", "410 Gone"]) {
    await using client = clientOf(jsonAnswer({}, status));
    await client.failure("get");
    assert.equal(client.server.requests.length, 1, status);
  }
});

Deno.test("the wait before another try ends with the script", async () => {
  const later = jsonAnswer({}, "429 Too Many Requests", "Retry-After: 50\r\n");
  await using client = clientOf(later);
  const over = new AbortController();
  const sent = client.send("get", { signal: over.signal });
  setTimeout(() => over.abort(new Error("over")), 50);
  await assert.rejects(sent, /^Error: over$/);
  assert.equal(client.server.requests.length, 1);
});

const CHANGES = ["create", "update", "patch", "delete"] as const;

Deno.test("a change that the server took for one too many is sent again when it says", async () => {
  const later = jsonAnswer({}, "429 Too Many Requests", "Retry-After: 1\r\n");
  await Promise.all(CHANGES.map(async (verb) => {
    await using client = clientOf(later, jsonAnswer({ ok: true }));
    assert.equal(new TextDecoder().decode(await client.send(verb)), '{"ok":true}');
    assert.equal(client.server.requests.length, 2);
  }));
});

Deno.test("the wait of a change ends with the script too", async () => {
  const later = jsonAnswer({}, "429 Too Many Requests", "Retry-After: 50\r\n");
  await using client = clientOf(later);
  const over = new AbortController();
  const sent = client.send("create", { signal: over.signal });
  setTimeout(() => over.abort(new Error("over")), 50);
  await assert.rejects(sent, /^Error: over$/);
  assert.equal(client.server.requests.length, 1);
});

Deno.test("a change is never sent again, whatever else the answer", async () => {
  for (const verb of CHANGES) {
    for (const answer of [busy, gone, "close", "silence"] as const) {
      await using client = clientOf(answer);
      await client.failure(verb);
      assert.equal(client.server.requests.length, 1, `${verb} ${answer.slice(0, 12)}`);
    }
  }
});

Deno.test("a change that was sent and not answered says that its outcome is unknown", async () => {
  for (const verb of CHANGES) {
    for (const answer of ["close", "silence"] as const) {
      await using client = clientOf(answer);
      const { message, reason, status, hint } = await client.failure(verb);
      assert.deepEqual([reason, status], ["Unknown", 0]);
      assert.match(message, /^Cannot tell whether [A-Z]+ "\/api\/v1\/namespaces\/shop\/configmaps/);
      assert.match(message, answer === "close" ? /closed before an answer/ : /no answer within/);
      assert.match(hint ?? "", /unknown.*not sent again.*read the object/);
    }
  }
});

Deno.test("a change that a gateway gave up on says the same", async () => {
  for (const status of ["502 Bad Gateway", "504 Gateway Timeout"]) {
    await using client = clientOf(jsonAnswer({}, status));
    assert.match((await client.failure("delete")).hint ?? "", /unknown.*not sent again/);
  }
});

Deno.test("a change that never left says that the server cannot be reached, no more", async () => {
  const client = clientOf("close");
  await client.server[Symbol.asyncDispose]();
  await using _ = client;
  const { message, reason } = await client.failure("create");
  assert.equal(reason, "Unreachable");
  assert.match(message, /^Cannot reach the API server/);
});

Deno.test("a change whose answer breaks off is known to be made", async () => {
  const half = 'HTTP/1.1 201 Created\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{"kind"';
  await using client = clientOf(half);
  const failing = client.failure("create");
  while (client.server.written === 0) await new Promise((done) => setTimeout(done, 5));
  await new Promise((done) => setTimeout(done, 50));
  await client.server[Symbol.asyncDispose]();
  const { message, hint } = await failing;
  assert.match(message, /^Cannot read the answer to POST/);
  assert.match(hint ?? "", /was made \(201\)/);
});
