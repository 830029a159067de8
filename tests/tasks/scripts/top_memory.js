k8s.metricsV1beta1Client().podMetricses("").list().items
  .map((m) => [
    m.metadata.namespace + "/" + m.metadata.name,
    Math.floor(m.containers.reduce((sum, c) => sum + quantity(c.usage.memory), 0) / 2 ** 20),
  ])
  .sort((a, b) => b[1] - a[1])
  .slice(0, 5);
