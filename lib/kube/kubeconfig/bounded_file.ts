/** Files that a kubeconfig names, read up to a limit: one may name a device that goes on without end. */
import { open } from "node:fs/promises";
import { collectBytes } from "../../std/bytes.ts";

/** Bytes of a kubeconfig, a certificate or a token: far more than any has. */
const LIMIT_BYTES = 16 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

/**
 * The bytes of a file.
 *
 * @throws what `node:fs` does; with the code `EFBIG` where it has more than 16 MiB
 */
export async function readBoundedFile(
  path: string,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  signal?.throwIfAborted();
  const file = await open(path);
  try {
    const collected = collectBytes();
    for (;;) {
      signal?.throwIfAborted();
      const { buffer, bytesRead } = await file.read(new Uint8Array(CHUNK_BYTES), 0, CHUNK_BYTES);
      if (bytesRead === 0) return collected.join();
      collected.push(buffer.subarray(0, bytesRead));
      if (collected.length > LIMIT_BYTES) {
        throw Object.assign(new Error("the file is too large"), { code: "EFBIG" });
      }
    }
  } finally {
    await file.close();
  }
}

/** Its text, of UTF-8. */
export async function readBoundedText(path: string, signal?: AbortSignal): Promise<string> {
  return new TextDecoder().decode(await readBoundedFile(path, signal));
}
