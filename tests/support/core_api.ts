/** What servers of the tests that serve one resource of the core group have in common. */

const AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** The resource that a server serves, in version v1 and in namespaces. */
export interface CoreResource {
  readonly resource: string;
  readonly kind: string;
  readonly shortNames?: readonly string[];
  /** With the verbs that they are asked by. */
  readonly subresources?: readonly string[];
}

/** The answer to a request for discovery; undefined for any other request. */
export function discoveryAnswer(path: string, served: CoreResource): Response | undefined {
  if (path !== "/api" && path !== "/apis") return undefined;
  const { resource, kind, shortNames, subresources } = served;
  const responseKind = { group: "", version: "", kind };
  const described = {
    resource,
    responseKind,
    scope: "Namespaced",
    singularResource: kind.toLowerCase(),
    shortNames,
    verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
    subresources: subresources?.map((subresource) => ({
      subresource,
      responseKind,
      verbs: ["create", "get", "patch", "update"],
    })),
  };
  const core = { metadata: { name: "" }, versions: [{ version: "v1", resources: [described] }] };
  return Response.json({
    kind: "APIGroupDiscoveryList",
    apiVersion: "apidiscovery.k8s.io/v2",
    items: path === "/api" ? [core] : [],
  }, { headers: { "content-type": AGGREGATED } });
}

/** How many streams or sessions of a server are open. */
export interface OpenCount {
  open(): number;
  /** Resolves once so many are open. */
  untilOpen(count: number): Promise<void>;
  /** Adds, or takes away. */
  change(by: number): void;
}

/** Starts at none. */
export function countOpen(): OpenCount {
  const waiters: (() => void)[] = [];
  let open = 0;
  return {
    open: () => open,
    async untilOpen(count) {
      while (open !== count) await new Promise<void>((resolve) => waiters.push(resolve));
    },
    change(by) {
      open += by;
      waiters.splice(0).forEach((wake) => wake());
    },
  };
}
