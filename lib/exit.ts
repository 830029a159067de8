/** The codes that the program exits with. */

/** 124 is what `timeout(1)` gives, 130 what a shell gives after Ctrl-C. */
export const EXIT = {
  ok: 0,
  /** The command ran, and its answer is no. */
  failed: 1,
  /** A command line or a configuration that cannot be used. */
  usage: 2,
  timeout: 124,
  interrupted: 130,
} as const;
