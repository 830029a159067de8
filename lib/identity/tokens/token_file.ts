/**
 * The file with the tokens of callers: a line for each, `NAME sha256:HASH [groups=A,B] [expires=DATE]`.
 * Tokens themselves are nowhere. Pure.
 */
import { createHash, randomBytes } from "node:crypto";
import { ConfigError } from "../../errors.ts";

/** One line. */
export interface TokenLine {
  readonly name: string;
  /** SHA-256 of the token. */
  readonly hash: Uint8Array;
  readonly groups: readonly string[];
  /** Milliseconds since 1970. */
  readonly expiresAt?: number;
}

/** Characters of a token: fewer can be guessed from their hash, which is a fast one. */
export const LEAST_CHARACTERS = 32;
/** Each costs 0.7 µs with every request, of strangers too. More callers than that want an issuer. */
const LINES = 1_000;
const NAME = /^[\w.@:+-]{1,200}$/;

/**
 * Reads the file's text. Empty lines and those that begin with `#` say nothing.
 *
 * @param path for messages
 * @throws {ConfigError} naming file, line and reason; nothing of the line itself
 */
export function readTokenLines(text: string, path: string): readonly TokenLine[] {
  const refuse = (index: number, why: string) =>
    new ConfigError(`Cannot use the tokens file "${path}": line ${index + 1}: ${why}`, {
      hint: "kubecode token new NAME makes a token and its line.",
    });
  const lines: TokenLine[] = [];
  const seen = new Map<string, number>();
  for (const [index, whole] of text.split(/\r?\n/).entries()) {
    const words = whole.split(/\s+/).filter((word) => word !== "");
    const [name, hash, ...rest] = words;
    if (name === undefined || name.startsWith("#")) continue;
    if (lines.length >= LINES) throw refuse(index, `there are more than ${LINES} tokens`);
    if (!NAME.test(name)) {
      throw refuse(index, "it must begin with a name: letters, digits, . @ : + - _");
    }
    const hex = /^sha256:([0-9a-f]{64})$/i.exec(hash ?? "")?.[1];
    if (hex === undefined) {
      throw refuse(index, "after the name there must be sha256: and 64 hexadecimal digits");
    }
    const twin = seen.get(hex.toLowerCase());
    if (twin !== undefined) throw refuse(index, `it has the token of line ${twin + 1}`);
    seen.set(hex.toLowerCase(), index);
    let groups: readonly string[] = [];
    let expiresAt: number | undefined;
    for (const word of rest) {
      const [, field, value = ""] = /^(groups|expires)=(.+)$/.exec(word) ?? [];
      if (field === "groups") groups = value.split(",").filter((group) => group !== "");
      else if (field === "expires" && !Number.isNaN(expiryOf(value))) expiresAt = expiryOf(value);
      else throw refuse(index, "after the hash there may be groups=A,B and expires=2027-01-31");
    }
    lines.push({
      name,
      hash: Uint8Array.from(hex.match(/../g)!, (digits) => parseInt(digits, 16)),
      groups,
      ...(expiresAt === undefined ? {} : { expiresAt }),
    });
  }
  return lines;
}

/** A day counts to its end, in UTC; NaN where it is no time. */
function expiryOf(text: string): number {
  if (!/^\d{4}-\d\d-\d\d(T[\d:.]+Z)?$/.test(text)) return NaN;
  return Date.parse(text.includes("T") ? text : `${text}T23:59:59Z`);
}

/** What a token is known by. */
export function hashOf(token: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(token).digest());
}

/**
 * Makes a token of 256 random bits and the line that stands for it.
 *
 * @throws {ConfigError} a name or group that cannot stand in a line
 */
export function makeToken(
  name: string,
  { groups = [], expires }: {
    readonly groups?: readonly string[];
    readonly expires?: Date;
  } = {},
): { readonly token: string; readonly line: string } {
  const token = `kubecode_${randomBytes(32).toString("base64url")}`;
  const line = [
    name,
    `sha256:${[...hashOf(token)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`,
    ...(groups.length > 0 ? [`groups=${groups.join(",")}`] : []),
    ...(expires ? [`expires=${expires.toISOString()}`] : []),
  ].join(" ");
  if (!NAME.test(name) || groups.some((group) => /[\s,]/.test(group))) {
    throw new ConfigError(
      `Cannot make a token for ${
        JSON.stringify(name)
      }: a name has letters, digits and . @ : + - _ only, and a group neither spaces nor commas`,
    );
  }
  return { token, line };
}
