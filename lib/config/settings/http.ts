/** The settings of a server over HTTP: where it listens, who gets in, how it is run. */
import { z } from "zod";
import { duration, names, onOff, type Setting, text } from "./setting.ts";

/** As whom the cluster is asked. */
export const CLUSTER_IDENTITIES = ["own", "impersonate", "token-exchange"] as const;

const someNames = names.refine((all) => all.length > 0, "must name one at least");

const url = z.string().refine(
  (value) => URL.canParse(value) && /^https?:\/\/[^?#]+$/.test(value),
  "must be a URL such as https://kubecode.example.com/mcp, without ? and #",
);

const count = z.string().regex(/^[1-9]\d{0,4}$/, "must be a whole number from 1 to 99999")
  .transform(Number);

const TRANSPORTS = ["stdio", "streamable-http", "sse", "all"] as const;

/** What kubernetes-mcp-servers call it, and ours. */
const transport = z.string().toLowerCase()
  .transform((name) => ["http", "streaming-http"].includes(name) ? "streamable-http" : name)
  .pipe(z.enum(TRANSPORTS, {
    error: 'must be "stdio", "streamable-http", "sse" or "all" (of HTTP)',
  }));

const port = z.string().transform((value, context) => {
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value);
  context.addIssue(
    value.startsWith("tcp://")
      // Kubernetes makes MCP_PORT of a Service that is called "mcp".
      ? 'must be a port number; a Service of the name "mcp" sets it otherwise: set enableServiceLinks to false'
      : "must be a port number from 0 (any) to 65535",
  );
  return z.NEVER;
});

