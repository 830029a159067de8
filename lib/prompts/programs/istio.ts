/** The prompts about Istio. Its objects are resources of the cluster: they need no program of their own. */
import { NAMESPACE, NEW_VERSION, PERCENTAGE, SERVICE_NAME } from "../arguments/arguments.ts";
import {
  block,
  byRoad,
  call,
  calls,
  command,
  forThePerson,
  hasProgram,
  howToChange,
  inNamespace,
  NOTHING_READS,
  READ_ONLY,
  scriptChange,
  scriptLook,
} from "../text.ts";
import { definePrompt, type Here } from "../types.ts";

/** What all its scripts begin with. */
const SERVED = `
const types = cluster.discoveryClient().serverPreferredResources().flatMap(({groupVersion, resources}) =>
  groupVersion.includes(".istio.io/") ? resources.map(type => ({...type, apiVersion: groupVersion})) : []);
if (types.length === 0) return "Istio is not installed: the cluster serves none of its resources";
const core = cluster.coreV1();
const running = pods => pods.filter(pod => pod.status.phase === "Running");
const hasProxy = ({spec}) => [...spec.containers, ...(spec.initContainers ?? [])].some(({name}) => name === "istio-proxy");
const apiVersionOf = kind => types.find(type => type.kind === kind)?.apiVersion;
const client = kind => cluster.dynamicClient().resource({apiVersion: apiVersionOf(kind), kind}).namespace(ns);
const listOf = kind => apiVersionOf(kind) ? client(kind).list().items : [];`;

const LOOK = `${SERVED}
const short = host => host.split(".")[0];
const services = core.services(ns).list().items.map(service => service.metadata.name);
const rules = listOf("DestinationRule"), routing = listOf("VirtualService");
const subsets = rules.flatMap(({spec}) => (spec.subsets ?? []).map(({name}) => short(spec.host) + "/" + name));
const targets = routing.flatMap(({metadata, spec}) => [...(spec.http ?? []), ...(spec.tcp ?? []), ...(spec.tls ?? [])]
  .flatMap(({route = []}) => route).map(({destination: {host, subset}, weight}) => ({by: metadata.name, host, subset, weight})));
const isLocal = host => !host.includes(".") || host.includes("." + ns + ".svc");
const pods = running(core.pods(ns).list().items);
const spaces = core.namespaces().list().items;
const {labels = {}} = spaces.find(each => each.metadata.name === ns)?.metadata ?? {};
yaml({
  controlPlane: core.pods("istio-system").list().items.map(({metadata, status}) => metadata.name + " " + status.phase),
  injection: labels["istio-injection"] ?? labels["istio.io/rev"] ?? labels["istio.io/dataplane-mode"] ?? "off",
  podsWithoutProxy: pods.filter(pod => !hasProxy(pod)).map(pod => pod.metadata.name),
  targets,
  targetsWithoutService: targets.filter(({host}) => isLocal(host) && !services.includes(short(host))),
  targetsWithoutSubset: targets.filter(({host, subset}) => subset && !subsets.includes(short(host) + "/" + subset)),
  mtls: listOf("PeerAuthentication").map(({metadata, spec}) => ({name: metadata.name, ...spec})),
  destinationRules: rules.map(({metadata, spec}) => ({name: metadata.name, host: spec.host, tls: spec.trafficPolicy?.tls?.mode})),
  others: types.filter(type => type.namespaced && !["DestinationRule", "VirtualService", "PeerAuthentication"].includes(type.kind))
    .map(({kind}) => kind + " " + listOf(kind).length).filter(each => !each.endsWith(" 0")),
})`;

