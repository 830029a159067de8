/** Exit codes of a sandbox child that mean something to its parent. */

/** The child found its own memory over the limit. */
export const MEMORY_EXIT_CODE = 86;
