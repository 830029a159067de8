/** This process's standard output, as a stream that fails when nobody reads it. */

/**
 * A stream of its own over `Deno.stdout`, since the writable that Deno gives takes a broken pipe
 * for a success in older versions (seen in 2.7.14): a client that has gone would not be noticed.
 *
 * @param stdout where to write; the process's own by default
 */
export function standardOutput(
  stdout: { write(bytes: Uint8Array): Promise<number> } = Deno.stdout,
): WritableStream<Uint8Array> {
  return new WritableStream({
    async write(bytes) {
      for (let rest = bytes; rest.length > 0;) {
        rest = rest.subarray(await stdout.write(rest));
      }
    },
  });
}
