/** How tests reach API servers of their own. */
import type { ClusterAccess } from "../../lib/kube/types.ts";
import type { TestTarget } from "./clusters.ts";

/** Access to a server at an address, with neither credentials nor trust of its own. */
export function accessAt(server: string, changes: Partial<ClusterAccess> = {}): ClusterAccess {
  return {
    context: "test",
    cluster: "test",
    user: "tester",
    server,
    namespace: "default",
    tls: { insecureSkipVerify: false },
    credentials: {},
    ...changes,
  };
}

/** A server at an address as what `connect` takes. */
export function targetAt(server: string): TestTarget {
  return {
    name: "demo",
    open: () => Promise.resolve({ access: accessAt(server), close: () => Promise.resolve() }),
  };
}
