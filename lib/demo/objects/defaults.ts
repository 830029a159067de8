/** What the API server fills in where an object says nothing. */
import type { KubeObject } from "../../kube/types.ts";
import { hash } from "../base/json.ts";
import { type JsonObject, listAt, objectAt, textAt } from "../../std/json/at.ts";
import type { ResourceType } from "../base/api_resources.ts";
import { isRecord } from "../../std/json/unknown.ts";

/** Puts missing fields in; those that are there stay. */
const fill = (value: unknown, defaults: JsonObject): JsonObject => ({
  ...defaults,
  ...(isRecord(value) ? value : {}),
});

function probe(value: unknown): unknown {
  return isRecord(value)
    ? fill(value, {
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
    })
    : value;
}

function container(value: unknown): JsonObject {
  const image = textAt(value, "image");
  const latest = !/[:@]/.test(image.split("/").at(-1) ?? "") || image.endsWith(":latest");
  const filled = fill(value, {
    resources: {},
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    imagePullPolicy: latest ? "Always" : "IfNotPresent",
  });
  for (const name of ["livenessProbe", "readinessProbe", "startupProbe"]) {
    if (filled[name]) filled[name] = probe(filled[name]);
  }
  if (filled.ports) {
    filled.ports = listAt(filled, "ports").map((port) => fill(port, { protocol: "TCP" }));
  }
  return filled;
}

/** A pod's spec, with defaults. */
function podSpec(value: unknown): JsonObject {
  const filled = fill(value, {
    restartPolicy: "Always",
    terminationGracePeriodSeconds: 30,
    dnsPolicy: "ClusterFirst",
    securityContext: {},
    schedulerName: "default-scheduler",
  });
  for (const name of ["containers", "initContainers"]) {
    if (filled[name]) filled[name] = listAt(filled, name).map(container);
  }
  if (filled.serviceAccountName) filled.serviceAccount = filled.serviceAccountName;
  return filled;
}

function template(value: unknown): JsonObject {
  const filled = fill(value, {});
  return { ...filled, spec: podSpec(filled.spec) };
}

const rolling = (update: JsonObject) => ({ type: "RollingUpdate", rollingUpdate: update });

/** A service's cluster IP, the same for the same name. */
function clusterIP({ metadata }: KubeObject): string {
  const seed = hash(`${metadata?.namespace}/${metadata?.name}`);
  return `10.96.${seed % 250 + 2}.${(seed >>> 8) % 250 + 2}`;
}

function service(object: KubeObject): JsonObject {
  const spec = fill(object.spec, {
    type: "ClusterIP",
    sessionAffinity: "None",
    internalTrafficPolicy: "Cluster",
  });
  if (spec.type === "ExternalName") return spec;
  const ip = textAt(spec, "clusterIP") || clusterIP(object);
  const open = spec.type === "NodePort" || spec.type === "LoadBalancer";
  return fill(spec, {
    clusterIP: ip,
    clusterIPs: [ip],
    ipFamilies: ["IPv4"],
    ipFamilyPolicy: "SingleStack",
    ...(open ? { externalTrafficPolicy: "Cluster" } : {}),
  });
}

function servicePorts(spec: JsonObject, object: KubeObject): JsonObject {
  const open = spec.type === "NodePort" || spec.type === "LoadBalancer";
  const ports = listAt(spec, "ports").map((port, index) =>
    fill(port, {
      protocol: "TCP",
      targetPort: isRecord(port) ? port.port : undefined,
      ...(open ? { nodePort: 30_000 + (hash(`${object.metadata?.name}`) + index) % 2_767 } : {}),
    })
  );
  return ports.length ? { ...spec, ports } : spec;
}

/** The object with the defaults of its kind. */
export function withKindDefaults(object: KubeObject, type: ResourceType): KubeObject {
  const spec = objectAt(object, "spec");
  const workload = (defaults: JsonObject): KubeObject => ({
    ...object,
    spec: { ...fill(spec, defaults), template: template(spec.template) },
  });
  switch (type.storageKey) {
    case "pods":
      return {
        ...object,
        spec: fill(podSpec(spec), {
          serviceAccountName: "default",
          serviceAccount: "default",
          enableServiceLinks: true,
          priority: 0,
          preemptionPolicy: "PreemptLowerPriority",
        }),
      };
    case "deployments.apps":
      return workload({
        replicas: 1,
        strategy: rolling({ maxUnavailable: "25%", maxSurge: "25%" }),
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
      });
    case "replicasets.apps":
    case "replicationcontrollers":
      return workload({ replicas: 1 });
    case "statefulsets.apps":
      return workload({
        replicas: 1,
        podManagementPolicy: "OrderedReady",
        updateStrategy: rolling({ partition: 0 }),
        revisionHistoryLimit: 10,
        persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
      });
    case "daemonsets.apps":
      return workload({
        updateStrategy: rolling({ maxUnavailable: 1, maxSurge: 0 }),
        revisionHistoryLimit: 10,
      });
    case "jobs.batch":
      return workload({
        parallelism: 1,
        completions: 1,
        backoffLimit: 6,
        completionMode: "NonIndexed",
        suspend: false,
        podReplacementPolicy: "TerminatingOrFailed",
      });
    case "cronjobs.batch":
      return {
        ...object,
        spec: fill(spec, {
          concurrencyPolicy: "Allow",
          suspend: false,
          successfulJobsHistoryLimit: 3,
          failedJobsHistoryLimit: 1,
        }),
      };
    case "services":
      return { ...object, spec: servicePorts(service(object), object) };
    case "secrets":
      return secret(object);
    case "namespaces":
      return {
        ...object,
        metadata: {
          ...object.metadata,
          labels: fill(object.metadata?.labels, {
            "kubernetes.io/metadata.name": object.metadata?.name,
          }) as Record<string, string>,
        },
        spec: fill(spec, { finalizers: ["kubernetes"] }),
      };
    default:
      return object;
  }
}

/** A secret with `stringData` put into `data`. */
function secret(object: KubeObject): KubeObject {
  const { stringData, ...rest } = object;
  const encoded = Object.entries(objectAt(stringData)).map(([key, value]) => {
    const bytes = new TextEncoder().encode(String(value));
    return [key, btoa(String.fromCharCode(...bytes))];
  });
  const data = { ...objectAt(rest, "data"), ...Object.fromEntries(encoded) };
  return {
    ...rest,
    ...(Object.keys(data).length ? { data } : {}),
    type: textAt(rest, "type") || "Opaque",
  };
}
