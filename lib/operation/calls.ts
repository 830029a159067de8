/** The calls of tools that run now, over all callers. */

/** One of them. */
export interface RunningCall {
  readonly tool: string;
  /** Whose it is. */
  readonly user: string;
  /** When it began, by `performance.now()`. */
  readonly since: number;
}

/** The table of them. */
export interface Calls {
  /** Runs one, as part of the table. */
  run<Result>(call: Omit<RunningCall, "since">, work: () => Promise<Result>): Promise<Result>;
  running(): readonly RunningCall[];
  /** Resolves once none runs. */
  ended(): Promise<void>;
}

/** Makes an empty table. */
export function createCalls(): Calls {
  const running = new Set<RunningCall>();
  let waiters: (() => void)[] = [];
  return {
    async run(about, work) {
      const call = { ...about, since: performance.now() };
      running.add(call);
      try {
        return await work();
      } finally {
        running.delete(call);
        if (running.size === 0) {
          for (const resolve of waiters) resolve();
          waiters = [];
        }
      }
    },
    running: () => [...running],
    ended: () =>
      running.size === 0 ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve)),
  };
}
