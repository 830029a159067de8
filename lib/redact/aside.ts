/**
 * Searches answers that take long in a worker, so that nobody else waits for them: one at a time, each
 * in a worker of its own that ends with it.
 */
import { InternalError, LimitError } from "../errors.ts";
import type { How, Job, Outcome } from "./aside_job.ts";

let last: Promise<unknown> = Promise.resolve();

/**
 * The body without credentials.
 *
 * @param body stays as it is
 * @throws {LimitError} it cannot be searched, or not in time
 */
export async function searchAside(
  key: Uint8Array,
  body: Uint8Array<ArrayBuffer>,
  how: How,
): Promise<Uint8Array<ArrayBuffer>> {
  const turn = last.then(() => run({ key, body: body.slice().buffer, how }));
  last = turn.catch(() => {});
  return await turn;
}

async function run(job: Job): Promise<Uint8Array<ArrayBuffer>> {
  const { WORKER_SOURCE } = await import("./aside_worker.generated.ts");
  const source = new TextEncoder().encode(WORKER_SOURCE).toBase64();
  const url = `data:text/javascript;charset=utf-8;base64,${source}`;
  const worker = new Worker(url, { type: "module" });
  try {
    const outcome = await new Promise<Outcome>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Outcome>) => resolve(data);
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new InternalError("Cannot search the answer", { cause: event.message }));
      };
      worker.postMessage(job, [job.body]);
    });
    if (!outcome.ok) throw new LimitError(outcome.message, { hint: outcome.hint });
    return new Uint8Array(outcome.body);
  } finally {
    worker.terminate();
  }
}
