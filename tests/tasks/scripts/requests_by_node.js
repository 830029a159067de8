const out = {};
for (const { metadata, status: { allocatable } } of k8s.coreV1().nodes().list().items) {
  out[metadata.name] = {
    cpu: [0, quantity(allocatable.cpu)],
    memory: [0, quantity(allocatable.memory)],
  };
}
for (const { spec, status } of k8s.coreV1().pods("").list().items) {
  if (!out[spec.nodeName] || /Succeeded|Failed/.test(status.phase)) continue;
  for (const c of spec.containers) {
    for (const r in out[spec.nodeName]) {
      out[spec.nodeName][r][0] += quantity(c.resources.requests?.[r]);
    }
  }
}
for (const n in out) {
  for (const r in out[n]) out[n][r] = Math.round(100 * out[n][r][0] / out[n][r][1]) + "%";
}
out;
