const out = {};
for (const { spec } of k8s.coreV1().pods("").list().items) {
  for (const { image } of [...(spec.initContainers ?? []), ...spec.containers]) {
    const [, name, tag] = image.match(/^(.*?)(?::([^/]*))?$/);
    (out[name] ??= new Set()).add(tag ?? "");
  }
}
out;
