/**
 * What a body would bring about beside being stored: rights given to somebody, a token issued. Pure.
 * The API server has the same checks, but measures by what kubecode's own credentials may do, which
 * is often everything. What cannot be read here is taken for the worst.
 */
import type { ImpliedPermission, Permission } from "./types.ts";
import { isRecord } from "../std/json/unknown.ts";

const RBAC = "rbac.authorization.k8s.io";
const TOKEN_SECRET = "kubernetes.io/service-account-token";

/** A body, parsed, and how it is meant. */
export interface Content {
  /** `object`: the whole object, also of an apply. `patch`: keys laid over it. `operations`: RFC 6902. */
  readonly form: "object" | "patch" | "operations";
  readonly value: unknown;
}

/** Whether the policy in force lets the caller do something itself. */
export type Can = (permission: Permission) => boolean;

/** Whether a request's body has to be read to know what the request does. */
export function bodyMatters({ verb, group, resource, subresource }: Permission): boolean {
  if (subresource !== undefined || !["create", "update", "patch"].includes(verb)) return false;
  return (group === RBAC && RBAC_RESOURCES.has(resource)) ||
    (group === "" && resource === "secrets");
}

/**
 * Whether what a request gives shows only in the whole object after it: a patch of a role or binding
 * that touches more than metadata, or of a Secret that touches what its token is made by.
 *
 * @param request one for which {@linkcode bodyMatters} holds
 */
export function outcomeMatters(request: Permission, content: Content | undefined): boolean {
  if (request.verb !== "patch" || content === undefined) return false;
  return request.group === RBAC
    ? !touchesMetadataOnly(content, request.resource === "clusterroles")
    : touchesToken(content);
}

/**
 * What a request implies by its body.
 *
 * @param request one for which {@linkcode bodyMatters} holds
 * @param content undefined for a body that cannot be read
 */
export function impliedBy(
  request: Permission,
  content: Content | undefined,
  can: Can,
): readonly ImpliedPermission[] {
  if (request.resource === "secrets") return tokenOf(request, content);
  const what = RBAC_RESOURCES.get(request.resource);
  // Labels decide which roles collect the rules of this one.
  const labelsGive = request.resource === "clusterroles";
  if (what === undefined || (content && touchesMetadataOnly(content, labelsGive))) return [];
  const object = content?.form === "object" ? content.value : undefined;
  const whole = isRecord(object) && Object.keys(object).every((key) => what.fields.includes(key));
  if (what.verb === "escalate") {
    // What an aggregated role gives is not in its body.
    const known = whole && (object.aggregationRule ?? null) === null &&
      // Of an apply, what is left out stays as it is: rules that are not in the body.
      !(labelsGive && request.verb === "patch" && !Array.isArray(object.rules) &&
        hasLabels(object));
    if (!known) return [{ ...request, verb: "escalate" }];
    const because = excessOf(object.rules, request, can);
    return because === undefined ? [] : [{ ...request, verb: "escalate", because }];
  }
  const role = whole ? roleOf(object.roleRef) : undefined;
  const { group, namespaced, namespace } = request;
  return [{
    verb: "bind",
    group,
    resource: role?.resource ?? "clusterroles",
    namespaced,
    ...(namespace ? { namespace } : {}),
    ...(role ? { name: role.name } : {}),
  }];
}

/**
 * The first right of a role's rules that is too much, and where it stands; undefined where there is
 * none. A role may hand on what the policy lets the caller do itself, and nothing by which somebody
 * becomes more than that.
 *
 * @param where the rights count: a namespace, or all of the cluster
 */
export function excessOf(
  rules: unknown,
  where: Pick<Permission, "namespace">,
  can: Can,
): string | undefined {
  if (rules === undefined || rules === null) return undefined;
  if (!Array.isArray(rules)) return "its rules are no list";
  const budget = { rights: RIGHTS };
  for (const [at, rule] of rules.entries()) {
    const excess = excessOfRule(rule, { ...where, budget }, can);
    if (excess !== undefined) return `${excess} in rule ${at + 1}`;
  }
}

const META_FIELDS = ["apiVersion", "kind", "metadata"];

const RBAC_RESOURCES = new Map<
  string,
  { readonly verb: "bind" | "escalate"; readonly fields: readonly string[] }
>([
  ["roles", { verb: "escalate", fields: [...META_FIELDS, "rules"] }],
  ["clusterroles", { verb: "escalate", fields: [...META_FIELDS, "rules", "aggregationRule"] }],
  ["rolebindings", { verb: "bind", fields: [...META_FIELDS, "roleRef", "subjects"] }],
  ["clusterrolebindings", { verb: "bind", fields: [...META_FIELDS, "roleRef", "subjects"] }],
]);

const RULE_FIELDS = ["verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs"];

/** Verbs of RBAC by which somebody becomes more than he is. */
const RISKY_VERBS = new Set(["*", "escalate", "bind", "impersonate", "approve", "sign"]);

/** What is refused to kubecode unless a rule names it, it does not hand on either. */
const RISKY_RESOURCES =
  /^\*$|^\*\/|\/\*$|\/(attach|portforward|proxy|token|approval|binding|finalize)$/;

/** Rights of one role that are looked at one by one. */
const RIGHTS = 5_000;

