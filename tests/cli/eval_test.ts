/** A script at a terminal: what is printed when, and how a person is asked. */
import assert from "node:assert/strict";
import { type EvalOptions, evaluateAtTerminal } from "../../lib/cli/eval.ts";
import { type OutputStream, processPrinter } from "../../lib/cli/print.ts";
import { progressLine } from "../../lib/cli/progress_line.ts";
import type { Evaluation, Evaluator } from "../../lib/eval/types.ts";

const subject = {
  ...{ context: "prod", cluster: "eu", namespace: "shop" },
  ...{ verb: "delete", resource: "pods", gravity: 2 as const },
};
const CHANGE = {
  ...{ what: "delete pods shop/web-0", subject, lines: ["- spec.x: 1"] },
  ...{ fingerprint: "f", asks: true },
};

function stream(isTerminal: boolean) {
  let text = "";
  const output: OutputStream = {
    isTerminal: () => isTerminal,
    writeSync(bytes) {
      text += new TextDecoder().decode(bytes);
      return bytes.length;
    },
  };
  return { output, text: () => text };
}

/** Runs a script that prints a line, waits, and makes one change. */
async function evaluate(
  options: Partial<EvalOptions>,
  { isTerminal = false, colours = true } = {},
) {
  const [out, err] = [stream(isTerminal), stream(isTerminal)];
  const evaluator = {
    evaluate(_: unknown, how: Parameters<Evaluator["evaluate"]>[1]): Promise<Evaluation> {
      how.onConsole?.({ level: "warn", text: "begins" });
      how.onProgress?.({ waitedMs: 0, elapsedMs: 1_500, timeoutMs: 30_000, calls: 1 });
      how.onProgress?.({ waitedMs: 600, elapsedMs: 1_900, timeoutMs: 30_000, calls: 7 });
      how.origin.plan?.add(CHANGE);
      how.origin.approval?.take(CHANGE);
      how.onConsole?.({ level: "log", text: how.origin.plan ? "tried" : "made" });
      const result = { type: "string", text: "done" } as const;
      return Promise.resolve({ ok: true, result, console: [], calls: 1, durationMs: 1 });
    },
  } as unknown as Evaluator;
  const code = await evaluateAtTerminal(
    evaluator,
    { script: "x", ...options },
    new AbortController().signal,
    processPrinter(out.output, err.output, { colours }),
    progressLine(err.output),
  );
  return { code, out: out.text(), err: err.text() };
}

Deno.test("evaluateAtTerminal() prints the console as it comes, and once for trial and run", async () => {
  const asked: string[] = [];
  const ask = (plan: string) => {
    asked.push(plan);
    return Promise.resolve(true);
  };
  const { code, out, err } = await evaluate({ mayAsk: true, ask });
  assert.deepEqual([code, out], [0, "done\n"]);
  assert.match(err, /^warn: begins\ntried\nContext "prod", cluster "eu", namespace "shop"\./);
  assert.match(err, /\nmade\n$/);
  assert.equal(err.match(/begins/g)?.length, 1);
  assert.match(asked[0] ?? "", /1 change: 1 delete pods$/);
});

Deno.test("evaluateAtTerminal() changes nothing after a no, or where nobody can be asked", async () => {
  for (
    const [answer, words] of [[false, "declined"], [undefined, "there is no terminal"]] as const
  ) {
    const { code, err } = await evaluate({ mayAsk: true, ask: () => Promise.resolve(answer) });
    assert.equal(code, 1);
    assert.match(err, new RegExp(`Nothing was changed: .*${words}`));
    assert.doesNotMatch(err, /made/);
  }
});

Deno.test("progress is told on a terminal after 2 s, and taken away before anything else", async () => {
  const clear = "\r\x1b[K";
  const { err } = await evaluate({}, { isTerminal: true, colours: false });
  assert.equal(err, `warn: begins\n${clear}… 2 s, 7 calls${clear}made\n`);
  assert.doesNotMatch((await evaluate({})).err, /calls/);
});

Deno.test("colours are for terminals of people who do not mind them", async () => {
  const red = `\x1b[31m1. delete pods shop/web-0\x1b[0m`;
  const mayAsk = { mayAsk: true };
  assert.ok((await evaluate(mayAsk, { isTerminal: true })).err.includes(red));
  assert.ok(!(await evaluate(mayAsk, { isTerminal: true, colours: false })).err.includes("\x1b[3"));
  assert.ok(!(await evaluate(mayAsk)).err.includes("\x1b"));
});