/** The rows of the table, in the order of `--help`. */
export const HTTP_SETTINGS = {
  transport: {
    flag: "--transport <NAME>",
    group: "HTTP: listening",
    variable: "MCP_TRANSPORT",
    otherVariable: "K8S_MCP_TRANSPORT",
    schema: transport,
    values: TRANSPORTS,
    default: "stdio",
    help:
      "how clients connect: stdio, streamable-http, sse (for old clients), or all (both over HTTP)",
    serverOnly: true,
  },
  host: {
    flag: "--host <ADDRESS>",
    group: "HTTP: listening",
    variable: "MCP_HOST",
    schema: text,
    default: "127.0.0.1",
    help: "the address to listen on for HTTP",
    serverOnly: true,
  },
  port: {
    flag: "--port <PORT>",
    group: "HTTP: listening",
    variable: "MCP_PORT",
    schema: port,
    default: "8080",
    help: "the port to listen on, 0 for any",
    serverOnly: true,
  },
  socket: {
    flag: "--socket <PATH>",
    group: "HTTP: listening",
    variable: "KUBECODE_SOCKET",
    schema: text,
    help: "listen on a Unix socket that only this user can use, instead",
    serverOnly: true,
  },
  tlsCert: {
    flag: "--tls-cert <PATH>",
    group: "HTTP: listening",
    variable: "KUBECODE_TLS_CERT",
    schema: text,
    help: "the certificate (PEM) for HTTPS; reloaded when it changes",
    serverOnly: true,
  },
  tlsKey: {
    flag: "--tls-key <PATH>",
    group: "HTTP: listening",
    variable: "KUBECODE_TLS_KEY",
    schema: text,
    help: "the key (PEM) of that certificate",
    serverOnly: true,
  },
  stateKeyFile: {
    flag: "--state-key-file <PATH>",
    group: "HTTP: listening",
    variable: "KUBECODE_STATE_KEY_FILE",
    schema: text,
    help:
      "a file with the key that replicas share; during a change two, of which the first seals (or, as text, KUBECODE_STATE_KEY)",
    serverOnly: true,
  },
  allowedHosts: {
    flag: "--allowed-hosts <NAMES>",
    group: "HTTP: listening",
    variable: "KUBECODE_ALLOWED_HOSTS",
    schema: names,
    help: 'host names that clients may use, besides localhost and IP addresses; "*" for any',
    serverOnly: true,
  },
  allowedOrigins: {
    flag: "--allowed-origins <NAMES>",
    group: "HTTP: listening",
    variable: "KUBECODE_ALLOWED_ORIGINS",
    schema: names,
    help: "hosts of web pages that may call the server (default: none)",
    serverOnly: true,
  },
  publicUrl: {
    flag: "--public-url <URL>",
    group: "HTTP: listening",
    variable: "KUBECODE_PUBLIC_URL",
    key: "identity.url",
    schema: url,
    help: 'the URL by which clients reach "/mcp"; tokens are for it, and it names their issuer',
    serverOnly: true,
  },
  tokensFile: {
    flag: "--tokens-file <PATH>",
    group: "HTTP: callers",
    variable: "KUBECODE_TOKENS_FILE",
    key: "identity.tokensFile",
    schema: text,
    help: 'let in callers whose token has its hash in this file ("kubecode token new" makes them)',
    serverOnly: true,
  },
  oidcIssuer: {
    flag: "--oidc-issuer-url <URL>",
    group: "HTTP: callers",
    variable: "KUBECODE_OIDC_ISSUER_URL",
    key: "identity.oidc.issuer",
    schema: url,
    help: "let in callers with tokens (JWT) of this issuer",
    serverOnly: true,
  },
  oidcAudiences: {
    flag: "--oidc-audience <NAMES>",
    group: "HTTP: callers",
    variable: "KUBECODE_OIDC_AUDIENCE",
    key: "identity.oidc.audiences",
    schema: someNames,
    help: "audiences, one of which those tokens must name (default: the public URL)",
    serverOnly: true,
  },
  tokenReviewAudiences: {
    flag: "--token-review-audience <NAMES>",
    group: "HTTP: callers",
    variable: "KUBECODE_TOKEN_REVIEW_AUDIENCE",
    key: "identity.tokenReview.audiences",
    schema: someNames,
    help: "let in callers with tokens of the cluster for this audience, such as kubecode",
    serverOnly: true,
  },
  clientCa: {
    flag: "--tls-client-ca <PATH>",
    group: "HTTP: callers",
    variable: "KUBECODE_TLS_CLIENT_CA",
    key: "identity.clientCaFile",
    schema: text,
    help: "let in callers with certificates of the authorities in this file (PEM)",
    serverOnly: true,
  },
  clusterIdentity: {
    flag: "--cluster-identity <NAME>",
    group: "HTTP: callers",
    variable: "KUBECODE_CLUSTER_IDENTITY",
    key: "identity.cluster.as",
    values: CLUSTER_IDENTITIES,
    schema: z.enum(CLUSTER_IDENTITIES, {
      error: 'must be "own", "impersonate" or "token-exchange"',
    }),
    help:
      "who asks the cluster: the server's own user (own, the default), or the caller (impersonate, token-exchange)",
    serverOnly: true,
  },
  insecureNoAuth: {
    flag: "--insecure-no-auth [BOOL]",
    group: "HTTP: callers",
    variable: "KUBECODE_INSECURE_NO_AUTH",
    schema: onOff,
    default: "false",
    help: "let in everybody who reaches the port, from other machines too",
    serverOnly: true,
  },
  drainTimeout: {
    flag: "--drain-timeout <DURATION>",
    group: "HTTP: load",
    variable: "KUBECODE_DRAIN_TIMEOUT",
    schema: duration,
    default: "25s",
    help: "how long running calls may take after SIGTERM, over HTTP",
    serverOnly: true,
  },
  maxScripts: {
    flag: "--max-scripts <N>",
    group: "HTTP: load",
    variable: "KUBECODE_MAX_SCRIPTS",
    schema: count,
    default: "8",
    help: "scripts and command lines that run at once over HTTP, half of them for one caller",
    serverOnly: true,
  },
  maxWaiting: {
    flag: "--max-waiting <N>",
    group: "HTTP: load",
    variable: "KUBECODE_MAX_WAITING",
    schema: count,
    default: "200",
    help: "calls that may wait for them over HTTP; others get 503 and Retry-After",
    serverOnly: true,
  },
  metricsOpen: {
    flag: "--metrics-open [BOOL]",
    group: "HTTP: load",
    variable: "KUBECODE_METRICS_OPEN",
    schema: onOff,
    default: "false",
    help: 'serve "/metrics" without authentication',
    serverOnly: true,
  },
} as const satisfies Readonly<Record<string, Setting>>;
