/** Which objects the arguments of a kubectl command name. Pure. */
import type { Words } from "../words.ts";

/** Built-in resources: the plural, the singular, short names. */
const RESOURCES: readonly (readonly string[])[] = `
  bindings binding
  certificatesigningrequests certificatesigningrequest csr
  clusterrolebindings clusterrolebinding
  clusterroles clusterrole
  componentstatuses componentstatus cs
  configmaps configmap cm
  controllerrevisions controllerrevision
  cronjobs cronjob cj
  csidrivers csidriver
  csinodes csinode
  csistoragecapacities csistoragecapacity
  customresourcedefinitions customresourcedefinition crd crds
  daemonsets daemonset ds
  deployments deployment deploy
  endpoints endpoint ep
  endpointslices endpointslice
  events event ev
  flowschemas flowschema
  horizontalpodautoscalers horizontalpodautoscaler hpa
  ingressclasses ingressclass
  ingresses ingress ing
  ipaddresses ipaddress ip
  jobs job
  leases lease
  limitranges limitrange limits
  mutatingwebhookconfigurations mutatingwebhookconfiguration
  namespaces namespace ns
  networkpolicies networkpolicy netpol
  nodes node no
  persistentvolumeclaims persistentvolumeclaim pvc
  persistentvolumes persistentvolume pv
  poddisruptionbudgets poddisruptionbudget pdb
  pods pod po
  podtemplates podtemplate
  priorityclasses priorityclass pc
  prioritylevelconfigurations prioritylevelconfiguration
  replicasets replicaset rs
  replicationcontrollers replicationcontroller rc
  resourcequotas resourcequota quota
  rolebindings rolebinding
  roles role
  runtimeclasses runtimeclass
  secrets secret
  serviceaccounts serviceaccount sa
  servicecidrs servicecidr
  services service svc
  statefulsets statefulset sts
  storageclasses storageclass sc
  validatingadmissionpolicies validatingadmissionpolicy
  validatingadmissionpolicybindings validatingadmissionpolicybinding
  validatingwebhookconfigurations validatingwebhookconfiguration
  volumeattachments volumeattachment
`.trim().split("\n").map((line) => line.trim().split(" "));

/** What `kubectl get all` means. */
const ALL = [
  "cronjobs",
  "daemonsets",
  "deployments",
  "horizontalpodautoscalers",
  "jobs",
  "pods",
  "replicasets",
  "replicationcontrollers",
  "services",
  "statefulsets",
];

/** Verbs whose arguments are `TYPE NAME…`, `TYPE,TYPE` or `TYPE/NAME…`; `set image` has more. */
const VERBS = new Set(
  "annotate autoscale delete describe edit expose get label patch rollout scale set taint wait"
    .split(" "),
);

/** Flags that name objects otherwise than by arguments. */
const ELSEWHERE = new Set(["filename", "kustomize", "raw"]);

/** An object, or all objects of a resource that a selector finds. */
export interface NamedObject {
  /** The plural where it is known, of any group. */
  readonly resource: string;
  readonly name: string | undefined;
}

/** Whether the arguments of a verb name objects. */
export function namesObjects(
  { program, verb: [verb = ""] }: Pick<Words, "program" | "verb">,
): boolean {
  return program === "kubectl" && VERBS.has(verb);
}

/** The objects; undefined where the words do not say which. */
export function objectsOf(
  { args, flags }: Pick<Words, "args" | "flags">,
): readonly NamedObject[] | undefined {
  if (flags.some(({ name, value }) => ELSEWHERE.has(name) && value !== "")) return undefined;
  return objectsNamed(args);
}

/** The objects that arguments name. */
export function objectsNamed([types = "", ...names]: readonly string[]): readonly NamedObject[] {
  if ([types, ...names].some((argument) => argument.includes("/"))) {
    return [types, ...names].filter((argument) => argument.includes("/")).flatMap((argument) => {
      const [type = "", name] = argument.split("/");
      return resourcesOf(type).map((resource) => ({ resource, name }));
    });
  }
  const resources = types.split(",").filter(Boolean).flatMap(resourcesOf);
  const wanted = names.length === 0 ? [undefined] : names;
  return resources.flatMap((resource) => wanted.map((name) => ({ resource, name })));
}

/** All names of a type's resource, the plural first; the type itself where it is no built-in one. */
export function namesOfType(type: string): readonly string[] {
  const name = type.toLowerCase().split(".")[0] ?? "";
  return RESOURCES.find((names) => names.includes(name)) ?? [type.toLowerCase()];
}

function resourcesOf(type: string): readonly string[] {
  return type.toLowerCase() === "all" ? ALL : [namesOfType(type)[0] ?? ""];
}
