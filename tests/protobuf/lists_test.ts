/** Lists in protobuf mean what the same lists in JSON do: of every kind that the real API server has. */
import assert from "node:assert/strict";
import { errorFromResponse } from "../../lib/kube/wire/status.ts";
import { dropManagedFields } from "../../lib/kube/wire/managed_fields.ts";
import { PROTOBUF_MEDIA_TYPE, PROTOBUF_PREFIX } from "../../lib/protobuf/media_type.ts";
import { isTranscodable, listFromProtobuf } from "../../lib/protobuf/lists.ts";
import { readWire, WireError } from "../../lib/protobuf/wire.ts";
import { concatBytes } from "../../lib/std/bytes.ts";
import { parseExact } from "../../lib/std/json/exact.ts";
import {
  CONTROL_PLANE,
  KUBECTL,
  openTransport,
  realKubeconfig,
  uniqueName,
} from "../support/clusters.ts";
import { needs } from "../support/needs.ts";
import { body, field } from "./messages.ts";
import { readVectors } from "./vectors.ts";

/** What is asked for as JSON in any case: the schemas in it are of many forms. */
const AS_JSON = ["CustomResourceDefinition"];
/** Made up at each request, in any order. */
const UNORDERED = ["ComponentStatus"];

interface Served {
  readonly path: string;
  readonly kind: string;
  readonly apiVersion: string;
}

Deno.test(needs(CONTROL_PLANE, "each built-in list is the same from protobuf"), async (t) => {
  await using opened = await openTransport(CONTROL_PLANE);
  const { transport } = opened;
  const signal = new AbortController().signal;
  const get = async (path: string, accept: string) => {
    const response = await transport.send({ method: "GET", path, headers: { accept } }, signal);
    const body = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, type: response.headers.get("content-type") ?? "", body };
  };
  const namespace = uniqueName("lists");
  try {
    await makeObjects(namespace);
    let compared = 0;
    for (const { path, kind, apiVersion } of await servedResources(get)) {
      if (!isTranscodable(apiVersion, kind) || UNORDERED.includes(kind)) continue;
      await t.step(`${apiVersion} ${kind}`, async () => {
        for (let attempt = 1;; attempt++) {
          const json = await get(path, "application/json");
          const protobuf = await get(path, `${PROTOBUF_MEDIA_TYPE},application/json`);
          if (json.status !== 200 || !protobuf.type.startsWith(PROTOBUF_MEDIA_TYPE)) return;
          if (AS_JSON.includes(kind)) return;
          const [wanted, made] = [dropManagedFields(json.body), listFromProtobuf(protobuf.body)]
            .map((body) => parseExact(new TextDecoder().decode(body)) as List);
          // Others may have changed something between the two.
          const isSame = wanted!.metadata.resourceVersion === made!.metadata.resourceVersion;
          if (!isSame && attempt < 20) continue;
          wanted!.metadata.resourceVersion = made!.metadata.resourceVersion;
          assert.deepEqual(made, wanted);
          compared += wanted!.items.length;
          return;
        }
      });
    }
    assert.ok(compared > 100, `${compared} objects were compared`);
  } finally {
    await kubectl(["delete", "namespace", namespace, "--wait=false"]);
  }
});

Deno.test("lists of every kind are what Go makes of their objects", () => {
  let same = 0;
  const refused = new Set<string>();
  for (const { protobuf, json } of readVectors()) {
    const { apiVersion, kind, ...object } = json;
    const list = listOf(apiVersion, kind, protobuf);
    try {
      const made = parseExact(new TextDecoder().decode(listFromProtobuf(list))) as List;
      assert.deepEqual(made.items, [withoutManagedFields(object)], `${apiVersion} ${kind}`);
      same += 1;
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      refused.add(error.message.replace(/^\w+ /, ""));
    }
  }
  // What Go never writes: a value twice. And schemas.
  assert.deepEqual([...refused].sort(), ["is of a form that is not read", "is there twice"]);
  assert.ok(same > 500, `${same} are the same`);
});

