/** How far the answer to a watch may be ahead of the script that reads it. */
import { WINDOW } from "../protocol.ts";

/** The window of one watch. */
export interface Window {
  /** Resolves once a part of that many bytes may be sent; rejects when the signal aborts. */
  room(bytes: number): Promise<void>;
  /** The script has taken so many parts, as the untrusted child says. */
  taken(header: unknown): void;
}

/** Makes a window. Parts beyond {@linkcode WINDOW} wait, and so does whoever makes them. */
export function createWindow(signal: AbortSignal): Window {
  const sent: number[] = [];
  let bytesAhead = 0;
  let wake = () => {};
  signal.addEventListener("abort", () => wake(), { once: true });
  const isFull = () => sent.length >= WINDOW.parts || bytesAhead >= WINDOW.bytes;
  return {
    async room(bytes) {
      while (isFull() && !signal.aborted) await new Promise<void>((resolve) => wake = resolve);
      signal.throwIfAborted();
      sent.push(bytes);
      bytesAhead += bytes;
    },
    taken(header) {
      const { count } = Object(header) as { count?: unknown };
      if (typeof count !== "number") return;
      for (const bytes of sent.splice(0, Math.min(Math.max(0, count), sent.length))) {
        bytesAhead -= bytes;
      }
      wake();
    },
  };
}
