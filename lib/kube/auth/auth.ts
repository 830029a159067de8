/**
 * As whom requests are made: the headers and the client certificate of one context, fetched anew
 * when they run out or are refused.
 */
import { ConfigError } from "../../errors.ts";
import { readBoundedText } from "../kubeconfig/bounded_file.ts";
import { type ExecCredential, runExecPlugin, type RunOptions } from "./exec_plugin.ts";
import { describeFileError } from "../../std/files.ts";
import { expiryOf } from "../kubeconfig/oidc_login.ts";
import { keepLogin, renewLogin } from "./oidc.ts";
import type { ClusterAccess, Credentials, ExecPlugin, Impersonation, OidcLogin } from "../types.ts";
import { singleFlight } from "../../std/async.ts";

/** What one request is authenticated with. */
export interface RequestCredentials {
  /** A list is sent as one header a value: the API server does not split at commas. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly clientCertificate?: { readonly cert: string; readonly key: string };
}

/** The credentials of one context. */
export interface Auth {
  /**
   * What the next request is to be sent with.
   *
   * @throws {ConfigError} a token file or exec plugin that gives no credential
   */
  credentials(signal: AbortSignal): Promise<RequestCredentials>;
  /**
   * Told when the server refused (401) what {@linkcode Auth.credentials} gave: drops it if it is
   * still the current one. Returns whether asking again can give another.
   */
  refused(used: RequestCredentials): boolean;
  /** The fetch under way: a login takes as long as a person does. Never rejects. */
  pending(): Promise<unknown> | undefined;
}

/** How {@linkcode createAuth} works. */
interface AuthOptions {
  /** How long an exec plugin may take, in milliseconds; a minute by default. */
  readonly execTimeoutMs?: number;
  /** Is told what an exec plugin says to whoever logs in. */
  readonly tell?: (line: string) => void;
  /** The clock, in milliseconds since 1970; the system's by default. */
  readonly now?: () => number;
}

/** As in client-go: half the time between the kubelet's renewal of a token and its end. */
const TOKEN_FILE_MAX_AGE_MS = 60_000;
const EXEC_TIMEOUT_MS = 60_000;

/** Credentials without impersonation, and until when they may be used. */
interface Credential {
  readonly token?: string;
  readonly clientCertificate?: RequestCredentials["clientCertificate"];
  /** Milliseconds since 1970; infinite when nothing says. */
  readonly expiresAt: number;
}

/** A credential that is fetched and can be fetched again; the rest never changes. */
type Source = (signal: AbortSignal) => Promise<Credential>;

/**
 * Credentials of a context, each fetched when it is first needed, by one fetch however many wait.
 *
 * @see {@link https://kubernetes.io/docs/reference/access-authn-authz/authentication/}
 */
export function createAuth(access: ClusterAccess, options: AuthOptions = {}): Auth {
  const { bearer, clientCertificate } = access.credentials;
  const fixed = {
    ...fixedHeaders(bearer, access.user),
    ...impersonationHeaders(access.impersonate),
  };
  const now = options.now ?? Date.now;
  const source = changingSource(bearer, access, options, now);
  if (!source) {
    const credentials = { headers: fixed, clientCertificate };
    return {
      credentials: () => Promise.resolve(credentials),
      refused: () => false,
      pending: () => undefined,
    };
  }

  let current:
    | { readonly credential: Credential; readonly request: RequestCredentials }
    | undefined;
  let pending: Promise<unknown> | undefined;
  const fetchOnce = singleFlight(async (signal) => {
    const fetched = source(signal);
    const mine = pending = fetched.catch(() => {}).finally(() => {
      if (pending === mine) pending = undefined;
    });
    const credential = await fetched;
    const request: RequestCredentials = {
      headers: credential.token === undefined
        ? fixed
        : { ...fixed, Authorization: `Bearer ${credential.token}` },
      clientCertificate: credential.clientCertificate ?? clientCertificate,
    };
    current = { credential, request };
    return request;
  });

  return {
    credentials(signal) {
      signal.throwIfAborted();
      if (current && now() < current.credential.expiresAt) return Promise.resolve(current.request);
      return fetchOnce(signal);
    },
    refused(used) {
      if (current?.request === used) current = undefined;
      return true;
    },
    pending: () => pending,
  };
}

function changingSource(
  bearer: Credentials["bearer"],
  access: ClusterAccess,
  options: AuthOptions,
  now: () => number,
): Source | undefined {
  if (bearer?.kind === "file") return tokenFileSource(bearer.path, now);
  if (bearer?.kind === "exec") {
    const { execTimeoutMs = EXEC_TIMEOUT_MS, tell } = options;
    return execSource(bearer.exec, access, { timeoutMs: execTimeoutMs, tell });
  }
  if (bearer?.kind === "given") {
    return async (signal) => {
      const { token, expiresAt } = await bearer.give(signal);
      return { token: checkToken(token, `user "${access.user}"`), expiresAt };
    };
  }
  if (bearer?.kind === "oidc") return oidcSource(bearer.login, access, options, now);
  return undefined;
}

/** As in client-go: a token that ends on its way to the server is of no use. */
const OIDC_LEEWAY_MS = 10_000;

/** The id-token while it is good, then one that the issuer gives for the refresh token. */
function oidcSource(
  given: OidcLogin,
  { user, sources = [] }: ClusterAccess,
  { tell }: AuthOptions,
  now: () => number,
): Source {
  let login = given;
  const endOf = (token: string) => (expiryOf(token)?.getTime() ?? Infinity) - OIDC_LEEWAY_MS;
  return async (signal) => {
    if (login.idToken === undefined || endOf(login.idToken) <= now()) {
      const renewed = await renewLogin(login, user, signal);
      const isKept = await keepLogin(login, renewed, sources);
      login = { ...login, ...renewed };
      if (!isKept) {
        tell?.(
          `The OIDC login of "${user}" was renewed, and its new refresh token could not be written ` +
            "into the kubeconfig: kubectl may need a new login.",
        );
      }
    }
    const token = checkToken(login.idToken ?? "", `user "${user}"`);
    return { token, expiresAt: endOf(token) };
  };
}

/** Re-read each minute; while the file cannot be read, the last token is used on, as in client-go. */
function tokenFileSource(path: string, now: () => number): Source {
  let last: string | undefined;
  return async (signal) => {
    try {
      const token = checkToken(
        await readBoundedText(path, signal),
        `file "${path}"`,
      );
      last = token;
    } catch (error) {
      signal.throwIfAborted();
      if (last === undefined) {
        throw error instanceof ConfigError
          ? error
          : new ConfigError(`Cannot read the token file "${path}": ${describeFileError(error)}`, {
            hint: "Check tokenFile in the kubeconfig, or log in again.",
            cause: error,
          });
      }
    }
    return { token: last, expiresAt: now() + TOKEN_FILE_MAX_AGE_MS };
  };
}

function execSource(
  exec: ExecPlugin,
  access: ClusterAccess,
  options: Omit<RunOptions, "signal">,
): Source {
  return async (signal) => {
    const credential: ExecCredential = await runExecPlugin(exec, access, { ...options, signal });
    return {
      token: credential.token === undefined
        ? undefined
        : checkToken(credential.token, `exec plugin "${exec.command}"`),
      clientCertificate: credential.clientCertificate,
      expiresAt: credential.expiresAt?.getTime() ?? Infinity,
    };
  };
}

function fixedHeaders(bearer: Credentials["bearer"], user: string): Record<string, string> {
  if (bearer?.kind === "token") {
    return { Authorization: `Bearer ${checkToken(bearer.token, `user "${user}"`)}` };
  }
  if (bearer?.kind === "basic") {
    const bytes = new TextEncoder().encode(`${bearer.username}:${bearer.password}`);
    return { Authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
  }
  return {};
}

/** A token as it may stand in a header; it is never part of the message. */
function checkToken(text: string, of: string): string {
  const token = text.trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  const state = token === ""
    ? "it is empty"
    : "it has characters that cannot stand in an HTTP header";
  throw new ConfigError(`Cannot use the token of ${of}: ${state}`, {
    hint: "A token is one line of letters, digits and punctuation; log in again to get one.",
  });
}

/**
 * The headers of user impersonation. Repeated values stay a list: joined by commas, the API server
 * would take them for one group.
 *
 * @throws {ConfigError} a value that cannot stand in a header
 * @see {@link https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation}
 */
function impersonationHeaders(
  impersonate: Impersonation | undefined,
): Record<string, string | readonly string[]> {
  if (!impersonate) return {};
  const { user, uid, groups, extra } = impersonate;
  return {
    "Impersonate-User": headerValue(user, "as"),
    ...(uid === undefined ? {} : { "Impersonate-Uid": headerValue(uid, "as-uid") }),
    ...(groups.length === 0
      ? {}
      : { "Impersonate-Group": groups.map((group) => headerValue(group, "as-groups")) }),
    ...Object.fromEntries(
      Object.entries(extra).filter(([, values]) => values.length > 0).map(([key, values]) => [
        `Impersonate-Extra-${escapeHeaderName(key)}`,
        values.map((value) => headerValue(value, "as-user-extra")),
      ]),
    ),
  };
}

/**
 * A value of printable ASCII, and nothing else: over TLS, Deno's node:http sends other characters
 * of a header now encoded once, now twice, and a request must not act as somebody else.
 */
function headerValue(text: string, field: string): string {
  if (/^[\x20-\x7e]+$/.test(text) && text.trim() === text) return text;
  throw new ConfigError(
    `Cannot use ${field} of the kubeconfig: it is empty, or has characters other than ASCII`,
    { hint: "Act as a user or group whose name has printable ASCII characters only." },
  );
}

/** Percent-encodes what RFC 9110 section 5.6.2 does not allow in a name, and the percent sign. */
function escapeHeaderName(name: string): string {
  return [...new TextEncoder().encode(name)].map((byte) => {
    const character = String.fromCharCode(byte);
    return /[!#$&'*+\-.^_`|~0-9A-Za-z]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}
