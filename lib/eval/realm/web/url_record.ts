/** From the text of a URL to its parts and back (https://url.spec.whatwg.org/). Pure. */
import { execOf, replaceAll } from "../../../std/regexp.ts";
import { ENCODED, percentEncode } from "./percent.ts";
import { readHost } from "./url_host.ts";

/** The parts of a URL, each as it is written. */
export interface UrlRecord {
  /** Without the colon. */
  scheme: string;
  username: string;
  password: string;
  host: string | null;
  /** "" for the scheme's own. */
  port: string;
  /** Segments; a text where the path is opaque, as in `mailto:someone`. */
  path: string[] | string;
  query: string | null;
  fragment: string | null;
}

const PORTS: Readonly<Record<string, string>> = {
  __proto__: null as never,
  ftp: "21",
  file: "",
  http: "80",
  https: "443",
  ws: "80",
  wss: "443",
};

/** Whether the scheme is one whose URLs have a host and a path of segments. */
export function isSpecial({ scheme }: Pick<UrlRecord, "scheme">): boolean {
  return PORTS[scheme] !== undefined;
}

/** The parts of a URL, relative to a base where it has no scheme; undefined for what is none. */
export function parseUrl(text: string, base?: UrlRecord): UrlRecord | undefined {
  const input = replaceAll(replaceAll(text, /^[\0- ]+|[\0- ]+$/g, ""), /[\t\n\r]+/g, "");
  const [beforeFragment, fragment] = cutAt(input, "#");
  const [whole, query] = cutAt(beforeFragment, "?");
  const named = execOf(/^([a-zA-Z][a-zA-Z\d+.-]*):/, whole);
  const scheme = named?.[1]?.toLowerCase() ?? base?.scheme;
  if (scheme === undefined) return undefined;
  const record: UrlRecord = {
    scheme,
    ...{ username: "", password: "", host: null, port: "", path: [] },
    query: null,
    fragment: fragment && percentEncode(fragment, ENCODED.FRAGMENT),
  };
  setQuery(record, query);
  let rest = named ? whole.slice(named[0].length) : whole;
  if (isSpecial(record)) rest = replaceAll(rest, /\\/g, "/");
  const isRelative = !named ||
    (isSpecial(record) && base?.scheme === scheme && !rest.startsWith("//") &&
      scheme !== "file");
  if (isRelative) return base && relativeTo(base, record, rest, query !== null);
  return isSpecial(record) ? special(record, rest) : other(record, rest);
}

/** The text before and behind the first of a sign; null where it is not there. */
function cutAt(text: string, sign: string): [before: string, behind: string | null] {
  const at = text.indexOf(sign);
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
}

function special(record: UrlRecord, rest: string): UrlRecord | undefined {
  if (record.scheme === "file") {
    if (!rest.startsWith("//")) return setPath({ ...record, host: "" }, rest);
    return withAuthority(record, rest.slice(2));
  }
  return withAuthority(record, replaceAll(rest, /^\/+/g, ""));
}

function other(record: UrlRecord, rest: string): UrlRecord | undefined {
  if (rest.startsWith("//")) return withAuthority(record, rest.slice(2));
  if (rest.startsWith("/")) return setPath(record, rest);
  // A space at its end would be lost, were the URL read again.
  const path = percentEncode(rest, ENCODED.C0);
  const behind = record.query === null && record.fragment === null ? "" : "%20";
  return { ...record, path: behind && path.endsWith(" ") ? path.slice(0, -1) + behind : path };
}

function relativeTo(
  base: UrlRecord,
  record: UrlRecord,
  rest: string,
  hasQuery: boolean,
): UrlRecord | undefined {
  if (typeof base.path === "string") {
    if (rest !== "" || hasQuery || record.fragment === null) return undefined;
    return { ...base, fragment: record.fragment };
  }
  if (rest.startsWith("//")) {
    return isSpecial(record) && record.scheme !== "file"
      ? special(record, rest)
      : withAuthority(record, rest.slice(2));
  }
  const { username, password, host, port } = base;
  const placed = { ...record, username, password, host, port };
  if (rest === "") {
    return { ...placed, path: [...base.path], query: hasQuery ? record.query : base.query };
  }
  if (rest.startsWith("/")) return setPath(placed, rest);
  return setPath(placed, rest, base.path.slice(0, -1));
}

