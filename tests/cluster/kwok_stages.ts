/** The steps that kwok takes nodes and pods through: its stages. */

/** Annotations of a pod that change what becomes of it. */
export const POD_ANNOTATIONS = {
  /** Its containers wait for this reason, as `CrashLoopBackOff` or `ImagePullBackOff`. */
  waiting: "testbed/waiting",
  /** Exit code of the last run; without it there was none, and the pod stays Pending. */
  exitCode: "testbed/exit-code",
  /** Times that its containers were started again. */
  restarts: "testbed/restarts",
  /** A quantity: the CPU that each container uses. */
  cpu: "testbed/cpu",
  /** A quantity: the memory that each container uses. */
  memory: "testbed/memory",
} as const;

/** All stages. */
export function stages(): readonly unknown[] {
  return [nodeReady(), podRunning(), podWaiting(), podCompleted(), podDeleted()];
}

/** An object of kwok's configuration. */
export function document(kind: string, name: string, spec: unknown): unknown {
  return { apiVersion: "kwok.x-k8s.io/v1alpha1", kind, metadata: { name }, spec };
}

const DELETED = ".metadata.deletionTimestamp";
const READY = '.status.conditions.[] | select( .type == "Ready" ) | .status';
const annotation = (name: string) => `.metadata.annotations["${name}"]`;
const annotated = (name: string) => `(index (or .metadata.annotations dict) "${name}")`;

function nodeReady(): unknown {
  return stage(
    "node-ready",
    "Node",
    [{ key: READY, operator: "NotIn", values: ["True"] }],
    {
      // Both addresses are always written: a node without them has neither logs nor metrics.
      statusTemplate: `
{{ $now := Now }}
conditions:
{{ range NodeConditions }}
- type: {{ .type | Quote }}
  status: {{ .status | Quote }}
  reason: {{ .reason | Quote }}
  message: {{ .message | Quote }}
  lastHeartbeatTime: {{ $now | Quote }}
  lastTransitionTime: {{ $now | Quote }}
{{ end }}
addresses:
- type: InternalIP
  address: {{ NodeIP | Quote }}
- type: Hostname
  address: {{ NodeName | Quote }}
daemonEndpoints:
  kubeletEndpoint:
    Port: {{ NodePort }}
`,
    },
  );
}

function podRunning(): unknown {
  return stage(
    "pod-running",
    "Pod",
    [
      { key: DELETED, operator: "DoesNotExist" },
      { key: ".status.phase", operator: "In", values: ["Pending"] },
      { key: READY, operator: "DoesNotExist" },
      { key: annotation(POD_ANNOTATIONS.waiting), operator: "DoesNotExist" },
    ],
    {
      statusTemplate: `
{{ $now := Now }}
phase: Running
startTime: {{ $now | Quote }}
conditions:
${conditions("True")}
{{ range .spec.readinessGates }}
- type: {{ .conditionType | Quote }}
  status: "True"
  lastTransitionTime: {{ $now | Quote }}
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: {{ printf "%s@sha256:%s" .image (sha256sum .image) | Quote }}
  containerID: {{ printf "containerd://%s" (sha256sum (printf "%s%s" $.metadata.uid .name)) | Quote }}
  ready: true
  started: true
  restartCount: 0
  state:
    running:
      startedAt: {{ $now | Quote }}
{{ end }}
{{ with .spec.initContainers }}
initContainerStatuses:
{{ range . }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: {{ printf "%s@sha256:%s" .image (sha256sum .image) | Quote }}
  ready: true
  restartCount: 0
  state:
    {{ if eq (or .restartPolicy "") "Always" }}
    running:
      startedAt: {{ $now | Quote }}
    {{ else }}
    terminated:
      exitCode: 0
      reason: Completed
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}
    {{ end }}
{{ end }}
{{ end }}
${ADDRESSES}`,
    },
  );
}

function podWaiting(): unknown {
  const { waiting, exitCode, restarts } = POD_ANNOTATIONS;
  return stage(
    "pod-waiting",
    "Pod",
    [
      { key: DELETED, operator: "DoesNotExist" },
      { key: ".status.phase", operator: "In", values: ["Pending"] },
      { key: READY, operator: "DoesNotExist" },
      { key: annotation(waiting), operator: "Exists" },
    ],
    {
      event: {
        type: "Warning",
        reason: "BackOff",
        message: "Back-off restarting failed container",
      },
      statusTemplate: `
{{ $now := Now }}
{{ $waiting := ${annotated(waiting)} }}
{{ $exitCode := ${annotated(exitCode)} }}
{{ $restarts := or ${annotated(restarts)} "0" }}
phase: {{ if $exitCode }}Running{{ else }}Pending{{ end }}
startTime: {{ $now | Quote }}
conditions:
${conditions("False")}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  ready: false
  started: false
  restartCount: {{ $restarts }}
  state:
    waiting:
      reason: {{ $waiting | Quote }}
      message: {{ printf "container %s: %s" .name $waiting | Quote }}
  {{ if $exitCode }}
  lastState:
    terminated:
      exitCode: {{ $exitCode }}
      reason: {{ if eq $exitCode "137" }}OOMKilled{{ else }}Error{{ end }}
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}
  {{ end }}
{{ end }}
${ADDRESSES}`,
    },
  );
}

/** A pod of a Job ends well, shortly after it was seen running. */
function podCompleted(): unknown {
  return stage(
    "pod-completed",
    "Pod",
    [
      { key: DELETED, operator: "DoesNotExist" },
      { key: ".status.phase", operator: "In", values: ["Running"] },
      { key: ".metadata.ownerReferences.[].kind", operator: "In", values: ["Job"] },
      { key: annotation(POD_ANNOTATIONS.waiting), operator: "DoesNotExist" },
    ],
    {
      statusTemplate: `
{{ $now := Now }}
phase: Succeeded
conditions:
- type: Ready
  status: "False"
  reason: PodCompleted
  lastTransitionTime: {{ $now | Quote }}
- type: ContainersReady
  status: "False"
  reason: PodCompleted
  lastTransitionTime: {{ $now | Quote }}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: {{ printf "%s@sha256:%s" .image (sha256sum .image) | Quote }}
  ready: false
  started: false
  restartCount: 0
  state:
    terminated:
      exitCode: 0
      reason: Completed
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}
{{ end }}
`,
    },
    500,
  );
}

function podDeleted(): unknown {
  return stage("pod-deleted", "Pod", [{ key: DELETED, operator: "Exists" }], { delete: true });
}

function conditions(ready: "True" | "False"): string {
  const states = [["Initialized", "True"], ["Ready", ready], ["ContainersReady", ready]];
  return states.map(([type, status]) =>
    `- type: ${type}
  status: "${status}"
  ${status === "True" ? "" : "reason: ContainersNotReady"}
  lastTransitionTime: {{ $now | Quote }}`
  ).join("\n");
}

const ADDRESSES = `
{{ with NodeIPsWith .spec.nodeName }}
hostIP: {{ index . 0 | Quote }}
hostIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
{{ with PodIPsWith .spec.nodeName (or .spec.hostNetwork false) .metadata.uid .metadata.name .metadata.namespace }}
podIP: {{ index . 0 | Quote }}
podIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
`;

function stage(
  name: string,
  kind: "Node" | "Pod",
  matchExpressions: readonly unknown[],
  next: unknown,
  delayMs?: number,
): unknown {
  return document("Stage", name, {
    resourceRef: { apiGroup: "v1", kind },
    selector: { matchExpressions },
    ...(delayMs === undefined ? {} : { delay: { durationMilliseconds: delayMs } }),
    next,
  });
}
