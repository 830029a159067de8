/** What makes an object invalid beyond its schema: names, and a few rules of the common kinds. */
import { apiVersionOf } from "../../names/groups.ts";
import type { KubeObject } from "../../kube/types.ts";
import { check, decode, type Findings } from "./decode.ts";
import { equal } from "../base/json.ts";
import { at, listAt, numberAt, objectAt, textAt } from "../../std/json/at.ts";
import type { ResourceType } from "../base/api_resources.ts";
import { schemaOf } from "../base/schemas.ts";
import { badRequest, type Cause, invalid } from "../base/status.ts";
import { labelSelectorOf } from "../base/selectors.ts";
import { isRecord } from "../../std/json/unknown.ts";
import { stringifyExact } from "../../std/json/exact.ts";

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters " +
  "or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', " +
  "regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', " +
  "and must start and end with an alphanumeric character (e.g. 'example.com', regex used for " +
  "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
/** Kinds whose names are DNS labels. */
const LABEL_NAMES = new Set(["namespaces", "services"]);

const required = (field: string, more = ""): Cause => ({
  field,
  reason: "FieldValueRequired",
  message: more ? `Required value: ${more}` : "Required value",
});
const wrong = (field: string, value: unknown, message: string): Cause => ({
  field,
  reason: "FieldValueInvalid",
  message: `Invalid value: ${stringifyExact(value)}: ${message}`,
});

function nameCauses(object: KubeObject, type: ResourceType): Cause[] {
  const name = object.metadata?.name ?? "";
  if (!name) return [required("metadata.name", "name or generateName is required")];
  if (type.group === "rbac.authorization.k8s.io") {
    return /[/%]/.test(name) ? [wrong("metadata.name", name, "may not contain '/'")] : [];
  }
  const short = LABEL_NAMES.has(type.storageKey);
  const limit = short ? 63 : 253;
  if (name.length > limit) {
    return [wrong("metadata.name", name, `must be no more than ${limit} characters`)];
  }
  if ((short ? LABEL : SUBDOMAIN).test(name)) return [];
  if (short && SUBDOMAIN.test(name)) {
    return [wrong("metadata.name", name, "must not contain dots")];
  }
  return [wrong("metadata.name", name, short ? LABEL_TEXT : SUBDOMAIN_TEXT)];
}

function labelCauses(labels: unknown, field: string): Cause[] {
  return Object.entries(objectAt(labels)).flatMap(([, value]) =>
    /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(String(value)) &&
      String(value).length <= 63
      ? []
      : [wrong(
        field,
        value,
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or " +
          "'.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or " +
          "'my_value',  or '12345', regex used for validation is " +
          "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
      )]
  );
}

const PULL = ["Always", "IfNotPresent", "Never"];
const RESTART = ["Always", "OnFailure", "Never"];
const SERVICES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];

/** Refuses a value that is none of those that may be chosen from. */
function choice(value: unknown, field: string, among: readonly string[]): Cause[] {
  return value === undefined || among.includes(String(value)) ? [] : [{
    field,
    reason: "FieldValueNotSupported",
    message: `Unsupported value: ${stringifyExact(value)}: supported values: ${
      among.map((one) => JSON.stringify(one)).join(", ")
    }`,
  }];
}

function podCauses(spec: unknown, path: string): Cause[] {
  const policy = choice(at(spec, "restartPolicy"), `${path}.restartPolicy`, RESTART);
  return [...containerCauses(spec, path), ...policy];
}

function containerCauses(spec: unknown, path: string): Cause[] {
  const seen = new Set<string>();
  return listAt(spec, "containers").flatMap((container, index) => {
    const here = `${path}.containers[${index}]`;
    const name = textAt(container, "name");
    const causes: Cause[] = [];
    if (name && !LABEL.test(name)) causes.push(wrong(`${here}.name`, name, LABEL_TEXT));
    if (seen.has(name)) {
      causes.push({
        field: `${here}.name`,
        reason: "FieldValueDuplicate",
        message: `Duplicate value: ${JSON.stringify(name)}`,
      });
    }
    seen.add(name);
    causes.push(...choice(at(container, "imagePullPolicy"), `${here}.imagePullPolicy`, PULL));
    if (!textAt(container, "image")) causes.push(required(`${here}.image`));
    return causes;
  });
}

function workloadCauses(object: KubeObject): Cause[] {
  const spec = at(object, "spec");
  const labels = objectAt(spec, "template", "metadata", "labels");
  const given = at(spec, "template", "metadata", "labels") ?? null;
  const causes: Cause[] = [];
  const replicas = numberAt(spec, "replicas");
  if (replicas < 0) {
    causes.push(wrong("spec.replicas", replicas, "must be greater than or equal to 0"));
  }
  const selector = at(spec, "selector");
  if (!isRecord(selector) || !labelSelectorOf(selector)(labels)) {
    causes.push(
      wrong("spec.template.metadata.labels", given, "`selector` does not match template `labels`"),
    );
  }
  return [...causes, ...containerCauses(at(spec, "template", "spec"), "spec.template.spec")];
}

const IMMUTABLE = "field is immutable";

