/** Checks of single kubeconfig values: server, proxy, namespace, names. Pure. */
import { ConfigError } from "../../errors.ts";
import { editDistance } from "../../std/nearest.ts";
import { hideUserinfo } from "../../std/urls.ts";

/** A host or address, perhaps with a port and a slash; nothing that could be a URL of another scheme. */
const HOST_AND_PORT = /^(?:\[[0-9a-f:.]+\]|[a-z0-9][a-z0-9.-]*)(?::\d{1,5})?\/?$/i;

/** The proxies that client-go knows, and so do we. */
const PROXY_SCHEMES = new Set(["http:", "https:", "socks5:"]);

/**
 * A cluster's base URL, without a trailing slash, query or fragment. `host:port` stands for a URL.
 *
 * @param tls the scheme is https where none is named
 * @throws {ConfigError} when it is missing or cannot be one; credentials in it are not repeated
 */
export function checkServer(
  given: string | undefined,
  cluster: string,
  { tls }: { readonly tls: boolean },
): string {
  const refuse = (state: string): never => {
    throw new ConfigError(`Cannot use the cluster "${cluster}": ${state}`, {
      hint: 'server must be a URL such as "https://10.0.0.1:6443".',
    });
  };
  if (given === undefined) return refuse("it has no server");
  const server = HOST_AND_PORT.test(given) ? `${tls ? "https" : "http"}://${given}` : given;
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url?.username || url?.password) return refuse("its server URL holds credentials");
  if (!url || !/^https?:\/\//i.test(server)) {
    return refuse(`its server ${JSON.stringify(hideUserinfo(server))} is not an http(s) URL`);
  }
  return url.origin + url.pathname.replace(/\/+$/, "");
}

/**
 * A cluster's `proxy-url`.
 *
 * @throws {ConfigError} when it is no URL or of a scheme that is not http, https or socks5
 */
export function checkProxy(proxy: string | undefined, cluster: string): string | undefined {
  if (proxy === undefined) return undefined;
  const url = URL.canParse(proxy) ? new URL(proxy) : undefined;
  if (!url || !PROXY_SCHEMES.has(url.protocol) || url.hostname === "") {
    throw new ConfigError(
      `Cannot use the cluster "${cluster}": its proxy-url ${
        JSON.stringify(hideUserinfo(proxy))
      } is not an http, https or socks5 URL`,
      { hint: 'proxy-url must be a URL such as "http://proxy:3128".' },
    );
  }
  return proxy;
}

/**
 * A namespace's name.
 *
 * @throws {ConfigError} when it is not a DNS label (RFC 1123)
 */
export function checkNamespace(namespace: string, context: string): string {
  if (/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace)) return namespace;
  throw new ConfigError(
    `Cannot use the namespace ${JSON.stringify(namespace)} (context "${context}"): not a name`,
    {
      hint: 'A namespace has at most 63 of a-z, 0-9 and "-", and begins and ends with a-z or 0-9.',
    },
  );
}

/**
 * The known names, as a hint: all when they are few, else those nearest to the wanted one.
 */
export function oneOf(what: string, known: readonly string[], given: string): string {
  if (known.length === 0) return `The kubeconfig has no ${what}.`;
  const shown = known.length <= 10 ? known : nearest(known, given).slice(0, 5);
  const more = known.length - shown.length;
  const names = shown.map((name) => `"${name}"`).join(", ");
  return `There ${known.length === 1 ? "is" : "are"} ${names}${more ? ` and ${more} more` : ""}.`;
}

function nearest(known: readonly string[], given: string): string[] {
  const wanted = given.toLowerCase();
  const distance = (name: string) => {
    const lower = name.toLowerCase();
    const contains = wanted !== "" && (lower.includes(wanted) || wanted.includes(lower));
    return contains ? 0 : editDistance(lower, wanted);
  };
  return known
    .map((name) => ({ name, distance: distance(name) }))
    .sort((a, b) => a.distance - b.distance)
    .map(({ name }) => name);
}
