/**
 * A namespace in which there is something to find for each of the tasks; on the demo it stands beside
 * the story, on the real control plane it is the story.
 */
import { createAuthority } from "../support/certificates.ts";
import { POD_ANNOTATIONS } from "../cluster/kwok_stages.ts";
import { type Kubectl, openCluster } from "./kubectl.ts";

const DAY_MS = 86_400_000;
/** metrics-server has numbers of a pod about a minute after it came to be. */
const METRICS_TRIES = 180;
const RBAC = "rbac.authorization.k8s.io";

interface WorkloadOptions {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly replicas?: number;
  readonly memory?: string;
  readonly pod?: Readonly<Record<string, unknown>>;
  readonly container?: Readonly<Record<string, unknown>>;
}

/** What the namespace holds. */
export async function taskObjects(namespace: string): Promise<readonly unknown[]> {
  const object = (kind: string, apiVersion: string, name: string, rest: object) => ({
    kind,
    apiVersion,
    metadata: { name, namespace },
    ...rest,
  });
  const deployment = (name: string, options: WorkloadOptions = {}) =>
    object("Deployment", "apps/v1", name, {
      spec: {
        replicas: options.replicas ?? 1,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name }, annotations: options.annotations ?? {} },
          spec: {
            containers: [{
              name: "main",
              image: `registry.example.com:5000/tasks/${name}:1.0`,
              resources: { requests: { cpu: "150m", memory: options.memory ?? "96Mi" } },
              ...options.container,
            }],
            ...options.pod,
          },
        },
      },
    });
  const service = (name: string, spec: object) =>
    object("Service", "v1", name, { spec: { ports: [{ port: 80 }], ...spec } });
  const config = (name: string) => object("ConfigMap", "v1", name, { data: { key: "value" } });
  const waiting = (reason: string, more = {}) => ({ [POD_ANNOTATIONS.waiting]: reason, ...more });
  const crashes = {
    [POD_ANNOTATIONS.exitCode]: "1",
    [POD_ANNOTATIONS.restarts]: "7",
  };

  return [
    object("ServiceAccount", "v1", "robot", {}),
    ...["by-env", "by-env-from", "by-volume", "by-projection", "by-init", "orphan"].map(config),
    deployment("well", {
      replicas: 2,
      annotations: { [POD_ANNOTATIONS.memory]: "3Gi" },
      container: {
        envFrom: [{ configMapRef: { name: "by-env-from" } }],
        env: [{ name: "KEY", valueFrom: { configMapKeyRef: { name: "by-env", key: "key" } } }],
        volumeMounts: [{ name: "a", mountPath: "/a" }, { name: "b", mountPath: "/b" }],
      },
      pod: {
        initContainers: [{
          name: "first",
          image: "registry.example.com/tasks/first",
          envFrom: [{ configMapRef: { name: "by-init" } }],
        }],
        volumes: [
          { name: "a", configMap: { name: "by-volume" } },
          { name: "b", projected: { sources: [{ configMap: { name: "by-projection" } }] } },
        ],
      },
    }),
    deployment("crashing", { annotations: waiting("CrashLoopBackOff", crashes) }),
    deployment("unpullable", { annotations: waiting("ImagePullBackOff"), replicas: 2 }),
    deployment("too-large", { memory: "100Ti" }),
    deployment("refused", { pod: { serviceAccountName: "missing" } }),
    service("well", { selector: { app: "well" } }),
    service("crashing", { selector: { app: "crashing" } }),
    service("misspelt", { selector: { app: "wel" } }),
    service("by-hand", {}),
    service("elsewhere", { type: "ExternalName", externalName: "example.com" }),
    ...await certificates(object),
    ...rights(namespace, object),
    ...[["oslo", "Ready"], ["turin", "Degraded"]].map(([name, phase]) =>
      object("Shop", "demo.kubecode.dev/v1", name!, {
        spec: { domain: `${name}.example.com`, plan: "free" },
        status: {
          phase,
          conditions: [{ type: "Ready", status: "False", message: `${name} is ${phase}` }],
        },
      })
    ),
  ];
}

type MakeObject = (kind: string, apiVersion: string, name: string, rest: object) => unknown;

/** One that has run out, two that will, and a Secret that holds none. */
async function certificates(object: MakeObject): Promise<unknown[]> {
  const authority = await createAuthority();
  const secret = async (name: string, days: number) => {
    const { cert, key } = await authority.server({
      notBefore: new Date(Date.now() - 90 * DAY_MS),
      notAfter: new Date(Date.now() + days * DAY_MS),
      names: [{ type: "dns", value: `${name}.example.com` }],
    });
    // The chain as it is served: the authority's own comes second, and is not what is asked for.
    const data = { "tls.crt": btoa(cert + "\n" + authority.cert), "tls.key": btoa(key) };
    return object("Secret", "v1", name, { type: "kubernetes.io/tls", data });
  };
  return [
    await secret("soon", 3),
    await secret("late", 400),
    await secret("gone", -2),
    object("Secret", "v1", "no-certificate", { stringData: { password: "not-to-be-seen" } }),
  ];
}

