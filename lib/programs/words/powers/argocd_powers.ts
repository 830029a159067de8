/**
 * What argocd's verbs and flags can do on this machine, or past the door. argocd asks its own server,
 * which the door does not see: what stands here is about this machine and the server's address alone.
 */
import type { PowerTable } from "./powers.ts";

/** The verbs and flags of argocd, by class. */
export const ARGOCD_POWERS: PowerTable = {
  verbs: {
    harmless:
      `account, account bcrypt, account can-i, account delete-token, account generate-token, account
      get, account get-user-info, account list, account update-password, admin, app, app
      actions, app actions list, app actions run, app add-source, app confirm-deletion, app
      create, app delete, app delete-resource, app diff, app get, app get-resource, app
      history, app list, app logs, app manifests, app patch, app patch-resource, app
      remove-source, app resources, app rollback, app set, app sync, app terminate-op, app
      unset, app wait, appset, appset create, appset delete, appset generate, appset get,
      appset list, cert, cert add-ssh, cert add-tls, cert list, cert rm, cluster, cluster get,
      cluster list, cluster rm, cluster rotate-auth, cluster set, completion, gpg, gpg add,
      gpg get, gpg list, gpg rm, proj, proj add-destination, proj
      add-destination-service-account, proj add-orphaned-ignore, proj add-signature-key, proj
      add-source, proj add-source-namespace, proj allow-cluster-resource, proj
      allow-namespace-resource, proj create, proj delete, proj deny-cluster-resource, proj
      deny-namespace-resource, proj get, proj list, proj remove-destination, proj
      remove-destination-service-account, proj remove-orphaned-ignore, proj
      remove-signature-key, proj remove-source, proj remove-source-namespace, proj role, proj
      role add-group, proj role add-policy, proj role create, proj role create-token, proj
      role delete, proj role delete-token, proj role get, proj role list, proj role
      list-tokens, proj role remove-group, proj role remove-policy, proj set, proj
      source-integrity, proj source-integrity git, proj source-integrity git policies, proj
      source-integrity git policies add, proj source-integrity git policies delete, proj
      source-integrity git policies list, proj source-integrity git policies update, proj
      windows, proj windows add, proj windows delete, proj windows disable-manual-sync, proj
      windows disable-sync-overrun, proj windows enable-manual-sync, proj windows
      enable-sync-overrun, proj windows list, proj windows update, repo, repo add, repo get,
      repo list, repo rm, repocreds, repocreds add, repocreds list, repocreds rm, version`,
    servers:
      `account session-token, admin app, admin app diff-reconcile-results, admin app generate-spec,
      admin app get-reconcile-results, admin cluster, admin cluster generate-spec, admin
      cluster kubeconfig, admin cluster namespaces, admin cluster namespaces
      disable-namespaced-mode, admin cluster namespaces enable-namespaced-mode, admin cluster
      shards, admin cluster stats, admin export, admin import, admin initial-password, admin
      notifications, admin notifications template, admin notifications template get, admin
      notifications template notify, admin notifications trigger, admin notifications trigger
      get, admin notifications trigger run, admin proj, admin proj generate-allow-list, admin
      proj generate-spec, admin proj update-role-policy, admin redis-initial-password, admin
      repo, admin repo generate-spec, admin settings, admin settings rbac, admin settings rbac
      can, admin settings rbac validate, admin settings resource-overrides, admin settings
      resource-overrides health, admin settings resource-overrides ignore-differences, admin
      settings resource-overrides ignore-resource-updates, admin settings resource-overrides
      list-actions, admin settings resource-overrides run-action, admin settings validate,
      cluster add, configure, context, login, logout, relogin`,
    ports: "admin dashboard",
    terminal: "app edit, proj edit",
  },
  flags: {
    harmless:
      `account action add-gpg-key add-repo-url address all allow-cluster-resource allow-empty
      allow-namespaced-resource annotation annotations app-namespace
      app-state-cache-expiration application-namespaces applications applicationset-namespaces
      apply-out-of-sync-only appset-namespace argocd-repo-server-plaintext assumeYes async
      auto-prune aws-cluster-name aws-profile aws-role-arn azure-active-directory-endpoint
      azure-service-principal-client-id azure-service-principal-client-secret
      azure-service-principal-tenant-id batch bearer-token callback cascade cert-sub-type
      cert-type client cluster-endpoint cluster-resources clusters config-management-plugin
      container controller-name core current-password default-cache-expiration default-role
      degraded delete delete-gpg-key delete-repo-url deny-cluster-resource
      deny-namespaced-resource depth description dest dest-name dest-namespace dest-server
      dest-service-accounts diff-exit-code directory-exclude directory-include
      directory-recurse disable-compression dry-run dry-source-path dry-source-repo
      dry-source-revision duration enable-lfs enable-oci env exec-command
      exec-command-api-version exec-command-args exec-command-env exec-command-install-hint
      exit-code expires-in filter filter-fields follow force force-http-basic-auth
      generate-bearer-token github-app-enterprise-base-url github-app-id
      github-app-installation-id gpg-key gpg-mode group grpc-web grpc-web-root-path
      hard-refresh health helm-api-versions helm-chart helm-kube-version helm-namespace
      helm-pass-credentials helm-set helm-set-file helm-set-string helm-skip-crds
      helm-skip-schema-validation helm-skip-tests helm-version hostname-pattern http-retry-max
      hydrate-to-branch hydrated id ignore-missing-components ignore-missing-value-files
      ignore-normalizer-jq-execution-timeout ignore-tracking in-cluster info inline
      insecure-ignore-host-key insecure-oci-force-http insecure-skip-server-verification
      jsonnet-ext-var-code jsonnet-ext-var-str jsonnet-libs jsonnet-tla-code jsonnet-tla-str
      kind kustomize-api-versions kustomize-common-annotation kustomize-common-label
      kustomize-force-common-annotation kustomize-force-common-label kustomize-image
      kustomize-kube-version kustomize-label-include-templates
      kustomize-label-without-selector kustomize-namespace kustomize-replica kustomize-version
      l label list load-cluster-settings local-include logformat loglevel manual-sync
      match-case max-namespace-count name nameprefix namespace namespaces namesuffix
      new-password no-proxy o object operation orphan orphaned orphaned-resources
      orphaned-resources-warn output override-on-conflict param parameter pass-credentials
      password patch patch-type path permission plugin-env port port-forward-namespace
      preview-changes previous project propagation-policy proxy prune quiet recipient
      redis-compress redis-haproxy-name redis-insecure-skip-tls-verify redis-name
      redis-use-tls redisdb ref refresh release-name replace replicas repo repo-server-name
      repo-url request-timeout resource resource-name retry-backoff-duration
      retry-backoff-factor retry-backoff-max-duration retry-limit retry-refresh revision
      revision-history-limit revisions role schedule scope selector self-heal sentinel
      sentinelmaster server-name server-side server-side-diff server-side-diff-concurrency
      server-side-diff-max-batch-kb server-side-generate service-account
      service-account-namespace set-finalizer shard sharding-method short show-managed-fields
      show-operation show-params signature-keys since-seconds skip-resources-with-label
      skip-test-tls sort source source-name source-names source-namespaces source-position
      source-positions src sso sso-port stop-operation strategy strict suspended sync
      sync-option sync-overrun sync-policy sync-retry-backoff-duration
      sync-retry-backoff-factor sync-retry-backoff-max-duration sync-retry-limit
      sync-retry-refresh sync-source-branch sync-source-path system-namespace tag-prefix tail
      time-zone timeout token-only type unixtime until-time upsert use-and-operator
      use-azure-workload-identity use-builtin-policy username validate values values-literal
      verbose wait webhook-manifest-cache-warm-disabled yes`,
    path: `argocd-cm-path argocd-secret-path config-map from gcp-service-account-key-path
      github-app-private-key-path local-repo-root out policy-file redis-ca-certificate
      redis-client-certificate redis-client-key repo-server-ca-cert-path
      repo-server-client-cert-key-path repo-server-client-cert-path secret
      ssh-private-key-path tls-client-cert-key-path tls-client-cert-path`,
    manifest: "file values-literal-file",
    context: "context kube-context",
    terminal: "prompts-enabled",
    servers: `argocd-context argocd-repo-server auth-token certificate-authority client-certificate
      client-crt client-crt-key client-key cluster config header insecure
      insecure-skip-tls-verify kubeconfig plaintext proxy-url redis repo-server server
      server-crt tls-server-name token user`,
    impersonation: "as as-group as-uid",
    programs: "local",
    ports: "port-forward port-forward-redis sso-launch-browser",
  },
  flagsOf: {
    "app actions": { harmless: "out" },
    "app list": { harmless: "cluster" },
    "repocreds add": { harmless: "proxy-url" },
  },
  args: { manifest: "admin import, appset create, appset generate" },
  instead: {
    "app edit": 'Use "argocd app patch" or "argocd app set".',
    "proj edit": 'Use "argocd proj set".',
    "--local": 'Use "argocd app diff" without it: the server renders the manifests.',
    "login": "kubecode gives argocd its server and token.",
  },
};
