/** What a kubelet makes of a pod: the container's arguments, environment and files, from the cluster. */
import assert from "node:assert/strict";
import type { ContainerSpec, MountedFile } from "./container.ts";

/** Runs kubectl as the cluster's administrator; gives what it prints. */
export type Kubectl = (...args: readonly string[]) => Promise<string>;

/** The part of a pod's spec that is looked at. */
interface PodSpec {
  readonly serviceAccountName: string;
  readonly containers: readonly {
    readonly args?: readonly string[];
    readonly env?: readonly { readonly name: string; readonly value?: string }[];
    readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
    readonly startupProbe?: Probe;
    readonly livenessProbe?: Probe;
    readonly readinessProbe?: Probe;
  }[];
  readonly volumes?: readonly Volume[];
}

/** What a kubelet asks of a container, and how long it waits for the answer (1 s if left out). */
interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string; readonly scheme: string };
  readonly timeoutSeconds?: number;
}

interface Volume {
  readonly name: string;
  readonly configMap?: { readonly name: string };
  readonly secret?: {
    readonly secretName: string;
    readonly defaultMode?: number;
    /** These keys alone, at these paths; all under their own names if left out. */
    readonly items?: readonly { readonly key: string; readonly path: string }[];
  };
  readonly emptyDir?: unknown;
  readonly projected?: unknown;
}

const ACCOUNT_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * The container of a pod as its kubelet would start it; the token of its ServiceAccount is a new one.
 *
 * @param pod the pod, or what a Deployment makes its pods of
 */
export async function containerOf(
  kubectl: Kubectl,
  namespace: string,
  pod: { readonly spec: PodSpec },
): Promise<ContainerSpec> {
  const { spec } = pod;
  const [container] = spec.containers;
  assert.ok(container && spec.containers.length === 1);
  const files: Record<string, MountedFile> = await accountFiles(kubectl, namespace, spec);
  const writable: string[] = [];
  for (const { name, mountPath } of container.volumeMounts ?? []) {
    const volume = spec.volumes?.find((each) => each.name === name);
    assert.ok(volume, `no volume ${name}`);
    if (volume.emptyDir) writable.push(mountPath);
    for (const [key, file] of Object.entries(await volumeFiles(kubectl, namespace, volume))) {
      files[`${mountPath}/${key}`] = file;
    }
  }
  const env = Object.fromEntries(
    (container.env ?? []).map((each) => [each.name, each.value ?? ""]),
  );
  return {
    args: container.args ?? [],
    env: { ...await serviceEnvironment(kubectl), ...env },
    files,
    writable,
  };
}

/** What a new Deployment makes its pods of. */
export async function podTemplate(kubectl: Kubectl, namespace: string, deployment: string) {
  const text = await kubectl("get", "deployment", deployment, "-n", namespace, "-o", "json");
  return JSON.parse(text).spec.template as { readonly spec: PodSpec };
}

/** The probes of a pod's container, as its kubelet would ask them: without a token. */
export function probesOf({ spec }: { readonly spec: PodSpec }) {
  const { startupProbe, livenessProbe, readinessProbe } = spec.containers[0]!;
  return Object.entries({ startupProbe, livenessProbe, readinessProbe }).map(([name, probe]) => {
    assert.ok(probe, `no ${name}`);
    const { httpGet: { path, scheme }, timeoutSeconds = 1 } = probe;
    return { name, path, scheme: scheme.toLowerCase(), timeoutMs: timeoutSeconds * 1_000 };
  });
}

async function volumeFiles(
  kubectl: Kubectl,
  namespace: string,
  { configMap, secret }: Volume,
): Promise<Record<string, MountedFile>> {
  if (configMap) {
    const { data } = await read(kubectl, namespace, "configmap", configMap.name);
    return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, { text }]));
  }
  if (secret) {
    const { data } = await read(kubectl, namespace, "secret", secret.secretName);
    const mode = secret.defaultMode ?? 0o644;
    const items = secret.items ?? Object.keys(data).map((key) => ({ key, path: key }));
    return Object.fromEntries(items.map(({ key, path }) => {
      const encoded = data[key];
      assert.ok(encoded !== undefined, `the Secret ${secret.secretName} has no key ${key}`);
      const text = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
      return [path, { text, mode }];
    }));
  }
  return {};
}

async function read(kubectl: Kubectl, namespace: string, kind: string, name: string) {
  const text = await kubectl("get", kind, name, "-n", namespace, "-o", "json");
  return JSON.parse(text) as { readonly data: Record<string, string> };
}

async function accountFiles(kubectl: Kubectl, namespace: string, spec: PodSpec) {
  const token = await kubectl("create", "token", spec.serviceAccountName, "-n", namespace);
  const { data } = await read(kubectl, namespace, "configmap", "kube-root-ca.crt");
  return {
    [`${ACCOUNT_FOLDER}/token`]: { text: token.trim() },
    [`${ACCOUNT_FOLDER}/ca.crt`]: { text: data["ca.crt"] ?? "" },
    [`${ACCOUNT_FOLDER}/namespace`]: { text: namespace },
  };
}

/** The address of the API server; that of its Service leads nowhere without kube-proxy. */
async function serviceEnvironment(kubectl: Kubectl): Promise<Record<string, string>> {
  const server = await kubectl(
    ...["config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}"],
  );
  const { hostname, port } = new URL(server);
  return { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
}
