/** The formats of `kubecode eval -o`. */
import assert from "node:assert/strict";
import { readFormat, resultText } from "../../lib/cli/output.ts";

const of = (value: unknown, format: Parameters<typeof resultText>[1]) =>
  resultText({ type: "json", text: JSON.stringify(value) }, format, false);

const pod = (name: string, phase: string) => ({
  metadata: { name, namespace: "shop", labels: { app: "web" } },
  spec: { nodeName: "demo-1" },
  status: { phase },
});
const WIDGETS = {
  kind: "WidgetList",
  apiVersion: "example.com/v1",
  items: [pod("web-0", "Running"), pod("web-1", "Pending")],
};
const PODS = {
  kind: "PodList",
  apiVersion: "v1",
  items: [pod("web-0", "Running"), pod("web-1", "Pending")],
};

Deno.test("resultText() makes tables of lists and of rows", () => {
  assert.equal(
    of(WIDGETS, "table"),
    "NAMESPACE  NAME   STATUS\nshop       web-0  Running\nshop       web-1  Pending",
  );
  assert.match(of(WIDGETS, "wide"), /^NAMESPACE {2}NAME {3}STATUS {3}NODE {4}LABELS\n.*app=web\n/);
  // Of built-in kinds, kubectl's own columns.
  const head = "NAMESPACE  NAME   READY  STATUS   RESTARTS  AGE";
  const [first, row] = of(PODS, "table").split("\n");
  assert.equal(first?.trimEnd(), head);
  assert.match(row!, /^shop {7}web-0 {2}0\/0 {4}Running {2}0 {9}<unknown>/);
  assert.match(of({ kind: "Pod", apiVersion: "v1", ...pod("x", "Running") }, "wide"), /IP +NODE/);
  assert.equal(of([{ a: 1, b: "x" }, { a: 20 }], "table"), "a   b\n1   x\n20  -");
  const table = {
    kind: "Table",
    columnDefinitions: [{ name: "Name", priority: 0 }, { name: "IP", priority: 1 }],
    rows: [{ cells: ["web-0", "10.0.0.1"], object: pod("web-0", "Running") }],
  };
  assert.equal(of(table, "table"), "Name\nweb-0");
  assert.equal(of(table, "wide"), "Name   IP\nweb-0  10.0.0.1");
});

Deno.test("resultText() names objects as kubectl does", () => {
  assert.equal(of(PODS, "name"), "pod/web-0\npod/web-1");
  const deployment = { kind: "Deployment", apiVersion: "apps/v1", metadata: { name: "web" } };
  assert.equal(of(deployment, "name"), "deployment.apps/web");
  assert.equal(of(["a", { name: "b" }], "name"), "a\nb");
  assert.throws(() => of([1], "name"), /Cannot print names/);
});

Deno.test("readFormat() names the near one", () => {
  assert.equal(readFormat("wide"), "wide");
  assert.throws(() => readFormat("tabel"), { hint: "Did you mean table?" });
});

Deno.test("resultText() prints the digits of integers in every format", () => {
  const text = '[{"name":"a","serial":9007199254740993,"all":[-9223372036854775808]}]';
  for (const format of ["json", "yaml", "table", "wide"] as const) {
    const printed = resultText({ type: "json", text }, format, true);
    assert.match(printed, /9007199254740993(?!\d)/, format);
    assert.match(printed, /-9223372036854775808/, format);
  }
});
