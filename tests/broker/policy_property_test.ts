/**
 * Whatever is asked, and however: nothing that a rule denies reaches the API server, nothing that no
 * rule allows, and no change in a read-only server. What arrives is judged here by its method and
 * path alone, with matching of the test's own.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Broker, BrokerCall, RequestCall } from "../../lib/broker/types.ts";
import { KubecodeError } from "../../lib/errors.ts";
import { VERBS } from "../../lib/names/requests.ts";
import type { HttpRequest } from "../../lib/kube/types.ts";
import { makePolicy } from "../../lib/policy/profiles.ts";
import type { Policy, Rule } from "../../lib/policy/types.ts";
import { testEvaluator } from "../support/evaluator.ts";
import { toolCallsOf } from "../support/holes.ts";
import { testDoor } from "../support/door.ts";
import { createRecorder } from "../support/recorder.ts";
import { toolCaller } from "../support/tools.ts";

const SUBRESOURCES = ["status", "scale", "log", "exec", "proxy", "eviction", "odd"];
const SERVED = [
  ...["pods", "secrets"].map((resource) => ({ group: "", resource, namespaced: true })),
  ...["namespaces", "nodes"].map((resource) => ({ group: "", resource, namespaced: false })),
  { group: "apps", resource: "deployments", namespaced: true },
  { group: "example.com", resource: "secrets", namespaced: true },
].map((one) => ({ ...one, kind: one.resource.slice(0, -1), subresources: SUBRESOURCES }));

const some = (...values: string[]) =>
  fc.option(fc.subarray(values, { minLength: 1 }), { nil: undefined });

const RULE: fc.Arbitrary<Rule> = fc.record({
  source: fc.constant("c.yaml:1"),
  effect: fc.constantFrom("allow", "deny", "deny", "approve"),
  verbs: some("*", "get", "list", "create", "delete", "deletecollection", "patch"),
  groups: some("", "apps", "*.com", "*"),
  resources: some("*", "pods", "secrets", "pods/log", "pods/exec", "*/status", "name*"),
  namespaces: some("shop", "kube-*", "?*", "*"),
  names: some("web", "w*", "*"),
  tools: fc.constantFrom(undefined, undefined, ["property", "other"], ["*"], ["other"]),
  contexts: fc.constantFrom(undefined, undefined, ["t*"], ["prod"]),
}) as fc.Arbitrary<Rule>;

const POLICY = fc.record({
  mode: fc.constantFrom("read-only", "read-write", "read-write", "approve"),
  profile: fc.constantFrom("none", "guarded", "standard", "standard", "open"),
  rules: fc.array(RULE, { maxLength: 3 }),
}).map(makePolicy as (parts: unknown) => Policy);

/** Anything that could be tried. */
const ODD_CALL = fc.record({
  op: fc.constant("request"),
  verb: fc.constantFrom(...VERBS.filter((verb) => verb !== "watch")),
  group: fc.constantFrom(undefined, "", "core", "apps", "APPS", "example.com"),
  resource: fc.constantFrom(
    ...["pods", "Pod", "SECRETS", "secret", "namespaces", "nodes", "deployments", "Deployment"],
    ...["pods/../secrets", "pods%2f..%2fsecrets", "pods/log", "../secrets"],
  ),
  subresource: fc.constantFrom(undefined, undefined, "", ...SUBRESOURCES, "log/../exec", "STATUS"),
  namespace: fc.constantFrom(undefined, "", "shop", "kube-system", "prod", "shop/../prod", "%2e"),
  name: fc.constantFrom(undefined, undefined, "web", "db", "../web", "", ".", "web%2fexec"),
}) as fc.Arbitrary<RequestCall>;

/** What is well formed, in the spellings that are taken. */
const GOOD_CALL: fc.Arbitrary<RequestCall> = fc.tuple(
  ODD_CALL,
  fc.constantFrom(...SERVED),
  fc.boolean(),
)
  .map(([call, { group, resource, kind, namespaced }, byKind]) => {
    const many = ["list", "create", "deletecollection"].includes(call.verb);
    const sub = many && call.verb !== "create" ? undefined : call.subresource;
    const { namespace = "shop" } = call;
    const { name: _, subresource: __, ...rest } = call;
    return {
      ...rest,
      group,
      resource: byKind ? kind.toUpperCase() : resource,
      namespace: namespaced ? namespace : undefined,
      ...(sub ? { subresource: sub } : {}),
      ...(many && !sub ? {} : { name: call.name || "web" }),
    };
  });

const CALL = fc.oneof({ weight: 4, arbitrary: GOOD_CALL }, { weight: 1, arbitrary: ODD_CALL });

