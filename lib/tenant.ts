/** One tenant: all that serves one caller, and that no other caller may share. */
import type { Audit, AuditPlace } from "./audit.ts";
import { lazyBrokers } from "./broker/lazy.ts";
import type { ProgramBrokers } from "./broker/types.ts";
import { type Clusters, createClusters } from "./clusters.ts";
import type { Evaluator } from "./eval/types.ts";
import { type Caller, keyOf } from "./identity/caller.ts";
import type { KubeClient } from "./kube/client.ts";
import type { ClusterAccess } from "./kube/types.ts";
import { policyFor } from "./policy/subject.ts";
import type { Policy } from "./policy/types.ts";
import type { PoolOptions } from "./sandbox/parent/pool.ts";
import type { Turns } from "./sandbox/parent/turns.ts";
import type { Shared } from "./shared.ts";
import { once } from "./std/async.ts";
import { createNotices, type Notices } from "./std/notices.ts";

/** The parts of a tenant: connections, caches, keys, children, all of them its own. */
export interface Tenant {
  /** Whoever it serves, as last seen: a token may have been renewed. */
  readonly caller: () => Caller;
  /** The policy in force for its caller. */
  readonly policy: () => Policy;
  /** What a person should see at once: a login that waits for them. */
  readonly notices: Notices;
  /** Lines of it name the caller. */
  readonly audit: Audit;
  /** The current context as the audit names it, as far as it is known. */
  readonly auditPlace: () => AuditPlace;
  readonly brokers: ProgramBrokers;
  readonly evaluator: Evaluator & { warm(): void };
  /** What its sandbox children share with those of other tenants, on a server for many callers. */
  readonly children?: { readonly turns: Turns; readonly pool: PoolOptions };
  /** Patterns of the contexts that scripts may use besides the current one. */
  readonly allowedContexts: readonly string[];
  /** How a context is reached, and the client for it that the brokers use: see clusters.ts. */
  access(context?: string): Promise<ClusterAccess>;
  connect(context?: string): Promise<KubeClient>;
  readonly requireNamed: Clusters["requireNamed"];
  /** Names of all contexts; undefined where the configuration cannot be read. */
  contextNames(): Promise<readonly string[] | undefined>;
  /** Ends children, connections and the demo cluster. */
  close(): Promise<void>;
}

/**
 * Makes the parts of a tenant. Files are read and connections made only when needed.
 *
 * @param caller whoever it serves: always the same one, however their proof of it changes
 * @param actAs from the server's access to the cluster to the caller's
 * @param redactionKey 32 bytes by which its replicas make the same tokens; random if left out
 */
export function createTenant(
  { settings, wholePolicy, audit: sharedAudit, logger, lists, limits, hooks }: Shared,
  caller: () => Caller,
  { actAs, redactionKey }: {
    readonly actAs?: (access: ClusterAccess) => ClusterAccess;
    readonly redactionKey?: Uint8Array | undefined;
  } = {},
): Tenant {
  const policy = policyOf(wholePolicy, caller());
  const audit = auditOf(sharedAudit, caller());
  const notices = createNotices();
  const clusters = createClusters(settings, logger, notices.tell, actAs, hooks?.transport);
  const { access, connect, contexts: list, place } = clusters;
  // The audit names the cluster in each line, also before the first request to it.
  if (settings.audit !== undefined) access().catch(() => {});
  const allowed = settings.contexts ?? [];
  const brokers = lazyBrokers(once(async () => {
    const { createBrokers } = await import("./broker/broker.ts");
    return createBrokers({
      connect,
      contexts: { allowed, list },
      policy,
      logger,
      audit,
      redactionKey,
      lists,
      onRedacted: hooks?.onRedacted,
    });
  }));
  const children = hooks &&
    { turns: hooks.turns.of(keyOf(caller())), pool: hooks.pool };
  const evaluator = lazyEvaluator(async () => {
    const [{ parseCall }, { childCommand }, { createEvaluator }] = await Promise.all([
      import("./broker/calls.ts"),
      import("./sandbox/parent/command.ts"),
      import("./eval/parent/evaluator.ts"),
    ]);
    const command = childCommand("script");
    return createEvaluator({ brokers, parseCall, command, logger, limits, ...children });
  });
  return {
    caller,
    policy,
    allowedContexts: allowed,
    notices,
    audit,
    auditPlace: place,
    brokers,
    evaluator,
    ...(children ? { children } : {}),
    access,
    connect,
    requireNamed: clusters.requireNamed,
    contextNames: () => list().then((entries) => entries.map(({ name }) => name), () => undefined),
    async close() {
      await Promise.all([evaluator.close(), clusters.close()]);
    },
  };
}

/** The policy as it is for the caller, made anew only when the whole of it has changed. */
function policyOf(whole: () => Policy, { how, user, groups }: Caller): () => Policy {
  const subject = how === "none" ? undefined : { user, groups };
  let made: { readonly of: Policy; readonly policy: Policy } | undefined;
  return () => {
    const of = whole();
    if (made?.of !== of) made = { of, policy: policyFor(of, subject) };
    return made.policy;
  };
}

/** The audit, with the caller in each line; nobody is named who has proved nothing. */
function auditOf(audit: Audit, { how, user }: Caller): Audit {
  if (how === "none") return audit;
  return { ...audit, record: (entry) => audit.record({ ...entry, caller: user }) };
}

/** An evaluator that is loaded with the first script. */
function lazyEvaluator(load: () => Promise<Tenant["evaluator"]>): Tenant["evaluator"] {
  let made: ReturnType<typeof load> | undefined;
  const get = () => made ??= load();
  return {
    evaluate: async (request, options) => await (await get()).evaluate(request, options),
    warm: () => void get().then((evaluator) => evaluator.warm(), () => {}),
    close: async () => await (await made)?.close(),
  };
}
