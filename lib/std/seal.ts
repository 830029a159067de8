/**
 * State that travels with a client who can neither read nor change it, and that whoever has the key can
 * open: another process as well. AES-256-GCM.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc5869} and {@link https://csrc.nist.gov/pubs/sp/800/38/d/final}
 */
import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

/** Seals and opens. */
export interface Seal {
  /**
   * Seals bytes under the first key.
   *
   * @param about what it is opened for again; is not part of the text
   */
  seal(bytes: Uint8Array, about: string): string;
  /** What was sealed, under any key; undefined where it was not, or about something else. */
  open(text: string, about: string): Uint8Array | undefined;
  /** 32 bytes that depend on the first key and the name, and tell neither. */
  derive(name: string): Uint8Array;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Makes a seal.
 *
 * @param secrets at least one, each of 32 random bytes or more; all open, the first one seals
 */
export function createSeal(secrets: readonly Uint8Array[]): Seal {
  const derived = (secret: Uint8Array, name: string) =>
    new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(), `kubecode ${name}`, 32));
  const keys = secrets.map((secret) => derived(secret, "seal"));
  const [first, firstSecret] = [keys[0], secrets[0]];
  if (first === undefined || firstSecret === undefined) throw new RangeError("there is no key");
  return {
    seal(bytes, about) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", first, nonce);
      cipher.setAAD(Buffer.from(about));
      const sealed = Buffer.concat([nonce, cipher.update(bytes), cipher.final()]);
      return Buffer.concat([sealed, cipher.getAuthTag()]).toString("base64url");
    },
    open(text, about) {
      const bytes = Buffer.from(text, "base64url");
      if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
      for (const key of keys) {
        try {
          const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_BYTES));
          decipher.setAAD(Buffer.from(about));
          decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
          const opened = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
          return new Uint8Array(Buffer.concat([opened, decipher.final()]));
        } catch {
          // Not by this key.
        }
      }
      return undefined;
    },
    derive: (name) => derived(firstSecret, name),
  };
}
