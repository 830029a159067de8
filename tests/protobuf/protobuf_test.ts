import assert from "node:assert/strict";
import { InputError } from "../../lib/errors.ts";
import { objectFromProtobuf } from "../../lib/protobuf/protobuf.ts";
import { concatBytes } from "../../lib/std/bytes.ts";
import { body, field, varint } from "./messages.ts";
import { readVectors } from "./vectors.ts";

const configMap = (...fields: Uint8Array[]) => body("v1", "ConfigMap", ...fields);
const deployment = (...spec: Uint8Array[]) => body("apps/v1", "Deployment", field(2, spec));

function refuses(bytes: Uint8Array, message: RegExp): void {
  assert.throws(() => objectFromProtobuf(bytes), (error) => {
    assert.ok(error instanceof InputError, String(error));
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("protobuf: objects of every kind are what Go makes of them", () => {
  const vectors = readVectors();
  for (const { protobuf, json } of vectors) {
    assert.deepEqual(objectFromProtobuf(protobuf), json, `${json.apiVersion} ${json.kind}`);
  }
  const kinds = new Set(vectors.map(({ json }) => `${json.apiVersion} ${json.kind}`));
  for (
    const kind of [
      "v1 Pod",
      "v1 Secret",
      "v1 Event",
      "v1 Binding",
      "v1 DeleteOptions",
      "apps/v1 Deployment",
      "autoscaling/v1 Scale",
      "policy/v1 Eviction",
      "authentication.k8s.io/v1 TokenRequest",
      "authorization.k8s.io/v1 SelfSubjectAccessReview",
      "coordination.k8s.io/v1 Lease",
      "apiextensions.k8s.io/v1 CustomResourceDefinition",
      "apiregistration.k8s.io/v1 APIService",
    ]
  ) assert.ok(kinds.has(kind), kind);
  assert.ok(kinds.size > 170, `${kinds.size} kinds`);
});

Deno.test("protobuf: options of a deletion are read for every group", () => {
  const options = body("helm.example/v1", "DeleteOptions", field(4, "Background"));
  assert.deepEqual(objectFromProtobuf(options), {
    kind: "DeleteOptions",
    apiVersion: "helm.example/v1",
    propagationPolicy: "Background",
  });
});

Deno.test("protobuf: what is not known is refused, not dropped", () => {
  refuses(configMap(field(9, "x")), /body: field 9 is not known/);
  refuses(configMap(field(1, [field(1, "a"), field(99, 1)])), /at "metadata": field 99 is not/);
  refuses(
    configMap(field(2, [field(1, "key"), field(2, "value"), field(3, "more")])),
    /at "data": field 3 is not known/,
  );
  refuses(concatBytes([configMap(), field(7, 1)]), /body: field 7 is not known/);
  refuses(body("v1", "Nothing"), /the kind "Nothing" of "v1" is not known/);
  refuses(body("v2", "Pod"), /the kind "Pod" of "v2" is not known/);
  refuses(body("v1", "PodList"), /the kind "PodList" of "v1" is not known/);
  refuses(body("v1", "Status"), /the kind "Status" of "v1" is not known/);
  refuses(body("v1", "toString"), /is not known/);
  refuses(body("__proto__", "toString"), /is not known/);
  refuses(body("", "Pod"), /names no apiVersion and kind/);
  refuses(concatBytes([configMap(), field(3, "gzip")]), /another encoding/);
  refuses(concatBytes([configMap(), field(4, "application/json")]), /another encoding/);
});

Deno.test("protobuf: bytes that are no message are refused", () => {
  refuses(new Uint8Array(), /does not begin/);
  refuses(new TextEncoder().encode('{"kind":"ConfigMap"}'), /does not begin/);
  refuses(new TextEncoder().encode("k8s\0"), /names no apiVersion and kind/);
  refuses(new TextEncoder().encode("k8s\x01"), /does not begin/);
  const whole = configMap(field(1, [field(1, "name")]), field(2, [field(1, "a"), field(2, "b")]));
  for (let length = 0; length < whole.length; length++) {
    assert.throws(() => objectFromProtobuf(whole.subarray(0, length)), InputError);
  }
  refuses(configMap(new Uint8Array([0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f])), /end too early/);
  refuses(deployment(new Uint8Array([0x0a])), /at "spec": the bytes end too early/);
  refuses(configMap(field(1, 1)), /at "metadata": wire type 0 is not that of this field/);
  refuses(deployment(field(1, "3")), /at "spec.replicas": wire type 2 is not that of this field/);
  refuses(
    body("v1", "Pod", field(2, [field(2, []), field(2, [field(1, 1)])])),
    /at "spec.containers\[1\].name": wire type 0/,
  );
  refuses(deployment(new Uint8Array([0x09])), /the bytes end too early/);
  refuses(deployment(new Uint8Array([0x0b])), /3 is no wire type in use/);
  refuses(deployment(new Uint8Array([0x00])), /0 is no field's number/);
  refuses(
    deployment(concatBytes([varint(2n ** 35n + 8n), varint(1)])),
    /is no field's number and type/,
  );
  refuses(
    deployment(new Uint8Array([8, ...Array(10).fill(0xff), 1])),
    /an integer has more than 64 bits/,
  );
  refuses(
    deployment(new Uint8Array([8, ...Array(9).fill(0xff), 2])),
    /an integer has more than 64 bits/,
  );
  refuses(deployment(field(1, 2 ** 31)), /"spec.replicas": the integer has more than 32 bits/);
  refuses(configMap(field(1, [field(1, new Uint8Array([0xff]))])), /"metadata.name".*not UTF-8/);
});

Deno.test("protobuf: values that JSON does not have are refused", () => {
  const owned = (...fields: Uint8Array[]) => configMap(field(1, fields));
  refuses(owned(field(8, [field(1, 2n ** 60n)])), /"metadata.creationTimestamp": the time is none/);
  refuses(owned(field(8, [field(1, 1), field(2, -1)])), /the time is none/);
  refuses(
    owned(field(17, [field(7, [field(1, "{")])])),
    /managedFields.*fieldsV1": it is not JSON/,
  );
  refuses(
    body("v1", "ResourceQuota", field(2, [field(1, [field(1, "cpu"), field(2, [field(1, "")])])])),
    /"spec.hard\.?.*": it is no quantity/,
  );
  const targetPort = field(4, [field(1, 2)]);
  refuses(
    body("v1", "Service", field(2, [field(1, [targetPort])])),
    /"spec\.ports\[0\]\.targetPort": it is neither an integer nor a text/,
  );
});

Deno.test("protobuf: the last value counts, messages are merged, lists and maps grow", () => {
  const twice = configMap(
    field(1, [
      field(1, "first"),
      field(3, "default"),
      field(14, ["a"].map((one) => field(1, one))),
    ]),
    field(2, [field(1, "a"), field(2, "1")]),
    field(1, [field(1, "second"), field(14, "b")]),
    field(2, [field(1, "b"), field(2, "2")]),
    field(2, [field(1, "a"), field(2, "3")]),
  );
  const { metadata, data } = objectFromProtobuf(twice);
  assert.deepEqual(metadata, {
    name: "second",
    namespace: "default",
    finalizers: [String.fromCharCode(10, 1) + "a", "b"],
  });
  assert.deepEqual(data, { a: "3", b: "2" });
});

Deno.test("protobuf: a list of integers may stand in one field", () => {
  const context = field(14, [field(4, concatBytes([varint(1), varint(2n ** 60n)])), field(4, 3)]);
  const { spec } = objectFromProtobuf(body("v1", "Pod", field(2, [context]))) as {
    spec: { securityContext: unknown };
  };
  assert.deepEqual(spec.securityContext, { supplementalGroups: [1, 2n ** 60n, 3] });
});

Deno.test("protobuf: keys that are names of JavaScript's own are keys", () => {
  const entry = (key: string) => field(2, [field(1, key), field(2, "x")]);
  const { data } = objectFromProtobuf(configMap(entry("__proto__"), entry("constructor")));
  assert.deepEqual(Object.entries(data as object), [["__proto__", "x"], ["constructor", "x"]]);
});

Deno.test("protobuf: depth and number of parts are bounded", () => {
  let schema = field(5, "object");
  for (let level = 0; level < 300; level++) schema = nestedSchema(schema);
  refuses(
    body(
      "apiextensions.k8s.io/v1",
      "CustomResourceDefinition",
      field(2, [
        field(7, [field(4, [field(1, schema)])]),
      ]),
    ),
    /it is nested too deep/,
  );
  const containers = new Uint8Array(400_000).map((_, index) => index % 2 ? 0 : 0x12);
  refuses(body("v1", "Pod", field(2, containers)), /it has too many parts/);
});

/** A schema of which the one given is what is not allowed. */
function nestedSchema(schema: Uint8Array): Uint8Array {
  return field(25, schema);
}
