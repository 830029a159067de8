import assert from "node:assert/strict";
import { InputError, ResolveError } from "../../lib/errors.ts";
import type { ApiIndex } from "../../lib/kube/discovery/discovery.ts";
import { findField, parseExplainPath } from "../../lib/kube/explain/path.ts";
import type { ApiResource } from "../../lib/kube/types.ts";

const resource = (
  group: string,
  version: string,
  plural: string,
  kind: string,
  shortNames: string[] = [],
): ApiResource => ({
  group,
  version,
  resource: plural,
  kind,
  singular: kind.toLowerCase(),
  shortNames,
  namespaced: true,
  verbs: [],
  subresources: [],
});

const INDEX: ApiIndex = {
  broken: [],
  versions: [
    ["", "v1", [["pods", "Pod", ["po"]], ["events", "Event"]]],
    ["apps", "v1", [["deployments", "Deployment", ["deploy"]]]],
    ["apps", "v1beta1", [["deployments", "Deployment", ["deploy"]]]],
    ["events.k8s.io", "v1", [["events", "Event"]]],
    ["metrics.k8s.io", "v1beta1", [["pods", "PodMetrics"]]],
  ].map(([group, version, entries]) => ({
    group: group as string,
    version: version as string,
    preferred: version !== "v1beta1" || group === "metrics.k8s.io",
    resources: (entries as [string, string, string[]?][]).map(([plural, kind, short]) =>
      resource(group as string, version as string, plural, kind, short)
    ),
  })),
};

const parsed = (path: string, given = {}) => {
  const { resource: { group, version, resource }, fields } = parseExplainPath(INDEX, path, given);
  return `${resource}.${group}/${version} ${fields.join(" ")}`.trimEnd();
};

Deno.test("parseExplainPath() takes a resource by each of its names", () => {
  for (const name of ["deployments", "deployment", "deploy", "Deployment", "DEPLOYMENTS"]) {
    assert.equal(parsed(`${name}.spec.replicas`), "deployments.apps/v1 spec replicas");
  }
  assert.equal(parsed("pods"), "pods./v1");
});

Deno.test("parseExplainPath() takes group and version wherever people write them", () => {
  const cases: readonly [string, string][] = [
    ["deployments.apps.spec", "deployments.apps/v1 spec"],
    ["deployments.v1beta1.apps.spec", "deployments.apps/v1beta1 spec"],
    ["deployments.apps/v1beta1.spec", "deployments.apps/v1beta1 spec"],
    ["deployments.apps/v1", "deployments.apps/v1"],
    ["apps/v1beta1/Deployment.spec", "deployments.apps/v1beta1 spec"],
    ["v1/pods.spec", "pods./v1 spec"],
    ["pods/v1.spec", "pods./v1 spec"],
    ["events.events.k8s.io.reason", "events.events.k8s.io/v1 reason"],
    ["events.reason", "events./v1 reason"],
    ["pods.metrics.k8s.io.containers", "pods.metrics.k8s.io/v1beta1 containers"],
  ];
  for (const [path, expected] of cases) assert.equal(parsed(path), expected, path);
  assert.equal(
    parsed("deployments.spec", { group: "apps", version: "v1beta1" }),
    "deployments.apps/v1beta1 spec",
  );
});

Deno.test("parseExplainPath() drops indices, and takes quoted names whole", () => {
  assert.equal(parsed("pods.spec.containers[0].image"), "pods./v1 spec containers image");
  assert.equal(parsed("pods.spec.containers[*].image"), "pods./v1 spec containers image");
  assert.equal(
    parsed('pods.metadata.annotations["a.b/c"]'),
    "pods./v1 metadata annotations a.b/c",
  );
});

Deno.test("parseExplainPath() refuses what names no resource", () => {
  for (const path of ["", " ", ".", "...", "[0]"]) {
    assert.throws(() => parsed(path), InputError, path);
  }
  assert.throws(() => parsed("podz.spec"), (error: unknown) => {
    assert.ok(error instanceof ResolveError);
    assert.match(error.hint ?? "", /"pods"/);
    return true;
  });
});

const string = { type: "string" };
const SCHEMAS = {};
const ROOT = {
  type: "object",
  properties: {
    metadata: {
      type: "object",
      properties: { labels: { type: "object", additionalProperties: string } },
    },
    spec: {
      type: "object",
      required: ["template"],
      properties: {
        replicas: { type: "integer" },
        template: {
          type: "object",
          properties: {
            containers: {
              type: "array",
              items: { type: "object", required: ["name"], properties: { name: string } },
            },
          },
        },
        free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
      },
    },
  },
};

const find = (path: string) => findField(SCHEMAS, ROOT, path.split("."), "things.example.io/v1");
const failure = (path: string): ResolveError => {
  try {
    find(path);
  } catch (error) {
    assert.ok(error instanceof ResolveError);
    return error;
  }
  throw new Error(`${path} was found`);
};

Deno.test("findField() passes through lists and maps", () => {
  const name = find("spec.template.containers.name");
  assert.deepEqual([name.schema, name.required], [string, true]);
  assert.deepEqual(find("metadata.labels.app").schema, string);
  assert.deepEqual(find("SPEC.Template").path, ["spec", "template"]);
  assert.deepEqual(findField(SCHEMAS, ROOT, [], "x").schema, ROOT);
});

Deno.test("findField() says how far the path leads, and what is near", () => {
  const typo = failure("spec.template.container");
  assert.equal(
    typo.message,
    'Cannot explain "spec.template.container" of things.example.io/v1: "spec.template" has no field "container"',
  );
  assert.equal(typo.hint, 'Did you mean "spec.template.containers"?');
  assert.equal(failure("containers").hint, 'Did you mean "spec.template.containers"?');
  assert.equal(failure("spec.zzz").hint, "It has replicas, template, free.");
});

Deno.test("findField() does not take a built-in name for a field", () => {
  for (const name of ["constructor", "__proto__", "toString"]) {
    assert.match(failure(`spec.${name}`).message, /has no field/);
  }
});

Deno.test("findField() says where a schema ends", () => {
  assert.match(failure("spec.replicas.x").message, /"spec.replicas" is integer, it has no fields/);
  assert.match(failure("spec.free.x").message, /"spec.free" takes any fields/);
});