Deno.test("lists that are broken are refused, wherever they are: what comes out is JSON", () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const random = createRandom(seed);
  let [read, refused] = [0, 0];
  for (const { protobuf, json } of readVectors()) {
    const whole = listOf(json.apiVersion, json.kind, protobuf);
    for (let run = 0; run < 20; run++) {
      const broken = whole.slice(0, run % 4 === 0 ? random(whole.length) : whole.length);
      // Few survive three changes, many one.
      for (let flips = run % 3; flips >= 0; flips--) broken[random(broken.length)] = random(256);
      try {
        JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(listFromProtobuf(broken)));
        read += 1;
      } catch (error) {
        assert.ok(error instanceof WireError, `seed ${seed}: ${json.kind}: ${error}`);
        refused += 1;
      }
    }
  }
  assert.ok(read > 20 && refused > 1_000, `${read} read, ${refused} refused`);
});

Deno.test("an integer of more than 64 bits is refused, and costs nothing", () => {
  // Read bit by bit it would take hours.
  const long = new Uint8Array(4 * 1024 * 1024).fill(0x81);
  long[long.length - 1] = 1;
  const generation = concatBytes([Uint8Array.of(7 * 8), long]);
  const list = body("v1", "PodList", field(2, [field(1, [generation])]));
  assert.throws(() => listFromProtobuf(new Uint8Array(list)), /more than 64 bits/);
});

/** A list of one object, as an API server writes it. */
function listOf(apiVersion: string, kind: string, object: Uint8Array): Uint8Array<ArrayBuffer> {
  const wire = readWire(object.subarray(PROTOBUF_PREFIX.length));
  let raw: Uint8Array = new Uint8Array();
  while (!wire.done) {
    const { number, value } = wire.field();
    if (number === 2 && value instanceof Uint8Array) raw = value;
  }
  return new Uint8Array(body(apiVersion, `${kind}List`, field(2, raw)));
}

function withoutManagedFields(object: Record<string, unknown>): unknown {
  const { metadata } = object as { metadata?: Record<string, unknown> };
  if (typeof metadata !== "object" || !("managedFields" in metadata)) return object;
  const { managedFields: _, ...rest } = metadata;
  return { ...object, metadata: rest };
}

/** Numbers below a limit, the same ones for the same seed. */
function createRandom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 2 ** 32 * limit);
  };
}

interface List {
  readonly metadata: { resourceVersion: string };
  readonly items: readonly unknown[];
}

type Get = (path: string, accept: string) => Promise<{ readonly body: Uint8Array }>;

/** All resources that can be listed, with the paths of their lists over all namespaces. */
async function servedResources(get: Get): Promise<readonly Served[]> {
  const json = async (path: string) =>
    JSON.parse(new TextDecoder().decode((await get(path, "application/json")).body));
  const { groups } = await json("/apis");
  const versions: string[] = ["v1"];
  for (const group of groups) {
    for (const { groupVersion } of group.versions) versions.push(groupVersion);
  }
  const found: Served[] = [];
  for (const apiVersion of versions) {
    const root = apiVersion === "v1" ? "/api/v1" : `/apis/${apiVersion}`;
    for (const { name, kind, verbs } of (await json(root)).resources) {
      if (!verbs.includes("list") || name.includes("/")) continue;
      found.push({ path: `${root}/${name}`, kind, apiVersion });
    }
  }
  return found;
}

