/** How late the event loop is: whoever asks for something waits that much longer. */

/** How often it is looked at. */
const INTERVAL_MS = 100;

/** Tells how late each timer of a series comes; ends with its block. */
export function watchLoop(onLag: (ms: number) => void, intervalMs = INTERVAL_MS): Disposable {
  let expected = performance.now() + intervalMs;
  const timer = setInterval(() => {
    const now = performance.now();
    onLag(Math.max(0, now - expected));
    expected = now + intervalMs;
  }, intervalMs);
  Deno.unrefTimer(timer);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
