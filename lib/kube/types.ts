/** The values that the client layer passes around. Types only. */

/** A group, version and resource (plural, lower case): what a request's path is made of. */
export interface GroupVersionResource {
  /** API group; "" is the core group. */
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

/** One resource as the cluster's discovery serves it. */
export interface ApiResource extends GroupVersionResource {
  readonly kind: string;
  /** Singular name, lower case; "" where the server gives none. */
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  /** RBAC verbs that the server supports here. */
  readonly verbs: readonly string[];
  readonly subresources: readonly ApiSubresource[];
}

/** A subresource of an {@linkcode ApiResource}, such as `status`, `scale` or `log`. */
export interface ApiSubresource {
  readonly name: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

/** A request to the API server, resolved and ready to be put on the wire. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path and query, each segment and value already percent-encoded; begins with "/". */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
}

/** A request to speak by messages instead (WebSocket, RFC 6455). */
export interface SocketRequest {
  /** Path and query, as in {@linkcode HttpRequest}. */
  readonly path: string;
  /** Subprotocols, the preferred one first. */
  readonly protocols: readonly string[];
  /** Bytes of messages that are read ahead; 256 KiB by default. */
  readonly bufferBytes?: number;
}

/** An open WebSocket. */
export interface MessageSocket {
  /** The subprotocol that the server chose. */
  readonly protocol: string;
  /** What the server sends, a message a chunk; ends when the connection does. */
  readonly messages: ReadableStream<Uint8Array>;
  /** Resolves once the message has left this process, or the connection has ended. */
  send(message: Uint8Array): Promise<void>;
  /** Asks for a sign of life, which keeps what stands in between from ending the connection. */
  ping(): void;
  /** Ends the connection, at once. */
  close(): void;
}

/** Sends requests to one API server over kept-alive connections, with that context's credentials. */
export interface Transport {
  /**
   * Resolves with the response as soon as its headers are here, whatever its status; the caller
   * reads or cancels the body.
   *
   * @throws {ApiError} status 0, reason `Unreachable` | `Tls` | `Timeout`, naming server and cause
   * @throws {ConfigError} credentials that cannot be had (exec plugin, token file)
   */
  send(request: HttpRequest, signal: AbortSignal): Promise<Response>;
  /**
   * Opens a WebSocket on a connection of its own; the signal ends it. A server that refuses it gives
   * its response.
   *
   * @throws as `send`
   */
  openSocket(request: SocketRequest, signal: AbortSignal): Promise<MessageSocket | Response>;
  /**
   * The fetch of credentials under way, if there is one: a login takes as long as a person does, and
   * no timeout for an answer of the server should count it. Never rejects.
   */
  login(): Promise<unknown> | undefined;
  /** Closes kept connections. */
  close(): void;
}

/** How to reach a cluster and as whom: one context of a kubeconfig, with its files named, not read. */
export interface ClusterAccess {
  /** Where the configuration comes from: paths of kubeconfigs, or a word for what is none. */
  readonly sources?: readonly string[];
  /** Paths of the files that all of this was read from, those too that were looked for in vain. */
  readonly files?: readonly string[];
  /** Name of the context; "in-cluster" for the service account of a pod. */
  readonly context: string;
  readonly cluster: string;
  readonly user: string;
  /** Base URL of the API server, without a trailing slash; may have a path. */
  readonly server: string;
  /** The context's namespace; "default" when it names none, "" for all of them (--all-namespaces). */
  readonly namespace: string;
  readonly tls: {
    /** PEM. */
    readonly ca?: string;
    readonly insecureSkipVerify: boolean;
    readonly serverName?: string;
  };
  readonly proxyUrl?: string;
  /** `disable-compression`: never ask the API server for gzip. */
  readonly disableCompression?: boolean;
  /** What the kubeconfig keeps for exec plugins beside the cluster, handed to them as it is. */
  readonly execConfig?: unknown;
  readonly credentials: Credentials;
  readonly impersonate?: Impersonation;
}

/** How requests are authenticated; a client certificate may stand beside any other kind. */
export interface Credentials {
  readonly clientCertificate?: { readonly cert: string; readonly key: string };
  readonly bearer?:
    | { readonly kind: "token"; readonly token: string }
    | { readonly kind: "file"; readonly path: string }
    | { readonly kind: "basic"; readonly username: string; readonly password: string }
    | { readonly kind: "exec"; readonly exec: ExecPlugin }
    | { readonly kind: "oidc"; readonly login: OidcLogin }
    | { readonly kind: "given"; readonly give: GiveToken };
}

/** Fetches a token that somebody else makes; its end is in milliseconds since 1970. */
export type GiveToken = (
  signal: AbortSignal,
) => Promise<{ readonly token: string; readonly expiresAt: number }>;

/** A legacy OIDC login that can be renewed. */
export interface OidcLogin {
  readonly idToken?: string;
  readonly refreshToken: string;
  /** URL of the issuer, whose discovery document says where tokens are. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  /** PEM of the authority of the issuer's certificate; left out: the public ones. */
  readonly ca?: string;
}

/**
 * An exec credential plugin.
 * @see {@link https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/#ExecConfig}
 */
export interface ExecPlugin {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly installHint?: string;
  readonly provideClusterInfo: boolean;
  /** Folder of the kubeconfig that names the plugin: a relative command is looked for there. */
  readonly directory?: string;
}

/**
 * Acting as somebody else, by request headers.
 * @see {@link https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation}
 */
export interface Impersonation {
  readonly user: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** A Kubernetes object as it comes over the wire. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata?: KubeMetadata;
  [field: string]: unknown;
}

/** The part of `ObjectMeta` that this program itself reads. */
export interface KubeMetadata {
  name?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  [field: string]: unknown;
}
