/** Tokens that are known by their hashes, as a file lists them. */
import { timingSafeEqual } from "node:crypto";
import type { TokenAuthenticator } from "../types.ts";
import { hashOf, LEAST_CHARACTERS, type TokenLine } from "./token_file.ts";

/**
 * Knows the tokens of a file.
 *
 * @param lines what the file says now
 */
export function createStaticTokens(lines: () => readonly TokenLine[]): TokenAuthenticator {
  return {
    authenticate(token) {
      // A word that somebody has thought up could be found out from its hash.
      if (token.length < LEAST_CHARACTERS) return Promise.resolve(undefined);
      const hash = hashOf(token);
      let found: TokenLine | undefined;
      // All of them, so that time tells nothing.
      for (const line of lines()) if (timingSafeEqual(line.hash, hash)) found = line;
      if (found === undefined) return Promise.resolve(undefined);
      const { name, groups, expiresAt } = found;
      if (expiresAt !== undefined && expiresAt <= Date.now()) {
        return Promise.resolve({ invalid: "the token has expired" });
      }
      return Promise.resolve({
        caller: {
          id: `token:${name}`,
          user: name,
          groups,
          how: "token",
          ...(expiresAt === undefined ? {} : { expiresAt }),
        },
      });
    },
  };
}
