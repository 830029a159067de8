/** Events over a cluster that lists them in another order than that of time, page by page. */
import assert from "node:assert/strict";
import type { BrokerCall, Brokers } from "../../lib/broker/types.ts";
import { eventTime } from "../../lib/tools/support/events.ts";
import { toolCaller, valueOf } from "../support/tools.ts";

const EVENTS = {
  resource: "events",
  singular: "event",
  kind: "Event",
  shortNames: ["ev"],
  namespaced: true,
  verbs: ["list"],
  subresources: [],
};
const versions = ["", "events.k8s.io"].map((group) => ({
  group,
  version: "v1",
  preferred: true,
  resources: [EVENTS],
}));

function event(name: string, times: object) {
  return {
    metadata: { name, uid: name, creationTimestamp: "2020-01-01T00:00:00Z" },
    message: name,
    lastTimestamp: null,
    eventTime: null,
    ...times,
  };
}

/** The names tell the order in time, the newest first. */
const PAGES = [
  [
    event("d", { lastTimestamp: "2026-03-01T10:00:00Z" }),
    event("b", { eventTime: "2026-03-01T10:00:00.000200Z", lastTimestamp: null }),
    event("g", {}),
  ],
  [
    event("c", { eventTime: "2026-03-01T10:00:00.000100Z" }),
    event("f", { deprecatedLastTimestamp: "2026-03-01T09:59:59Z" }),
    event("e", { lastTimestamp: "2026-03-01T11:59:59.5+02:00" }),
    event("a", {
      series: { count: 9, lastObservedTime: "2026-03-01T10:00:01.000000Z" },
      eventTime: "2026-01-01T00:00:00.000000Z",
    }),
  ],
];

function brokers(asked: BrokerCall[] = []): Brokers {
  const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  return {
    as: () => ({
      namespace: () => Promise.resolve("default"),
      isRead: () => true,
      async *call(call) {
        await Promise.resolve();
        if (call.op === "names") {
          return yield { form: "json", more: false, body: encode({ versions }) };
        }
        asked.push(call);
        for (const [at, items] of PAGES.entries()) {
          const body = encode({ kind: "EventList", metadata: { resourceVersion: "7" }, items });
          yield { form: "json", more: at + 1 < PAGES.length, body };
        }
      },
    }),
  };
}

const { signal } = new AbortController();
const guarded = toolCaller("guarded", { brokers: brokers(), signal });
const resources = toolCaller("resources", { brokers: brokers(), signal });

/** Every way in which tools show events. */
const ROADS = {
  k8s_list_events: (given: object) => guarded("k8s_list_events", { namespace: "a", ...given }),
  k8s_list: (given: object) =>
    guarded("k8s_list", { namespace: "a", group: "", version: "v1", plural: "events", ...given }),
  scan_k8s_collection: (given: object) =>
    resources("scan_k8s_collection", {
      api_version: "v1",
      resource_kind: "events",
      target_ns: "a",
      ...given,
    }),
  "events.k8s.io": (given: object) =>
    resources("scan_k8s_collection", {
      api_group: "events.k8s.io",
      api_version: "v1",
      resource_kind: "events",
      target_ns: "*",
      ...given,
    }),
};

for (const [road, list] of Object.entries(ROADS)) {
  Deno.test(`events by ${road} are the newest first, over all pages, and cut after that`, async () => {
    const read = async (given: object) => {
      const answer = await list(given);
      const { items, metadata } = valueOf(answer) as {
        items: { message: string }[];
        metadata: { continue?: string };
      };
      return {
        messages: items.map(({ message }) => message).join(""),
        after: metadata.continue,
        notes: answer.notes,
      };
    };
    assert.equal((await read({})).messages, "abcdefg");
    assert.equal((await read({ limit: 0 })).messages, "abcdefg");
    const first = await read({ limit: 3 });
    assert.equal(first.messages, "abc");
    assert.match(first.notes, /3 items are shown; 4 more follow/);
    const second = await read({ limit: 3, continue: first.after });
    assert.equal(second.messages, "def");
    const third = await read({ limit: 3, continue: second.after });
    assert.deepEqual([third.messages, third.after], ["g", undefined]);
    const odd = await list({ continue: "eyJ2IjoibWV0YSJ9" });
    assert.match(odd.text, /none that a list of events gave/);
  });
}

Deno.test("a list of events that has no end is looked through so far, and says so", async () => {
  let pages = 0;
  const endless: Brokers = {
    as: () => ({
      ...brokers().as({ tool: "test", session: "test" }),
      async *call(call, body, signal) {
        if (call.op === "names") {
          return yield* brokers().as({ tool: "test", session: "test" }).call(call, body, signal);
        }
        for (;;) {
          pages++;
          const items = [event("x", { lastTimestamp: "2026-03-01T10:00:00Z" })];
          yield {
            form: "json",
            more: true,
            body: new TextEncoder().encode(JSON.stringify({ items })),
          };
        }
      },
    }),
  };
  const call = toolCaller("guarded", { brokers: endless, signal });
  const answer = valueOf(await call("k8s_list_events", { namespace: "a", limit: 2 }));
  assert.equal(pages, 40);
  assert.match(`${answer.incomplete}`, /first 40 pages/);
  assert.equal((answer.items as unknown[]).length, 2);
});

Deno.test("eventTime() is the latest that an event tells, to the microsecond", () => {
  assert.deepEqual(eventTime({ eventTime: "2026-03-01T10:00:00.000001Z" }).micros % 10, 1);
  assert.equal(
    eventTime({ lastTimestamp: "2026-03-01T10:00:00Z", eventTime: "2026-03-01T10:00:00.1Z" }).text,
    "2026-03-01T10:00:00.1Z",
  );
  assert.deepEqual(eventTime({ lastTimestamp: "yesterday" }), { text: "", micros: 0 });
  assert.equal(
    eventTime({ metadata: { creationTimestamp: "2026-03-01T10:00:00Z" } }).micros > 0,
    true,
  );
});
