/** Which proxy leads to a server, by kubeconfig and environment. Pure. */
import { BlockList, isIP, isIPv6 } from "node:net";
import { ConfigError } from "../../errors.ts";
import { hideUserinfo } from "../../std/urls.ts";

/** Looks up an environment variable. */
export type Environment = (name: string) => string | undefined;

/**
 * The proxy for a server, as client-go chooses it: the cluster's `proxy-url` whatever the
 * environment says, else HTTPS_PROXY or HTTP_PROXY by the server's scheme unless NO_PROXY names the
 * server; never for loopback.
 *
 * @throws {ConfigError} a proxy variable that is no http, https or socks5 URL
 * @see {@link https://pkg.go.dev/golang.org/x/net/http/httpproxy}
 */
export function chooseProxy(
  server: URL,
  proxyUrl: string | undefined,
  env: Environment,
): URL | undefined {
  if (proxyUrl !== undefined) return new URL(proxyUrl);
  const name = server.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const value = env(name) || env(name.toLowerCase());
  if (!value || isLoopback(server.hostname)) return undefined;
  if (bypassesProxy(server, env("NO_PROXY") || env("no_proxy") || "")) return undefined;
  const text = value.includes("://") ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !["http:", "https:", "socks5:", "socks5h:"].includes(url.protocol)) {
    throw new ConfigError(
      `Cannot use the proxy in ${name}: ${JSON.stringify(hideUserinfo(value))} is not an http, ` +
        "https or socks5 URL",
      { hint: `Set ${name} to a URL such as "http://proxy:3128", or name the server in NO_PROXY.` },
    );
  }
  return url;
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8);
LOOPBACK.addAddress("::1", "ipv6");

/** Whether a host is this machine: `localhost`, 127.0.0.0/8 or ::1. */
export function isLoopback(hostname: string): boolean {
  const host = bare(hostname);
  return host === "localhost" || (isIP(host) !== 0 && LOOPBACK.check(host, familyOf(host)));
}

/** Whether NO_PROXY (a list of hosts, domains, addresses, CIDRs, each perhaps with a port) names it. */
function bypassesProxy(server: URL, noProxy: string): boolean {
  const host = bare(server.hostname);
  const port = server.port || (server.protocol === "https:" ? "443" : "80");
  return noProxy.split(",").map((entry) => entry.trim().toLowerCase()).some((entry) => {
    if (entry === "") return false;
    if (entry === "*") return true;
    if (entry.includes("/")) return inCidr(host, entry);
    const match = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry);
    const name = match ? match[1] ?? match[2] ?? "" : entry; // An IPv6 address without brackets.
    if (match?.[3] !== undefined && match[3] !== port) return false;
    if (isIP(name)) return inCidr(host, `${name}/${isIPv6(name) ? 128 : 32}`);
    const domain = name.replace(/^\*/, "");
    return domain.startsWith(".")
      ? host.endsWith(domain)
      : host === domain || host.endsWith(`.${domain}`);
  });
}

function inCidr(host: string, cidr: string): boolean {
  const [network = "", prefix = ""] = cidr.split("/");
  if (!isIP(host) || !isIP(network) || !/^\d{1,3}$/.test(prefix)) return false;
  const list = new BlockList();
  try {
    list.addSubnet(network, Number(prefix), familyOf(network));
  } catch {
    return false; // A longer prefix than an address has, or one with a zone.
  }
  return list.check(host, familyOf(host));
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIPv6(address) ? "ipv6" : "ipv4";
}

/** A host name without brackets and the final dot, in lower case. */
function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "").toLowerCase();
}
