/** Standard input for a program that runs twice: what the trial has read, the run after it reads again. */
import { LimitError } from "../errors.ts";

/** Bytes that are kept for the second run. */
const KEPT_BYTES = 64 * 1024 * 1024;

/** An input that can be read from its beginning. */
export interface KeptInput {
  /** All of it; of the stream behind it nothing is read before somebody wants it. */
  read(): ReadableStream<Uint8Array>;
}

/** Keeps what is read of a stream. */
export function keepInput(source: ReadableStream<Uint8Array>): KeptInput {
  const reader = source.getReader();
  const kept: Uint8Array[] = [];
  let bytes = 0;
  let isOver = false;
  let next: Promise<void> | undefined;
  const more = () =>
    next ??= reader.read().then(({ done, value }) => {
      next = undefined;
      isOver = done;
      if (done) return;
      bytes += value.length;
      if (bytes > KEPT_BYTES) {
        throw new LimitError(
          `Cannot read more than ${
            KEPT_BYTES / 1024 / 1024
          } MiB of standard input for a program that is tried out first`,
        );
      }
      kept.push(value);
    });
  return {
    read() {
      let at = 0;
      return new ReadableStream({
        async pull(controller) {
          while (at >= kept.length && !isOver) await more();
          const chunk = kept[at++];
          if (chunk === undefined) controller.close();
          else controller.enqueue(chunk);
        },
      }, { highWaterMark: 0 });
    },
  };
}
