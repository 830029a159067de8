/** The prompts about helm. Without helm its releases are known by the labels of their Secrets. */
import {
  ANY_RELEASE,
  CHART_NAME,
  NAMESPACE,
  RELEASE_NAME,
  VALUES,
} from "../arguments/arguments.ts";
import {
  byRoad,
  call,
  calls,
  command,
  forThePerson,
  hasProgram,
  inNamespace,
  READ_ONLY,
  scriptLook,
} from "../text.ts";
import { definePrompt, type Here } from "../types.ts";

const LOOK = `
// The labels tell all but charts and values, which only helm reads.
const rows = cluster.coreV1().secrets(ns)
  .list({labelSelector: "owner=helm" + (release ? ",name=" + release : ""), form: "metadata"}).items
  .map(({metadata: {labels, creationTimestamp}}) => ({
    release: labels.name, revision: Number(labels.version), status: labels.status, created: creationTimestamp,
  })).sort((a, b) => a.release < b.release ? -1 : a.release > b.release ? 1 : b.revision - a.revision);
const labelled = release ? {labelSelector: "app.kubernetes.io/instance=" + release} : {labelSelector: "app.kubernetes.io/managed-by=Helm"};
const apps = cluster.appsV1();
const workloads = [apps.deployments(ns), apps.statefulSets(ns), apps.daemonSets(ns)]
  .flatMap(client => client.list(labelled).items);
[
  rows.length ? table(rows.slice(0, 100)) : "no releases",
  ...(workloads.length ? ["their workloads:", table(workloads, {
    kind: "kind", name: "metadata.name", instance: each => each.metadata.labels["app.kubernetes.io/instance"],
    ready: each => (each.status?.readyReplicas ?? each.status?.numberReady ?? 0) + "/" + (each.spec.replicas ?? each.status?.desiredNumberScheduled ?? 0),
  })] : []),
].join("\\n")`;

const NO_HELM =
  "helm itself is not offered here (it takes `--toolsets cli` and an installed helm), so charts and " +
  "values cannot be read or changed.";

/** What is known of releases. */
function look(here: Here, ns: string, release: string): readonly string[] {
  if (hasProgram(here, "helm")) {
    return [calls(
      command("helm", `list -n ${ns}`),
      ...(release === "" ? [] : [
        command("helm", `status ${release} -n ${ns}`),
        command("helm", `history ${release} -n ${ns}`),
        command("helm", `get values ${release} -n ${ns}`),
      ]),
    )];
  }
  const chosen = release === "" ? "" : `,name=${release}`;
  return [
    NO_HELM,
    ...byRoad(here, {
      scripts: [scriptLook(here, { ns, release }, LOOK)],
      kubectl: [calls(
        command(
          "kubectl",
          `get secrets -n ${ns} -l owner=helm${chosen} -L name,version,status --no-headers`,
        ),
        command("kubectl", `get all -n ${ns} -l app.kubernetes.io/managed-by=Helm`),
      )],
      resources: [calls(
        call("scan_k8s_collection", {
          api_version: "v1",
          resource_kind: "secrets",
          target_ns: ns,
          label_filter: `owner=helm${chosen}`,
          detail_annotations: false,
        }),
        call("scan_k8s_collection", {
          api_group: "apps",
          api_version: "v1",
          resource_kind: "deployments",
          target_ns: ns,
          label_filter: "app.kubernetes.io/managed-by=Helm",
          detail_annotations: false,
        }),
      )],
      guarded: [
        "The releases are kept in Secrets, which the guarded tools do not read; what they made carries " +
        "the label `app.kubernetes.io/managed-by: Helm`:",
        call("k8s_list", { namespace: ns, group: "apps", version: "v1", plural: "deployments" }),
      ],
    }, []),
  ];
}

/** A change by helm, or the command with which a person makes it. */
function change(here: Here, words: string): readonly string[] {
  const offered = hasProgram(here, "helm");
  if (!offered || here.mode === "read-only") {
    return [forThePerson(offered ? READ_ONLY : "helm is not offered here.", `\`helm ${words}\`.`)];
  }
  const how = here.mode === "approve"
    ? "2. Run this; the person is shown the plan and asked:"
    : "2. Try it out, show the person what it would make, and run it once they agree:";
  return [
    how,
    calls(
      ...(here.mode === "approve" ? [] : [command("helm", words, { dry_run: true })]),
      command("helm", words),
    ),
    "A chart that the person has as files goes into `files` (`web/Chart.yaml` and the others; the chart " +
    "is then `./web`). Remote charts, and this verb in strict security mode, may be refused: tell the " +
    "person what the refusal says, and leave it.",
  ];
}

/** The words of a change of a release. */
function wordsOf(verb: string, release: string, chart: string, ns: string, values: string): string {
  return `${verb} ${release} ${chart} -n ${ns}${values === "" ? "" : ` --set '${values}'`}`;
}

const management = definePrompt({
  name: "helm_chart_management",
  description: "Helm releases and how they are",
  arguments: { release_name: ANY_RELEASE, namespace: NAMESPACE },
  text: ({ release_name: release, namespace: ns }, here) => [
    release === ""
      ? `Look at the Helm releases in ${inNamespace(ns)}.`
      : `Look at the Helm release "${release}" in ${inNamespace(ns)}.`,
    ...look(here, ns, release),
    "Answer with releases that failed or hang (`failed`, `pending-…`) first, their revisions, and " +
    "whether what they made is ready. Change nothing: an upgrade or a rollback is for the person to ask for.",
  ],
});

const install = definePrompt({
  name: "helm_install_chart",
  description: "Install a Helm chart",
  arguments: {
    chart_name: CHART_NAME,
    release_name: RELEASE_NAME,
    values: VALUES,
    namespace: NAMESPACE,
  },
  text: ({ chart_name: chart, release_name: release, values, namespace: ns }, here) => [
    `Install chart "${chart}" as release "${release}" in ${inNamespace(ns)}.`,
    "1. See that no release has this name already; where one has, stop and say so.",
    ...look(here, ns, ""),
    ...change(here, wordsOf("install", release, chart, ns, values)),
    "At last look again: status `deployed`, and the pods ready. To undo it: " +
    `\`helm uninstall ${release} -n ${ns}\`.`,
  ],
});

const upgrade = definePrompt({
  name: "helm_upgrade_chart",
  description: "Upgrade a Helm release",
  arguments: {
    release_name: RELEASE_NAME,
    chart_name: CHART_NAME,
    values: VALUES,
    namespace: NAMESPACE,
  },
  text: ({ release_name: release, chart_name: chart, values, namespace: ns }, here) => [
    `Upgrade release "${release}" in ${inNamespace(ns)} to chart "${chart}".`,
    "1. See that the release is there and `deployed`, and remember its revision.",
    ...look(here, ns, release),
    ...change(here, `${wordsOf("upgrade", release, chart, ns, values)} --reset-then-reuse-values`),
    `At last look again. To undo it: \`helm rollback ${release} REVISION -n ${ns}\`.`,
  ],
});

/** The prompts. */
export const HELM = [management, install, upgrade];
