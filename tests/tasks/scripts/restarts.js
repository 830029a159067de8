const out = {};
for (const p of k8s.coreV1().pods("").list().items) {
  const n = (p.status.containerStatuses ?? []).reduce((sum, c) => sum + c.restartCount, 0);
  if (n > 0) (out[p.metadata.namespace] ??= {})[p.metadata.name] = n;
}
out;