/** Who may delete pods: a robot by name, a group by a wildcard; and who may not. */
function rights(namespace: string, object: MakeObject): unknown[] {
  const rule = (apiGroups: string[], resources: string[], verbs: string[]) => ({
    rules: [{ apiGroups, resources, verbs }],
  });
  const cluster = (kind: string, name: string, rest: object) => ({
    kind,
    apiVersion: `${RBAC}/v1`,
    metadata: { name: `${namespace}-${name}` },
    ...rest,
  });
  const binding = (role: { kind: string; name: string }, subject: object) => ({
    roleRef: { apiGroup: RBAC, ...role },
    subjects: [subject],
  });
  const robot = { kind: "ServiceAccount", name: "robot", namespace };
  const user = (name: string) => ({ kind: "User", apiGroup: RBAC, name: `${namespace}-${name}` });
  const role = (name: string) => ({ kind: "Role", name });
  const clusterRole = { kind: "ClusterRole", name: `${namespace}-janitor` };
  return [
    object("Role", `${RBAC}/v1`, "cleaner", rule([""], ["pods", "pods/log"], ["list", "delete"])),
    object("Role", `${RBAC}/v1`, "reader", rule([""], ["*"], ["get", "list"])),
    object("Role", `${RBAC}/v1`, "deployer", rule(["apps"], ["*"], ["*"])),
    object("RoleBinding", `${RBAC}/v1`, "cleaner", binding(role("cleaner"), robot)),
    object("RoleBinding", `${RBAC}/v1`, "reader", binding(role("reader"), user("reader"))),
    object("RoleBinding", `${RBAC}/v1`, "deployer", binding(role("deployer"), user("deployer"))),
    object("RoleBinding", `${RBAC}/v1`, "janitor", binding(clusterRole, user("janitor"))),
    cluster("ClusterRole", "janitor", rule(["*"], ["*"], ["*"])),
    cluster(
      "ClusterRoleBinding",
      "janitor",
      binding(clusterRole, { kind: "Group", apiGroup: RBAC, name: `${namespace}-janitors` }),
    ),
  ];
}

/**
 * Makes the namespace, and waits until all has become of it that will.
 *
 * @param definition of the shops; undefined where the cluster has it
 */
export async function loadTaskObjects(
  kubectl: Kubectl,
  namespace: string,
  definition?: unknown,
): Promise<AsyncDisposable> {
  await kubectl(`create namespace ${namespace}`);
  if (definition) {
    await kubectl.apply([definition]);
    await kubectl("wait --for=condition=Established crd/shops.demo.kubecode.dev");
  }
  const objects = await taskObjects(namespace);
  await kubectl.apply(objects);
  // What only a status says is written as one.
  for (const object of objects as { kind: string; metadata: { name: string }; status?: object }[]) {
    if (!object.status) continue;
    const patch = JSON.stringify({ status: object.status });
    const { kind, metadata: { name } } = object;
    await kubectl(
      `-n ${namespace} patch ${kind} ${name} --subresource=status --type=merge -p`,
      patch,
    );
  }
  return {
    async [Symbol.asyncDispose]() {
      await kubectl(
        `delete clusterrole/${namespace}-janitor clusterrolebinding/${namespace}-janitor`,
      );
      await kubectl(`delete namespace ${namespace} --wait=false`);
      if (definition) await kubectl("delete crd shops.demo.kubecode.dev");
    },
  };
}

/** Waits for pods that wait, cannot be scheduled, cannot be made, and run. */
export async function untilSettled(kubectl: Kubectl, namespace: string): Promise<void> {
  const wanted = [
    ["pods", /well.* 1\/1 .*well.* 1\/1 /s],
    ["pods", /crashing-\S+ +0\/1 +CrashLoopBackOff +7/],
    ["pods", /(unpullable-\S+ +0\/1 +ImagePullBackOff.*){2}/s],
    ["events", /FailedScheduling/],
    ["events", /BackOff/],
    ["events", /FailedCreate.*serviceaccount/],
  ] as const;
  for (let tries = 0;; tries++) {
    const seen = {
      pods: await kubectl(`get pods -n ${namespace}`),
      events: await kubectl(`get events -n ${namespace}`),
    };
    const missing = wanted.filter(([of, pattern]) => !pattern.test(seen[of]));
    if (missing.length === 0) return;
    if (tries === 120) throw new Error(`still not there: ${missing}\n${seen.pods}\n${seen.events}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** Waits for the metrics of its pods. */
export async function untilMetrics(kubectl: Kubectl, namespace: string): Promise<void> {
  for (let tries = 0; tries < METRICS_TRIES; tries++) {
    if (await kubectl.succeeds(`top pods -n ${namespace} -l app=well`)) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error("no metrics after 90 s: does the control plane serve metrics.k8s.io?");
}

/** The demo's own definition of shops, so that both clusters serve the same. */
export async function shopDefinition(): Promise<unknown> {
  await using demo = await openCluster("demo");
  const text = await demo.kubectl("get crd shops.demo.kubecode.dev -o json");
  const { apiVersion, kind, spec } = JSON.parse(text);
  return { apiVersion, kind, metadata: { name: "shops.demo.kubecode.dev" }, spec };
}
