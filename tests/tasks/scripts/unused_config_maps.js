const used = new Set();
for (const { metadata: { namespace: ns }, spec } of k8s.coreV1().pods("").list().items) {
  const use = (name) => used.add(ns + "/" + name);
  for (const v of spec.volumes ?? []) {
    use(v.configMap?.name);
    for (const s of v.projected?.sources ?? []) use(s.configMap?.name);
  }
  for (const c of [...(spec.initContainers ?? []), ...spec.containers]) {
    for (const e of c.envFrom ?? []) use(e.configMapRef?.name);
    for (const e of c.env ?? []) use(e.valueFrom?.configMapKeyRef?.name);
  }
}
k8s.coreV1().configMaps("").list({ form: "metadata" }).items
  .map(({ metadata: m }) => m.namespace + "/" + m.name)
  .filter((name) => !used.has(name) && !name.endsWith("/kube-root-ca.crt"));
