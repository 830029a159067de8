/**
 * Globals that scripts take for granted which were learnt from other clients: names of client-go's
 * packages, and clients in variables. They are told nowhere, and free to be declared.
 */
import { callable, giving } from "../base/caseless_object.ts";

/** Groups whose clients stand in variables: `coreV1Api`, `AppsV1Api`, `batchV1`. */
const GROUPS = ["core", "apps", "batch", "networking"];

/** Other names for `k8s`. */
const K8S = ["clientset", "client", "metricsClient", "kubectl", "kubernetes", "kube", "kr8s"];

/** Makes them; nothing is asked of the cluster before one is used. */
export function learntNames(k8s: object, ctx: object): Record<string, unknown> {
  const sdk = k8s as Record<string, () => object>;
  const client = (name: string) => callable(giving(() => sdk[name]!()), name);
  const clients: Record<string, unknown> = {};
  for (const group of GROUPS) {
    const capital = group.slice(0, 1).toUpperCase() + group.slice(1);
    for (const name of [`${group}V1`, `${group}V1Api`, `${capital}V1Api`]) {
      clients[name] = client(name);
    }
  }
  return {
    ...clients,
    ...GO,
    ...Object.fromEntries(K8S.map((name) => [name, k8s])),
    context: { TODO: () => ctx, Background: () => ctx },
    k8sApi: client("coreV1Api"),
    v1: client("coreV1Api"),
    customObjectsApi: client("CustomObjectsApi"),
    dynamicClient: client("dynamicClient"),
    KubeConfig: client("KubeConfig"),
    kc: client("KubeConfig"),
  };
}

/** A type of Go around a value comes to the value. */
const same = function (value: unknown) {
  return value ?? {};
};

const GO = {
  metav1: {
    ListOptions: same,
    GetOptions: same,
    CreateOptions: same,
    UpdateOptions: same,
    PatchOptions: same,
    DeleteOptions: same,
    NamespaceAll: "",
    NamespaceDefault: "default",
  },
  corev1: { PodLogOptions: same, NamespaceAll: "" },
  schema: { GroupVersionResource: same },
  types: { JSONPatchType: "json", MergePatchType: "merge", StrategicMergePatchType: "strategic" },
};
