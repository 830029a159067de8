const core = k8s.coreV1();
const ready = new Set();
for (const s of k8s.discoveryV1().endpointSlices("").list().items) {
  if (s.endpoints?.some((e) => e.conditions.ready !== false)) {
    ready.add(s.metadata.namespace + "/" + s.metadata.labels["kubernetes.io/service-name"]);
  }
}
core.services("").list().items
  .map((s) => [s.metadata.namespace + "/" + s.metadata.name, s.metadata.namespace, s.spec])
  .filter(([name, , spec]) => !ready.has(name) && spec.type !== "ExternalName")
  .map(([name, ns, { selector }]) => {
    if (!selector) return [name, "no selector"];
    const pods = core.pods(ns).list({ labelSelector: selector }).items;
    return [name, pods.length ? `none of ${pods.length} pods is ready` : "selector matches no pod"];
  });
