/** `k8s_security_check`: what in a namespace or the cluster could be safer. */
import { ANY_NAMESPACE } from "../arguments/arguments.ts";
import { byRoad, call, calls, command, inNamespace, NOTHING_READS, scriptLook } from "../text.ts";
import { definePrompt } from "../types.ts";

const LOOK = `
const found = {};
const note = (what, object) => {
  const {namespace, name} = object.metadata ?? object;
  (found[what] ??= []).push(namespace ? namespace + "/" + name : name);
};
const refused = [];
// A list that the policy or the cluster refuses is told, and the rest goes on.
const each = (what, objects, look) => {
  try {
    for (const object of objects().each({limit: 500})) look(object);
  } catch (error) {
    refused.push(what + ": " + error.message);
  }
};
const core = cluster.coreV1(), rbac = cluster.rbacV1();
each("pods", () => core.pods(ns), pod => {
  const {spec} = pod;
  if (spec.hostNetwork || spec.hostPID || spec.hostIPC) note("uses the host's network, processes or IPC", pod);
  if (spec.volumes?.some(volume => volume.hostPath)) note("mounts a path of the host", pod);
  if (spec.automountServiceAccountToken !== false && (spec.serviceAccountName ?? "default") === "default") note("has the default account's token", pod);
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const some = test => containers.some(container => test(container.securityContext ?? {}, container));
  if (some(context => context.privileged)) note("has a privileged container", pod);
  if (some(context => (context.capabilities?.add ?? []).length > 0)) note("adds capabilities", pod);
  if (some(context => (context.runAsNonRoot ?? spec.securityContext?.runAsNonRoot) !== true && !(context.runAsUser ?? spec.securityContext?.runAsUser))) note("may run as root", pod);
  if (some(context => context.allowPrivilegeEscalation !== false)) note("may gain privileges", pod);
  if (some((_, {resources}) => !resources?.limits?.memory)) note("has no memory limit", pod);
  if (some((_, {image}) => !image.includes("@") && !/:[^/]+$/.test(image) || image.endsWith(":latest"))) note("runs an image without a fixed tag", pod);
});
const wide = rules => (rules ?? []).some(({verbs, resources}) => verbs.includes("*") && resources?.includes("*"));
const own = name => name.startsWith("system:") || ["cluster-admin", "admin", "edit", "view"].includes(name);
each("roles", () => rbac.roles(ns), role => wide(role.rules) && note("role that allows everything", role));
if (ns === "") {
  each("clusterroles", () => rbac.clusterRoles(), role => wide(role.rules) && !own(role.metadata.name) && note("cluster role that allows everything", role));
}
const isHere = binding => ns === "" || (binding.subjects ?? []).some(({namespace}) => namespace === ns);
each("clusterrolebindings", () => rbac.clusterRoleBindings(), binding => {
  if (!isHere(binding)) return;
  if (binding.roleRef.name === "cluster-admin" && !own(binding.metadata.name)) note("binding to cluster-admin", binding);
  if ((binding.subjects ?? []).some(({name}) => ["system:anonymous", "system:unauthenticated"].includes(name)) && !own(binding.metadata.name)) note("rights for anybody", binding);
});
each("services", () => core.services(ns), service => ["LoadBalancer", "NodePort"].includes(service.spec.type) && note("service that is open to the outside", service));
each("ingresses", () => cluster.networkingV1().ingresses(ns), ingress => (ingress.spec.tls ?? []).length === 0 && note("ingress without TLS", ingress));
const guarded = new Set();
each("networkpolicies", () => cluster.networkingV1().networkPolicies(ns), policy => guarded.add(policy.metadata.namespace));
const look = namespace => {
  const {name, labels = {}} = namespace.metadata;
  if (!guarded.has(name)) note("namespace without network policies", namespace);
  if (!labels["pod-security.kubernetes.io/enforce"]) note("namespace without a Pod Security level", namespace);
};
if (ns === "") each("namespaces", () => core.namespaces(), look);
else {
  try {
    look(core.namespaces().get(ns));
  } catch (error) {
    refused.push("namespaces: " + error.message);
  }
}
const lines = Object.entries(found).sort(([, a], [, b]) => b.length - a.length)
  .map(([what, names]) => what + ": " + names.length + ": " + names.slice(0, 15).join(" ") + (names.length > 15 ? " …" : ""));
[...(lines.length ? lines : ["nothing found"]), ...refused.map(each => "not looked at: " + each)].join("\\n")`;

const POD_COLUMNS =
  "NAMESPACE:.metadata.namespace,NAME:.metadata.name,HOSTNET:.spec.hostNetwork,SA:.spec.serviceAccountName," +
  "PRIVILEGED:.spec.containers[*].securityContext.privileged,NONROOT:.spec.containers[*].securityContext.runAsNonRoot," +
  "IMAGES:.spec.containers[*].image";

/** The prompt. */
export const security = definePrompt({
  name: "k8s_security_check",
  description: "Security of a namespace or the cluster",
  arguments: { namespace: ANY_NAMESPACE },
  text({ namespace }, here) {
    const where = namespace === "" ? "-A" : `-n ${namespace}`;
    const target_ns = namespace === "" ? "*" : namespace;
    const scan = (api_group: string, resource_kind: string, more: object = { target_ns }) =>
      call("scan_k8s_collection", {
        ...(api_group === "" ? {} : { api_group }),
        api_version: "v1",
        resource_kind,
        ...more,
        detail_annotations: false,
        limit: 50,
      });
    return [
      `Check the security of ${inNamespace(namespace)}.`,
      ...byRoad(here, {
        scripts: [scriptLook(here, { ns: namespace }, LOOK)],
        kubectl: [
          "Run these:",
          calls(
            command("kubectl", `get pods ${where} -o 'custom-columns=${POD_COLUMNS}'`),
            command("kubectl", `get roles,rolebindings ${where} -o wide`),
            command("kubectl", "get clusterrolebindings -o wide | grep -v system:"),
            command("kubectl", `get services,ingresses,networkpolicies ${where}`),
            command(
              "kubectl",
              `get namespaces${namespace === "" ? "" : ` ${namespace}`} --show-labels`,
            ),
          ),
        ],
        resources: [
          "Make these calls:",
          calls(
            scan("", "pods"),
            scan("rbac.authorization.k8s.io", "rolebindings"),
            scan("rbac.authorization.k8s.io", "clusterrolebindings", {}),
            scan("", "services"),
            scan("networking.k8s.io", "networkpolicies"),
          ),
        ],
        guarded: namespace === ""
          ? [
            "The guarded tools look into one namespace at a time: ask the person which, and call " +
            "`k8s_list` there for pods, rolebindings, services and networkpolicies.",
          ]
          : [
            "Make these calls:",
            calls(
              ...[
                { group: "", version: "v1", plural: "pods" },
                { group: "rbac.authorization.k8s.io", version: "v1", plural: "rolebindings" },
                { group: "", version: "v1", plural: "services" },
                { group: "networking.k8s.io", version: "v1", plural: "networkpolicies" },
              ].map((type) => call("k8s_list", { namespace, ...type })),
            ),
          ],
      }, NOTHING_READS),
      "Look for containers that are privileged or run as root, host access, broad rights, the default " +
      "account, images without a fixed tag, what is open to the outside, missing network policies. " +
      "Answer by gravity, each with why it matters and how to mend it; leave out what a system " +
      "component needs. Secret values are hidden here: do not try to read them.",
    ];
  },
});
