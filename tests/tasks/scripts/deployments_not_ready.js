k8s.appsV1().deployments("").list().items
  .filter((d) => (d.status.readyReplicas ?? 0) < d.spec.replicas)
  .map((d) => {
    const why = d.status.conditions?.filter((c) =>
      c.type === "ReplicaFailure"
    ).map((c) => c.message) ?? [];
    const pods = k8s.coreV1().pods(d.metadata.namespace).list({ labelSelector: d.spec.selector });
    for (const { status } of pods.items) {
      for (const c of status.containerStatuses ?? []) why.push(c.state.waiting?.reason);
      for (const c of status.conditions) if (c.reason === "Unschedulable") why.push(c.message);
    }
    const ready = `${d.status.readyReplicas ?? 0}/${d.spec.replicas}`;
    return [d.metadata.namespace, d.metadata.name, ready, ...new Set(why.filter(Boolean))];
  });
