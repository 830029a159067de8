/** `crypto.randomUUID` and `crypto.getRandomValues`: random bytes of the host, which come as text. */
import { usageError } from "../base/errors.ts";
import type { Host } from "../base/host.ts";
import { typedArrayOf, viewKind } from "./bytes.ts";

/** Bytes that one call may fill (https://www.w3.org/TR/webcrypto-2/). */
const MOST_BYTES = 65_536;

/** Makes the object. */
export function createCrypto(host: Host): object {
  const fill = (bytes: Uint8Array) => {
    const text = host.random(bytes.length);
    for (let at = 0; at < bytes.length; at++) bytes[at] = text.charCodeAt(at);
  };
  return {
    __proto__: null,
    getRandomValues(array: unknown) {
      const kind = viewKind(array);
      if (kind === undefined || kind.startsWith("Float")) {
        throw usageError(
          "TypeError",
          "getRandomValues takes an array of integers: new Uint8Array(16)",
        );
      }
      const { buffer, byteOffset, byteLength } = typedArrayOf(array);
      if (byteLength > MOST_BYTES) {
        throw usageError(
          "QuotaExceededError",
          `Cannot fill ${byteLength} bytes at once: at most ${MOST_BYTES}`,
        );
      }
      fill(new Uint8Array(buffer, byteOffset, byteLength));
      return array;
    },
    randomUUID() {
      const bytes = new Uint8Array(16);
      fill(bytes);
      // Version 4, variant 10 (RFC 9562, section 5.4).
      bytes[6] = bytes[6]! & 0x0f | 0x40;
      bytes[8] = bytes[8]! & 0x3f | 0x80;
      let text = "";
      for (let at = 0; at < bytes.length; at++) {
        if (at === 4 || at === 6 || at === 8 || at === 10) text += "-";
        text += bytes[at]!.toString(16).padStart(2, "0");
      }
      return text;
    },
  };
}
