import type { Allowance } from "../../lib/redact/patience.ts";

/** For measurements of growth, which must not end where a machine is slow. */
export const ENDLESS: Allowance = { ms: Infinity, perMib: 0 };
