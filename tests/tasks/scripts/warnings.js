const out = {};
for (const e of k8s.coreV1().events("").list({ fieldSelector: "type=Warning" }).items) {
  const of = out[e.reason] ??= { times: 0, objects: new Set(), last: e.message };
  of.times += e.count ?? 1;
  of.objects.add(
    e.involvedObject.kind + " " + e.involvedObject.namespace + "/" + e.involvedObject.name,
  );
}
out;
