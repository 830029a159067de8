import { InputError } from "../../lib/errors.ts";
import type { Evaluation, Evaluator } from "../../lib/eval/types.ts";

const MEASURES = { console: [], calls: 0, durationMs: 0 } as const;

/**
 * An evaluator that answers without a sandbox. Scripts it knows: `wait` (until it is cancelled,
 * with progress all the while), `fail`, `refuse` (throws an error of the family), `break` (throws
 * another), `large N` (a text of N bytes); any other is its own result.
 *
 * @param onEvent told `started <script>` and `aborted <script>`
 */
export function fakeEvaluator(onEvent: (event: string) => void = () => {}): Evaluator {
  return {
    evaluate({ script, timeoutMs = 0 }, { signal, onProgress }) {
      onEvent(`started ${script}`);
      const [word, argument] = script.split(" ");
      if (word === "wait") return waitForAbort(script, timeoutMs, onEvent, signal, onProgress);
      if (word === "refuse") {
        return Promise.reject(new InputError("Cannot run the script: refused", { hint: "Ask." }));
      }
      if (word === "break") return Promise.reject(new TypeError("secret detail"));
      if (word === "fail") {
        return Promise.resolve<Evaluation>({
          ...MEASURES,
          console: [{ level: "log", text: "before" }],
          ok: false,
          failure: {
            kind: "error",
            name: "TypeError",
            message: "x is not a function",
            line: 1,
            column: 3,
            source: "a.x()",
          },
        });
      }
      const text = word === "large" ? "x".repeat(Number(argument)) : `${script} ${timeoutMs}`;
      return Promise.resolve<Evaluation>({
        ...MEASURES,
        ok: true,
        result: { type: "string", text },
      });
    },
    close: () => Promise.resolve(),
  };
}

function waitForAbort(
  script: string,
  timeoutMs: number,
  onEvent: (event: string) => void,
  signal?: AbortSignal,
  onProgress?: Parameters<Evaluator["evaluate"]>[1]["onProgress"],
): Promise<Evaluation> {
  return new Promise((resolve) => {
    const started = performance.now();
    const ticks = setInterval(
      () =>
        onProgress?.({
          waitedMs: 0,
          elapsedMs: performance.now() - started,
          timeoutMs,
          calls: 1,
        }),
      5,
    );
    const abort = () => {
      clearInterval(ticks);
      onEvent(`aborted ${script}`);
      resolve({
        ...MEASURES,
        ok: false,
        failure: { kind: "cancelled", name: "AbortError", message: "script cancelled" },
      });
    };
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  });
}
