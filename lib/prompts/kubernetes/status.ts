/** `k8s_resource_status`: how the objects of a type are. */
import { NAMESPACE, RESOURCE_TYPE } from "../arguments/arguments.ts";
import { nameOfType, reference } from "../arguments/resource_types.ts";
import { byRoad, call, calls, command, inNamespace, NOTHING_READS, scriptLook } from "../text.ts";
import { definePrompt } from "../types.ts";

const LOOK = `
const objects = cluster.dynamicClient().resource(type).namespace(ns);
const shown = objects.list({form: "table", limit: 100});
const left = shown.metadata?.remainingItemCount ?? 0;
// Conditions of these names are well when they are False.
const faults = /Pressure|Unavailable|Fail|Degraded|Stalled|Suspended|Limited|Disruption|Terminating/;
const isBad = ({type, status, reason}) =>
  reason !== "PodCompleted" && status === (faults.test(type) ? "True" : "False");
const bad = [], names = [];
for (const object of objects.each({limit: 500})) {
  names.push(object.metadata.name);
  for (const condition of (object.status?.conditions ?? []).filter(isBad)) {
    const {type, status, reason = "", message = ""} = condition;
    bad.push([object.metadata.namespace, object.metadata.name, type + "=" + status, reason, message].join(" "));
  }
}
const when = event => event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp;
const isOf = ({name}) => names.some(each => name === each || name.startsWith(each + "-"));
const warnings = cluster.coreV1().events(ns).list({fieldSelector: "type=Warning"}).items
  .filter(event => isOf(event.involvedObject))
  .sort((a, b) => when(b) < when(a) ? -1 : 1)
  .map(event => [when(event), event.involvedObject.name, event.reason, event.message].join(" "));
[
  shown.rows?.length ? table(shown) : "there are none",
  ...(left ? ["and " + left + " more"] : []),
  "conditions that are not as they should be: " + bad.length, ...bad.slice(0, 40),
  "warnings: " + warnings.length, ...warnings.slice(0, 20),
].join("\\n")`;

/** The prompt. */
export const status = definePrompt({
  name: "k8s_resource_status",
  description: "Status of the resources of a type",
  arguments: { resource_type: RESOURCE_TYPE, namespace: NAMESPACE },
  text({ resource_type: type, namespace }, here) {
    const ns = type.namespaced ? namespace : "";
    const place = type.namespaced ? `in ${inNamespace(namespace)}` : "of the cluster";
    const resource = nameOfType(type);
    const where = ns === "" ? "" : ` -n ${ns}`;
    const target = {
      ...(type.group === "" ? {} : { api_group: type.group }),
      api_version: type.version,
      resource_kind: type.resource,
      ...(ns === "" ? {} : { target_ns: ns }),
    };
    return [
      `Tell how the ${type.resource} ${place} are.`,
      ...byRoad(here, {
        scripts: [scriptLook(here, { type: reference(type), ns }, LOOK)],
        kubectl: [
          "Run these:",
          calls(
            command("kubectl", `get ${resource}${where} -o wide`),
            command("kubectl", `describe ${resource}${where} | tail -n 200`),
            command(
              "kubectl",
              `get events${where} --field-selector type=Warning --sort-by .lastTimestamp | tail -n 30`,
            ),
          ),
        ],
        resources: [
          "Make these calls, and read each object's `status` and its conditions:",
          calls(
            call("scan_k8s_collection", { ...target, detail_annotations: false, limit: 50 }),
            call("scan_k8s_collection", {
              api_version: "v1",
              resource_kind: "events",
              target_ns: ns === "" ? "*" : ns,
              field_selector: "type=Warning",
              limit: 30,
            }),
          ),
        ],
        guarded: type.namespaced
          ? [
            "Make these calls, and read each object's `status` and its conditions:",
            calls(
              call("k8s_list", {
                namespace: ns,
                group: type.group,
                version: type.version,
                plural: type.resource,
              }),
              call("k8s_list_events", { namespace: ns }),
            ),
          ]
          : [`The guarded tools see nothing ${place}: tell the person so.`],
      }, NOTHING_READS),
      "Answer with what is not well, the likely cause of each and the evidence for it; say so where " +
      "all is well. Where pods are failing, look into their logs next.",
    ];
  },
});
