/** What reaches the eyes of a person. */
import assert from "node:assert/strict";
import { diagnose } from "../../lib/cli/doctor.ts";
import { processPrinter } from "../../lib/cli/print.ts";
import { createLogger } from "../../lib/log.ts";
import { shown } from "../../lib/std/shown.ts";

const ODD = "\u001b[2Ja\u202eb\u2066c\u200bd\u00a0e\u3164f\u2800g\u{e0041}h\rz";
const UNSEEN = /(?![\n\t])[\p{C}\u00a0\u3164\u2800]/u;

Deno.test("shown() escapes what a terminal would obey or hide", () => {
  assert.doesNotMatch(shown(ODD), UNSEEN);
  assert.equal(shown("a\u202eb\n"), String.raw`a\u{202e}b\u{a}`);
  assert.equal(shown("ä 日本 🔑 x\n\ty", { lines: true }), "ä 日本 🔑 x\n\ty");
});

Deno.test("processPrinter() escapes at a terminal, and leaves a pipe what was said", () => {
  const printed = (isTerminal: boolean) => {
    let text = "";
    const stream = {
      isTerminal: () => isTerminal,
      writeSync(data: Uint8Array) {
        text += new TextDecoder().decode(data);
        return data.length;
      },
    };
    const printer = processPrinter(stream, stream);
    printer.out(`${ODD}\n\tnext`);
    printer.err(ODD);
    return text;
  };
  assert.equal(printed(false), `${ODD}\n\tnext\n${ODD}\n`);
  assert.doesNotMatch(printed(true), UNSEEN);
  assert.match(printed(true), /\n\tnext\n/);
});

Deno.test("log lines show odd characters as escapes", () => {
  const lines: string[] = [];
  createLogger("info", (line) => lines.push(line)).info("request", { name: ODD });
  assert.doesNotMatch(lines.join(), UNSEEN);
});

Deno.test("doctor prints what server and kubeconfig say without their escape sequences", async () => {
  const lines: string[] = [];
  const answer = (value: unknown) => ({
    form: "json" as const,
    more: false,
    body: new TextEncoder().encode(JSON.stringify(value)),
  });
  const access = {
    context: ODD,
    namespace: ODD,
    sources: [ODD],
    server: `https://${ODD}`,
    credentials: {},
  };
  const parts = {
    wholePolicy: () => ({ mode: "read-only", profile: ODD, rules: [] }),
    settings: { toolsets: ["code"], audit: ODD },
    configPath: ODD,
    allowedContexts: [],
    contextNames: () => Promise.resolve([]),
    access: () => Promise.resolve(access),
    programs: () => Promise.reject(new Error(ODD)),
    evaluator: { evaluate: () => Promise.reject(new Error(ODD)) },
    brokers: {
      as: () => ({
        async *call({ op }: { op: string }) {
          await Promise.resolve();
          if (op !== "path") throw new Error(ODD);
          yield answer({ gitVersion: `v1.33${ODD}` });
        },
      }),
    },
  };
  const printer = { out: (text: string) => lines.push(text), err: () => {} };
  await diagnose(
    parts as unknown as Parameters<typeof diagnose>[0],
    new AbortController().signal,
    printer,
  );
  assert.ok(lines.some((line) => line.includes(String.raw`v1.33\u{1b}[2Ja`)), lines.join("\n"));
  assert.doesNotMatch(lines.join(""), UNSEEN);
});

Deno.test("a line of the log has an end, whatever a client says", () => {
  const lines: string[] = [];
  createLogger("info", (line) => lines.push(line)).info("request", { name: "x y".repeat(100_000) });
  assert.ok(lines[0]!.length < 10_000);
  assert.match(lines[0]!, /300000 characters/);
});
