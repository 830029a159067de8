/** Who may ask: a rule about a tool that there is not would be a rule about nothing. */

/** All tools, what MCP clients ask besides, and the commands at a terminal that ask a cluster. */
export const TOOL_NAMES: readonly string[] = [
  "evaluate_script",
  "search_api",
  "get_k8s_entity",
  "scan_k8s_collection",
  "deploy_k8s_entity",
  "interact_k8s_endpoint",
  "delete_k8s_entity",
  "k8s_list",
  "k8s_get",
  "k8s_list_events",
  "k8s_pod_logs",
  "k8s_delete",
  "k8s_patch",
  "ping",
  "resources/list",
  "resources/read",
  "completion/complete",
  "eval",
  "doctor",
  "demo",
];
