/** Traces of the runtime, as a collector gets them (OTLP over HTTP, JSON). */
import assert from "node:assert/strict";
import { VARIANTS } from "../e2e/program.ts";
import { connectTo, modern, runScript, startHttp } from "../http/served.ts";

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: { readonly key: string; readonly value: Record<string, unknown> }[];
}

/** A collector on the loopback. */
function startCollector() {
  const spans: Span[] = [];
  const bodies: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const text = await request.text();
    bodies.push(text);
    if (new URL(request.url).pathname === "/v1/traces") {
      for (const { scopeSpans } of JSON.parse(text).resourceSpans) {
        for (const scope of scopeSpans) spans.push(...scope.spans);
      }
    }
    return Response.json({});
  });
  return {
    spans,
    bodies,
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";
const SCRIPT = `k8s.coreV1().namespaces().list().items.length + ": s3cret-in-script"`;

Deno.test(
  "traces: a call is a span below its client's, its requests are spans below it",
  async () => {
    await using collector = startCollector();
    await using served = await startHttp(VARIANTS[0]!, [], {
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    });
    const request = modern("tools/call", {
      name: "evaluate_script",
      arguments: { script: SCRIPT },
      _meta: { traceparent: `00-${TRACE}-${PARENT}-01` },
    });
    await (await fetch(served.url, request)).text();
    await (await fetch(
      served.url,
      modern("tools/call", { name: "evaluate_script", arguments: { script: SCRIPT } }, {
        traceparent: `00-${TRACE.replace("4", "5")}-${PARENT}-01`,
      }),
    )).text();
    await (await fetch(
      served.url,
      modern("tools/call", { name: "evaluate_script", arguments: { script: SCRIPT } }),
    )).text();
    assert.equal(await served.stop(), 0);
    const calls = collector.spans.filter(({ name }) => name === "tools/call evaluate_script");
    const of = (trace: string) => calls.find(({ traceId }) => traceId === trace);
    assert.equal(calls.length, 3);
    const [byMeta, byHeader] = [of(TRACE), of(TRACE.replace("4", "5"))];
    assert.equal(byMeta?.parentSpanId, PARENT);
    assert.equal(byHeader?.parentSpanId, PARENT);
    // Who names none has a trace of their own, and not that of who came before on the connection.
    const own = calls.find((one) => one !== byMeta && one !== byHeader);
    assert.ok(!own?.parentSpanId && own?.traceId !== byMeta?.traceId);
    const requests = collector.spans.filter(({ name, parentSpanId }) =>
      name === "GET" && parentSpanId === byMeta!.spanId
    );
    assert.ok(requests.length > 0, JSON.stringify(collector.spans));
    // Nothing of what was asked or answered leaves by this way.
    assert.ok(!collector.bodies.some((text) => text.includes("s3cret-in-script")));
  },
);

Deno.test("traces: none are made where nobody asks for them", async () => {
  await using collector = startCollector();
  await using served = await startHttp(VARIANTS[0]!, [], {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  });
  const client = await connectTo(served.url);
  assert.equal(await runScript(client, "1 + 1"), "2");
  await client.close();
  assert.equal(await served.stop(), 0);
  assert.equal(collector.bodies.length, 0);
});
