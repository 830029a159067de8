/** `kubecode token new`: makes a token, and the line by which a server knows it. */
import { ConfigError } from "../../errors.ts";
import { describeWriteError } from "../../std/files.ts";
import { makeToken, readTokenLines } from "./token_file.ts";

/** What the command is asked. */
export interface NewToken {
  readonly name: string;
  readonly groups: readonly string[];
  readonly lifeMs?: number;
  /** The file that the line is added to. */
  readonly file?: string;
}

/**
 * Makes a token, and adds its line to the file if one is given.
 *
 * @returns what is to be printed: the token, and the line where it went into no file
 * @throws {ConfigError} a name that cannot be used, a file that is no tokens file or cannot be written
 */
export async function newToken(
  { name, groups, lifeMs, file }: NewToken,
): Promise<readonly string[]> {
  const { token, line } = makeToken(name, {
    groups,
    ...(lifeMs === undefined ? {} : { expires: new Date(Date.now() + lifeMs) }),
  });
  if (file === undefined) return [token, line];
  try {
    const before = await Deno.readTextFile(file).catch((error) => {
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    });
    // What is no tokens file is not written into.
    readTokenLines(before, file);
    const start = before === "" || before.endsWith("\n") ? "" : "\n";
    await Deno.writeTextFile(file, `${start}${line}\n`, { append: true, mode: 0o600 });
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw new ConfigError(`Cannot add to the tokens file "${file}": ${describeWriteError(cause)}`, {
      cause,
    });
  }
  return [token];
}
