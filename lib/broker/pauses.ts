/** Breaks between long pieces of work, in which everything else that waits gets its turn. */

/** Bytes of an answer whose redaction takes long enough to be noticed elsewhere. */
const LONG_BYTES = 256 * 1024;

/** Resolves when a piece of work on so many bytes may begin: one long piece between two breaks. */
export type Pause = (bytes: number) => Promise<void>;

/** Makes the breaks of one thread. */
export function createPauses(): Pause {
  let last: Promise<void> = Promise.resolve();
  return (bytes) => {
    if (bytes < LONG_BYTES) return Promise.resolve();
    last = last.then(() => new Promise((resolve) => setTimeout(resolve, 0)));
    return last;
  };
}
