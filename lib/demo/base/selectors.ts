/**
 * Label and field selectors.
 * @see {@link https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#api}
 */
import type { KubeObject } from "../../kube/types.ts";
import { at, type JsonObject, listAt, objectAt, textAt } from "../../std/json/at.ts";
import type { ResourceType } from "./api_resources.ts";
import { badRequest } from "./status.ts";
import { isRecord } from "../../std/json/unknown.ts";

type Labels = Readonly<Record<string, unknown>>;
type Requirement = (labels: Labels) => boolean;

const KEY = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$/;
const LABEL_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', " +
  "and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or " +
  "'12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

/** What the API server's parser says of a part that it cannot read. */
function complaint(part: string): string {
  const words = part.split(/\s+/);
  return /^(in|notin)$/.test(words[1] ?? "")
    ? `found '${words[2] ?? ""}' expected: '('`
    : `found '${words[1] ?? part}', expected: in, notin, =, ==, !=, gt, lt`;
}

function requirement(part: string): Requirement {
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(part);
  const equality = /^([^=!<>\s]+)\s*(==|=|!=)\s*([^=!<>\s]*)$/.exec(part);
  const order = /^(\S+)\s*([<>])\s*(-?\d+)$/.exec(part);
  const exists = /^(!?)\s*([^=!<>\s()]+)$/.exec(part);
  const key = set?.[1] ?? equality?.[1] ?? order?.[1] ?? exists?.[2];
  if (key === undefined) throw badRequest(`unable to parse requirement: ${complaint(part)}`);
  if (!KEY.test(key)) {
    throw badRequest(
      `unable to parse requirement: <nil>: Invalid value: "${key}": name part must consist of ` +
        "alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric " +
        "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is " +
        "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    );
  }
  const valid = (value: string) => {
    if (VALUE.test(value)) return value;
    throw badRequest(
      `unable to parse requirement: values[0][${key}]: Invalid value: "${value}": ${LABEL_RULE}`,
    );
  };
  if (set) {
    const values = (set[3] ?? "").split(",").map((value) => valid(value.trim()));
    const wanted = set[2] === "in";
    return (labels) => (key in labels && values.includes(`${labels[key]}`)) === wanted;
  }
  if (equality) {
    const value = valid(equality[3] ?? "");
    const wanted = equality[2] !== "!=";
    return (labels) => (key in labels && `${labels[key]}` === value) === wanted;
  }
  if (order) {
    const bound = Number(order[3]);
    return (labels) =>
      key in labels &&
      (order[2] === "<" ? Number(labels[key]) < bound : Number(labels[key]) > bound);
  }
  return (labels) => key in labels === (exists?.[1] !== "!");
}

/**
 * A test of labels out of a selector as it stands in a query.
 * @throws {StatusError} 400 for one that cannot be parsed
 */
export function labelSelector(selector: string): (labels: Labels) => boolean {
  const parts = selector.match(/[^,(]+(\([^()]*\))?/g) ?? [];
  const requirements = parts.map((part) => part.trim()).filter(Boolean).map(requirement);
  return (labels) => requirements.every((holds) => holds(labels));
}

/** A test of labels out of a `LabelSelector` object; an empty one selects everything. */
export function labelSelectorOf(selector: unknown): (labels: Labels) => boolean {
  if (!listAt(selector, "matchExpressions").length) {
    const wanted = Object.entries(objectAt(selector, "matchLabels"));
    return (labels) => wanted.every(([key, value]) => labels[key] === value);
  }
  const parts = [
    ...Object.entries(objectAt(selector, "matchLabels")).map(([key, value]) => `${key}=${value}`),
    ...listAt(selector, "matchExpressions").filter(isRecord).map((expression) => {
      const key = textAt(expression, "key");
      const values = `(${listAt(expression, "values").join(",")})`;
      switch (textAt(expression, "operator")) {
        case "In":
          return `${key} in ${values}`;
        case "NotIn":
          return `${key} notin ${values}`;
        case "Exists":
          return key;
        default:
          return `!${key}`;
      }
    }),
  ];
  return labelSelector(parts.join(","));
}

/** Fields that may be selected by, beside name and namespace; a RegExp where any of a form may. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  pods: (
    "spec.nodeName spec.restartPolicy spec.schedulerName spec.serviceAccountName " +
    "spec.hostNetwork status.phase status.podIP status.podIPs status.nominatedNodeName"
  ).split(" "),
  events: (
    "involvedObject.kind involvedObject.namespace involvedObject.name involvedObject.uid " +
    "involvedObject.apiVersion involvedObject.resourceVersion involvedObject.fieldPath reason " +
    "reportingComponent source type"
  ).split(" "),
  "events.k8s.io": (
    "regarding.kind regarding.namespace regarding.name regarding.uid regarding.apiVersion " +
    "regarding.resourceVersion regarding.fieldPath reason reportingController type"
  ).split(" "),
  secrets: ["type"],
  nodes: ["spec.unschedulable"],
  namespaces: ["status.phase", "name"],
  services: ["spec.clusterIP", "spec.type"],
  replicationcontrollers: ["status.replicas"],
  "jobs.batch": ["status.successful"],
};

/** The value of a selectable field. */
function fieldOf(object: KubeObject, field: string): string {
  if (field === "name") return textAt(object, "metadata", "name");
  if (field === "source") {
    return textAt(object, "source", "component") ||
      textAt(object, "deprecatedSource", "component") || textAt(object, "reportingComponent");
  }
  if (field === "reportingComponent") return textAt(object, "reportingComponent");
  if (field === "status.successful") return textAt(object, "status", "succeeded") || "0";
  const value = at(object, ...field.split("."));
  if (value === undefined && /unschedulable|hostNetwork/.test(field)) return "false";
  if (value === undefined && field === "status.replicas") return "0";
  return textAt(value);
}

function selectable(type: ResourceType): readonly string[] {
  const custom = listAt(type.custom?.version, "selectableFields").map((field) =>
    textAt(field, "jsonPath").replace(/^\./, "")
  );
  return [...(FIELDS[type.group] ?? FIELDS[type.storageKey] ?? []), ...custom];
}

/**
 * A test of objects out of a field selector.
 * @throws {StatusError} 400 for a field that the kind cannot be selected by, or one unparsable
 */
export function fieldSelector(
  selector: string,
  type: ResourceType,
): (object: KubeObject) => boolean {
  const fields = selectable(type);
  const terms = selector.split(/(?<!\\),/).filter(Boolean).map((term) => {
    const parsed = /^([^=!]+?)(==|!=|=)(.*)$/.exec(term);
    if (!parsed) {
      throw badRequest(`invalid selector: '${selector}'; can't understand '${term}'`);
    }
    const [, field = "", operator, value = ""] = parsed;
    if (!["metadata.name", "metadata.namespace", ...fields].includes(field)) {
      throw badRequest(
        type.storageKey === "jobs.batch"
          ? `field label ${JSON.stringify(field)} not supported for Job`
          : FIELDS[type.storageKey] || type.custom
          ? `field label not supported: ${field}`
          : `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
      );
    }
    return { field, wanted: operator !== "!=", value: value.replaceAll(/\\(.)/g, "$1") };
  });
  return (object) =>
    terms.every(({ field, wanted, value }) => (fieldOf(object, field) === value) === wanted);
}

/** Labels of an object. */
export function labelsOf(object: JsonObject): Labels {
  return objectAt(object, "metadata", "labels");
}
