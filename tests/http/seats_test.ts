/** Calls that a shared server lets in: each counts, in whichever message it comes. */
import assert from "node:assert/strict";
import type { Transport } from "@modelcontextprotocol/server";
import { HttpError } from "../../lib/http/answers.ts";
import type { Endpoint } from "../../lib/http/endpoint.ts";
import { mcpRoute } from "../../lib/http/mcp.ts";
import type { RequestInfo, Route } from "../../lib/http/route.ts";
import { sseRoutes } from "../../lib/http/sse.ts";

const CALLER = { id: "test ann", user: "ann", groups: [], how: "token" } as const;

/** Seats for calls, of which there are four. */
function fourSeats() {
  let taken = 0;
  return {
    taken: () => taken,
    admit: () => {
      if (taken === 4) throw new HttpError(503, "no room");
      taken += 1;
      let isOver = false;
      return () => {
        if (!isOver) taken -= 1;
        isOver = true;
      };
    },
  };
}

/** Hands everything to nobody: no call is ever answered. */
const SILENT = () =>
  Promise.resolve({
    endpoint: {
      connect: (transport: Transport) => transport.start(),
      answer: () => Promise.resolve(new Response("{}")),
    } as unknown as Endpoint,
    release: () => {},
  });

const call = (id: unknown) => ({ jsonrpc: "2.0", id, method: "tools/call", params: { name: "x" } });

function about(url: URL): RequestInfo {
  return { url, caller: CALLER, peer: { address: "127.0.0.1" } };
}

function post(route: Route, path: string, body: unknown): Promise<Response> {
  const url = new URL(path, "http://localhost");
  const request = new Request(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return Promise.resolve(route.answer(request, about(url)));
}

Deno.test("each call of a batch counts, and of a batch that finds no room none is left", async () => {
  const seats = fourSeats();
  const route = mcpRoute(SILENT, seats.admit);
  await assert.rejects(post(route, "/mcp", [1, 2, 3, 4, 5].map(call)), { status: 503 });
  assert.equal(seats.taken(), 0);
  const answer = await post(route, "/mcp", [1, 2, 3].map(call));
  assert.equal(seats.taken(), 3);
  await answer.text();
  assert.equal(seats.taken(), 0);
});

Deno.test("over SSE a call counts until it is answered or cancelled, and no other one takes its id", async () => {
  const seats = fourSeats();
  const [events, messages] = sseRoutes(SILENT, seats.admit) as [Route, Route];
  const url = new URL("http://localhost/sse");
  const stream = (await events.answer(new Request(url), about(url))).body!.getReader();
  const first = new TextDecoder().decode((await stream.read()).value);
  const path = /data: (\S+)/.exec(first)?.[1] ?? "";
  const send = (body: unknown) => post(messages, path, body);

  await send(call(1));
  await assert.rejects(send(call(1)), { status: 400 });
  await assert.rejects(send([call(2), call(2)]), { status: 400 });
  assert.equal(seats.taken(), 1);
  await send([call(2), call(3)]);
  await assert.rejects(send([call(4), call(5)]), { status: 503 });
  assert.equal(seats.taken(), 3);
  await send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 2 } });
  assert.equal(seats.taken(), 2);
  await send([call(2), call(4)]);
  assert.equal(seats.taken(), 4);
  await stream.cancel();
  assert.equal(seats.taken(), 0);
});
