/** What kubectl's verbs and flags can do on this machine, or past the door. */
import type { PowerTable } from "./powers.ts";

const ON_A_TERMINAL =
  "Leave out -t (--tty): there is no terminal. A command that reads takes stdin " +
  'with -i: "kubectl exec -i POD -- COMMAND".';

/** The verbs and flags of kubectl, by class. */
export const KUBECTL_POWERS: PowerTable = {
  verbs: {
    harmless: `annotate, api-resources, api-versions, apply, apply set-last-applied,
      apply view-last-applied, attach, auth, auth can-i, auth reconcile, auth whoami, autoscale,
      certificate, certificate approve, certificate deny, cluster-info, cluster-info dump, completion,
      config, config current-context, config get-clusters, config get-contexts, config get-users,
      config view, cordon, cp, create, create clusterrole, create clusterrolebinding,
      create configmap, create cronjob, create deployment, create ingress, create job,
      create namespace, create poddisruptionbudget, create priorityclass, create quota, create role,
      create rolebinding, create secret, create secret docker-registry, create secret generic,
      create secret tls, create service, create service clusterip, create service externalname,
      create service loadbalancer, create service nodeport, create serviceaccount, create token,
      debug, delete, describe, diff, drain, events, exec, explain, expose, get, kuberc, label, logs,
      options, patch, plugin, replace, rollout, rollout history, rollout pause, rollout restart,
      rollout resume, rollout status, rollout undo, run, scale, set, set env, set image,
      set resources, set selector, set serviceaccount, set subject, taint, top, top node, top pod,
      uncordon, version, wait`,
    remote: "kustomize",
    servers: `config delete-cluster, config delete-context, config delete-user,
      config rename-context, config set, config set-cluster, config set-context,
      config set-credentials, config unset, config use-context`,
    programs: "kuberc set, kuberc view, plugin list",
    ports: "port-forward, proxy",
    terminal: "apply edit-last-applied, edit",
  },
  flags: {
    harmless: `accept-hosts accept-paths address aggregation-rule all all-containers all-namespaces
      all-pods allow-missing-template-keys allowlist-entry annotation annotations api-group
      api-prefix api-version append-hash append-server-path appendarg arguments-only attach audience
      bound-object-kind bound-object-name bound-object-uid cached cascade categories chunk-size class
      client cluster-ip clusterip clusterrole command concurrency container containers copy-to cpu
      cpu-percent create-annotation current current-replicas default-backend delete-emptydir-data
      description detach-keys disable-compression disable-eviction disable-filter docker-email
      docker-password docker-server docker-username dry-run duration env expose external-ip
      external-name field-manager field-selector flatten follow for force force-conflicts from
      from-literal global-default grace-period group hard ignore-daemonsets ignore-errors
      ignore-not-found image image-pull-policy insecure-skip-tls-verify-backend keep-annotations
      keep-init-containers keep-labels keep-liveness keep-readiness keep-startup keepalive keys
      label-columns labels leave-stdin-open limit-bytes limits list load-balancer-ip local
      log-flush-frequency match-server-version max max-log-requests max-unavailable memory merge min
      min-available minify name name-only namespace namespaced namespaces no-headers no-preserve
      node-port non-resource-url now openapi-patch output-patch output-watch-events override-type
      overrides overwrite patch pod-running-timeout pod-selector port preemption-policy prefix
      previous privileged profile protocol prune prune-allowlist quiet raw record recursive
      reject-methods reject-paths remove-extra-permissions remove-extra-subjects replace replicas
      request-timeout requests resolve resource resource-name resource-version restart retries
      revision rm role rule same-node save-config schedule scopes selector server-print server-side
      serviceaccount session-affinity set-image set-raw-bytes share-processes show-capacity
      show-events show-kind show-labels show-managed-fields show-secrets show-swap since since-time
      skip-wait-for-delete-timeout sort-by stdin subresource sum tail target target-port tcp timeout
      timestamps to-revision type types use-protocol-buffers v validate value verb verbs vmodule wait
      warnings-as-errors watch watch-only windows-line-endings www-prefix`,
    path: `cache-dir cert custom from-env-file key output-directory patch-file profile-output
      unix-socket www`,
    manifest: "filename",
    kustomization: "kustomize",
    pairs: "from-file",
    format: "output",
    template: "template",
    context: "context",
    terminal: "edit interactive tty",
    files: "load-restrictor",
    servers: `auth-provider auth-provider-arg certificate-authority client-certificate client-key
      cluster embed-certs insecure-skip-tls-verify kubeconfig password proxy-url server
      tls-server-name token user username`,
    impersonation: "as as-group as-uid as-user-extra",
    programs: `as-current-user enable-alpha-plugins enable-helm exec-api-version exec-arg
      exec-command exec-env exec-interactive-mode exec-provide-cluster-info helm-api-versions
      helm-command helm-debug helm-kube-version kuberc mount network network-name option policy
      prependarg section`,
  },
  flagsOf: {
    "create clusterrolebinding": { harmless: "user" },
    "create rolebinding": { harmless: "user" },
    "kuberc": { programs: "command name overwrite" },
    "kustomize": { programs: "env" },
    "set subject": { harmless: "user" },
  },
  args: { copy: "cp", manifest: "kustomize" },
  instead: {
    "apply edit-last-applied":
      'Use "kubectl apply view-last-applied", and "kubectl apply set-last-applied -f -" with stdin.',
    "edit": 'Use "kubectl patch", or "kubectl get -o yaml" and "kubectl apply -f -" with stdin.',
    "port-forward":
      'Use "kubectl exec POD -- COMMAND", or "kubectl get --raw /api/v1/namespaces/NAMESPACE/services/NAME:PORT/proxy/PATH".',
    "proxy": 'Use "kubectl get --raw PATH".',
    "kustomize": 'Give the finished manifests by "stdin" or "files".',
    "--kustomize": 'Give the finished manifests by "stdin" or "files", with "-f".',
    "--edit": 'Use "-o yaml --dry-run=client", and "kubectl create -f -" with stdin.',
    "--interactive": "Leave it out: nobody can answer.",
    "--tty": ON_A_TERMINAL,
  },
};