/** Objects with what is rarely there: numbers of all sizes, odd texts, empty lists, rules of all kinds. */
async function makeObjects(namespace: string): Promise<void> {
  await kubectl(["create", "namespace", namespace]);
  const metadata = (name: string) => ({ name, namespace });
  const pod = { containers: [{ name: "c", image: "nginx:1.27", resources: {} }] };
  const objects = [
    {
      ...{ apiVersion: "v1", kind: "ConfigMap", metadata: metadata("odd") },
      data: { a: 'é\u2028"\\\u0001\t', b: "", __proto: "x", fox: "🦊<&>" },
      binaryData: { z: "AAH/gA==", none: "" },
      immutable: false,
    },
    {
      ...{ apiVersion: "v1", kind: "Secret", metadata: metadata("bytes") },
      data: { a: "AP8=", empty: "" },
    },
    {
      ...{ apiVersion: "v1", kind: "Service", metadata: metadata("ports") },
      spec: {
        selector: { app: "x" },
        ports: [
          { name: "a", port: 80, targetPort: "web" },
          { name: "b", port: 81, targetPort: 8080, appProtocol: "h2c" },
        ],
      },
    },
    {
      ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: metadata("web") },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: "x" } },
        template: { metadata: { labels: { app: "x" } }, spec: pod },
      },
    },
    {
      ...{ apiVersion: "apps/v1", kind: "DaemonSet", metadata: metadata("each") },
      spec: {
        selector: { matchLabels: { app: "y" } },
        updateStrategy: { rollingUpdate: { maxUnavailable: "30%" } },
        template: {
          metadata: { labels: { app: "y" } },
          spec: { ...pod, nodeSelector: { never: "there" }, terminationGracePeriodSeconds: 0 },
        },
      },
    },
    {
      ...{ apiVersion: "batch/v1", kind: "CronJob", metadata: metadata("nightly") },
      spec: {
        schedule: "0 3 * * *",
        suspend: true,
        jobTemplate: { spec: { template: { spec: { ...pod, restartPolicy: "Never" } } } },
      },
    },
    {
      ...{ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: metadata("none") },
      spec: { podSelector: {}, ingress: [{}], policyTypes: ["Ingress"] },
    },
    {
      ...{ apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata: metadata("empty") },
      rules: [],
    },
    {
      ...{ apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler" },
      metadata: metadata("scale"),
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
        behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
      },
    },
    {
      ...{ apiVersion: "v1", kind: "ResourceQuota", metadata: metadata("quota") },
      spec: { hard: { "requests.cpu": "1500m", "limits.memory": "1.5Gi", pods: "40" } },
    },
    {
      ...{ apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: metadata("moments") },
      spec: { renewTime: "2026-01-02T03:04:05.000006Z", leaseDurationSeconds: 2147483647 },
    },
  ];
  await kubectl(["apply", "-f", "-"], objects.map((one) => JSON.stringify(one)).join("\n---\n"));
}

async function kubectl(args: readonly string[], input = ""): Promise<void> {
  const child = new Deno.Command(KUBECTL, {
    args: ["--kubeconfig", realKubeconfig(), ...args],
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { success, stderr } = await child.output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

Deno.test(needs(CONTROL_PLANE, "a failure is the same from protobuf"), async () => {
  await using opened = await openTransport(CONTROL_PLANE);
  const { transport } = opened;
  const failure = async (path: string, accept: string) => {
    const request = { method: "GET", path, headers: { accept } } as const;
    const response = await transport.send(request, new AbortController().signal);
    assert.ok(response.status >= 400, `${response.status}`);
    const isProtobuf = response.headers.get("content-type")?.startsWith(PROTOBUF_MEDIA_TYPE);
    assert.equal(isProtobuf === true, accept !== "application/json");
    const { message, status, reason, causes, about, hint } = await errorFromResponse(response, {
      server: "x",
      context: "y",
    });
    return { message, status, reason, causes, about, hint };
  };
  for (
    const path of [
      "/api/v1/namespaces/default/pods/none",
      "/api/v1/pods?limit=1&continue=nonsense",
      "/api/v1/pods?fieldSelector=nothing%3Dlike",
      "/api/v1/pods?resourceVersion=x",
    ]
  ) {
    const json = await failure(path, "application/json");
    assert.deepEqual(await failure(path, `${PROTOBUF_MEDIA_TYPE},application/json`), json);
    assert.notEqual(json.message, "");
  }
});
