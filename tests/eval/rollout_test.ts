/** The words of kubectl for how far a rollout is. */
import assert from "node:assert/strict";
import { rolloutOf, type Workload } from "../../lib/eval/realm/verbs/rollout.ts";

const metadata = { name: "web", generation: 2 };
const wait = 'Waiting for deployment "web" rollout to finish:';

const CASES: readonly (readonly [
  resource: string,
  spec: Workload["spec"],
  status: Workload["status"],
  done: boolean,
  text: string,
])[] = [
  [
    "deployments",
    {},
    { observedGeneration: 1 },
    false,
    "Waiting for deployment spec update to be observed...",
  ],
  [
    "deployments",
    { replicas: 3 },
    { observedGeneration: 2, updatedReplicas: 1 },
    false,
    `${wait} 1 out of 3 new replicas have been updated...`,
  ],
  [
    "deployments",
    { replicas: 3 },
    { observedGeneration: 2, replicas: 4, updatedReplicas: 3 },
    false,
    `${wait} 1 old replicas are pending termination...`,
  ],
  [
    "deployments",
    { replicas: 3 },
    { observedGeneration: 2, replicas: 3, updatedReplicas: 3, availableReplicas: 2 },
    false,
    `${wait} 2 of 3 updated replicas are available...`,
  ],
  [
    "deployments",
    { replicas: 3 },
    { observedGeneration: 2, replicas: 3, updatedReplicas: 3, availableReplicas: 3 },
    true,
    'deployment "web" successfully rolled out',
  ],
  [
    "deployments",
    { replicas: 0 },
    { observedGeneration: 2 },
    true,
    'deployment "web" successfully rolled out',
  ],
  [
    "daemonsets",
    {},
    { observedGeneration: 1 },
    false,
    "Waiting for daemon set spec update to be observed...",
  ],
  [
    "daemonsets",
    {},
    { observedGeneration: 2, desiredNumberScheduled: 3, updatedNumberScheduled: 1 },
    false,
    'Waiting for daemon set "web" rollout to finish: 1 out of 3 new pods have been updated...',
  ],
  [
    "daemonsets",
    {},
    {
      observedGeneration: 2,
      desiredNumberScheduled: 3,
      updatedNumberScheduled: 3,
      numberAvailable: 2,
    },
    false,
    'Waiting for daemon set "web" rollout to finish: 2 of 3 updated pods are available...',
  ],
  [
    "daemonsets",
    {},
    {
      observedGeneration: 2,
      desiredNumberScheduled: 3,
      updatedNumberScheduled: 3,
      numberAvailable: 3,
    },
    true,
    'daemon set "web" successfully rolled out',
  ],
  ["statefulsets", {}, {}, false, "Waiting for statefulset spec update to be observed..."],
  [
    "statefulsets",
    { replicas: 3 },
    { observedGeneration: 2, readyReplicas: 1 },
    false,
    "Waiting for 2 pods to be ready...",
  ],
  [
    "statefulsets",
    { replicas: 1 },
    {
      observedGeneration: 2,
      readyReplicas: 1,
      updatedReplicas: 0,
      currentRevision: "a",
      updateRevision: "b",
    },
    false,
    "waiting for statefulset rolling update to complete 0 pods at revision b...",
  ],
  [
    "statefulsets",
    { replicas: 1 },
    {
      observedGeneration: 2,
      readyReplicas: 1,
      currentReplicas: 1,
      currentRevision: "b",
      updateRevision: "b",
    },
    true,
    "statefulset rolling update complete 1 pods at revision b...",
  ],
  [
    "statefulsets",
    { replicas: 3, updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1 } } },
    { observedGeneration: 2, readyReplicas: 3, updatedReplicas: 1 },
    false,
    "Waiting for partitioned roll out to finish: 1 out of 2 new pods have been updated...",
  ],
  [
    "statefulsets",
    { replicas: 3, updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1 } } },
    { observedGeneration: 2, readyReplicas: 3, updatedReplicas: 2 },
    true,
    "partitioned roll out complete: 2 new pods have been updated...",
  ],
];

Deno.test("rolloutOf() tells how far a rollout is, as kubectl does", () => {
  for (const [resource, spec, status, done, text] of CASES) {
    assert.deepEqual(rolloutOf(resource, { metadata, spec, status }), { done, text });
  }
});

Deno.test("rolloutOf() throws what will not end", () => {
  const conditions = [{ type: "Progressing", reason: "ProgressDeadlineExceeded" }];
  const stuck = { metadata, spec: {}, status: { observedGeneration: 2, conditions } };
  assert.throws(() => rolloutOf("deployments", stuck), /exceeded its progress deadline/);
  const manual = { metadata, spec: { updateStrategy: { type: "OnDelete" } } };
  for (const resource of ["daemonsets", "statefulsets"]) {
    assert.throws(() => rolloutOf(resource, manual), /update strategy is OnDelete/);
  }
});
