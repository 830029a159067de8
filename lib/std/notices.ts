/** What a person should see at once, whoever it was that asked: a login that waits for them. */

/** Words on their way to whoever shows them. */
export interface Notices {
  /** Tells one line to all who follow. */
  readonly tell: (line: string) => void;
  /** Is told each line from now on, until it is disposed of. */
  readonly follow: (listener: (line: string) => void) => Disposable;
}

/** Makes a place where lines are told. */
export function createNotices(): Notices {
  const listeners = new Set<(line: string) => void>();
  return {
    tell: (line) => listeners.forEach((listener) => listener(line)),
    follow(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
}
