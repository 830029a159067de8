/** The prompts about Argo CD. Its applications are resources of the cluster: a field of them starts a sync. */
import {
  ANY_APPLICATION,
  APPLICATION,
  ARGOCD_NAMESPACE,
  REVISION,
} from "../arguments/arguments.ts";
import {
  byRoad,
  call,
  calls,
  command,
  forThePerson,
  hasProgram,
  howToChange,
  inNamespace,
  NOTHING_READS,
  READ_ONLY,
  scriptChange,
  scriptLook,
} from "../text.ts";
import { definePrompt, type Here } from "../types.ts";

const RESOURCE = "applications.argoproj.io";

/** What all its scripts begin with. */
const SERVED = `
const isServed = cluster.discoveryClient().serverPreferredResources().some(({groupVersion}) => groupVersion.startsWith("argoproj.io/"));
if (!isServed) return "Argo CD is not installed: the cluster serves none of its resources";
const applications = cluster.dynamicClient().resource({group: "argoproj.io", resource: "applications"}).namespace(ns);`;

const LOOK = `${SERVED}
const row = ({metadata, spec, status = {}}) => ({
  name: metadata.name, project: spec.project, sync: status.sync?.status, health: status.health?.status,
  revision: status.sync?.revision?.slice(0, 12), automated: spec.syncPolicy?.automated ? "yes" : "no",
});
if (name === "") {
  const rows = applications.list().items.map(row);
  return rows.length ? table(rows) : "no applications in " + ns;
}
const application = applications.get(name);
const {spec, status = {}, operation} = application;
const {phase, message, startedAt, finishedAt} = status.operationState ?? {};
return yaml({
  ...row(application),
  source: spec.source ?? spec.sources, destination: spec.destination, syncPolicy: spec.syncPolicy,
  conditions: status.conditions,
  waiting: operation,
  lastOperation: {phase, message, startedAt, finishedAt},
  notWell: (status.resources ?? []).filter(each => each.status !== "Synced" || (each.health?.status ?? "Healthy") !== "Healthy").slice(0, 50)
    .map(each => [each.kind, each.namespace, each.name, each.status, each.health?.status, each.health?.message].filter(Boolean).join(" ")),
  history: (status.history ?? []).slice(-10).map(({id, revision, deployedAt}) => ({id, revision, deployedAt})),
})`;

/** `operation` is what Argo CD's own server sets when it is asked to sync. */
const SYNC = `${SERVED}
const {spec, operation} = applications.get(name);
if (operation) return "not changed: an operation is under way already";
const {syncOptions} = spec.syncPolicy ?? {};
applications.patch(name, "merge", {operation: {
  initiatedBy: {username: "kubecode"},
  sync: {prune: false, ...(syncOptions ? {syncOptions} : {})},
}});
return "sync of " + name + " has been started"`;

const ROLLBACK = `${SERVED}
const {spec, status = {}, operation} = applications.get(name);
const history = status.history ?? [];
if (operation) return "not changed: an operation is under way already";
if (spec.syncPolicy?.automated) return "not changed: automated sync would undo it; the person has to turn that off first";
const to = revision === "" ? history.at(-2) : history.find(each => String(each.id) === revision) ?? history.findLast(each => each.revision?.startsWith(revision));
if (!to) return "not changed: no such revision; the history has " + history.map(each => each.id + " " + each.revision).join(", ");
applications.patch(name, "merge", {operation: {
  initiatedBy: {username: "kubecode"},
  sync: {
    prune: false, revision: to.revision, ...(to.revisions ? {revisions: to.revisions} : {}),
    ...(to.source ? {source: to.source} : {}), ...(to.sources ? {sources: to.sources} : {}),
  },
}});
return "rollback of " + name + " to " + to.id + " " + to.revision + " has been started"`;

const MISSING =
  "Where the cluster does not serve these, Argo CD is not installed: say so and stop.";

/** A call of argocd itself, where it is offered. */
function byArgocd(here: Here, verb: string, ns: string, name = ""): readonly string[] {
  if (!hasProgram(here, "argocd")) return [];
  const place = ns === "argocd" ? "" : ` --app-namespace ${ns}`;
  return [command("argocd", `app ${verb}${name === "" ? "" : ` ${name}`}${place}`)];
}

/** A look at one application, or at all of them. */
function look(here: Here, ns: string, name: string): readonly string[] {
  const target = {
    api_group: "argoproj.io",
    api_version: "v1alpha1",
    resource_kind: "applications",
  };
  const guarded = {
    namespace: ns,
    group: "argoproj.io",
    version: "v1alpha1",
    plural: "applications",
  };
  const own = byArgocd(here, name === "" ? "list" : "get", ns, name);
  const looks = byRoad(here, {
    scripts: [scriptLook(here, { ns, name }, LOOK)],
    kubectl: [
      MISSING,
      calls(
        command("kubectl", `get ${RESOURCE} -n ${ns}`),
        ...(name === "" ? [] : [command("kubectl", `get ${RESOURCE} ${name} -n ${ns} -o yaml`)]),
      ),
    ],
    resources: [
      MISSING,
      name === ""
        ? call("scan_k8s_collection", { ...target, target_ns: ns, detail_annotations: false })
        : call("get_k8s_entity", { ...target, target_ns: ns, entity_name: name }),
    ],
    guarded: [
      MISSING,
      name === "" ? call("k8s_list", guarded) : call("k8s_get", { ...guarded, name }),
    ],
  }, own.length > 0 ? [] : NOTHING_READS);
  return [...looks, ...own.map((line) => `argocd itself tells it by: ${line}`)];
}

