/**
 * Writes lib/demo/base/schemas.generated.ts: the schemas of the kinds that the demo cluster serves, taken
 * from a real API server, shortened, packed.
 *
 *     deno task generate demo-schemas SOURCE
 *
 * SOURCE is the base URL of an API server that needs no credentials (`kubectl proxy`), or the folder
 * `api/openapi-spec/v3` of the Kubernetes sources.
 */
import { readFile, writeFile } from "node:fs/promises";
import { deflateRawSync } from "node:zlib";

const GROUP_VERSIONS = [
  "api/v1",
  "apis/apiextensions.k8s.io/v1",
  "apis/apps/v1",
  "apis/authentication.k8s.io/v1",
  "apis/authorization.k8s.io/v1",
  "apis/autoscaling/v2",
  "apis/batch/v1",
  "apis/coordination.k8s.io/v1",
  "apis/discovery.k8s.io/v1",
  "apis/events.k8s.io/v1",
  "apis/networking.k8s.io/v1",
  "apis/policy/v1",
  "apis/rbac.authorization.k8s.io/v1",
  "apis/storage.k8s.io/v1",
];
/** Kinds that the demo cluster serves (see lib/demo/base/api_resources.ts); their lists come with them. */
const KINDS = new Set(
  ("ConfigMap CronJob CustomResourceDefinition DaemonSet Deployment EndpointSlice Endpoints Event " +
    "Eviction HorizontalPodAutoscaler Ingress IngressClass Job Lease LimitRange Namespace " +
    "NetworkPolicy Node PersistentVolume PersistentVolumeClaim Pod PodDisruptionBudget ReplicaSet " +
    "ReplicationController ResourceQuota Role RoleBinding ClusterRole ClusterRoleBinding Scale " +
    "Secret SelfSubjectAccessReview SelfSubjectReview SelfSubjectRulesReview Service " +
    "ServiceAccount StatefulSet StorageClass DeleteOptions Status").split(" "),
);
const REF = "#/components/schemas/";
const DESCRIPTION_LIMIT = 120;

type Schemas = Record<string, Record<string, unknown>>;

/** The schemas of one group version, by name. */
async function schemasOf(source: string, groupVersion: string): Promise<Schemas> {
  const text = /^https?:/.test(source)
    ? await (await fetch(`${source}/openapi/v3/${groupVersion}`)).text()
    : await readFile(`${source}/${groupVersion.replaceAll("/", "__")}_openapi.json`, "utf8");
  return JSON.parse(text).components.schemas;
}

/** The first sentence, at most {@linkcode DESCRIPTION_LIMIT} characters of it. */
function shorten(description: string): string {
  const sentence = description.trim().split(/(?<=[.!?])\s/)[0] ?? "";
  return sentence.length <= DESCRIPTION_LIMIT
    ? sentence
    : `${sentence.slice(0, DESCRIPTION_LIMIT - 1)}…`;
}

/** A schema without what can be put back: `allOf` around one reference, empty defaults. */
function trim(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(trim);
  if (typeof value !== "object" || value === null) return value;
  const trimmed: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    const reference = key === "allOf" && inner.length === 1 ? inner[0].$ref : undefined;
    if (key === "description" && typeof inner === "string") trimmed[key] = shorten(inner);
    else if (reference || (key === "$ref" && typeof inner === "string")) {
      trimmed.$ref = (reference ?? inner).slice(REF.length);
    } else if (key === "default" && JSON.stringify(inner) === "{}") continue;
    else trimmed[key] = trim(inner);
  }
  return trimmed;
}

/** Names of the schemas that a schema refers to. */
function references(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "$ref" && typeof inner === "string" ? [inner] : references(inner)
  );
}

function isServed(schema: Record<string, unknown>): boolean {
  const kinds = schema["x-kubernetes-group-version-kind"];
  return Array.isArray(kinds) &&
    kinds.some((entry: { kind: string }) => KINDS.has(entry.kind.replace(/List$/, "")));
}

/**
 * Makes and writes the file.
 *
 * @param args SOURCE
 * @throws {Error} when it is missing, or cannot be read
 */
export async function makeDemoSchemas(args: readonly string[]): Promise<void> {
  const [source] = args;
  if (!source) throw new Error("give an API server or the folder of its schemas");
  const all: Schemas = {};
  for (const groupVersion of GROUP_VERSIONS) {
    Object.assign(all, trim(await schemasOf(source.replace(/\/$/, ""), groupVersion)));
  }
  const kept: Schemas = {};
  const queue = Object.keys(all).filter((name) => isServed(all[name] ?? {}));
  for (const name of queue) {
    const schema = all[name];
    if (kept[name] || !schema) continue;
    const own = schema["x-kubernetes-group-version-kind"];
    if (Array.isArray(own) && own.length > 2) {
      // DeleteOptions and the like are registered with every group: only some are of use here.
      schema["x-kubernetes-group-version-kind"] = own.filter((entry: { group: string }) =>
        GROUP_VERSIONS.some((known) => known.split("/").at(-2) === (entry.group || "api"))
      );
    }
    kept[name] = schema;
    queue.push(...references(schema));
  }
  const sorted = Object.fromEntries(Object.entries(kept).sort(([a], [b]) => (a < b ? -1 : 1)));
  const packed = deflateRawSync(JSON.stringify(sorted), { level: 9 }).toString("base64");
  await writeFile(
    new URL("../../lib/demo/base/schemas.generated.ts", import.meta.url),
    `// Made by deno task generate demo-schemas: do not edit.
// deno-fmt-ignore-file

/** The schemas of the served kinds, by name: JSON, deflated, base64. */
export const PACKED_SCHEMAS =
  "${packed}";
`,
  );
  console.error(`${Object.keys(sorted).length} schemas, ${packed.length} bytes`);
}
