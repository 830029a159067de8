/**
 * Logs as scripts get them: plain text, which also has `doRaw()`, the bytes, as client-go's
 * `GetLogs(…).DoRaw(ctx)`.
 */
import type { RawLog } from "../calls/decoders.ts";

/** Remembers the bytes behind the texts of logs. */
export interface LogTexts {
  text(log: RawLog): string;
}

/**
 * Puts `doRaw` on the realm's strings. A log's text gives the log's bytes; any other string, and a
 * part of a log, its own in UTF-8.
 */
export function createLogTexts(): LogTexts {
  const bytesOf = new Map<string, Uint8Array>();
  Object.defineProperty(String.prototype, "doRaw", {
    value(this: string) {
      const text = `${this}`;
      return bytesOf.get(text) ?? utf8(text);
    },
    writable: true,
    configurable: true,
    enumerable: false,
  });
  return {
    text(log) {
      bytesOf.set(log.text, log.bytes);
      return log.text;
    },
  };
}

function utf8(text: string): Uint8Array {
  const escaped = encodeURIComponent(text);
  const bytes = new Uint8Array(escaped.length);
  let length = 0;
  for (let at = 0; at < escaped.length; at++) {
    if (escaped[at] === "%") {
      bytes[length++] = parseInt(escaped[at + 1]! + escaped[at + 2]!, 16);
      at += 2;
    } else bytes[length++] = escaped.charCodeAt(at);
  }
  return bytes.slice(0, length);
}
