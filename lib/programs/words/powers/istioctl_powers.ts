/** What istioctl's verbs and flags can do on this machine, or past the door. */
import type { PowerTable } from "./powers.ts";

/** The verbs and flags of istioctl, by class. */
export const ISTIOCTL_POWERS: PowerTable = { verbs: {}, flags: {}, args: {}, instead: {} };