Deno.test("no request that a rule denies reaches the server by a broker call", async () => {
  let arrived = 0;
  await fc.assert(
    fc.asyncProperty(
      POLICY,
      fc.array(CALL, { minLength: 1, maxLength: 30 }),
      async (policy, calls) => {
        const recorder = createRecorder(SERVED);
        const broker = recorder.brokers(() => policy).as({ tool: "property", session: "test" });
        const signal = new AbortController().signal;
        for (const call of calls) {
          const before = recorder.sent.length;
          try {
            const object = { metadata: { name: call.name === "" ? undefined : "web" } };
            const body = new TextEncoder().encode(JSON.stringify(object));
            for await (const _ of broker.call(call, body, signal));
          } catch (error) {
            assert.ok(error instanceof KubecodeError, String(error));
          }
          for (const request of recorder.sent.slice(before)) assertPermitted(request, policy, call);
        }
        arrived += recorder.sent.length;
      },
    ),
    { numRuns: 200 },
  );
  assert.ok(arrived > 50, `only ${arrived} requests arrived`);
});

Deno.test("no request that a rule denies reaches the server by a script", async () => {
  const recorder = createRecorder(SERVED);
  const origin = { tool: "property", session: "test" };
  const policies = fc.sample(POLICY, 100);
  let asked = 0;
  let arrived = 0;
  let wrong: unknown;
  // Another policy for each call: the script runs once.
  const broker: Broker = {
    namespace: () => Promise.resolve("default"),
    isRead: () => false,
    async *call(call, body, signal) {
      const policy = policies[asked++ % policies.length] as Policy;
      const before = recorder.sent.length;
      try {
        yield* recorder.brokers(() => policy).as(origin).call(call, body, signal);
      } finally {
        try {
          for (const request of recorder.sent.slice(before)) {
            assertPermitted(request, policy, call);
          }
        } catch (error) {
          wrong ??= error;
        }
        arrived += recorder.sent.length - before;
      }
    },
  };
  await using evaluator = testEvaluator(broker);
  const { ok } = await evaluator.run(scriptOf(fc.sample(CALL, 100)), 300_000);
  assert.ok(ok);
  assert.ifError(wrong);
  assert.ok(arrived > 0, `only ${arrived} of ${asked} requests arrived`);
});

Deno.test("no request that a rule denies reaches the server by a tool", async () => {
  let arrived = 0;
  await fc.assert(
    fc.asyncProperty(
      POLICY,
      fc.array(CALL, { minLength: 1, maxLength: 20 }),
      async (policy, calls) => {
        const recorder = createRecorder(SERVED);
        const cluster = {
          brokers: recorder.brokers(() => policy),
          signal: new AbortController().signal,
        };
        for (const call of calls) {
          for (const [set, tool, input] of toolCallsOf(call)) {
            const before = recorder.sent.length;
            // No tool patches a subresource: of such a call only the object is left.
            const made = call.verb === "patch" ? { ...call, subresource: undefined } : call;
            await toolCaller(set, cluster, { tool: "property" })(tool, input);
            for (const request of recorder.sent.slice(before)) {
              assertPermitted(request, policy, made);
            }
          }
        }
        arrived += recorder.sent.length;
      },
    ),
    { numRuns: 100 },
  );
  assert.ok(arrived > 20, `only ${arrived} requests arrived`);
});

/** A program that asks for all of it, and goes on after each refusal. */
function scriptOf(calls: readonly RequestCall[]): string {
  return `for (const call of ${JSON.stringify(calls)}) {
    try {
      const resource = k8s.dynamicClient()
        .resource({ group: call.group ?? "", version: "v1", resource: call.resource });
      const where = call.namespace === undefined ? resource : resource.namespace(call.namespace);
      const verb = call.verb === "deletecollection" ? "deleteCollection" : call.verb;
      if (verb === "list" || verb === "deleteCollection") where[verb](verb === "list" ? {} : { all: true });
      else if (verb === "create") where.create({ metadata: { name: call.name } });
      else if (verb === "update") where.update({ metadata: { name: call.name } });
      else if (verb === "patch") {
        where.patch(call.name, "application/merge-patch+json", {}, {}, call.subresource);
      } else if (call.subresource === "log") where.getLogs(call.name);
      else where[verb](call.name);
    } catch {}
  }`;
}

/** The broker itself looks at the very object of a change that it lets through; nobody is shown it. */
function arrivedFor(call: BrokerCall, request: HttpRequest): Arrived {
  const arrived = read(request);
  if (call.op !== "request" || !LOOKS.has(call.verb) || arrived.verb !== "get") return arrived;
  return { ...arrived, verb: call.verb, sub: call.subresource };
}

const LOOKS: ReadonlySet<string> = new Set(["patch", "update"]);

interface Arrived {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly sub?: string;
  readonly namespace?: string;
  readonly name?: string;
}