const CANARY = `${SERVED}
const {selector} = core.services(ns).get(service).spec;
const versions = {};
for (const pod of running(core.pods(ns).list({labelSelector: selector}).items)) {
  const {version = "(no label)"} = pod.metadata.labels;
  versions[version] = (versions[version] ?? 0) + 1;
}
const [stable, ...more] = Object.keys(versions).filter(each => each !== version);
const route = listOf("VirtualService").find(({spec}) => (spec.hosts ?? []).some(host => host.split(".")[0] === service));
if (!versions[version] || stable === undefined || more.length > 0 || stable === "(no label)") {
  return "not changed: pods that run, by their label version: " + JSON.stringify(versions) + "; there must be " + version + " and one other";
}
if (route && route.metadata.name !== service) return "not changed: virtual service " + route.metadata.name + " routes it already; set the weights there";
const subset = version => version.toLowerCase().replace(/[^a-z0-9]+/g, "-");
const subsets = [stable, version].map(version => ({name: subset(version), labels: {version}}));
const to = (version, weight) => ({destination: {host: service, subset: subset(version)}, weight});
const metadata = {name: service};
client("DestinationRule").apply({apiVersion: apiVersionOf("DestinationRule"), kind: "DestinationRule", metadata, spec: {host: service, subsets}});
client("VirtualService").apply({
  apiVersion: apiVersionOf("VirtualService"), kind: "VirtualService", metadata,
  spec: {hosts: [service], http: [{route: [to(stable, 100 - percentage), to(version, percentage)]}]},
});
return service + ": " + (100 - percentage) + "% to " + stable + ", " + percentage + "% to " + version`;

const MTLS = `${SERVED}
const mode = "STRICT"; // PERMISSIVE takes both, as a first step
const cutOffIsFine = false; // true once the person accepts what is told below
const without = running(core.pods(ns).list().items).filter(pod => !hasProxy(pod)).map(pod => pod.metadata.name);
const plain = listOf("DestinationRule").filter(({spec}) => spec.trafficPolicy?.tls?.mode === "DISABLE").map(({metadata}) => metadata.name);
if (!cutOffIsFine && (without.length > 0 || plain.length > 0)) {
  return "not changed: pods without a proxy could not call the others any more: " + without.join(", ") + "; destination rules that turn TLS off: " + plain.join(", ");
}
client("PeerAuthentication").apply({
  apiVersion: apiVersionOf("PeerAuthentication"), kind: "PeerAuthentication",
  metadata: {name: "default"}, spec: {mtls: {mode}},
});
return "mTLS in " + ns + " is " + mode`;

/** A look at the mesh by the tools that there are. */
function look(here: Here, ns: string): readonly string[] {
  const analyze = hasProgram(here, "istioctl")
    ? [`Istio's own checks: ${command("istioctl", `analyze -n ${ns}`)}`]
    : [];
  const scan = (api_group: string, resource_kind: string) =>
    call("scan_k8s_collection", { api_group, api_version: "v1", resource_kind, target_ns: ns });
  const list = (group: string, plural: string) =>
    call("k8s_list", { namespace: ns, group, version: "v1", plural });
  const [net, sec] = ["networking.istio.io", "security.istio.io"] as const;
  const missing =
    "Where the cluster does not serve these, Istio is not installed: say so and stop.";
  return [
    ...byRoad(here, {
      scripts: [scriptLook(here, { ns }, LOOK)],
      kubectl: [
        missing,
        calls(
          command(
            "kubectl",
            `get virtualservices.${net},destinationrules.${net},gateways.${net} -n ${ns} -o yaml`,
          ),
          command(
            "kubectl",
            `get peerauthentications.${sec},authorizationpolicies.${sec} -n ${ns}`,
          ),
          command(
            "kubectl",
            `get pods -n ${ns} -o 'custom-columns=NAME:.metadata.name,CONTAINERS:.spec.containers[*].name'`,
          ),
        ),
      ],
      resources: [
        missing,
        calls(
          scan(net, "virtualservices"),
          scan(net, "destinationrules"),
          scan(sec, "peerauthentications"),
        ),
      ],
      guarded: [
        missing,
        calls(
          list(net, "virtualservices"),
          list(net, "destinationrules"),
          list(sec, "peerauthentications"),
        ),
      ],
    }, analyze.length > 0 ? [] : NOTHING_READS),
    ...analyze,
  ];
}