/** The start of an operation: by the script, or by what sets the same field. */
function change(
  here: Here,
  { ns, name, constants = {}, body, sync, note = "", verb, more = "" }: {
    readonly ns: string;
    readonly name: string;
    /** What argocd calls it, and what it takes behind the name. */
    readonly verb: string;
    readonly more?: string;
    readonly constants?: Readonly<Record<string, string>>;
    readonly body: string;
    readonly sync: Readonly<Record<string, unknown>>;
    /** What is to be put into it. */
    readonly note?: string;
  },
): readonly string[] {
  const byPerson = `\`argocd app ${verb} ${name}${more}\`.`;
  if (here.mode === "read-only") return [forThePerson(READ_ONLY, byPerson)];
  const operation = { initiatedBy: { username: "kubecode" }, sync };
  return byRoad(
    here,
    {
      scripts: [scriptChange(here, { ns, name, ...constants }, body)],
      kubectl: [
        `2. Start it. ${note}${howToChange(here)}`,
        command(
          "kubectl",
          `patch ${RESOURCE} ${name} -n ${ns} --type merge -p '${JSON.stringify({ operation })}'`,
        ),
      ],
      resources: [
        `2. Start it. ${note}${howToChange(here)}`,
        call("deploy_k8s_entity", {
          payload_manifest: JSON.stringify({
            apiVersion: "argoproj.io/v1alpha1",
            kind: "Application",
            metadata: { name, namespace: ns },
            operation,
          }),
          force: true,
        }),
      ],
      guarded: [forThePerson("The guarded tools start no sync.", byPerson)],
    },
    byArgocd(here, verb, ns, `${name}${more}`).map((line) =>
      `2. Tell the person what it does; once they agree: ${line}`
    ),
  );
}

const application = definePrompt({
  name: "argocd_application",
  description: "Argo CD applications and how they are",
  arguments: { app_name: ANY_APPLICATION, namespace: ARGOCD_NAMESPACE },
  text: ({ app_name: name, namespace: ns }, here) => [
    name === ""
      ? `Look at the Argo CD applications in ${inNamespace(ns)}.`
      : `Look at the Argo CD application "${name}" in ${inNamespace(ns)}.`,
    ...look(here, ns, name),
    "Answer with what is out of sync or not healthy, why, and since which revision. What is changed in " +
    "the cluster by hand is undone by the next sync: changes belong into the repository.",
  ],
});

const sync = definePrompt({
  name: "argocd_sync_application",
  description: "Sync an Argo CD application",
  arguments: { application_name: APPLICATION, namespace: ARGOCD_NAMESPACE },
  text: ({ application_name: name, namespace: ns }, here) => [
    `Sync the Argo CD application "${name}" in ${inNamespace(ns)}.`,
    "1. Look at it first, and tell the person what a sync would change. Nothing is pruned.",
    ...look(here, ns, name),
    ...change(here, {
      ns,
      name,
      body: SYNC,
      sync: { prune: false },
      verb: "sync",
    }),
    "Then look again until the operation has ended, and tell how it did.",
  ],
});

const rollback = definePrompt({
  name: "argocd_rollback_application",
  description: "Roll an Argo CD application back",
  arguments: {
    application_name: APPLICATION,
    revision: REVISION,
    namespace: ARGOCD_NAMESPACE,
  },
  text: ({ application_name: name, revision, namespace: ns }, here) => [
    `Roll the Argo CD application "${name}" in ${inNamespace(ns)} back to ` +
    `${revision === "" ? "the deployment before the last" : `"${revision}" of its history`}.`,
    "1. Look at it first. Where it syncs automatically, a rollback is undone at once: the person has to " +
    "turn that off before. Tell them what they go back to.",
    ...look(here, ns, name),
    ...change(here, {
      ns,
      name,
      constants: { revision },
      body: ROLLBACK,
      // The numbers of a history are Argo CD's own: a sync takes commits.
      sync: { prune: false, revision: "REVISION" },
      note: "REVISION is the `revision` of that entry of `status.history`. ",
      verb: "rollback",
      more: revision === "" ? "" : ` ${revision}`,
    }),
    "Then look again until the operation has ended, and tell how it did.",
  ],
});

/** The prompts. */
export const ARGOCD = [application, sync, rollback];