const METHOD_VERBS: Readonly<Record<string, string>> = {
  GET: "get",
  POST: "create",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

/** As the API server reads it. */
function read({ method, path, body }: HttpRequest): Arrived {
  const parts = path.split("?")[0]?.split("/").slice(1) ?? [];
  const rest = parts[0] === "api" ? parts.slice(2) : parts.slice(3);
  const namespace = rest[0] === "namespaces" && rest.length > 2 &&
      !SUBRESOURCES.includes(rest[2] ?? "")
    ? rest.splice(0, 2)[1]
    : undefined;
  const [resource = "", inPath, sub] = rest;
  const name = inPath ?? (method === "POST" ? nameIn(body) : undefined);
  let verb = METHOD_VERBS[method] ?? "";
  if (inPath === undefined && verb === "get") verb = "list";
  if (inPath === undefined && verb === "delete") verb = "deletecollection";
  const group = parts[0] === "api" ? "" : parts[1] ?? "";
  return { verb, group, resource, sub, namespace, name };
}

function nameIn(body: Uint8Array | undefined): string | undefined {
  const { metadata } = JSON.parse(new TextDecoder().decode(body)) as {
    metadata?: { name?: string };
  };
  return metadata?.name;
}

function assertPermitted(request: HttpRequest, policy: Policy, call: BrokerCall): void {
  const arrived = arrivedFor(call, request);
  const what = JSON.stringify({ arrived, policy }, null, 1);
  assert.doesNotMatch(request.path, /\.\.|%2e|%2f|odd/i, what);
  for (const rule of policy.rules) {
    assert.ok(rule.effect !== "deny" || !speaksOf(rule, arrived, "some"), what);
  }
  const allowing = policy.rules.filter(({ effect }) => effect === "allow");
  assert.ok(allowing.some((rule) => speaksOf(rule, arrived, "all")), what);
  const reads = !LOOKS.has(arrived.verb) && request.method === "GET" &&
    (arrived.sub === undefined || ["status", "scale", "log"].includes(arrived.sub));
  assert.ok(reads || policy.mode === "read-write", what);
}

function speaksOf(rule: Rule, arrived: Arrived, of: "some" | "all"): boolean {
  const { verb, group, resource, sub, namespace, name } = arrived;
  const served = SERVED.find((one) => one.group === group && one.resource === resource);
  const any = (patterns: readonly string[] | undefined) => patterns?.includes("*") ?? true;
  const fits = (patterns: readonly string[] | undefined, text: string) =>
    any(patterns) ||
    patterns?.some((pattern) =>
        new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", ".*").replaceAll("?", ".")}$`)
          .test(text)
      ) === true;
  const deletesMany = verb === "deletecollection" && of === "some";
  const verbs = sub === "exec" ? ["get", "create"] : deletesMany ? [verb, "delete"] : [verb];
  if (!verbs.some((verb) => fits(rule.verbs, verb))) return false;
  if (!fits(rule.groups, group)) return false;
  if (!fits(rule.tools, "property") || !fits(rule.contexts, "test")) return false;
  const places = [sub === undefined ? resource : `${resource}/${sub}`];
  if (of === "some") {
    // A list is of all names and, without one, of all namespaces.
    if (sub !== undefined) places.push(resource);
    if (!places.some((place) => fits(rule.resources, place))) return false;
    if (name !== undefined && !fits(rule.names, name)) return false;
    if (any(rule.namespaces)) return true;
    if (served?.namespaced) return namespace === undefined || fits(rule.namespaces, namespace);
    return resource === "namespaces" && verb !== "list" &&
      (name === undefined || fits(rule.namespaces, name));
  }
  if (!places.some((place) => fits(rule.resources, place))) return false;
  if (name === undefined && !any(rule.names)) return false;
  if (name !== undefined && !fits(rule.names, name)) return false;
  return any(rule.namespaces) || (namespace !== undefined && fits(rule.namespaces, namespace));
}

Deno.test("no request that a rule denies reaches the server by the door", async () => {
  const METHODS = {
    get: "GET",
    list: "GET",
    watch: "GET",
    create: "POST",
    update: "PUT",
    patch: "PATCH",
    delete: "DELETE",
    deletecollection: "DELETE",
  };
  let arrived = 0;
  await fc.assert(
    fc.asyncProperty(
      POLICY,
      fc.array(CALL, { minLength: 1, maxLength: 20 }),
      fc.constantFrom("0", "false", ""),
      async (policy, calls, watch) => {
        const recorder = createRecorder(SERVED);
        await using open = await testDoor(recorder.brokers(() => policy));
        for (const call of calls) {
          const before = recorder.sent.length;
          const { group, namespace, resource, name, subresource, verb } = call;
          // In a path it would be the name.
          if (name === undefined && subresource !== undefined) continue;
          const path = [
            ...(group ? ["apis", group, "v1"] : ["api", "v1"]),
            ...(namespace === undefined ? [] : ["namespaces", namespace]),
            resource,
            ...(name === undefined ? [] : [name]),
            ...(subresource === undefined ? [] : [subresource]),
          ].map(encodeURIComponent);
          // On its way a path is put in order, after which it is another one.
          if (path.includes(".")) continue;
          const method = METHODS[verb];
          const response = await open.ask(`/${path.join("/")}?watch=${watch}`, {
            method,
            ...(["GET", "DELETE"].includes(method) ? {} : {
              body: '{"metadata":{"name":"web"}}',
              headers: { "content-type": typeOf(method) },
            }),
          });
          await response.body?.cancel();
          for (const request of recorder.sent.slice(before)) assertPermitted(request, policy, call);
        }
        arrived += recorder.sent.length;
      },
    ),
    { numRuns: 100 },
  );
  assert.ok(arrived > 15, `only ${arrived} requests arrived`);
});

function typeOf(method: string): string {
  return method === "PATCH" ? "application/merge-patch+json" : "application/json";
}
