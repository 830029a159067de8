/** Which proxy leads to a server, by kubeconfig and environment. Pure. */
import { ConfigError } from "../../errors.ts";
import { hideUserinfo } from "../kubeconfig/checks.ts";

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

/** Whether a host is this machine: `localhost`, 127.0.0.0/8 or ::1. */
export function isLoopback(hostname: string): boolean {
  const host = bare(hostname);
  if (host === "localhost") return true;
  const address = parseAddress(host);
  return address !== undefined &&
    (address.bits === 32
      ? address.value >> 24n === 127n
      : address.value === 1n || address.value >> 24n === 0xffff_7fn);
}

/** Whether NO_PROXY (a list of hosts, domains, addresses, CIDRs, each perhaps with a port) names it. */
function bypassesProxy(server: URL, noProxy: string): boolean {
  const host = bare(server.hostname);
  const port = server.port || (server.protocol === "https:" ? "443" : "80");
  const address = parseAddress(host);
  return noProxy.split(",").map((entry) => entry.trim().toLowerCase()).some((entry) => {
    if (entry === "") return false;
    if (entry === "*") return true;
    if (entry.includes("/")) return address !== undefined && inCidr(address, entry);
    const match = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry);
    const name = match ? match[1] ?? match[2] ?? "" : entry; // An IPv6 address without brackets.
    if (match?.[3] !== undefined && match[3] !== port) return false;
    const named = parseAddress(name);
    if (named) return address?.bits === named.bits && address.value === named.value;
    const domain = name.replace(/^\*/, "");
    return domain.startsWith(".")
      ? host.endsWith(domain)
      : host === domain || host.endsWith(`.${domain}`);
  });
}

interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

function inCidr(address: Address, cidr: string): boolean {
  const [base = "", length = ""] = cidr.split("/");
  const network = parseAddress(base);
  if (!network || network.bits !== address.bits || !/^\d{1,3}$/.test(length)) return false;
  if (Number(length) > network.bits) return false;
  const shift = BigInt(network.bits - Number(length));
  return address.value >> shift === network.value >> shift;
}

function parseAddress(text: string): Address | undefined {
  const four = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (four) {
    return four.every((part) => part < 256)
      ? { bits: 32, value: four.reduce((sum, part) => sum << 8n | BigInt(part), 0n) }
      : undefined;
  }
  if (!text.includes(":") || !URL.canParse(`http://[${text}]`)) return undefined;
  const [head = "", tail] = bare(new URL(`http://[${text}]`).hostname).split("::");
  const groups = (part: string) => part === "" ? [] : part.split(":");
  const left = groups(head);
  const right = groups(tail ?? "");
  const middle = Array(8 - left.length - right.length).fill("0");
  const all = tail === undefined ? left : [...left, ...middle, ...right];
  return { bits: 128, value: all.reduce((sum, part) => sum << 16n | BigInt(`0x${part}`), 0n) };
}

/** A host name without brackets and the final dot, in lower case. */
function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "").toLowerCase();
}
