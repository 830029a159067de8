/** What the prompts are about: a namespace with an application, and the types of Istio and Argo CD. */
import type { KubeClient } from "../../lib/kube/client.ts";
import { ApiError } from "../../lib/errors.ts";
import { connect, type Connected, type TestTarget, uniqueName } from "../support/clusters.ts";

/** A definition whose objects may hold anything. */
function definition(group: string, version: string, kind: string, plural: string) {
  const schema = {
    openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List` },
      versions: [{ name: version, served: true, storage: true, schema }],
    },
  };
}

const DEFINITIONS = [
  definition("networking.istio.io", "v1", "VirtualService", "virtualservices"),
  definition("networking.istio.io", "v1", "DestinationRule", "destinationrules"),
  definition("networking.istio.io", "v1", "Gateway", "gateways"),
  definition("security.istio.io", "v1", "PeerAuthentication", "peerauthentications"),
  definition("security.istio.io", "v1", "AuthorizationPolicy", "authorizationpolicies"),
  definition("argoproj.io", "v1alpha1", "Application", "applications"),
];

const deployment = (name: string, version: string) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, labels: { app: "web" } },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: "web", version } },
    template: {
      metadata: { labels: { app: "web", version } },
      spec: {
        automountServiceAccountToken: false,
        containers: [
          { name: "main", image: "registry.example/web:1" },
          { name: "istio-proxy", image: "registry.example/proxy:1" },
        ],
      },
    },
  },
});

const OBJECTS = [
  deployment("web", "v1"),
  deployment("web-next", "v2"),
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web" },
    spec: { selector: { app: "web" }, ports: [{ port: 80 }] },
  },
  {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Application",
    metadata: { name: "web" },
    spec: { project: "default", source: { repoURL: "https://git.example/web", path: "." } },
    status: {
      sync: { status: "OutOfSync", revision: "0123456789abcdef" },
      health: { status: "Healthy" },
      history: [{ id: 3, revision: "aaaa1111" }, { id: 4, revision: "bbbb2222" }],
    },
  },
];

/** A release as helm stores it: compressed, and encoded twice. */
async function release(namespace: string) {
  const time = "2026-01-01T00:00:00Z";
  const info = { first_deployed: time, last_deployed: time, deleted: "", status: "deployed" };
  const chart = { metadata: { apiVersion: "v2", name: "web", version: "1.0.0" }, values: {} };
  const text = JSON.stringify({ name: "web", namespace, version: 1, info, chart, manifest: "" });
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: "sh.helm.release.v1.web.v1",
      labels: { owner: "helm", name: "web", version: "1", status: "deployed" },
    },
    type: "helm.sh/release.v1",
    data: { release: btoa(new Uint8Array(await new Response(packed).arrayBuffer()).toBase64()) },
  };
}

/** The plural name of each kind that is made here. */
const PLURALS: Readonly<Record<string, string>> = {
  CustomResourceDefinition: "customresourcedefinitions",
  Namespace: "namespaces",
  Deployment: "deployments",
  Service: "services",
  Secret: "secrets",
  Application: "applications",
};

/** The namespace, for the time of a test. */
export interface Application extends Connected {
  readonly namespace: string;
  /** A pod of it that runs. */
  readonly pod: string;
}

/** Makes it, and takes it away again with all that it brought. */
export async function application(target: TestTarget): Promise<Application> {
  const cluster = await connect(target, { readWrite: true });
  const { client, signal } = cluster;
  const namespace = uniqueName("prompts");
  const made: string[] = [];
  const clear = async () => {
    await remove(client, "namespaces", namespace);
    for (const name of made) await remove(client, "customresourcedefinitions", name);
    for (const name of made) await untilGone(client, "customresourcedefinitions", name);
    await cluster[Symbol.asyncDispose]();
  };
  try {
    for (const object of DEFINITIONS) {
      await untilNotEnding(client, object.metadata.name);
      if (await create(client, object, undefined, signal)) made.push(object.metadata.name);
    }
    await untilServed(client, signal);
    await create(client, { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    for (const object of [...OBJECTS, await release(namespace)]) {
      await create(client, object, namespace, signal);
    }
    const pod = await runningPod(client, namespace, signal);
    return { ...cluster, namespace, pod, [Symbol.asyncDispose]: clear };
  } catch (error) {
    await clear();
    throw error;
  }
}

interface Made {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/** Whether it was not there before; waits for a type that is just being defined. */
async function create(
  client: KubeClient,
  object: Made,
  namespace?: string,
  signal = new AbortController().signal,
): Promise<boolean> {
  const [version, group = ""] = object.apiVersion.split("/").reverse();
  const reference = { group, version: version!, resource: PLURALS[object.kind]! };
  const body = new TextEncoder().encode(JSON.stringify(object));
  for (let tries = 0;; tries++) {
    try {
      const resource = await client.resolve(reference, signal);
      await client.send({ verb: "create", resource, namespace, body }, signal);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) return false;
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

async function remove(client: KubeClient, plural: string, name: string): Promise<void> {
  const signal = new AbortController().signal;
  const resource = await client.resolve({ resource: plural }, signal);
  await client.send({ verb: "delete", resource, name }, signal).catch(() => {});
}

/** The cluster may still say of a type what it said of the one of that name that another test removed. */
async function untilServed(client: KubeClient, signal: AbortSignal): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const { versions } = await client.index({ maxAgeMs: 0, signal });
    const resources = versions.flatMap(({ group, resources }) =>
      resources.map(({ resource, verbs }) => ({ name: `${resource}.${group}`, verbs }))
    );
    const isServed = DEFINITIONS.every(({ metadata }) =>
      resources.some(({ name, verbs }) => name === metadata.name && verbs.includes("patch"))
    );
    if (isServed) return await readEach(client, signal);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the types are not served after 30 s");
}

/** An API server that removes a type nobody has read yet may stop in the middle, for minutes. */
async function readEach(client: KubeClient, signal: AbortSignal): Promise<void> {
  for (const { spec: { group, names: { plural } } } of DEFINITIONS) {
    const resource = await client.resolve({ group, resource: plural }, signal);
    await client.send({ verb: "list", resource }, signal);
  }
}

/** What another test has removed may not be gone yet. */
async function untilNotEnding(client: KubeClient, name: string): Promise<void> {
  const signal = new AbortController().signal;
  const plural = "customresourcedefinitions";
  const resource = await client.resolve({ resource: plural }, signal);
  const bytes = await client.send({ verb: "get", resource, name }, signal).catch(() => undefined);
  if (bytes === undefined) return;
  const { metadata } = JSON.parse(new TextDecoder().decode(bytes));
  if (metadata.deletionTimestamp !== undefined) await untilGone(client, plural, name);
}

/** Another test may define the same type as soon as it is gone. */
async function untilGone(client: KubeClient, plural: string, name: string): Promise<void> {
  const signal = new AbortController().signal;
  const resource = await client.resolve({ resource: plural }, signal);
  for (let tries = 0; tries < 300; tries++) {
    try {
      await client.send({ verb: "get", resource, name }, signal);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return;
      throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${plural} "${name}" is still there after 30 s`);
}

/** A pod of version v1, once one of each version runs. */
async function runningPod(client: KubeClient, namespace: string, signal: AbortSignal) {
  const resource = await client.resolve({ resource: "pods" }, signal);
  for (let tries = 0; tries < 300; tries++) {
    const bytes = await client.send({ verb: "list", resource, namespace }, signal);
    const { items } = JSON.parse(new TextDecoder().decode(bytes)) as {
      items: {
        metadata: { name: string; labels: { version: string } };
        status: { phase?: string };
      }[];
    };
    const running = items.filter(({ status }) => status.phase === "Running");
    const first = running.find(({ metadata }) => metadata.labels.version === "v1");
    if (running.length >= 2 && first) return first.metadata.name;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("no pods run after 30 s");
}
