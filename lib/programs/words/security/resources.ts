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

/** Verbs whose arguments are `TYPE NAME…`, `TYPE,TYPE` or `TYPE/NAME…`, and pairs after them. */
const VERBS = new Set(
  "annotate autoscale delete describe edit expose get label patch rollout scale set taint wait"
    .split(" "),
);

/** Verbs whose first argument is `POD` or `TYPE/NAME`. */
const POD_VERBS = new Set(["attach", "debug", "exec", "logs", "port-forward"]);

/** Flags that name objects otherwise than by arguments. */
const ELSEWHERE = new Set(["filename", "kustomize", "raw"]);

/** An object, or all objects of a resource that a selector finds. */
export interface NamedObject {
  /** The plural where it is known. */
  readonly resource: string;
  readonly name: string | undefined;
}

/** The part of the words that says which verb it is. */
type Verb = Pick<Words, "program" | "verb">;

/** Whether the arguments of a verb name objects. */
export function namesObjects({ program, verb: [verb = ""] }: Verb): boolean {
  return program === "kubectl" && (VERBS.has(verb) || POD_VERBS.has(verb));
}

/** The objects; undefined where the words do not say which. */
export function objectsOf(words: Words): readonly NamedObject[] | undefined {
  const isElsewhere = words.flags.some(({ name, value }) => ELSEWHERE.has(name) && value !== "");
  return isElsewhere ? undefined : objectsNamed(words, words.args);
}

/** The objects that arguments of a verb name. */
export function objectsNamed(
  { verb: [verb = ""] }: Verb,
  args: readonly string[],
): readonly NamedObject[] {
  if (POD_VERBS.has(verb)) return args.slice(0, 1).flatMap(podOrOther);
  // `label pod web tier=front old-`.
  const [types = "", ...names] = args.filter((argument) => !/=|-$/.test(argument));
  const slashed = [types, ...names].filter((argument) => argument.includes("/"));
  if (types.includes("/")) return slashed.flatMap(podOrOther);
  const plain = names.filter((argument) => !argument.includes("/"));
  const wanted = plain.length === 0 ? [undefined] : plain;
  const resources = new Set(types.split(",").filter(Boolean).flatMap(resourcesOf));
  return [
    ...[...resources].flatMap((resource) => wanted.map((name) => ({ resource, name }))),
    ...slashed.flatMap(podOrOther),
  ];
}

/** All names of a type's resource, the plural first; the type itself where it is no built-in one. */
export function namesOfType(type: string): readonly string[] {
  const [name = "", ...version] = type.toLowerCase().split(".");
  const isBuiltIn = BUILT_IN_GROUP.test(version.join("."));
  return (isBuiltIn && RESOURCES.find((names) => names.includes(name))) || [type.toLowerCase()];
}

/** `""`, `v1.`, `apps`, `v1.apps`, `networking.k8s.io`. */
const BUILT_IN_GROUP =
  /^(v\d\w*(\.|$))?(|apps|autoscaling|batch|extensions|policy|[a-z.]+\.k8s\.io)$/;

/** Whether a verb's first argument is a pod's name where it has no type. */
export function takesPod({ program, verb: [verb = ""] }: Verb): boolean {
  return program === "kubectl" && POD_VERBS.has(verb);
}

/** `web` is a pod, `deploy/web` is what it says. */
function podOrOther(argument: string): readonly NamedObject[] {
  const [type = "", name] = argument.split("/");
  if (name === undefined) return [{ resource: "pods", name: type }];
  return resourcesOf(type).map((resource) => ({ resource, name }));
}

function resourcesOf(type: string): readonly string[] {
  return type.toLowerCase() === "all" ? ALL : [namesOfType(type)[0] ?? ""];
}
