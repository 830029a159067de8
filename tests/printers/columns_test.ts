/** Tables of objects, as the API server prints them. */
import assert from "node:assert/strict";
import type { KubeObject } from "../../lib/kube/types.ts";
import { podCells } from "../../lib/printers/cells.ts";
import { printedOfKind } from "../../lib/printers/columns.ts";
import { connect, CONTROL_PLANE } from "../support/clusters.ts";
import { needs } from "../support/needs.ts";

/** Columns whose cells change by themselves. */
const OF_TIME = /^(?:Age|Last Seen|First Seen|Duration|Last Schedule)$/;

const KINDS: readonly (readonly [group: string, resource: string, kind: string])[] = [
  ["", "pods", "pod"],
  ["", "services", "service"],
  ["", "nodes", "node"],
  ["", "namespaces", "namespace"],
  ["", "configmaps", "configmap"],
  ["", "secrets", "secret"],
  ["", "serviceaccounts", "serviceaccount"],
  ["", "events", "event"],
  ["apps", "deployments", "deployment.apps"],
  ["apps", "replicasets", "replicaset.apps"],
  ["rbac.authorization.k8s.io", "clusterroles", "clusterrole.rbac.authorization.k8s.io"],
  ["rbac.authorization.k8s.io", "rolebindings", "rolebinding.rbac.authorization.k8s.io"],
  ["coordination.k8s.io", "leases", "lease.coordination.k8s.io"],
  ["networking.k8s.io", "ingresses", "ingress.networking.k8s.io"],
  // Of these there may be no objects: their columns are compared all the same.
  ["apps", "daemonsets", "daemonset.apps"],
  ["apps", "statefulsets", "statefulset.apps"],
  ["batch", "cronjobs", "cronjob.batch"],
  ["batch", "jobs", "job.batch"],
  ["policy", "poddisruptionbudgets", "poddisruptionbudget.policy"],
  ["autoscaling", "horizontalpodautoscalers", "horizontalpodautoscaler.autoscaling"],
  ["storage.k8s.io", "storageclasses", "storageclass.storage.k8s.io"],
  ["", "persistentvolumeclaims", "persistentvolumeclaim"],
];

interface Table {
  readonly columnDefinitions: readonly {
    readonly name: string;
    readonly type: string;
    readonly priority: number;
  }[];
  readonly rows?: readonly { readonly cells: readonly unknown[]; readonly object: KubeObject }[];
}

Deno.test(needs(CONTROL_PLANE, "columns and cells are those of the API server"), async () => {
  await using cluster = await connect(CONTROL_PLANE);
  const list = async (group: string, resource: string, form: "object" | "table") => {
    const type = await cluster.client.resolve({ group, resource }, cluster.signal);
    const request = { verb: "list", resource: type, form } as const;
    return JSON.parse(
      new TextDecoder().decode(await cluster.client.send(request, cluster.signal)),
    );
  };
  let compared = 0;
  for (const [group, resource, kind] of KINDS) {
    const objects: KubeObject[] = (await list(group, resource, "object")).items;
    const { columnDefinitions, rows }: Table = await list(group, resource, "table");
    const printed = printedOfKind(kind)!;
    assert.deepEqual(
      printed.columns,
      columnDefinitions.map(({ name, type, priority }) => ({ name, type, isWide: priority > 0 })),
      resource,
    );
    const now = new Date();
    const steady = (cells: readonly unknown[]) =>
      cells.filter((_, at) => !OF_TIME.test(printed.columns[at]!.name)).map(String);
    for (const { cells, object: { metadata } } of rows ?? []) {
      // Only of the same version can the same be said.
      const same = objects.find((one) =>
        one.metadata?.uid === metadata?.uid &&
        one.metadata?.resourceVersion === metadata?.resourceVersion
      );
      if (!same) continue;
      compared += 1;
      assert.deepEqual(steady(printed.cells(same, now)), steady(cells), resource);
    }
  }
  assert.ok(compared > 50, `${compared}`);
});

Deno.test("the status of a pod is that which kubectl shows", () => {
  const now = new Date("2026-11-29T12:00:00Z");
  const waiting = (reason: string) => ({ name: "c", state: { waiting: { reason } } });
  const ended = (exitCode: number, more = {}) => ({
    name: "c",
    state: { terminated: { exitCode, ...more } },
  });
  const running = { name: "c", ready: true, started: true, state: { running: {} } };
  const cells = (status: object, spec: object = {}, metadata: KubeObject["metadata"] = {}) =>
    podCells(
      { metadata, spec: { containers: [{}], ...spec }, status: { phase: "Pending", ...status } },
      now,
    );
  const inits = (...initContainerStatuses: object[]) => ({ initContainerStatuses });
  const sidecar = { initContainers: [{ name: "c", restartPolicy: "Always" }] };
  const ready = { conditions: [{ type: "Ready", status: "True" }] };
  const CASES: readonly (readonly [readonly string[], readonly string[]])[] = [
    [cells({}), ["0/1", "Pending", "0"]],
    [cells(inits(ended(0), waiting("PodInitializing"))), ["0/1", "Init:1/2", "0"]],
    [cells(inits(waiting("CrashLoopBackOff"))), ["0/1", "Init:CrashLoopBackOff", "0"]],
    [cells(inits(ended(1))), ["0/1", "Init:ExitCode:1", "0"]],
    [cells(inits(ended(137, { signal: 9 }))), ["0/1", "Init:Signal:9", "0"]],
    [cells({ ...inits(running), containerStatuses: [running] }, sidecar), ["2/2", "Pending", "0"]],
    [cells({ containerStatuses: [waiting("ImagePullBackOff")] }), ["0/1", "ImagePullBackOff", "0"]],
    [cells({ containerStatuses: [ended(3)] }), ["0/1", "ExitCode:3", "0"]],
    [
      cells({ ...ready, containerStatuses: [ended(0, { reason: "Completed" }), running] }),
      ["1/1", "Running", "0"],
    ],
    [
      cells({ containerStatuses: [ended(0, { reason: "Completed" }), running] }),
      ["1/1", "NotReady", "0"],
    ],
    [
      cells({ conditions: [{ type: "PodScheduled", reason: "SchedulingGated" }] }),
      ["0/1", "SchedulingGated", "0"],
    ],
    [cells({ reason: "Evicted", phase: "Failed" }), ["0/1", "Evicted", "0"]],
    [
      cells({ phase: "Running", containerStatuses: [running] }, {}, { deletionTimestamp: "x" }),
      ["1/1", "Terminating", "0"],
    ],
    [
      cells({
        containerStatuses: [{
          ...running,
          restartCount: 2,
          lastState: { terminated: { finishedAt: "2026-11-29T11:55:00Z" } },
        }],
        phase: "Running",
      }),
      ["1/1", "Running", "2 (5m ago)"],
    ],
  ];
  for (const [given, expected] of CASES) assert.deepEqual(given, expected);
  assert.equal(printedOfKind("widget.example.com"), undefined);
  assert.ok(printedOfKind("event.events.k8s.io"));
  assert.ok(printedOfKind("networkpolicy.networking.k8s.io"));
});
