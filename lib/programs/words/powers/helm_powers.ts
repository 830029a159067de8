/** What helm's verbs and flags can do on this machine, or past the door. */
import type { PowerTable } from "./powers.ts";

/** The verbs and flags of helm, by class. */
export const HELM_POWERS: PowerTable = {
  verbs: {
    harmless: `completion, completion bash, completion fish, completion powershell, completion zsh,
      create, dependency, dependency list, get, get all, get hooks, get manifest, get metadata,
      get notes, get values, history, install, lint, list, package, plugin, registry, repo,
      repo index, repo list, repo remove, rollback, search, search repo, show, show all, show chart,
      show crds, show readme, show values, status, template, test, uninstall, upgrade, verify,
      version`,
    files: "env",
    remote: `dependency build, dependency update, pull, push, registry login, registry logout,
      repo add, repo update, search hub`,
    programs: `plugin install, plugin list, plugin package, plugin uninstall, plugin update,
      plugin verify`,
  },
  flags: {
    harmless: `all all-namespaces allow-deprecated-repos api-versions app-version atomic burst-limit
      cascade cleanup-on-fail color colour create-namespace date debug deployed description devel
      disable-openapi-validation dry-run fail-on-no-result failed filter force force-conflicts
      force-replace force-update generate-name hide-notes hide-secret history-max ignore-not-found
      include-crds install is-upgrade json jsonpath keep-history kube-version labels list-repo-url
      logs max max-col-width name-template namespace no-descriptions no-headers no-hooks offset
      output password-stdin pending prov qps quiet regexp release-name render-subchart-notes replace
      reset-then-reuse-values reset-values reuse-values reverse revision rollback-on-failure selector
      server-side set set-json set-literal set-string short show-only show-rollback-revision sign
      skip-crds skip-refresh skip-tests strict superseded take-ownership
      time-format timeout type uninstalled uninstalling untar url validate verify version versions
      wait wait-for-jobs with-subcharts`,
    path: `ca-file cert-file content-cache destination key key-file keyring merge output-dir
      passphrase-file registry-config repository-cache repository-config starter untardir`,
    manifest: "values",
    pairs: "set-file",
    context: "kube-context",
    // A chart's schema may refer to URLs and files, which helm fetches and reads.
    guard: "skip-schema-validation",
    remote: `dependency-update enable-dns endpoint insecure insecure-skip-tls-verify
      pass-credentials password plain-http repo username`,
    servers: `kube-apiserver kube-ca-file kube-insecure-skip-tls-verify kube-tls-server-name
      kube-token kubeconfig`,
    impersonation: "kube-as-group kube-as-user",
    // A template could write what is hidden in a release in any form.
    programs: "post-renderer post-renderer-args template",
  },
  args: {
    manifest: `create, dependency, install, lint, package, pull, push, repo index, show, template,
      upgrade, verify`,
  },
  instead: {
    "remote": 'Give the chart\'s files by "files", and name their folder.',
    "files": 'Give the files by "files", and use their plain names.',
    "programs": "Plugins and post-renderers are the business of whoever runs this server.",
    "env": 'Use "helm version".',
    "--skip-schema-validation": "Leave it out: a schema may name what the network has.",
    "--template": "Take all of it, and filter it with jq or yq.",
    "--post-renderer": 'Change the chart\'s values, or pipe "helm template" through a filter.',
  },
};
