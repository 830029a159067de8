/** What may be asked of the broker, and what it answers. Types only. */
import type { OptionValue } from "../kube/wire/request.ts";
import type { Verb } from "../kube/types.ts";
import type { Approval, Plan } from "../policy/plan.ts";

/** One thing asked of a cluster. */
export type BrokerCall =
  | ContextsCall
  | ExecCall
  | ExplainCall
  | NamesCall
  | PathCall
  | RequestCall;

/** What of a cluster that is no resource is asked for. */
export type DocumentCall = Exclude<BrokerCall, ExecCall | RequestCall>;

/** What all calls have. */
interface CallBase {
  /** A context of the kubeconfig, by its exact name; left out: the one that the server runs with. */
  readonly context?: string;
}

/**
 * The contexts that may be named, as a list of {@linkcode ContextEntry}: that one alone where one is
 * named. Nothing is asked of a cluster.
 */
export interface ContextsCall extends CallBase {
  readonly op: "contexts";
}

/**
 * A command to run in a container; the body is what it reads. The answer is an `ExecResult` of
 * lib/kube/calls/exec_session.ts. To the policy it is a `create` of `pods/exec`.
 */
export interface ExecCall extends CallBase {
  readonly op: "exec";
  readonly namespace?: string;
  /** Name of the pod. */
  readonly name: string;
  readonly container?: string;
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** The command has a standard input, also where the body is empty. */
  readonly stdin?: boolean;
  readonly tty?: boolean;
  /** From the request to the command's end; 15 s by default. */
  readonly timeoutMs?: number;
}

/** What the cluster's schemas say of a field, as text (JSON of a string). */
export interface ExplainCall extends CallBase {
  readonly op: "explain";
  /** As `kubectl explain` takes it: `deployment.spec.strategy`, `deployments.apps.spec`. */
  readonly path: string;
  readonly group?: string;
  readonly version?: string;
  /** Length of the text, in characters; 2,000 by default. */
  readonly limitCharacters?: number;
}

/** What the cluster serves, as a {@linkcode NamesIndex}. */
export interface NamesCall extends CallBase {
  readonly op: "names";
  /** Ask the cluster again, unless that was done a moment ago: a name was missing. */
  readonly refresh?: boolean;
}

/** A document that belongs to no resource. */
export interface PathCall extends CallBase {
  readonly op: "path";
  readonly path: "/version" | "/api" | "/apis";
}

/** A request for a resource. Names of groups and resources are resolved whatever their case. */
export interface RequestCall extends CallBase {
  readonly op: "request";
  readonly verb: Verb;
  readonly group?: string;
  readonly version?: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly options?: Readonly<Record<string, OptionValue>>;
  readonly contentType?: string;
  readonly form?: "object" | "table" | "metadata";
  /** Keep `metadata.managedFields` of objects in the answer; else it is left out. */
  readonly managedFields?: boolean;
  /** When a watch ends, in milliseconds; without it `timeoutSeconds` of the options counts. */
  readonly timeoutMs?: number;
}

/**
 * One part of an answer; a list has one for each of its pages, a watch one for each event, with an
 * empty one in front once it has begun and an empty one at its end.
 */
export interface BrokerAnswer {
  readonly form: "json" | "bytes";
  /** More parts follow. */
  readonly more: boolean;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** What is told of a context: nothing of how its server is reached. */
export interface ContextEntry {
  readonly name: string;
  readonly cluster: string;
  readonly namespace: string;
  /** The one that the server runs with, and that a call means which names none. */
  readonly current: boolean;
}

/** What a cluster serves, in the form that scripts look names up in. */
export interface NamesIndex {
  readonly versions: readonly {
    readonly group: string;
    readonly version: string;
    readonly preferred: boolean;
    readonly resources: readonly NamedResource[];
    /** Why its resources are not known: the API server that is to serve them does not answer. */
    readonly broken?: string;
  }[];
}

/** One resource of a {@linkcode NamesIndex}. */
export interface NamedResource {
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly subresources: readonly string[];
}

/** On whose behalf something is asked of a cluster. */
export interface Origin {
  /** Name of the tool, or of the command at a terminal. */
  readonly tool: string;
  /** The client's connection; "terminal" for a person's own command. */
  readonly session: string;
  /** First 16 hexadecimal digits of the SHA-256 of the script that asks, where one does. */
  readonly script?: string;
  /** Changes are tried out and written here instead of being made. */
  readonly plan?: Plan;
  /** Changes are made only as far as a person has said yes to them. */
  readonly approval?: Approval;
}

/** Hands out the way to the clusters: nobody goes there without saying who asks. */
export interface Brokers {
  as(origin: Origin): Broker;
}

/** The one way to a cluster, for one origin. */
export interface Broker {
  /** Namespace of the context; "default" where there is no usable configuration. */
  namespace(): Promise<string>;
  /** Whether a call leaves the cluster as it was; such calls may run side by side. */
  isRead(call: BrokerCall): boolean;
  /**
   * Does what is asked, or throws an error of the family: a refusal by the policy, a name that is
   * not served, what the API server said.
   */
  call(
    call: BrokerCall,
    body: Uint8Array<ArrayBuffer> | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<BrokerAnswer>;
}
