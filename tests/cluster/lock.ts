/** One builder at a time, across processes: a lock that the system lets go when its holder dies. */

/**
 * Waits for the lock on a file, which is created if need be; dispose of the result to let it go.
 *
 * @param onWait called once when another process holds the lock, and again every `noticeMs`
 * @throws the signal's reason when it aborts first
 */
export async function lockFile(
  path: string,
  options: {
    readonly signal: AbortSignal;
    readonly onWait: (waitedMs: number) => void;
    readonly noticeMs?: number;
  },
): Promise<Disposable> {
  const { signal, onWait, noticeMs = 30_000 } = options;
  signal.throwIfAborted();
  const file = await Deno.open(path, { read: true, write: true, create: true });
  const started = performance.now();
  const notice = () => onWait(performance.now() - started);
  let interval: ReturnType<typeof setInterval> | undefined;
  const first = setTimeout(() => {
    notice();
    interval = setInterval(notice, noticeMs);
  }, 500);
  let release = () => {};
  const aborted = new Promise<"aborted">((resolve) => {
    const onAbort = () => resolve("aborted");
    signal.addEventListener("abort", onAbort, { once: true });
    release = () => signal.removeEventListener("abort", onAbort);
  });
  const locked = file.lock(true);
  try {
    if (await Promise.race([locked, aborted]) === "aborted") {
      // The wait itself cannot be called off: the file is closed when it ends.
      void locked.then(() => file.close(), () => file.close());
      throw signal.reason;
    }
  } finally {
    clearTimeout(first);
    clearInterval(interval);
    release();
  }
  return { [Symbol.dispose]: () => file.close() };
}