/** A change of Istio's objects: by the script, or of the manifest that it comes to. */
function change(
  here: Here,
  constants: Readonly<Record<string, unknown>>,
  body: string,
  manifest: string,
): readonly string[] {
  const byPerson = (why: string) => [
    forThePerson(why, "this manifest, for `kubectl apply -f`."),
    block("yaml", manifest),
  ];
  if (here.mode === "read-only") return byPerson(READ_ONLY);
  return byRoad(here, {
    scripts: [scriptChange(here, constants, body)],
    kubectl: [
      `2. Apply this by \`stdin\`. ${howToChange(here)}`,
      command("kubectl", "apply -f -", { stdin: manifest }),
    ],
    resources: [
      `2. Apply this. ${howToChange(here)}`,
      call("deploy_k8s_entity", { payload_manifest: manifest }),
    ],
    guarded: byPerson("The guarded tools create nothing."),
  }, []);
}

const serviceMesh = definePrompt({
  name: "istio_service_mesh",
  description: "Istio in a namespace: routes, mTLS, faults",
  arguments: { namespace: NAMESPACE },
  text: ({ namespace: ns }, here) => [
    `Look at the Istio service mesh in ${inNamespace(ns)}.`,
    ...look(here, ns),
    "Answer with faults first (routes to services or subsets that are missing, pods without a proxy, " +
    "mTLS that callers do not match), then how traffic is routed and secured.",
  ],
});

const canary = definePrompt({
  name: "istio_canary_setup",
  description: "Send a share of a service's traffic to a new version",
  arguments: {
    service_name: SERVICE_NAME,
    new_version: NEW_VERSION,
    canary_percentage: PERCENTAGE,
    namespace: NAMESPACE,
  },
  text(
    { service_name: service, new_version: version, canary_percentage: percentage, namespace: ns },
    here,
  ) {
    const subset = (name: string) => name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
    const manifest = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ${JSON.stringify(service)}, namespace: ${JSON.stringify(ns)}}
spec:
  host: ${JSON.stringify(service)}
  subsets:
  - {name: stable, labels: {version: STABLE_VERSION}}
  - {name: ${JSON.stringify(subset(version))}, labels: {version: ${JSON.stringify(version)}}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${JSON.stringify(service)}, namespace: ${JSON.stringify(ns)}}
spec:
  hosts: [${JSON.stringify(service)}]
  http:
  - route:
    - {destination: {host: ${JSON.stringify(service)}, subset: stable}, weight: ${100 - percentage}}
    - {destination: {host: ${JSON.stringify(service)}, subset: ${
      JSON.stringify(subset(version))
    }}, weight: ${percentage}}
`;
    const byScript = here.road === "scripts" && here.mode !== "read-only";
    return [
      `Send ${percentage}% of the traffic of service "${service}" in ${inNamespace(ns)} to its ` +
      `version "${version}".`,
      "The pods of both versions carry the label `version`, and those of the new one run already: " +
      "where they do not, they are deployed first.",
      "1. Look at the mesh first.",
      ...look(here, ns),
      ...change(here, { service, version, percentage, ns }, CANARY, manifest),
      ...(byScript ? [] : [
        "STABLE_VERSION is the value of the label `version` of the pods that serve now. Where a " +
        "virtual service for this host is there already, set the weights in that one.",
      ]),
      "Then watch errors and latency of the new version. More traffic is the same change with a larger " +
      "share; to go back, give the new version 0.",
    ];
  },
});

const mtls = definePrompt({
  name: "istio_mtls_enable",
  description: "Require mutual TLS in a namespace",
  arguments: { namespace: NAMESPACE },
  text: ({ namespace: ns }, here) => [
    `Require mutual TLS between the services in ${inNamespace(ns)}.`,
    "Callers without Istio's proxy are cut off by that, those in other namespaces too. Name them to the " +
    "person, and change nothing before they agree.",
    "1. Look at the mesh first.",
    ...look(here, ns),
    ...change(
      here,
      { ns },
      MTLS,
      `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: ${JSON.stringify(ns)}}
spec: {mtls: {mode: STRICT}}
`,
    ),
    "Afterwards look again; mode PERMISSIVE in the same object takes it back.",
  ],
});

/** The prompts. */
export const ISTIO = [serviceMesh, canary, mtls];
