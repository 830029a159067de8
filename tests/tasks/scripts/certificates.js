k8s.coreV1().secrets("").list({ fieldSelector: "type=kubernetes.io/tls" }).items
  .map((s) => {
    const { notAfter, dnsNames } = x509(s.data["tls.crt"]);
    return [notAfter, s.metadata.namespace + "/" + s.metadata.name, ...dnsNames];
  })
  .sort();
