/** What istioctl's verbs and flags can do on this machine, or past the door. */
import type { PowerTable } from "./powers.ts";

/** The verbs and flags of istioctl, by class. */
export const ISTIOCTL_POWERS: PowerTable = {
  verbs: {
    harmless: `admin, admin log, analyze, authz, bug-report version, completion, completion bash,
      completion fish, completion powershell, completion zsh, dashboard, experimental,
      experimental authz, experimental authz check, experimental check-inject, experimental config,
      experimental config list, experimental describe, experimental describe pod,
      experimental describe service, experimental envoy-stats, experimental injector,
      experimental injector list, experimental internal-debug, experimental metrics,
      experimental precheck, experimental proxy-status, experimental version,
      experimental workload, experimental workload entry, experimental workload entry configure,
      experimental workload group, experimental workload group create, install, kube-inject,
      manifest, manifest generate, manifest install, manifest translate, proxy-config,
      proxy-config all, proxy-config bootstrap, proxy-config cluster, proxy-config ecds,
      proxy-config endpoint, proxy-config listener, proxy-config log, proxy-config rootca-compare,
      proxy-config route, proxy-config secret, proxy-status, remote-clusters, tag, tag generate,
      tag list, tag remove, tag set, uninstall, upgrade, validate, version, waypoint,
      waypoint apply, waypoint delete, waypoint generate, waypoint list, waypoint status,
      ztunnel-config, ztunnel-config all, ztunnel-config certificate, ztunnel-config connections,
      ztunnel-config log, ztunnel-config policy, ztunnel-config service, ztunnel-config workload`,
    files: "bug-report",
    servers: "create-remote-secret",
    ports: `dashboard controlz, dashboard envoy, dashboard grafana, dashboard istiod-debug,
      dashboard jaeger, dashboard kiali, dashboard prometheus, dashboard proxy,
      dashboard skywalking, dashboard zipkin`,
  },
  flags: {
    harmless: `address all all-namespaces analyzer annotations auto-inject-namespaces autoregister
      browser capture-dns cluster cluster-specific clusterID color create-service-account
      critical-errs ctrlz_port direction dry-run duration end-time enroll-namespace exclude
      externalIP failure-threshold for force fqdn from-version full-secrets ignore-errs
      ignore-unknown ignoreUnmeshed include ingressIP ingressService internalIP istio-namespace
      istioNamespace kubeclient-timeout labels level list list-analyzers locality log-reset
      meshConfigMapName name namespace network no-descriptions node output output-threshold
      overwrite policy-namespace port ports proxy-admin-port purge raw readiness-timeout recursive
      remote reset revision rq-concurrency secret-name selector service-account service-namespace
      serviceAccount set short skip-analyze skip-cluster-dump skip-confirmation skip-controlplane
      skip-coredumps skip-netstat skip-proxy-debug stack-trace-level stack-trace-reset start-time
      status subset suppress tail timeout tokenDuration type ui-port use-kube verbose verbosity
      verify vklog wait waypoint-timeout webhook-name webhookConfig weight with-headers
      workload-namespace workload-node xds-label xds-port`,
    path: `cert-dir dir file injectConfigFile manifests meshConfigFile operatorFileName output-dir
      valuesFile`,
    manifest: "filename",
    context: "context",
    servers: `auth-plugin-config auth-plugin-name auth-type authority insecure kubeconfig plaintext
      remote-contexts server tls-server-name xds-address`,
    impersonation: "as as-group as-uid",
  },
  flagsOf: {
    "experimental workload entry configure": { path: "output" },
    "kube-inject": { path: "output" },
    "manifest": { path: "output" },
  },
  args: { manifest: "analyze, validate" },
  instead: {
    "bug-report": 'Use "istioctl analyze", "istioctl proxy-status" and "kubectl logs".',
    "ports": 'Use "istioctl proxy-config", or "kubectl get --raw" with a service\'s proxy.',
  },
};
