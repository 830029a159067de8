/**
 * The resources that every cluster serves, by the names people use for them: to find a mistaken name
 * in a rule, and to answer without a cluster. The API server's own list is what requests go by.
 */
import { resolve, type ResourceNames, type ServedVersion } from "../../names/resolve.ts";

/** One of them. */
export interface KnownResource extends ResourceNames {
  readonly group: string;
  readonly namespaced: boolean;
}

/** By group: plural, singular, short names; `!` marks those of the cluster. */
const TABLE: Readonly<Record<string, string>> = {
  "": `bindings binding, componentstatuses! componentstatus cs, configmaps configmap cm,
    endpoints endpoints ep, events event ev, limitranges limitrange limits, namespaces! namespace ns,
    nodes! node no, persistentvolumeclaims persistentvolumeclaim pvc,
    persistentvolumes! persistentvolume pv, pods pod po, podtemplates podtemplate,
    replicationcontrollers replicationcontroller rc, resourcequotas resourcequota quota,
    secrets secret, serviceaccounts serviceaccount sa, services service svc`,
  "apps": `controllerrevisions controllerrevision, daemonsets daemonset ds,
    deployments deployment deploy, replicasets replicaset rs, statefulsets statefulset sts`,
  "autoscaling": "horizontalpodautoscalers horizontalpodautoscaler hpa",
  "batch": "cronjobs cronjob cj, jobs job",
  "certificates.k8s.io": "certificatesigningrequests! certificatesigningrequest csr",
  "coordination.k8s.io": "leases lease",
  "discovery.k8s.io": "endpointslices endpointslice",
  "networking.k8s.io": `ingressclasses! ingressclass, ingresses ingress ing,
    networkpolicies networkpolicy netpol`,
  "policy": "poddisruptionbudgets poddisruptionbudget pdb",
  "rbac.authorization.k8s.io": `clusterrolebindings! clusterrolebinding,
    clusterroles! clusterrole, rolebindings rolebinding, roles role`,
  "scheduling.k8s.io": "priorityclasses! priorityclass pc",
  "storage.k8s.io": `csidrivers! csidriver, csinodes! csinode, storageclasses! storageclass sc,
    volumeattachments! volumeattachment`,
  "apiextensions.k8s.io": "customresourcedefinitions! customresourcedefinition crd crds",
  "apiregistration.k8s.io": "apiservices! apiservice",
  "admissionregistration.k8s.io": `mutatingadmissionpolicies! mutatingadmissionpolicy,
    mutatingadmissionpolicybindings! mutatingadmissionpolicybinding,
    mutatingwebhookconfigurations! mutatingwebhookconfiguration,
    validatingadmissionpolicies! validatingadmissionpolicy,
    validatingadmissionpolicybindings! validatingadmissionpolicybinding,
    validatingwebhookconfigurations! validatingwebhookconfiguration`,
};

const KNOWN: readonly ServedVersion<KnownResource>[] = Object.entries(TABLE).map(
  ([group, list]) => ({
    group,
    version: "",
    preferred: true,
    resources: list.split(",").map((entry) => {
      const [plural = "", singular = "", ...shortNames] = entry.trim().split(/\s+/);
      const resource = plural.replace("!", "");
      // In lower case a kind is what the API server gives for the singular.
      return {
        group,
        resource,
        singular,
        kind: singular,
        shortNames,
        namespaced: !plural.endsWith("!"),
      };
    }),
  }),
);

/** The resource of a name. Without a group: the first of that name. */
export function knownResource(name: string, group?: string): KnownResource | undefined {
  return resolve(KNOWN, { resource: name, group })?.resource;
}

/** The groups of Kubernetes' own that have no dot in their name, and those of the table. */
export const KNOWN_GROUPS: readonly string[] = [...new Set([...Object.keys(TABLE), "extensions"])];

/** All plural names. */
export const KNOWN_PLURALS: readonly string[] = KNOWN.flatMap(({ resources }) =>
  resources.map(({ resource }) => resource)
);

/** The resources of a plural name, in all groups. */
export function knownByPlural(plural: string): readonly KnownResource[] {
  return KNOWN.flatMap(({ resources }) => resources.filter(({ resource }) => resource === plural));
}
