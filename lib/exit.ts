/** The codes that the program exits with. */

/** `failed`: the command ran, and its answer is no; 124 is what `timeout(1)` gives, 130 what shells do. */
export const EXIT = {
  ok: 0,
  failed: 1,
  /** A command line or a configuration that cannot be used. */
  usage: 2,
  timeout: 124,
  interrupted: 130,
} as const;
