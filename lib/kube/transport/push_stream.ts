/** A stream of what a socket pushes, read at the reader's pace. */
import { onAbort } from "../../std/async.ts";

/** What pushes, and how it is held up and closed. */
interface PushSource {
  readonly signal: AbortSignal;
  /** Bytes that are held before the source is paused. */
  readonly bufferBytes: number;
  pause(): void;
  resume(): void;
  close(): void;
}

/** Where it pushes to; what comes after an end or a failure is dropped. */
interface PushSink<Chunk extends Uint8Array> {
  push(chunk: Chunk): void;
  end(): void;
  /** @param makeError called where this is the end: what has ended is closed too, each time */
  fail(makeError: () => unknown): void;
}

/**
 * A stream that pauses its source while nobody reads. The signal's abort fails it; that, or
 * cancelling it, closes the source.
 *
 * @param listen attaches the sink to the source's events, at once
 */
export function pushStream<Chunk extends Uint8Array>(
  source: PushSource,
  listen: (sink: PushSink<Chunk>) => void,
): ReadableStream<Chunk> {
  let open = true;
  let aborting: Disposable | undefined;
  const once = (act: () => void) => {
    if (!open) return;
    open = false;
    aborting?.[Symbol.dispose]();
    act();
  };
  return new ReadableStream<Chunk>({
    start(controller) {
      listen({
        push(chunk) {
          if (!open) return;
          controller.enqueue(chunk);
          if ((controller.desiredSize ?? 0) <= 0) source.pause();
        },
        end: () => once(() => controller.close()),
        fail: (makeError) => once(() => controller.error(makeError())),
      });
      aborting = onAbort(source.signal, () =>
        once(() => {
          controller.error(source.signal.reason);
          source.close();
        }));
    },
    pull: () => source.resume(),
    cancel() {
      once(() => {});
      source.close();
    },
  }, new ByteLengthQueuingStrategy({ highWaterMark: source.bufferBytes }));
}