function withAuthority(record: UrlRecord, rest: string): UrlRecord | undefined {
  const [authority, path] = cutAt(rest, "/");
  const at = authority.lastIndexOf("@");
  const placed = { ...record };
  if (at >= 0) {
    const [username, password] = cutAt(authority.slice(0, at), ":");
    placed.username = percentEncode(username, ENCODED.USERINFO);
    placed.password = percentEncode(password ?? "", ENCODED.USERINFO);
  }
  const address = authority.slice(at + 1);
  if (!setAddress(placed, address)) return undefined;
  if (placed.host === "" && (at >= 0 || placed.port !== "")) return undefined;
  return setPath(placed, path === null ? "" : `/${path}`);
}

/** Sets host and port from `host:port`; false where that is none. */
export function setAddress(record: UrlRecord, address: string): boolean {
  const colon = address.lastIndexOf(":");
  const hasPort = colon >= 0 && colon > address.lastIndexOf("]");
  const name = hasPort ? address.slice(0, colon) : address;
  if (hasPort && record.scheme === "file") return false;
  if (hasPort && !setPort(record, address.slice(colon + 1))) return false;
  return setHost(record, name);
}

/** Sets the host; false where it is none. */
export function setHost(record: UrlRecord, name: string): boolean {
  const mayBeEmpty = !isSpecial(record) || record.scheme === "file";
  const host = name === "" ? (mayBeEmpty ? "" : undefined) : readHost(name, isSpecial(record));
  if (host === undefined) return false;
  record.host = record.scheme === "file" && host === "localhost" ? "" : host;
  return true;
}

/** Sets the port; false where it is none. */
export function setPort(record: UrlRecord, text: string): boolean {
  if (!execOf(/^\d*$/, text) || Number(text) > 65_535) return false;
  const port = text === "" ? "" : `${Number(text)}`;
  record.port = port === PORTS[record.scheme] ? "" : port;
  return true;
}

/** Sets the query, which is encoded as its scheme has it. */
export function setQuery(record: UrlRecord, query: string | null): void {
  const set = isSpecial(record) ? ENCODED.SPECIAL_QUERY : ENCODED.QUERY;
  record.query = query === null ? null : percentEncode(query, set);
}

/** The record with a path, behind the segments that it begins with. */
export function setPath(
  record: UrlRecord,
  text: string,
  before: readonly string[] = [],
): UrlRecord {
  const path = [...before];
  if (text === "" && !isSpecial(record)) return { ...record, path };
  const segments = (text.startsWith("/") ? text.slice(1) : text).split("/");
  for (const [at, segment] of segments.entries()) {
    const isLast = at === segments.length - 1;
    const dots = replaceAll(segment, /%2e/gi, ".");
    if (dots === "..") path.pop();
    if (dots !== "." && dots !== "..") path.push(percentEncode(segment, ENCODED.PATH));
    else if (isLast) path.push("");
  }
  return { ...record, path };
}

/** The path as it is written. */
export function pathText({ path }: UrlRecord): string {
  return typeof path === "string" ? path : path.map((segment) => `/${segment}`).join("");
}

/** The host with its port. */
export function addressText({ host, port }: UrlRecord): string {
  return `${host ?? ""}${port === "" ? "" : `:${port}`}`;
}

/** The whole URL. */
export function urlText(record: UrlRecord): string {
  const { scheme, username, password, host, path, query, fragment } = record;
  const login = username + (password === "" ? "" : `:${password}`);
  // Without a host, two slashes at the beginning would be read as one.
  const guard = host === null && typeof path !== "string" && path.length > 1 && path[0] === "";
  const place = host === null
    ? guard ? "/." : ""
    : `//${login === "" ? "" : `${login}@`}${addressText(record)}`;
  return `${scheme}:${place}${pathText(record)}${query === null ? "" : `?${query}`}${
    fragment === null ? "" : `#${fragment}`
  }`;
}
