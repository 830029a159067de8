/** The tables of all programs. */
import type { ProgramName } from "../../types.ts";
import { ARGOCD_POWERS } from "./argocd_powers.ts";
import { HELM_POWERS } from "./helm_powers.ts";
import { ISTIOCTL_POWERS } from "./istioctl_powers.ts";
import { KUBECTL_POWERS } from "./kubectl_powers.ts";
import type { PowerTable } from "./powers.ts";

/** The verbs and flags of each program, by class. */
export const POWER_TABLES: Readonly<Record<ProgramName, PowerTable>> = {
  kubectl: KUBECTL_POWERS,
  helm: HELM_POWERS,
  istioctl: ISTIOCTL_POWERS,
  argocd: ARGOCD_POWERS,
};
