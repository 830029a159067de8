/** Arguments for every prompt, and what the texts have a model run. */
import type { Application } from "./objects.ts";

/** Arguments for every prompt, about the application. */
export const given = ({ namespace, pod }: Pick<Application, "namespace" | "pod">) => ({
  k8s_resource_status: { resource_type: "deployments", namespace },
  k8s_deploy_application: { app_name: "shop", image: "registry.example/shop:1", namespace },
  k8s_troubleshoot: { resource_type: "deploy", resource_name: "web", namespace },
  k8s_resource_inventory: { namespace },
  k8s_security_check: { namespace },
  k8s_resource_scaling: { resource_type: "deployment", resource_name: "web", namespace },
  k8s_logs_analysis: { pod_name: pod, namespace },
  istio_service_mesh: { namespace },
  istio_canary_setup: { service_name: "web", new_version: "v2", namespace },
  istio_mtls_enable: { namespace },
  helm_chart_management: { release_name: "web", namespace },
  helm_install_chart: { chart_name: "repo/web", release_name: "other", namespace },
  helm_upgrade_chart: {
    chart_name: "oci://registry.example/web",
    release_name: "web",
    values: "image.tag=2,replicas=2",
    namespace,
  },
  argocd_application: { app_name: "web", namespace },
  argocd_sync_application: { application_name: "web", namespace },
  argocd_rollback_application: { application_name: "web", revision: "3", namespace },
});

/** The scripts of a text. */
export const scriptsOf = (text: string) =>
  [...text.matchAll(/^```js\n(.*?)\n```$/gms)].map(([, script]) => script!);

/** The calls of a text. */
export const callsOf = (text: string) =>
  [...text.matchAll(/`(\w+) (\{.*\})`/g)].map(([, tool, input]) => ({
    tool: tool!,
    input: JSON.parse(input!) as Record<string, unknown>,
  }));
