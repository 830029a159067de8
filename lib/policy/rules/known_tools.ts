/** The names that a rule may use under `tools:`; one for an unknown tool would never match. */

/** The tools, by the set that offers them. */
export const TOOL_SETS = {
  code: ["evaluate_script", "search_api"],
  resources: [
    "get_k8s_entity",
    "scan_k8s_collection",
    "deploy_k8s_entity",
    "interact_k8s_endpoint",
    "delete_k8s_entity",
  ],
  guarded: [
    "k8s_list",
    "k8s_get",
    "k8s_list_events",
    "k8s_pod_logs",
    "k8s_delete",
    "k8s_patch",
    "ping",
  ],
  cli: [
    "describe_kubectl",
    "execute_kubectl",
    "describe_helm",
    "execute_helm",
    "describe_istioctl",
    "execute_istioctl",
    "describe_argocd",
    "execute_argocd",
  ],
} as const;

/** A set of tools. */
export type ToolSetName = keyof typeof TOOL_SETS;

/** All tools, the MCP methods that reach a cluster, and the terminal commands that do. */
export const TOOL_NAMES: readonly string[] = [
  ...Object.values(TOOL_SETS).flat(),
  "resources/list",
  "resources/read",
  "completion/complete",
  "prompts/get",
  "eval",
  "doctor",
  "demo",
  "run",
  "proxy",
];
