/** A name means the same resource, or none, by every way to a cluster. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Broker, NamesIndex } from "../../lib/broker/types.ts";
import { KubecodeError } from "../../lib/errors.ts";
import { parseExplainPath } from "../../lib/kube/explain/path.ts";
import type { ApiIndex } from "../../lib/kube/discovery/discovery.ts";
import { resolveResource } from "../../lib/kube/discovery/resolve.ts";
import { apiVersionOf, groupName } from "../../lib/names/groups.ts";
import { qualifiedName, resolve, type ResourceReference } from "../../lib/names/resolve.ts";
import { knownResource } from "../../lib/policy/rules/known_resources.ts";
import { rankResources } from "../../lib/tools/support/resource_search.ts";
import { findServed, resolveTarget } from "../../lib/tools/support/target.ts";
import { testEvaluator } from "../support/evaluator.ts";

const signal = new AbortController().signal;

/** `plural kind short,names`, by apiVersion; the first of a group is the preferred one. */
const SERVED: Readonly<Record<string, string>> = {
  "v1":
    "pods Pod po, services Service svc, events Event ev, endpoints Endpoints ep, nodes Node no, " +
    "namespaces Namespace ns, persistentvolumeclaims PersistentVolumeClaim pvc",
  "apps/v1": "deployments Deployment deploy, replicasets ReplicaSet rs",
  "apps/v1beta1": "deployments Deployment deploy, controllers Controller",
  "events.k8s.io/v1": "events Event ev",
  "networking.k8s.io/v1": "ingresses Ingress ing, networkpolicies NetworkPolicy netpol",
  "policy/v1": "poddisruptionbudgets PodDisruptionBudget pdb",
  "metrics.k8s.io/v1beta1": "nodes NodeMetrics, pods PodMetrics",
  // Names that clash: a short name and a kind of other resources, a kind that is a plural.
  "shop.example.com/v1": "orders Order deployment, po Po, gears Gear po, data Data",
  "shop.example.com/v2alpha1": "orders Order o, events Order2 netpol",
  "serving.example.com/v1": "services Service ksvc",
};

const RESOURCES = Object.entries(SERVED).flatMap(([apiVersion, list]) => {
  const [version = "", group = ""] = apiVersion.split("/").reverse();
  return list.split(", ").map((entry) => {
    const [resource = "", kind = "", short] = entry.split(" ");
    const shortNames = short === undefined ? [] : short.split(",");
    // Metrics give no singular name, as older servers do.
    const singular = group === "metrics.k8s.io" ? "" : kind.toLowerCase();
    return { group, version, resource, kind, singular, shortNames, namespaced: true };
  });
});

const KUBE: ApiIndex = {
  broken: [],
  versions: Object.keys(SERVED).map((apiVersion, at, all) => {
    const of = RESOURCES.filter((resource) => apiVersionOf(resource) === apiVersion);
    const { group, version } = of[0]!;
    const preferred = all.findIndex((other) => other.startsWith(`${group}/`)) === at || !group;
    const resources = of.map((one) => ({ ...one, verbs: ["get", "list"], subresources: [] }));
    return { group, version, preferred, resources };
  }),
};
const NAMES = KUBE as unknown as NamesIndex;
const BUILT_IN = KUBE.versions.filter(({ group, version }) =>
  version === "v1" && ["", "apps", "networking.k8s.io", "policy"].includes(group)
);

/** Answers the names that are served, and a request by what it names. */
const BROKER: Broker = {
  namespace: () => Promise.resolve("default"),
  isRead: () => true,
  async *call(call) {
    const answer = await Promise.resolve(call.op === "names" ? NAMES : call);
    yield { form: "json", more: false, body: new TextEncoder().encode(JSON.stringify(answer)) };
  },
};

type Resolver = (reference: ResourceReference) => string | Promise<string>;

const NONE = "none";

/** The ways that take a name alone or with its group and version beside it. */
const WAYS: Readonly<Record<string, Resolver>> = {
  client: (reference) => qualifiedName(resolveResource(KUBE, reference)),
  tools: async (reference) => {
    const { group, version, resource } = await findServed(reference, BROKER, signal);
    return qualifiedName({ group, version, resource: resource.resource });
  },
};

async function by(resolve: Resolver, reference: ResourceReference): Promise<string> {
  try {
    return await resolve(reference);
  } catch (error) {
    if (!(error instanceof KubecodeError)) throw error;
    return NONE;
  }
}

const anyCase = (text: string) =>
  fc.array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((upper) => [...text].map((c, at) => upper[at] ? c.toUpperCase() : c).join(""));

