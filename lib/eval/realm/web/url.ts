/** URL (https://url.spec.whatwg.org/#url-class). */
import { usageError } from "../base/errors.ts";
import { execOf } from "../../../std/regexp.ts";
import { ENCODED, percentEncode } from "./percent.ts";
import {
  addressText,
  isSpecial,
  parseUrl,
  pathText,
  setAddress,
  setHost,
  setPath,
  setPort,
  setQuery,
  type UrlRecord,
  urlText,
} from "./url_record.ts";
import { bindParams, URLSearchParams } from "./url_search_params.ts";

function read(given: unknown, base: unknown): UrlRecord | undefined {
  const from = base === undefined ? undefined : parseUrl(`${base}`);
  if (base !== undefined && from === undefined) return undefined;
  return parseUrl(`${given}`, from);
}

/** A URL, taken apart. */
export class URL {
  #record: UrlRecord;
  #params: URLSearchParams | undefined;

  static canParse(given: unknown, base?: unknown): boolean {
    return read(given, base) !== undefined;
  }

  static parse(given: unknown, base?: unknown): URL | null {
    return URL.canParse(given, base) ? new URL(given, base) : null;
  }

  constructor(given: unknown, base?: unknown) {
    const record = read(given, base);
    if (!record) throw usageError("TypeError", `Invalid URL: '${`${given}`.slice(0, 200)}'`);
    this.#record = record;
  }

  get href(): string {
    return urlText(this.#record);
  }

  set href(given: unknown) {
    this.#record = new URL(given).#record;
    this.#bindParams();
  }

  get origin(): string {
    const { scheme } = this.#record;
    return isSpecial(this.#record) && scheme !== "file"
      ? `${scheme}://${addressText(this.#record)}`
      : "null";
  }

  get protocol(): string {
    return `${this.#record.scheme}:`;
  }

  set protocol(given: unknown) {
    const scheme = execOf(/^([a-zA-Z][a-zA-Z\d+.-]*)(?::.*)?$/, `${given}`)?.[1]?.toLowerCase();
    // A URL stays one of those with a host and segments, or of the others.
    if (scheme === undefined || isSpecial({ scheme }) !== isSpecial(this.#record)) return;
    if (scheme === "file" || this.#record.scheme === "file") return;
    this.#record.scheme = scheme;
    setPort(this.#record, this.#record.port);
  }

  get username(): string {
    return this.#record.username;
  }

  set username(given: unknown) {
    if (this.#hasHost()) this.#record.username = percentEncode(`${given}`, ENCODED.USERINFO);
  }

  get password(): string {
    return this.#record.password;
  }

  set password(given: unknown) {
    if (this.#hasHost()) this.#record.password = percentEncode(`${given}`, ENCODED.USERINFO);
  }

  get host(): string {
    return addressText(this.#record);
  }

  set host(given: unknown) {
    const changed = { ...this.#record };
    const text = `${given}`;
    if (typeof changed.path !== "string" && setAddress(changed, text)) this.#record = changed;
  }

  get hostname(): string {
    return this.#record.host ?? "";
  }

  set hostname(given: unknown) {
    if (typeof this.#record.path !== "string") setHost(this.#record, `${given}`);
  }

  get port(): string {
    return this.#record.port;
  }

  set port(given: unknown) {
    if (this.#hasHost()) setPort(this.#record, `${given}`);
  }

  get pathname(): string {
    return pathText(this.#record);
  }

  set pathname(given: unknown) {
    if (typeof this.#record.path === "string") return;
    const text = `${given}`;
    const plain = isSpecial(this.#record) ? text.replaceAll("\\", "/") : text;
    const encoded = plain.replaceAll("?", "%3F").replaceAll("#", "%23");
    this.#record = setPath(this.#record, encoded);
  }

  get search(): string {
    const { query } = this.#record;
    return query ? `?${query}` : "";
  }

  set search(given: unknown) {
    const text = `${given}`;
    const query = text.startsWith("?") ? text.slice(1) : text;
    setQuery(this.#record, query === "" ? null : query);
    this.#bindParams();
  }

  get searchParams(): URLSearchParams {
    if (!this.#params) {
      this.#params = new URLSearchParams();
      this.#bindParams();
    }
    return this.#params;
  }

  get hash(): string {
    const { fragment } = this.#record;
    return fragment ? `#${fragment}` : "";
  }

  set hash(given: unknown) {
    const text = `${given}`;
    const fragment = text.startsWith("#") ? text.slice(1) : text;
    this.#record.fragment = fragment === "" ? null : percentEncode(fragment, ENCODED.FRAGMENT);
  }

  toString(): string {
    return this.href;
  }

  toJSON(): string {
    return this.href;
  }

  /** The parameters are the query, and the query what they are made into. */
  #bindParams(): void {
    if (!this.#params) return;
    bindParams(this.#params, this.#record.query ?? "", (query) => {
      this.#record.query = query === "" ? null : query;
    });
  }

  #hasHost(): boolean {
    const { host, scheme } = this.#record;
    return host !== null && host !== "" && scheme !== "file";
  }
}
