/** `k8s_resource_scaling`: from how something is scaled to another number of pods. */
import { NAMESPACE, RESOURCE_NAME, SCALED_TYPE } from "../arguments/arguments.ts";
import { nameOfType, reference, type ResourceType } from "../arguments/resource_types.ts";
import {
  byRoad,
  call,
  calls,
  command,
  forThePerson,
  howToChange,
  inNamespace,
  NOTHING_READS,
  READ_ONLY,
  scriptChange,
  scriptLook,
} from "../text.ts";
import { definePrompt, type Here } from "../types.ts";

const LOOK = `
const object = cluster.dynamicClient().resource(type).namespace(ns).get(name);
const tryTo = look => {
  try {
    return look();
  } catch (error) {
    return error.message;
  }
};
const labels = object.spec.selector?.matchLabels;
const chosen = pod => labels && Object.entries(labels).every(([key, value]) => pod.metadata.labels?.[key] === value);
const {replicas, readyReplicas, availableReplicas, conditions} = object.status ?? {};
yaml({
  wanted: object.spec.replicas,
  status: {replicas, readyReplicas, availableReplicas, conditions},
  requests: object.spec.template?.spec.containers.map(({name, resources}) => ({name, resources})),
  usage: tryTo(() => cluster.metricsV1beta1Client().pods(ns).list().items.filter(chosen)
    .map(pod => ({pod: pod.metadata.name, containers: pod.containers}))),
  autoscalers: tryTo(() => cluster.autoscalingV2().horizontalPodAutoscalers(ns).list().items
    .filter(({spec}) => spec.scaleTargetRef.kind === object.kind && spec.scaleTargetRef.name === name)
    .map(({metadata, spec}) => ({name: metadata.name, from: spec.minReplicas, to: spec.maxReplicas}))),
  quotas: tryTo(() => cluster.coreV1().resourceQuotas(ns).list().items.map(({metadata, status}) => ({name: metadata.name, ...status}))),
  disruptionBudgets: tryTo(() => cluster.policyV1().podDisruptionBudgets(ns).list().items
    .filter(({spec}) => chosen({metadata: {labels: spec.selector?.matchLabels ?? {}}}))
    .map(({metadata, spec}) => ({name: metadata.name, ...spec}))),
})`;

const CHANGE = `
const scaled = cluster.dynamicClient().resource(type).namespace(ns);
const replicas = scaled.get(name).spec.replicas; // put the number here that the person wants
scaled.scale(name, replicas).spec.replicas`;

/** How the number of replicas is changed here. */
function change(type: ResourceType, ns: string, name: string, here: Here): readonly string[] {
  const resource = nameOfType(type);
  const words = `scale ${resource} ${name} -n ${ns} --replicas`;
  if (here.mode === "read-only") {
    return [forThePerson(READ_ONLY, `\`kubectl ${words}=NUMBER\`.`)];
  }
  return byRoad(here, {
    scripts: [scriptChange(here, { type: reference(type), ns, name }, CHANGE)],
    kubectl: [
      `2. Scale: \`execute_kubectl\` with \`${words}=NUMBER\`, then ` +
      `\`get ${resource} ${name} -n ${ns}\` until all are ready. ` +
      howToChange(here),
    ],
    resources: [
      "2. Scale: `deploy_k8s_entity` with a manifest of nothing but `apiVersion`, `kind`, " +
      "`metadata` (name and namespace) and `spec.replicas`, and `force: true`. " +
      howToChange(here),
    ],
    guarded: [
      `2. Scale: \`k8s_patch\` with \`operation: "scale"\` and \`replicas\`. ` +
      `${howToChange(here)} It takes \`approved: true\` then.`,
    ],
  }, []);
}

/** The prompt. */
export const scaling = definePrompt({
  name: "k8s_resource_scaling",
  description: "Scale a workload",
  arguments: {
    resource_type: SCALED_TYPE,
    resource_name: RESOURCE_NAME,
    namespace: NAMESPACE,
  },
  text({ resource_type: type, resource_name: name, namespace: ns }, here) {
    const resource = nameOfType(type);
    return [
      `Scale ${resource} "${name}" in ${
        inNamespace(ns)
      }. How many pods there are to be the person ` +
      "says: ask where they have not.",
      "1. Look first at what there is: replicas, what the pods use, autoscalers, quotas.",
      ...byRoad(here, {
        scripts: [scriptLook(here, { type: reference(type), ns, name }, LOOK)],
        kubectl: [
          calls(
            command("kubectl", `get ${resource} ${name} -n ${ns} -o yaml`),
            command("kubectl", `get hpa,pdb,resourcequotas -n ${ns}`),
            command("kubectl", `get pods -n ${ns} -o wide`),
          ),
        ],
        resources: [
          calls(
            call("get_k8s_entity", {
              ...(type.group === "" ? {} : { api_group: type.group }),
              api_version: type.version,
              resource_kind: type.resource,
              target_ns: ns,
              entity_name: name,
            }),
            call("scan_k8s_collection", {
              api_group: "autoscaling",
              api_version: "v2",
              resource_kind: "horizontalpodautoscalers",
              target_ns: ns,
            }),
            call("scan_k8s_collection", {
              api_version: "v1",
              resource_kind: "resourcequotas",
              target_ns: ns,
            }),
          ),
        ],
        guarded: [
          calls(
            call("k8s_get", {
              namespace: ns,
              group: type.group,
              version: type.version,
              plural: type.resource,
              name,
            }),
            call("k8s_list", {
              namespace: ns,
              group: "autoscaling",
              version: "v2",
              plural: "horizontalpodautoscalers",
            }),
          ),
        ],
      }, NOTHING_READS),
      ...change(type, ns, name, here),
      "An autoscaler sets the number back: change its bounds instead. Do not go below what a " +
      "disruption budget or a quorum needs. Remember the number before: to scale back to it undoes the change.",
    ];
  },
});
