/** What may be asked of the broker, and what it answers. Types only. */
import type { OptionValue } from "../kube/request.ts";
import type { Verb } from "../kube/types.ts";

/** One thing asked of a cluster. */
export type BrokerCall = ExplainCall | NamesCall | PathCall | RequestCall;

/** What the cluster's schemas say of a field, as text (JSON of a string). */
export interface ExplainCall {
  readonly op: "explain";
  /** As `kubectl explain` takes it: `deployment.spec.strategy`, `deployments.apps.spec`. */
  readonly path: string;
  readonly group?: string;
  readonly version?: string;
  /** Length of the text, in characters; 2,000 by default. */
  readonly limitCharacters?: number;
}

/** What the cluster serves, as a {@linkcode NamesIndex}. */
export interface NamesCall {
  readonly op: "names";
  /** Ask the cluster again, unless that was done a moment ago: a name was missing. */
  readonly refresh?: boolean;
}

/** A document that belongs to no resource. */
export interface PathCall {
  readonly op: "path";
  readonly path: "/version" | "/api" | "/apis";
}

/** A request for a resource. Names of groups and resources are resolved whatever their case. */
export interface RequestCall {
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

/** What a cluster serves, in the form that scripts look names up in. */
export interface NamesIndex {
  readonly versions: readonly {
    readonly group: string;
    readonly version: string;
    readonly preferred: boolean;
    readonly resources: readonly NamedResource[];
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

/** The one way to a cluster. */
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
