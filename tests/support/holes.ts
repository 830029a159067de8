/** Ways round a policy that worked in other servers, as requests that somebody tries. */
import type { RequestCall } from "../../lib/broker/types.ts";
import { makePolicy } from "../../lib/policy/profiles.ts";
import type { Policy } from "../../lib/policy/types.ts";

const SUBRESOURCES = ["status", "log", "exec", "attach", "portforward", "proxy", "eviction"];
/** What the recording API server serves. */
export const SERVED = [
  { group: "", resource: "pods", kind: "Pod", namespaced: true, subresources: SUBRESOURCES },
  { group: "", resource: "secrets", kind: "Secret", namespaced: true },
  { group: "", resource: "configmaps", kind: "ConfigMap", namespaced: true },
  { group: "", resource: "services", kind: "Service", namespaced: true, subresources: ["proxy"] },
  {
    group: "",
    resource: "serviceaccounts",
    kind: "ServiceAccount",
    namespaced: true,
    subresources: ["token"],
  },
  { group: "", resource: "nodes", kind: "Node", namespaced: false, subresources: ["proxy"] },
  { group: "", resource: "namespaces", kind: "Namespace", namespaced: false },
];

const READ_ONLY = makePolicy();
const READ_WRITE = makePolicy({ mode: "read-write" });
const GUARDED = makePolicy({ mode: "read-write", profile: "guarded" });
const NO_SECRETS = makePolicy({
  mode: "read-write",
  profile: "open",
  rules: [{ source: "c:1", effect: "deny", resources: ["secrets"] }],
});

/** What was tried, the policy that stands against it, and the call. */
export const HOLES: readonly (readonly [string, Policy, Partial<RequestCall>])[] = [
  ["a resource that is a path", NO_SECRETS, { verb: "list", resource: "configmaps/../secrets" }],
  ["the same encoded", NO_SECRETS, { verb: "list", resource: "configmaps%2f..%2fsecrets" }],
  ["a name that is a path", NO_SECRETS, {
    verb: "get",
    resource: "configmaps",
    name: "../secrets/x",
  }],
  ["a namespace that is a path", NO_SECRETS, {
    verb: "list",
    resource: "pods",
    namespace: "shop/secrets?x=",
  }],
  ["a subresource that is a path", NO_SECRETS, {
    verb: "get",
    resource: "pods",
    name: "p",
    subresource: "status/../../../secrets",
  }],
  ["a subresource in capitals", READ_ONLY, {
    verb: "get",
    resource: "pods",
    name: "p",
    subresource: "EXEC",
  }],
  ["secrets by another spelling", NO_SECRETS, { verb: "list", resource: "Secret" }],
  ["secrets in another group's name", NO_SECRETS, {
    verb: "list",
    group: "CORE",
    resource: "SECRETS",
  }],
  ["a secret by the guarded set", GUARDED, { verb: "get", resource: "secrets", name: "s" }],
  ["an object of the cluster, deleted by passing a namespace", GUARDED, {
    verb: "delete",
    resource: "namespaces",
    name: "shop",
  }],
  ["the same of a node", GUARDED, { verb: "delete", resource: "nodes", name: "n" }],
  ["all namespaces at once", GUARDED, { verb: "list", resource: "pods", namespace: "" }],
  ["a collection deleted", GUARDED, { verb: "deletecollection", resource: "pods" }],
  ["a command by GET", READ_ONLY, {
    verb: "get",
    resource: "pods",
    name: "p",
    subresource: "exec",
  }],
  ["a tunnel by GET", READ_WRITE, {
    verb: "get",
    resource: "pods",
    name: "p",
    subresource: "portforward",
  }],
  ["a kubelet through its node", READ_WRITE, {
    verb: "get",
    resource: "nodes",
    name: "n",
    subresource: "proxy",
  }],
  ["a service through its proxy", READ_WRITE, {
    verb: "create",
    resource: "services",
    name: "s",
    subresource: "proxy",
  }],
  ["a token", READ_WRITE, {
    verb: "create",
    resource: "serviceaccounts",
    name: "default",
    subresource: "token",
  }],
  ["a dry run in a read-only server", READ_ONLY, {
    verb: "delete",
    resource: "pods",
    name: "p",
    options: { dryRun: "All" },
  }],
  ["a watch by a list's option", READ_ONLY, {
    verb: "list",
    resource: "pods",
    options: { watch: true },
  }],
  ["impersonation by an option", READ_WRITE, {
    verb: "list",
    resource: "pods",
    options: { as: "system:admin" },
  }],
];

/** The calls of tools that come to what is tried. */
export function* toolCallsOf(
  call: Partial<RequestCall>,
): Generator<readonly ["resources" | "guarded", string, Record<string, unknown>]> {
  const { verb, group = "", resource, namespace = "shop", name, subresource, options } = call;
  const clustered = resource === "nodes" || resource === "namespaces";
  const target = {
    api_group: group,
    api_version: "v1",
    resource_kind: resource,
    ...(name === undefined ? {} : { entity_name: name }),
  };
  const guarded = {
    namespace: namespace || "all",
    group,
    version: "v1",
    plural: resource,
    ...(name === undefined ? {} : { name }),
    ...(subresource ? { subresource } : {}),
    ...options,
  };
  const scopes = clustered
    ? [{ scope: "cluster" }, { scope: "namespaced", target_ns: namespace }]
    : [{ scope: "namespaced", ...(namespace ? { target_ns: namespace } : {}) }, {
      scope: "cluster",
    }];
  for (const scope of scopes) {
    const where = { ...scope, ...target };
    switch (verb) {
      case "get":
        yield ["resources", "get_k8s_entity", {
          ...where,
          ...(subresource ? { sub_path: subresource } : {}),
        }];
        break;
      case "list":
        // One of all namespaces is allowed to this set, and no hole.
        if (scope.scope === "cluster" && !clustered && !/[^a-z]/.test(`${resource}`)) break;
        yield ["resources", "scan_k8s_collection", { ...where, ...options }];
        break;
      case "delete":
        yield ["resources", "delete_k8s_entity", {
          ...where,
          ...(options?.dryRun ? { dry_run: true } : {}),
        }];
        break;
      case "create":
        yield ["resources", "interact_k8s_endpoint", {
          ...where,
          action_path: subresource,
          request_payload: {},
        }];
        break;
      case "patch": {
        const { entity_name, ...place } = where as Record<string, unknown>;
        const apiVersion = group === "" ? "v1" : `${group}/v1`;
        const kind = `${resource}`.slice(0, -1);
        const payload_manifest = { apiVersion, kind, metadata: { name: entity_name } };
        yield ["resources", "deploy_k8s_entity", { ...place, payload_manifest }];
        break;
      }
      case "deletecollection":
        yield ["resources", "delete_k8s_entity", where];
        break;
    }
  }
  if (verb === "get") yield ["guarded", "k8s_get", guarded];
  if (verb === "list") yield ["guarded", "k8s_list", guarded];
  if (verb === "delete" || verb === "deletecollection") {
    yield ["guarded", "k8s_delete", { name: "all", ...guarded, approved: true }];
  }
}
