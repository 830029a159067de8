/**
 * Searches one answer beside the thread that serves everybody. Bundled into one text and started from a
 * data: URL, which works in every way of running.
 */
import { LimitError } from "../errors.ts";
import { AT_MOST_ASIDE } from "./patience.ts";
import { createRedactor } from "./redactor.ts";
import type { Job, Outcome } from "./aside_job.ts";

interface WorkerScope {
  postMessage(message: Outcome, transfer: Transferable[]): void;
  onmessage: ((event: { data: Job }) => void) | null;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = ({ data: { key, body, how } }) => {
  const redactor = createRedactor(key, AT_MOST_ASIDE);
  try {
    const bytes = new Uint8Array(body);
    const { buffer } = how.form === "json"
      ? redactor.json(bytes, how.place)
      : redactor.bytes(bytes, how.options);
    scope.postMessage({ ok: true, body: buffer }, [buffer]);
  } catch (error) {
    const { message, hint } = error instanceof LimitError ? error : new LimitError(`${error}`);
    scope.postMessage({ ok: false, message, hint }, []);
  }
};