function excessOfRule(
  rule: unknown,
  { namespace, budget }: Pick<Permission, "namespace"> & { readonly budget: { rights: number } },
  can: Can,
): string | undefined {
  if (!isRecord(rule)) return "what is no rule";
  const odd = Object.keys(rule).find((key) => !RULE_FIELDS.includes(key));
  if (odd !== undefined) return `the unknown field "${odd}"`;
  const [verbs, groups, resources, names, urls] = RULE_FIELDS.map((field) => rule[field] ?? []);
  if (
    !(isTexts(verbs) && isTexts(groups) && isTexts(resources) && isTexts(names) && isTexts(urls))
  ) {
    return "a field that is no list of texts";
  }
  const risky = verbs.find((verb) => RISKY_VERBS.has(verb.toLowerCase()));
  if (risky !== undefined) return `"${risky}"`;
  if (groups.includes("*")) return '"*" as group';
  const url = urls.find((one) => one.endsWith("*"));
  if (url !== undefined) return `"${url}"`;
  const wide = resources.find((resource) => RISKY_RESOURCES.test(resource.toLowerCase()));
  if (wide !== undefined) return `"${wide}"`;
  const objects = names.length > 0 ? names : [undefined];
  budget.rights -= 1 + verbs.length * groups.length * resources.length * objects.length;
  if (budget.rights < 0) return `more than ${RIGHTS} rights`;
  for (const verb of verbs) {
    for (const group of groups) {
      for (const pattern of resources) {
        const [resource = "", subresource] = pattern.split("/");
        const right = { verb: verb as Permission["verb"], group, resource, subresource };
        // Whether it is one of namespaces is not known: as such, and in all of them, it is the most.
        const place = { namespaced: true, namespace };
        if (objects.some((name) => !can({ ...right, ...place, name }))) {
          return `"${verb} ${pattern}"`;
        }
      }
    }
  }
}

function roleOf(
  roleRef: unknown,
): { readonly resource: string; readonly name: string } | undefined {
  if (!isRecord(roleRef)) return undefined;
  const { kind, name, apiGroup, ...rest } = roleRef;
  if (Object.keys(rest).length > 0 || typeof name !== "string" || name === "") return undefined;
  // Left out, the API server puts it in.
  if (apiGroup !== undefined && apiGroup !== "" && apiGroup !== RBAC) return undefined;
  if (kind === "ClusterRole") return { resource: "clusterroles", name };
  return kind === "Role" ? { resource: "roles", name } : undefined;
}

/** A Secret of that type is filled with a token by the control plane: as good as asking for one. */
function tokenOf(
  request: Permission,
  content: Content | undefined,
): readonly ImpliedPermission[] {
  const types = content?.form === "object" && isRecord(content.value)
    ? Object.entries(content.value).filter(([key]) => key.toLowerCase() === "type")
    : [];
  const issues = types.length > 0
    ? types.some(([, text]) => text === TOKEN_SECRET)
    // The type of a stored Secret is not known here, and cannot be changed.
    : content === undefined || !isRecord(content.value) && content.form === "object" ||
      request.verb !== "create" && touchesToken(content);
  if (!issues) return [];
  const { verb: _, resource: __, name: ___, ...where } = request;
  return [{ ...where, verb: "create", resource: "serviceaccounts", subresource: "token" }];
}

/** Annotations that say whose token a Secret of that type holds; one that is missing is issued. */
const TOKEN_OWNER = "kubernetes.io/service-account.";

/** Whether a change of a Secret touches what its token is made by: its owner, or the token itself. */
function touchesToken({ form, value }: Content): boolean {
  if (form === "operations") {
    return !Array.isArray(value) ||
      value.some((operation) =>
        [operation?.path, operation?.from].some((path) => path !== undefined && isOfToken(path))
      );
  }
  if (!isRecord(value)) return true;
  const { metadata, data, stringData } = value;
  const annotations = isRecord(metadata) ? metadata.annotations : metadata;
  return Object.keys(value).some((key) => key.startsWith("$")) ||
    hasKey(annotations, (key) => key.startsWith(TOKEN_OWNER)) ||
    // It is written only: there is nothing that null could take away.
    [data, stringData ?? undefined].some((part) => hasKey(part, (key) => key === "token"));
}

/** Whether a part of a patch has such a key, or takes the whole part away, or is a directive. */
function hasKey(part: unknown, isMeant: (key: string) => boolean): boolean {
  if (part === undefined) return false;
  return !isRecord(part) || Object.keys(part).some((key) => key.startsWith("$") || isMeant(key));
}

/** Whether a path of RFC 6901 leads to what a token is made by, or to what that is a part of. */
function isOfToken(path: unknown): boolean {
  const [root, part, key] = String(path).split("/").slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  if (root === "data" || root === "stringData") return part === undefined || part === "token";
  if (root !== "metadata") return root === undefined;
  if (part !== undefined && part !== "annotations") return false;
  return key === undefined || key.startsWith(TOKEN_OWNER);
}

/** @param labelsGive what touches labels does not count as metadata only */
function touchesMetadataOnly({ form, value }: Content, labelsGive: boolean): boolean {
  if (form === "patch") {
    return isRecord(value) && Object.keys(value).every((key) => META_FIELDS.includes(key)) &&
      !(labelsGive && hasLabels(value));
  }
  const inMetadata = (path: unknown) =>
    typeof path === "string" &&
    (labelsGive
      ? /^\/metadata\/(?!labels(?:\/|$))/.test(path)
      : path === "/metadata" || path.startsWith("/metadata/"));
  return form === "operations" && Array.isArray(value) &&
    value.every((operation) =>
      isRecord(operation) && inMetadata(operation.path) &&
      (operation.from === undefined || inMetadata(operation.from))
    );
}

function hasLabels({ metadata }: Record<string, unknown>): boolean {
  return isRecord(metadata) && Object.keys(metadata).some((key) => key.toLowerCase() === "labels");
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}
