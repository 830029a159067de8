/** `k8s_resource_inventory`: what there is. */
import { ANY_NAMESPACE } from "../arguments/arguments.ts";
import { byRoad, call, calls, command, inNamespace, NOTHING_READS, scriptLook } from "../text.ts";
import { definePrompt } from "../types.ts";

const LOOK = `
const lists = await cluster.discoveryClient().serverPreferredResources();
const types = lists.flatMap(({groupVersion, resources}) => groupVersion.startsWith("metrics.") ? [] : resources
  .filter(type => type.verbs?.includes("list") && !type.name.includes("/") && (ns === "" || type.namespaced))
  .map(type => ({apiVersion: groupVersion, kind: type.kind, name: type.name, namespaced: type.namespaced})));
// One small request counts a type: its first object, and how many remain.
const count = async type => {
  const {apiVersion, kind, name, namespaced} = type;
  try {
    const client = cluster.dynamicClient().resource({apiVersion, kind}).namespace(namespaced ? ns : "");
    const {items, metadata} = await client.list({form: "metadata", limit: 1});
    return {name, apiVersion, count: items.length + (metadata.remainingItemCount ?? 0)};
  } catch (error) {
    return {name, apiVersion, count: error.reason ?? error.name};
  }
};
const counts = await Promise.all(types.slice(0, 300).map(count));
const used = {cpu: 0, memory: 0}, pods = {}, bare = [];
for await (const pod of cluster.coreV1().pods(ns).each({limit: 500})) {
  const {namespace, name, labels = {}} = pod.metadata;
  pods[namespace] = (pods[namespace] ?? 0) + 1;
  if (!["app", "k8s-app", "app.kubernetes.io/name"].some(label => label in labels)) bare.push(namespace + "/" + name);
  if (["Succeeded", "Failed"].includes(pod.status.phase)) continue;
  for (const {resources} of pod.spec.containers) {
    used.cpu += quantity(resources?.requests?.cpu ?? "0");
    used.memory += quantity(resources?.requests?.memory ?? "0");
  }
}
const nodes = ns === "" ? (await cluster.coreV1().nodes().list()).items : [];
const sum = what => nodes.reduce((all, node) => all + quantity(node.status.allocatable?.[what] ?? "0"), 0);
const most = Object.entries(pods).sort(([, a], [, b]) => b - a).slice(0, 30);
[
  table(counts.filter(({count}) => count !== 0), ["name", "apiVersion", "count"]),
  ...(types.length > 300 ? ["not counted: " + (types.length - 300) + " more types"] : []),
  "requested by pods: cpu " + used.cpu.toFixed(1) + ", memory " + (used.memory / 2 ** 30).toFixed(1) + " GiB",
  ...(ns === "" ? ["allocatable on " + nodes.length + " nodes: cpu " + sum("cpu") + ", memory " + (sum("memory") / 2 ** 30).toFixed(1) + " GiB"] : []),
  "pods by namespace: " + most.map(([name, pods]) => name + " " + pods).join(", "),
  "pods without a label for their application: " + bare.length + " " + bare.slice(0, 20).join(" "),
].join("\\n")`;

/** What an inventory without scripts counts. */
const EVERYDAY = [
  { group: "apps", version: "v1", plural: "deployments" },
  { group: "apps", version: "v1", plural: "statefulsets" },
  { group: "apps", version: "v1", plural: "daemonsets" },
  { group: "batch", version: "v1", plural: "cronjobs" },
  { group: "", version: "v1", plural: "services" },
  { group: "networking.k8s.io", version: "v1", plural: "ingresses" },
  { group: "", version: "v1", plural: "persistentvolumeclaims" },
  { group: "", version: "v1", plural: "pods" },
] as const;

/** The prompt. */
export const inventory = definePrompt({
  name: "k8s_resource_inventory",
  description: "What there is in a namespace or the cluster",
  arguments: { namespace: ANY_NAMESPACE },
  text({ namespace }, here) {
    const where = namespace === "" ? "-A" : `-n ${namespace}`;
    return [
      `Make an inventory of ${inNamespace(namespace)}.`,
      ...byRoad(here, {
        scripts: [scriptLook(here, { ns: namespace }, LOOK)],
        kubectl: [
          "Run these:",
          calls(
            command("kubectl", "api-resources --verbs=list -o name"),
            command(
              "kubectl",
              `get deployments,statefulsets,daemonsets,cronjobs,services,ingresses,persistentvolumeclaims ${where}`,
            ),
            command(
              "kubectl",
              `get pods ${where} --no-headers -o 'custom-columns=NS:.metadata.namespace' | sort | uniq -c`,
            ),
            ...(namespace === ""
              ? [command("kubectl", "get nodes -o wide")]
              : [command("kubectl", `get resourcequotas,limitranges ${where}`)]),
          ),
        ],
        resources: [
          "Make these calls, and follow `continue` where there is more:",
          calls(
            ...EVERYDAY.map(({ group, version, plural }) =>
              call("scan_k8s_collection", {
                ...(group === "" ? {} : { api_group: group }),
                api_version: version,
                resource_kind: plural,
                target_ns: namespace === "" ? "*" : namespace,
                detail_annotations: false,
                limit: 100,
              })
            ),
          ),
        ],
        guarded: namespace === ""
          ? [
            "The guarded tools look into one namespace at a time: ask the person which, and call " +
            "`k8s_list` there for deployments, statefulsets, services and pods.",
          ]
          : [
            "Make these calls:",
            calls(...EVERYDAY.map((type) => call("k8s_list", { namespace, ...type }))),
          ],
      }, NOTHING_READS),
      "Answer with counts by type, what stands out (nearly full nodes, objects without labels, types " +
      "that were refused and why), and a table that can be kept.",
    ];
  },
});
