/** All prompts, in the order in which clients list them. Data only. */
import { deploy } from "./kubernetes/deploy.ts";
import { inventory } from "./kubernetes/inventory.ts";
import { logs } from "./kubernetes/logs.ts";
import { scaling } from "./kubernetes/scaling.ts";
import { security } from "./kubernetes/security.ts";
import { status } from "./kubernetes/status.ts";
import { troubleshoot } from "./kubernetes/troubleshoot.ts";
import { ARGOCD } from "./programs/argocd.ts";
import { HELM } from "./programs/helm.ts";
import { ISTIO } from "./programs/istio.ts";
import type { Prompt } from "./types.ts";

/** The prompts. */
export const PROMPTS: readonly Prompt[] = [
  status,
  deploy,
  troubleshoot,
  inventory,
  security,
  scaling,
  logs,
  ...ISTIO,
  ...HELM,
  ...ARGOCD,
];
