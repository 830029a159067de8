/** `k8s_deploy_application`: from an image to pods that run. */
import { APP_NAME, IMAGE, NAMESPACE, REPLICAS } from "../arguments/arguments.ts";
import {
  block,
  byRoad,
  call,
  command,
  forThePerson,
  howToChange,
  inNamespace,
  NOTHING_READS,
  READ_ONLY,
  script,
  scriptChange,
} from "../text.ts";
import { definePrompt } from "../types.ts";

const CHANGE = `
const port = undefined; // the port that the image listens on: with it there is a probe, and a Service
const labels = {"app.kubernetes.io/name": name};
const deployments = cluster.appsV1().deployments(ns);
const there = deployments.list({fieldSelector: "metadata.name=" + name}).items[0];
const make = () => {
  deployments.apply({
    apiVersion: "apps/v1", kind: "Deployment", metadata: {name, labels},
    spec: {
      replicas, selector: {matchLabels: labels},
      template: {metadata: {labels}, spec: {
        automountServiceAccountToken: false,
        securityContext: {runAsNonRoot: true, seccompProfile: {type: "RuntimeDefault"}},
        containers: [{
          name, image,
          resources: {requests: {cpu: "100m", memory: "128Mi"}, limits: {memory: "256Mi"}},
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: ["ALL"]}},
          ...(port ? {ports: [{containerPort: port}], readinessProbe: {tcpSocket: {port}}, livenessProbe: {tcpSocket: {port}, initialDelaySeconds: 10}} : {}),
        }],
      }},
    },
  });
  if (port) {
    cluster.coreV1().services(ns).apply({
      apiVersion: "v1", kind: "Service", metadata: {name, labels},
      spec: {selector: labels, ports: [{port: 80, targetPort: port}]},
    });
  }
  return "applied";
};
there ? "not changed: there is a deployment of that name, with " + there.spec.template.spec.containers.map(each => each.image) : make()`;

const FOLLOW = `
const follow = () => {
  try {
    return cluster.appsV1().deployments(ns).rolloutStatus(name, {timeoutMs: 20000});
  } catch (error) {
    return error.message;
  }
};
const rollout = follow();
const pods = cluster.coreV1().pods(ns).list({labelSelector: "app.kubernetes.io/name=" + name}).items;
const waiting = pods.flatMap(pod => pod.status.containerStatuses ?? []).map(each => each.state?.waiting).filter(Boolean);
yaml({rollout, waiting})`;

/** The same Deployment as YAML. */
function manifest(name: string, image: string, namespace: string, replicas: number): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${JSON.stringify(name)}
  namespace: ${JSON.stringify(namespace)}
  labels: {app.kubernetes.io/name: ${JSON.stringify(name)}}
spec:
  replicas: ${replicas}
  selector:
    matchLabels: {app.kubernetes.io/name: ${JSON.stringify(name)}}
  template:
    metadata:
      labels: {app.kubernetes.io/name: ${JSON.stringify(name)}}
    spec:
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
      - name: ${JSON.stringify(name)}
        image: ${JSON.stringify(image)}
        resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {memory: 256Mi}}
        securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
`;
}

/** The prompt. */
export const deploy = definePrompt({
  name: "k8s_deploy_application",
  description: "Deploy an image",
  arguments: { app_name: APP_NAME, image: IMAGE, namespace: NAMESPACE, replicas: REPLICAS },
  text({ app_name: name, image, namespace: ns, replicas }, here) {
    const yaml = manifest(name, image, ns, replicas);
    const byPerson = (why: string) => [
      forThePerson(why, "this manifest, for `kubectl apply -f`."),
      block("yaml", yaml),
    ];
    const deployment = {
      api_group: "apps",
      api_version: "v1",
      resource_kind: "deployments",
      target_ns: ns,
      entity_name: name,
    };
    return [
      `Deploy image "${image}" as "${name}" in ${inNamespace(ns)}, ${replicas} ` +
      `${replicas === 1 ? "pod" : "pods"}.`,
      "1. Ask the person which port it listens on, if any, and which settings it needs; do not guess " +
      "them. Nothing is changed where a deployment of that name exists already.",
      ...(here.mode === "read-only" ? byPerson(READ_ONLY) : byRoad(here, {
        scripts: [
          scriptChange(here, { name, image, ns, replicas }, CHANGE),
          `3. Once it is made, follow it:\n\n${script(here, { name, ns }, FOLLOW)}`,
        ],
        kubectl: [
          `See that it is not there: ${
            command("kubectl", `get deployments -n ${ns} --field-selector metadata.name=${name}`)
          }`,
          `2. Apply this by \`stdin\`. ${howToChange(here)}`,
          command("kubectl", "apply -f -", { stdin: yaml }),
          `3. ${command("kubectl", `rollout status deployment/${name} -n ${ns} --timeout=60s`)}`,
        ],
        resources: [
          `See that it is not there: ${
            call("scan_k8s_collection", {
              api_group: "apps",
              api_version: "v1",
              resource_kind: "deployments",
              target_ns: ns,
              field_selector: `metadata.name=${name}`,
            })
          }`,
          `2. Apply this. ${howToChange(here)}`,
          call("deploy_k8s_entity", { payload_manifest: yaml }),
          `3. Look at its \`status\`: ${call("get_k8s_entity", deployment)}`,
        ],
        guarded: [
          ...byPerson("The guarded tools create nothing."),
          'Where the deployment exists already, `k8s_patch` with `operation: "update_image"` gives it ' +
          "another image once the person agrees.",
        ],
      }, NOTHING_READS)),
      "The image has to run as another user than root: a pod that does not start for that reason " +
      "says so, and only the person may decide to let it. Where the namespace is missing, ask " +
      "before it is made. Tell at the end whether all pods are ready and how to undo it " +
      `(\`kubectl delete deployment ${name} -n ${ns}\`).`,
    ];
  },
});
