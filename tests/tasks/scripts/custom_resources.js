k8s.dynamicClient().resource({ group: "demo.kubecode.dev", version: "v1", resource: "shops" })
  .namespace("").list().items
  .filter((s) => s.status?.phase !== "Ready")
  .map((s) => [
    s.metadata.namespace + "/" + s.metadata.name,
    s.status?.phase,
    s.status?.conditions?.find((c) => c.type === "Ready")?.message,
  ]);
