/** What scripts wait for, and how it is said. */
import assert from "node:assert/strict";
import { type Observed, readCondition, stateOf } from "../../lib/eval/realm/verbs/conditions.ts";

const pod = {
  metadata: { generation: 2, labels: { "app.kubernetes.io/name": "web" } },
  status: {
    phase: "Running",
    observedGeneration: 2,
    conditions: [
      { type: "Ready", status: "True" },
      { type: "Synced", status: "False", reason: "Slow", message: "wait" },
      { type: "Old", status: "True", observedGeneration: 1 },
    ],
    containers: [{ ready: true, restarts: 0 }],
  },
} as Observed;

const MET = [
  "Ready",
  "ready",
  "condition=Ready",
  "condition=Ready=true",
  "Synced=False",
  "condition=synced=false",
  "create",
  "{.status.phase}=Running",
  "{.status.phase}",
  "jsonpath={.status.phase}=Running",
  "jsonpath='{.status.phase}'=Running",
  '{.status.phase}="Running"',
  "{status.phase}=Running",
  "{.status.containers[0].ready}=true",
  "{.status.containers[0].restarts}=0",
  "{.metadata.labels.app\\.kubernetes\\.io/name}=web",
  "{.metadata.labels['app.kubernetes.io/name']}=web",
  (object: Observed) => object.status?.phase === "Running",
];
const NOT_MET = [
  "Available",
  "Synced",
  "Ready=False",
  "Old",
  "delete",
  "{.status.phase}=Pending",
  "{.status.nope}",
  "{.status.nope.more}=1",
  "{.status.containers[1].ready}=true",
  () => 0,
];
const REFUSED = ["", "a b", "{.items[*].x}=1", "{.a[?(@.b)]}", 7, undefined, {}];

Deno.test("readCondition() understands what kubectl wait takes", () => {
  for (const given of MET) assert.equal(readCondition(given).met(pod), true, String(given));
  for (const given of NOT_MET) assert.equal(readCondition(given).met(pod), false, String(given));
  for (const given of REFUSED) {
    assert.throws(() => readCondition(given), { name: "InputError" }, String(given));
  }
});

Deno.test("readCondition() says whether the object may be absent", () => {
  const absent = (given: unknown) => readCondition(given).absent;
  assert.deepEqual(["delete", "create", "Ready", () => true].map(absent), [
    "met",
    "waits",
    "fails",
    "fails",
  ]);
});

Deno.test("readCondition() refuses a function that answers later", () => {
  assert.throws(() => readCondition(() => Promise.resolve(true)).met(pod), { name: "InputError" });
});

Deno.test("stateOf() tells the phase and what is not met", () => {
  assert.equal(stateOf(pod), "phase Running, Ready=True, Synced=False (Slow: wait), Old=True");
  assert.equal(stateOf(undefined), "it does not exist");
  assert.equal(stateOf({}), "it has no status");
  assert.equal(
    stateOf({ metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } }),
    "it is being deleted",
  );
});
