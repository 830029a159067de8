/** What may be asked of the broker, and what it answers. Types only. */
import type { z } from "zod";
import type { ClientInfo } from "../audit.ts";
import type { Approval, Plan } from "../policy/plan.ts";
import type { callSchema } from "./calls.ts";
import type { Tunnel, TunnelCall } from "./sessions/tunnel.ts";
export type { Tunnel, TunnelCall };

/** One thing asked of a cluster, as {@linkcode callSchema} describes it. */
export type BrokerCall = z.infer<typeof callSchema>;

/** A request for a resource. */
export type RequestCall = Extract<BrokerCall, { readonly op: "request" }>;

/** A command to run in a container. */
export type ExecCall = Extract<BrokerCall, { readonly op: "exec" }>;

/** A document of the cluster that is no resource: versions, resources, schemas. */
export type ClusterDocumentCall = Extract<
  BrokerCall,
  { readonly op: "names" | "path" | "document" | "explain" }
>;

/** What is asked for that is no resource. */
export type DocumentCall = Exclude<BrokerCall, ExecCall | RequestCall>;

/**
 * One part of an answer; a list has one for each of its pages, a watch one for each event, with an
 * empty one in front once it has begun and an empty one at its end.
 */
export interface BrokerAnswer {
  readonly form: "json" | "bytes";
  /** More parts follow. */
  readonly more: boolean;
  /** The media type of a document. */
  readonly contentType?: string;
  /** The list began anew: this is a part of another one, and those before are void. */
  readonly again?: boolean;
  /** A list is empty because its namespace does not exist, which has been noted. */
  readonly nowhere?: boolean;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** What a script may know of a context: nothing about how its server is reached. */
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
  /** What the client says of itself, for the audit. */
  readonly client?: ClientInfo;
  /** First 16 hexadecimal digits of the SHA-256 of the script that asks, where one does. */
  readonly script?: string;
  /** Changes are tried out and written here instead of being made. */
  readonly plan?: Plan;
  /** Changes are made only as far as a person has said yes to them. */
  readonly approval?: Approval;
  /** Asked for by the program helm, which reads its own releases: see answers/releases.ts. */
  readonly releases?: SeenReleases;
  /** Called for each warning of the API server about a change, without credentials. */
  readonly onWarning?: (text: string) => void;
  /** Called with what an answer does not show by itself: which pod was chosen, a namespace that is not there. */
  readonly onNote?: (text: string) => void;
}

/** What helm has read of its releases as they are, so that it can be taken out of what helm prints. */
export interface SeenReleases {
  /** Values that are hidden from everybody else, each with its token. */
  readonly hidden: Map<string, string>;
  /** A rule has shown everything. */
  revealed: boolean;
}

/** Makes brokers: every one is for a caller that has said who it is. */
export interface Brokers {
  as(origin: Origin): Broker;
}

/** The brokers for programs, which print what they have seen. */
export interface ProgramBrokers extends Brokers {
  as(origin: Origin): ProgramBroker;
  /** A text without what looks like a credential, and without values that are known to be hidden. */
  hide(text: string, known: ReadonlyMap<string, string>): Promise<string>;
}

/** The broker for a program, which speaks to pods itself. */
export interface ProgramBroker extends Broker {
  /**
   * Opens a session with a pod; the signal ends it. Its end is the end of its messages.
   *
   * @throws as `call`
   */
  tunnel(call: TunnelCall, signal: AbortSignal): Promise<Tunnel>;
}

/** The one way to a cluster, for one origin. */
export interface Broker {
  /** Namespace of the context; "default" where there is no usable configuration. */
  namespace(): Promise<string>;
  /**
   * The answer to a call for the names that the cluster serves, where it is known without asking the
   * cluster; judged and written down as that call.
   */
  knownNames?(signal: AbortSignal): Promise<BrokerAnswer | undefined>;
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
