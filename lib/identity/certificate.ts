/**
 * Who a client certificate is of, as Kubernetes reads it: the common name is the user, organizations
 * are groups. Read from the DER: texts of a subject are ambiguous where a name holds their separators.
 *
 * @see {@link https://kubernetes.io/docs/reference/access-authn-authz/authentication/#x509-client-certificates}
 */
import type { Caller } from "./caller.ts";

const COMMON_NAME = "55,4,3";
const ORGANIZATION = "55,4,a";
const VERSION = 0xa0;
const UTC_TIME = 0x17;
/** UTF8String, PrintableString, IA5String. */
const TEXTS = new Set([0x0c, 0x13, 0x16]);

/** One value of DER: what it is, and its bytes. */
interface Part {
  readonly tag: number;
  readonly bytes: Uint8Array;
}

/**
 * The caller of a certificate that the listener has checked.
 *
 * @returns undefined where it names nobody, or more than one
 */
export function callerOfCertificate(der: Uint8Array): Caller | undefined {
  try {
    const [body] = partsOf(partsOf(der)[0]!.bytes);
    const fields = partsOf(body!.bytes);
    // version (which may be left out), serial number, algorithm, issuer, validity, subject
    const at = fields[0]!.tag === VERSION ? 4 : 3;
    const names = partsOf(fields[at + 1]!.bytes).flatMap((set) => partsOf(set.bytes).map(nameOf));
    const users = names.filter(({ type }) => type === COMMON_NAME);
    const groups = names.filter(({ type }) => type === ORGANIZATION).map(({ text }) => text);
    const user = users[0]?.text;
    if (users.length !== 1 || !user) return undefined;
    const expiresAt = timeOf(partsOf(fields[at]!.bytes)[1]!);
    return { id: `certificate:${user}`, user, groups, how: "certificate", expiresAt };
  } catch {
    return undefined;
  }
}

function nameOf({ bytes }: Part): { type: string; text: string } {
  const [type, value] = partsOf(bytes);
  const name = [...type!.bytes].map((byte) => byte.toString(16)).join();
  if (name !== COMMON_NAME && name !== ORGANIZATION) return { type: name, text: "" };
  if (!TEXTS.has(value!.tag)) throw new RangeError("a name in an old encoding");
  return { type: name, text: new TextDecoder("utf-8", { fatal: true }).decode(value!.bytes) };
}

/** `YYMMDDHHMMSSZ`, or with four digits of the year (RFC 5280, section 4.1.2.5). */
function timeOf({ tag, bytes }: Part): number {
  const text = new TextDecoder().decode(bytes);
  const year = tag === UTC_TIME ? `${Number(text.slice(0, 2)) < 50 ? "20" : "19"}${text}` : text;
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(year) ?? [];
  if (s === undefined) throw new RangeError("not a time");
  return Date.UTC(Number(y), Number(mo) - 1, Number(d), Number(h), Number(mi), Number(s));
}

function partsOf(bytes: Uint8Array): Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at++]!;
    let length = bytes[at++]!;
    if (length >= 0x80) {
      const count = length & 0x7f;
      if (count === 0 || count > 4) throw new RangeError("not DER");
      length = 0;
      for (let n = 0; n < count; n++) length = length * 256 + bytes[at++]!;
    }
    if (!(at + length <= bytes.length)) throw new RangeError("not DER");
    parts.push({ tag, bytes: bytes.subarray(at, at + length) });
    at += length;
  }
  return parts;
}
