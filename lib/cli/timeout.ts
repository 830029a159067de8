/** The flag `--timeout` of `kubecode eval`. Pure. */
import { parseDuration } from "../config/duration.ts";
import { InputError } from "../errors.ts";
import { DEFAULT_LIMITS } from "../eval/limits.ts";

/** The longest timeout that the flag takes. */
export const MAX_TIMEOUT = `${DEFAULT_LIMITS.maxTimeoutMs / 60_000}m`;

/** The hint for a script that took too long. */
export const TIMEOUT_HINT =
  `Ask for less at a time, or give a larger --timeout (at most ${MAX_TIMEOUT}).`;

/**
 * The flag's value in milliseconds.
 *
 * @throws {InputError} the text is not a duration, or too long a one
 */
export function readTimeout(text: string): number {
  const milliseconds = parseDuration(text);
  const refuse = (state: string) => new InputError(`Cannot use --timeout "${text}": ${state}`);
  if (milliseconds === undefined) {
    throw refuse('it must be a duration such as "30s", "500ms" or "2m"');
  }
  if (milliseconds === 0 || milliseconds > DEFAULT_LIMITS.maxTimeoutMs) {
    throw refuse(`it must be more than 0 and at most ${MAX_TIMEOUT}`);
  }
  return milliseconds;
}
