/** Logs that are read from their middle: what is judged, and what is shown. */
import assert from "node:assert/strict";
import { readLog } from "../../lib/broker/answers/log.ts";
import { redacted } from "../../lib/broker/stages/show.ts";
import type { KubeClient } from "../../lib/kube/client.ts";
import type { RequestOptions, ResourceRequest } from "../../lib/kube/wire/request.ts";
import { createRedactor } from "../../lib/redact/redactor.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const BEFORE = ["starting", "env:", "- name: DB_PASSWORD"];
const AFTER = ["  value: hunter2", "ready", "GET /healthz 200"];

/** What a kubelet answers, and the requests that it got. Line number n is written in second n. */
function kubelet(lines: () => readonly string[]) {
  const asked: RequestOptions[] = [];
  const access = { context: "test" };
  const send = ({ options = {} }: ResourceRequest) => {
    asked.push(options);
    const { tailLines, sinceTime, timestamps, limitBytes } = options;
    const stamped = lines().map((line, second) => ({
      line,
      time: `2026-01-02T10:${String(10 + Math.floor(second / 60)).padStart(2, "0")}:${
        String(second % 60).padStart(2, "0")
      }.000000000Z`,
    }));
    const tail = tailLines === undefined
      ? stamped
      : stamped.slice(Math.max(0, stamped.length - Number(tailLines)));
    const text = tail.filter(({ time }) => sinceTime === undefined || time >= String(sinceTime))
      .map(({ line, time }) => `${timestamps ? `${time} ` : ""}${line}\n`).join("");
    return Promise.resolve(encoder.encode(text).slice(0, Number(limitBytes ?? Infinity)));
  };
  return { asked, kube: { send, access } as unknown as KubeClient };
}

async function shown(
  options: RequestOptions,
  lines: readonly string[] | (() => readonly string[]) = [...BEFORE, ...AFTER],
): Promise<string> {
  const { kube } = kubelet(typeof lines === "function" ? lines : () => lines);
  const resource = { group: "", resource: "pods" } as ResourceRequest["resource"];
  const request = { verb: "get", resource, subresource: "log", options } as const;
  const reading = await readLog(request, { kube, signal: new AbortController().signal });
  const sent = { form: "bytes", more: false, ...reading } as const;
  const answer = await redacted(createRedactor(), { request, effect: "read" }, sent, { kube });
  return decoder.decode(answer.body).replaceAll(/\[redacted:\w+\]/g, "***");
}

const SINCE = "2026-01-02T10:10:03.000000000Z";
const TAIL = "  value: ***\nready\nGET /healthz 200\n";

Deno.test("readLog() judges the lines before the tail too, and shows the tail alone", async () => {
  assert.equal(await shown({ tailLines: 3 }), TAIL);
  assert.equal(await shown({ tailLines: "3" }), TAIL);
  assert.equal(await shown({ tailLines: 3, previous: true }), TAIL);
  assert.equal(await shown({ tailLines: 2 }), "ready\nGET /healthz 200\n");
  assert.equal(await shown({ tailLines: 0 }), "");
  assert.equal(await shown({ tailLines: 100 }), [...BEFORE, TAIL].join("\n"));
  assert.equal(await shown({ tailLines: 3, limitBytes: 18 }), "  value: ***\nr");
});

Deno.test("readLog() judges the lines before a time too", async () => {
  assert.equal(await shown({ sinceTime: SINCE }), TAIL);
  assert.equal(await shown({ sinceTime: SINCE, previous: true }), TAIL);
  assert.equal(await shown({ sinceTime: SINCE, tailLines: 3 }), TAIL);
  assert.equal(await shown({ sinceTime: SINCE, limitBytes: 23 }), "  value: ***\nready\n");
  assert.equal(await shown({ sinceTime: "2026-01-02T11" }), "");
  assert.equal(await shown({ follow: true, tailLines: 3 }), TAIL);
});

Deno.test("readLog() reads lines without their timestamps", async () => {
  const stamped = [
    "2026-01-02T10:10:03.000000000Z   value: ***\n",
    "2026-01-02T10:10:04.000000000Z ready\n",
    "2026-01-02T10:10:05.000000000Z GET /healthz 200\n",
  ].join("");
  assert.equal(await shown({ tailLines: 3, timestamps: true }), stamped);
  assert.equal(await shown({ sinceTime: SINCE, timestamps: true }), stamped);
  assert.match(await shown({ timestamps: true }), /DB_PASSWORD\n\S+ {3}value: \*\*\*\n/);
});

Deno.test("readLog() finds the lines again while others are written", async () => {
  const lines = [...BEFORE, ...AFTER];
  const growing = () => {
    lines.push(...Array.from({ length: 50 }, (_, at) => `GET /${at} 200`));
    return lines;
  };
  assert.match(await shown({ sinceTime: SINCE }, growing), /^ {2}value: \*\*\*\nready\n/);
});

Deno.test("readLog() leaves the first line out where the lines before it are gone", async () => {
  const logs = [[...BEFORE, ...AFTER], ["another container", "has started"]];
  assert.equal(
    await shown({ sinceTime: SINCE }, () => logs.shift() ?? []),
    "ready\nGET /healthz 200\n",
  );
});

Deno.test("readLog() takes a secret of several lines that the cut goes through as one", async () => {
  const key = ["-----BEGIN PRIVATE KEY-----", ..."abcdef", "-----END PRIVATE KEY-----"];
  assert.equal(await shown({ tailLines: 4 }, ["x", ...key, "ready"]), "***\nready\n");
});

Deno.test("readLog() asks for 64 lines more, and once where a tail says all", async () => {
  const { asked, kube } = kubelet(() => Array.from({ length: 500 }, (_, at) => `line ${at}`));
  const resource = { group: "", resource: "pods" } as ResourceRequest["resource"];
  const reader = { kube, signal: new AbortController().signal };
  const read = (options: RequestOptions) =>
    readLog({ verb: "get", resource, subresource: "log", options }, reader);
  const { body, part } = await read({ tailLines: 10, container: "web" });
  assert.deepEqual(asked, [{ tailLines: 74, container: "web" }]);
  assert.equal(decoder.decode(body.subarray(part?.start, part?.end)).split("\n").length - 1, 10);
  await read({ limitBytes: 100 });
  assert.deepEqual(asked.slice(1), [{ limitBytes: 100 }]);
});
