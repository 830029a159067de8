const since = new Date(Date.now() - 3600e3).toISOString();
["deployments", "statefulSets", "daemonSets"].flatMap((kind) =>
  k8s.appsV1()[kind]("").list({ form: "metadata", managedFields: true }).items
    .map(({ metadata: m }) => {
      const by = m.managedFields?.filter((f) => !f.subresource && f.time > since) ?? [];
      if (m.creationTimestamp > since) return [kind, m.namespace, m.name, "created"];
      return by.length && [kind, m.namespace, m.name, ...by.map((f) => f.manager)];
    })
    .filter(Boolean)
);
