/**
 * How many bytes of answers are held at a time: what reads beyond that waits, so that many large answers
 * come one after the other instead of all at once.
 */

/** The share of one answer. */
export interface Lease {
  /** Takes so many bytes more, once there is room; the oldest answer is never kept waiting. */
  take(bytes: number): Promise<void>;
  /** Gives back all that was taken: the answer has been handed on. */
  release(): void;
}

/** Room for bytes that answers share. */
export interface ByteBudget {
  lease(): Lease;
}

/** @param limitBytes above which only the oldest of the answers under way is read on */
export function createByteBudget(limitBytes: number): ByteBudget {
  const leases = new Set<Lease>();
  let wake = Promise.withResolvers<void>();
  let held = 0;
  return {
    lease() {
      let own = 0;
      const lease: Lease = {
        async take(bytes) {
          const isOldest = () => leases.values().next().value === lease;
          while (held + bytes > limitBytes && leases.has(lease) && !isOldest()) await wake.promise;
          if (!leases.has(lease)) return;
          own += bytes;
          held += bytes;
        },
        release() {
          leases.delete(lease);
          held -= own;
          own = 0;
          wake.resolve();
          wake = Promise.withResolvers();
        },
      };
      leases.add(lease);
      return lease;
    },
  };
}
