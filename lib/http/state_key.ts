/** The key under which replicas seal what travels with clients. */
import { ConfigError } from "../errors.ts";
import { createSeal, type Seal } from "../std/seal.ts";
import { readTextFile } from "../text_file.ts";

/** Characters of a key: 32 random bytes have as many in any common encoding. */
const LEAST_CHARACTERS = 32;
const KEYS = 2;

/**
 * The seal of this server; undefined where there is no key.
 *
 * @param file path of a file with one key or two, in words
 * @param text the same as text; where both are given, the file counts
 * @throws {ConfigError} a file that cannot be read, or a key that is too short
 */
export async function readSeal(
  { file, text }: { readonly file?: string | undefined; readonly text?: string | undefined },
): Promise<Seal | undefined> {
  if (file === undefined && !text) return undefined;
  const [from, content] = file === undefined
    ? ["KUBECODE_STATE_KEY", text ?? ""]
    : [`the state key file "${file}"`, await readTextFile("state key file", file)];
  const keys = content.split(/[\s,]+/).filter((key) => key !== "");
  if (keys.length < 1 || keys.length > KEYS || keys.some((key) => key.length < LEAST_CHARACTERS)) {
    throw new ConfigError(
      `Cannot use ${from}: there must be one key or two, each of ${LEAST_CHARACTERS} characters or more`,
      { hint: "Make a key by: openssl rand -base64 32. The first key seals, both open." },
    );
  }
  return createSeal(keys.map((key) => new TextEncoder().encode(key)));
}