function updateCauses(object: KubeObject, old: KubeObject, type: ResourceType): Cause[] {
  const fixed = (...path: string[]) =>
    equal(at(object, ...path), at(old, ...path))
      ? []
      : [wrong(path.join("."), at(object, ...path) ?? null, IMMUTABLE)];
  switch (type.storageKey) {
    case "deployments.apps":
    case "daemonsets.apps":
    case "replicasets.apps":
      return fixed("spec", "selector");
    case "jobs.batch":
      return [...fixed("spec", "selector"), ...fixed("spec", "template")];
    case "statefulsets.apps":
      return [...fixed("spec", "selector"), ...fixed("spec", "serviceName")];
    case "configmaps":
      return old.immutable === true && !equal(object.data, old.data)
        ? [{
          field: "data",
          reason: "FieldValueForbidden",
          message: "Forbidden: field is immutable when `immutable` is set",
        }]
        : [];
    case "secrets":
      return fixed("type");
    case "services":
      return at(object, "spec", "clusterIP") === "" ? fixed("spec", "clusterIP") : [];
    case "rolebindings.rbac.authorization.k8s.io":
    case "clusterrolebindings.rbac.authorization.k8s.io":
      return fixed("roleRef").map((cause) => ({
        ...cause,
        message: "Invalid value: cannot change roleRef",
      }));
    case "pods": {
      const rest = (pod: KubeObject) => ({
        ...objectAt(pod, "spec"),
        tolerations: 0,
        activeDeadlineSeconds: 0,
        containers: listAt(pod, "spec", "containers").map((one) => ({
          ...objectAt(one),
          image: 0,
        })),
      });
      return equal(rest(object), rest(old)) ? [] : [{
        field: "spec",
        reason: "FieldValueForbidden",
        message:
          "Forbidden: pod updates may not change fields other than `spec.containers[*].image`," +
          "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only " +
          "additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be " +
          "set to 1 if it was previously negative)",
      }];
    }
    default:
      return [];
  }
}

/**
 * Refuses an object that is not valid.
 *
 * @param old what it replaces, for what must not change
 * @throws {StatusError} 422 with every cause
 */
export function validate(object: KubeObject, type: ResourceType, old?: KubeObject): void {
  const causes = old ? [] : nameCauses(object, type);
  if (type.storageKey === "services") {
    causes.push(...choice(at(object, "spec", "type"), "spec.type", SERVICES));
  }
  causes.push(...labelCauses(object.metadata?.labels, "metadata.labels"));
  const isCustom = type.custom !== undefined;
  const found = check(object, schemaOf(type), isCustom);
  const covered = new Set(found.map(({ field }) => field));
  causes.push(...found);
  const more = type.storageKey === "pods"
    ? podCauses(at(object, "spec"), "spec")
    : /^(deployments|replicasets|statefulsets|daemonsets)\.apps$/.test(type.storageKey)
    ? workloadCauses(object)
    : type.storageKey === "jobs.batch"
    ? containerCauses(at(object, "spec", "template", "spec"), "spec.template.spec")
    : type.storageKey === "services" && !listAt(object, "spec", "ports").length &&
        at(object, "spec", "type") !== "ExternalName" && at(object, "spec", "clusterIP") !== "None"
    ? [required("spec.ports")]
    : [];
  causes.push(...more.filter(({ field }) => !covered.has(field)));
  if (old) causes.push(...updateCauses(object, old, type));
  if (!causes.length) return;
  const ordered = causes.toSorted((a, b) => a.field < b.field ? -1 : a.field > b.field ? 1 : 0);
  throw invalid(type, object.metadata?.name ?? "", ordered);
}

/** How strict a request wants its body to be read. */
type Strictness = "Ignore" | "Warn" | "Strict";

/**
 * A body's object with only the fields that its kind has.
 *
 * @param warnings where unknown fields are named, under `Warn`
 * @throws {StatusError} 400 for a wrong type, and for unknown fields under `Strict`; 422 for a wrong
 * type in a custom resource
 */
export function conform(
  object: KubeObject,
  type: ResourceType,
  strictness: Strictness,
  warnings: string[],
): KubeObject {
  const found: Findings = { unknown: [], causes: [] };
  const decoded = decode(object, schemaOf(type), found) as KubeObject;
  const as = `${type.kind} in version ${
    JSON.stringify(
      type.custom ? apiVersionOf(type) : type.version,
    )
  } cannot be handled as a ${type.kind}`;
  if (found.causes.length && type.custom) {
    throw invalid(type, object.metadata?.name ?? "", found.causes);
  }
  if (found.mismatch) throw badRequest(`${as}: ${found.mismatch}`);
  const unknown = found.unknown.map((path) => `unknown field "${path}"`);
  if (unknown.length && strictness === "Strict") {
    throw badRequest(
      type.custom
        ? `${type.kind} in version ${
          JSON.stringify(type.version)
        } cannot be handled as a ${type.kind}: strict decoding error: ${unknown.join(", ")}`
        : `${as}: strict decoding error: ${unknown.join(", ")}`,
    );
  }
  if (strictness === "Warn") warnings.push(...unknown);
  return decoded;
}

/**
 * The `fieldValidation` of a request.
 * @throws {StatusError} 422 for one that is none
 */
export function strictnessOf(query: URLSearchParams): Strictness {
  const asked = query.get("fieldValidation") || "Warn";
  if (asked === "Ignore" || asked === "Warn" || asked === "Strict") return asked;
  throw invalid({ group: "meta.k8s.io", kind: "CreateOptions" }, "", [{
    field: "fieldValidation",
    reason: "FieldValueNotSupported",
    message: `Unsupported value: ${JSON.stringify(asked)}: supported values: "", "Ignore", ` +
      '"Strict", "Warn"',
  }]);
}
