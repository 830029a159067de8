/**
 * Reads are retried where the server says that it is busy or unavailable for a moment. Changes are
 * only where it says that it has not looked at them and when to come again, as by client-go: in all
 * other cases whether one was made may be unknown. The policy is pure, the loop around it thin.
 *
 * @see {@link https://kubernetes.io/docs/concepts/cluster-administration/flow-control/}
 */
import { ApiError } from "../../errors.ts";
import { type Clock, sleep } from "../../std/async.ts";

/** Attempts at a request in all. */
export const TRIES = 5;

const FIRST_DELAY_MS = 100;
/** Where the server asks for a longer wait, the read fails at once. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Milliseconds to wait before a failed read is retried; undefined where it is not. 429, 502, 503
 * and 504 are passing states, 500 is where the server says when to come again. `Retry-After` is
 * obeyed; without one the wait doubles from 100 ms. A random part keeps clients apart.
 *
 * @param tries attempts so far
 * @param random from 0 to 1
 */
export function retryDelayMs(
  { status, retryAfterSeconds }: Pick<ApiError, "status" | "retryAfterSeconds">,
  tries: number,
  random: number,
): number | undefined {
  const passing = status === 429 || status === 502 || status === 503 || status === 504;
  if (tries >= TRIES || !(passing || (status === 500 && retryAfterSeconds !== undefined))) {
    return undefined;
  }
  if (retryAfterSeconds === undefined) return FIRST_DELAY_MS * 2 ** (tries - 1) * (0.5 + random);
  const askedMs = Math.max(0, retryAfterSeconds) * 1000;
  return askedMs > LONGEST_WAIT_MS ? undefined : askedMs * (1 + random / 10);
}

/**
 * The same for a change: 429 with `Retry-After` is the API server's word that it took the request for
 * one too many, and did nothing with it. An eviction that a disruption budget refuses names no time.
 */
export function changeDelayMs(
  failed: Pick<ApiError, "status" | "retryAfterSeconds">,
  tries: number,
  random: number,
): number | undefined {
  const named = failed.status === 429 && (failed.retryAfterSeconds ?? 0) > 0;
  return named ? retryDelayMs(failed, tries, random) : undefined;
}

/**
 * Sends a request until its answer is good, or a failure that no retry mends.
 *
 * @param ask resolves with the answer or the failure that the server sent
 * @param delayOf how long to wait after a failure; undefined: not at all
 * @throws {ApiError} the last failure, or the signal's reason
 */
export async function retryFailed<Answer>(
  ask: () => Promise<Answer | ApiError>,
  delayOf: typeof retryDelayMs,
  signal: AbortSignal,
  clock: Clock,
): Promise<Answer> {
  for (let tries = 1;; tries++) {
    const answer = await ask();
    if (!(answer instanceof ApiError)) return answer;
    const delayMs = delayOf(answer, tries, Math.random());
    if (delayMs === undefined) {
      if (tries === 1) throw answer;
      const asked = `It was asked ${tries} times.`;
      throw answer.with({ hint: answer.hint ? `${asked} ${answer.hint}` : asked });
    }
    await sleep(delayMs, signal, clock);
  }
}