/** A resource that is served, in one of the ways to name it; now and then one that names nothing. */
const references = fc.constantFrom(...RESOURCES).chain((of) => {
  const { resource, singular, kind, shortNames } = of;
  const plain = fc.constantFrom(
    ...[resource, singular || kind, kind, ...shortNames, `${kind}s`, `${kind}es`],
    ...[`${resource}z`, resource.slice(0, -1), "../pods", "pods/log", `${resource}.`],
  ).chain(anyCase);
  const group = fc.constantFrom(of.group, groupName(of.group), "apps", "nope.example.com")
    .chain(anyCase);
  const version = fc.constantFrom(of.version, "v1", "v9").chain(anyCase);
  const suffix = fc.oneof(
    { weight: 3, arbitrary: fc.constant("") },
    group.map((name) => `.${name || "core"}`),
    version.map((name) => `/${name}`),
    fc.tuple(group, version).map(([name, of]) => `.${of}.${name || "core"}`),
    fc.tuple(group, version).map(([name, of]) => `.${name || "core"}/${of}`),
  );
  return fc.record({
    resource: fc.tuple(plain, suffix).map(([name, rest]) => name + rest),
    group: fc.option(group, { nil: undefined }),
    version: fc.option(version, { nil: undefined }),
  });
});

Deno.test("client and tools agree on every name, with and without group and version", async () => {
  await fc.assert(
    fc.asyncProperty(references, async (reference) => {
      const expected = await by(WAYS.client!, reference);
      for (const [way, resolve] of Object.entries(WAYS)) {
        assert.equal(await by(resolve, reference), expected, way);
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("the resource tools' parameters agree with the client", async () => {
  await fc.assert(
    fc.asyncProperty(references, async (reference) => {
      const { group, version = "v1", resource } = reference;
      const expected = await by(WAYS.client!, { ...reference, version });
      const given = { api_version: version, resource_kind: resource, target_ns: "shop" };
      const target = group === undefined ? given : { ...given, api_group: group };
      const found = await by(async () => {
        const { resource, ...of } = await resolveTarget(target, BROKER, signal);
        return qualifiedName({ ...of, resource: resource.resource });
      }, reference);
      assert.equal(found, expected);
    }),
    { numRuns: 300 },
  );
});

Deno.test("search_api, explain and rules agree with the client on names alone", () => {
  fc.assert(
    fc.property(references, ({ resource: name }) => {
      let expected = NONE;
      try {
        expected = qualifiedName(resolveResource(KUBE, { resource: name }));
      } catch (error) {
        assert.ok(error instanceof KubecodeError);
      }
      const [best] = rankResources(NAMES, name);
      const exact = best?.exact
        ? qualifiedName({ ...best, resource: best.resource.resource })
        : NONE;
      // A search takes words: what is no name is looked for in parts.
      if (expected !== NONE) {
        assert.equal(exact, expected);
        assert.equal(qualifiedName(parseExplainPath(KUBE, name).resource), expected);
      } else if (/^[\w-]+$/.test(name)) assert.equal(exact, NONE);
      // Rules know what every cluster has, and nothing of what else one serves.
      const known = knownResource(name);
      const builtIn = resolve(BUILT_IN, { resource: name });
      if (known) assert.equal(known.resource, builtIn?.resource.resource);
      if (builtIn && !/\bv\d/i.test(name)) assert.equal(known?.resource, builtIn.resource.resource);
    }),
    { numRuns: 500 },
  );
});

Deno.test("scripts agree with the client", async () => {
  await using evaluator = testEvaluator(BROKER);
  // A name that is missing is a call: all of them are more than one script may make.
  for (const seed of [7, 8, 9]) {
    const sample = fc.sample(references, { numRuns: 120, seed });
    const found = await evaluator.value(`
const attempt = (look) => {
  try { return look() } catch (error) {
    if (error.name === "ResolveError") return "none";
    throw error;
  }
};
const name = ({group, version, resource}) => resource + (group && "." + group) + "/" + version;
const dynamic = k8s.dynamicClient();
${JSON.stringify(sample)}.map((reference) => [
  attempt(() => name(dynamic.resource(reference).get("x"))),
  attempt(() => /^(\\S+) \\(\\w+, ([\\w./]+)/.exec(help(reference.resource)).slice(1).join()),
])`) as string[][];
    for (const [at, [dynamic, help]] of found.entries()) {
      const reference = sample[at]!;
      assert.equal(dynamic, await by(WAYS.client!, reference), JSON.stringify(reference));
      const { resource } = reference;
      const alone = await by((one) => {
        const of = resolveResource(KUBE, one);
        return `${of.resource},${apiVersionOf(of)}`;
      }, { resource });
      assert.equal(help, alone, resource);
    }
  }
});
