/** The words of a request to the API server: verbs, options, content types of patches. Data only. */

/**
 * The request verbs of Kubernetes' authorization.
 * @see {@link https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb}
 */
export type Verb = (typeof VERBS)[number];

/** All of them. */
export const VERBS = [
  "get",
  "list",
  "watch",
  "create",
  "update",
  "patch",
  "delete",
  "deletecollection",
] as const;

/** Content types of a patch, by the name that client-go gives each; JSON is YAML (KEP-555). */
export const PATCH_TYPES = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
} as const;

/** Objects in a page of a list where no limit is given; client-go's own default. */
export const PAGE_SIZE = 500;

const LIST_OPTIONS = [
  "labelSelector",
  "fieldSelector",
  "limit",
  "continue",
  "resourceVersion",
  "resourceVersionMatch",
  "timeoutSeconds",
];
const WRITE_OPTIONS = ["dryRun", "fieldManager", "fieldValidation"];

/** Query parameters of a deletion; a body of DeleteOptions has the same, and preconditions. */
export const DELETE_OPTIONS: readonly string[] = [
  "dryRun",
  "gracePeriodSeconds",
  "propagationPolicy",
  "orphanDependents",
  "ignoreStoreReadErrorWithClusterBreakingPotential",
];

/** Query parameters of `pods/log` (PodLogOptions), those first that are of most use. */
const LOG_OPTIONS = [
  "container",
  "previous",
  "timestamps",
  "sinceSeconds",
  "sinceTime",
  "tailLines",
  "limitBytes",
  "stream",
  "insecureSkipTLSVerifyBackend",
  "follow",
];

const OPTIONS: Readonly<Record<Verb, readonly string[]>> = {
  get: ["resourceVersion", "includeObject"],
  list: [...LIST_OPTIONS, "includeObject"],
  watch: [
    ...LIST_OPTIONS,
    "allowWatchBookmarks",
    "sendInitialEvents",
    "includeObject",
    "watch",
  ],
  create: WRITE_OPTIONS,
  update: WRITE_OPTIONS,
  patch: [...WRITE_OPTIONS, "force"],
  delete: DELETE_OPTIONS,
  deletecollection: [...LIST_OPTIONS, ...DELETE_OPTIONS],
};

/** Query parameters that a request may have. */
export function optionsOf(verb: Verb, subresource?: string): readonly string[] {
  return subresource === "log" ? LOG_OPTIONS : OPTIONS[verb];
}
