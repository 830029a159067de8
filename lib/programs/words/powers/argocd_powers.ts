/** What argocd's verbs and flags can do on this machine, or past the door. */
import type { PowerTable } from "./powers.ts";

/** The verbs and flags of argocd, by class. */
export const ARGOCD_POWERS: PowerTable = { verbs: {}, flags: {}, args: {}, instead: {} };
