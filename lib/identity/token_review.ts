/**
 * Tokens that the cluster knows, asked about by TokenReview with an audience of this server's own: a
 * token that a pod has for the API server is refused, or else whoever gets hold of one would be let in.
 *
 * @see {@link https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/}
 */
import { isRecord } from "../std/json/unknown.ts";
import type { TokenAuthenticator, TokenVerdict } from "./types.ts";
import { createHash } from "node:crypto";

/** How long a yes counts, for a token that is withdrawn meanwhile. */
const YES_MS = 30_000;
/** How long a no does: long enough to spare the cluster what is asked again and again. */
const NO_MS = 5_000;
const KEPT = 2_000;
/** How long after its end a yes is remembered, to be asked about before strangers' tokens. */
const REMEMBERED_MS = 3_600_000;
/** Reviews under way at a time, so that a flood of bad tokens does not go on to the cluster. */
const AT_ONCE = 32;

/** What it is made of. */
export interface TokenReviewParts {
  readonly audiences: readonly string[];
  /** Asks the cluster; the answer is the `status`. */
  readonly review: (token: string, audiences: readonly string[]) => Promise<unknown>;
  readonly now?: () => number;
  /** Is told why the cluster cannot be asked. */
  readonly failed?: (error: unknown) => void;
}

/** Knows the tokens that the cluster does. */
export function createTokenReviews(
  { audiences, review, now = Date.now, failed }: TokenReviewParts,
): TokenAuthenticator {
  // Apart, so that a flood of bad tokens pushes out no good one.
  const good = createKept();
  const bad = createKept();
  const pending = new Map<string, Promise<TokenVerdict>>();

  async function ask(token: string, key: string): Promise<TokenVerdict> {
    let status: unknown;
    try {
      status = await review(token, audiences);
    } catch (error) {
      failed?.(error);
      return { unavailable: "the cluster cannot be asked about it" };
    }
    const verdict = verdictOf(status, audiences);
    const isGood = "caller" in verdict;
    (isGood ? good : bad).keep(key, { verdict, until: now() + (isGood ? YES_MS : NO_MS) });
    if (!isGood) good.forget(key);
    return verdict;
  }

  return {
    async authenticate(token) {
      // The token itself is not kept.
      const key = createHash("sha256").update(token).digest("base64");
      const wasGood = good.get(key);
      const known = wasGood ?? bad.get(key);
      if (known !== undefined && now() < known.until) return known.verdict;
      const asked = pending.get(key);
      if (asked !== undefined) return await asked;
      // Who was let in a while ago goes first: they would be kept out by whoever sends many bad tokens.
      const isKnown = wasGood !== undefined && now() < wasGood.until + REMEMBERED_MS;
      if (pending.size >= (isKnown ? 2 * AT_ONCE : AT_ONCE)) {
        return { unavailable: "too many tokens are being checked" };
      }
      const asking = ask(token, key).finally(() => pending.delete(key));
      pending.set(key, asking);
      return await asking;
    },
  };
}

interface Kept {
  readonly verdict: TokenVerdict;
  readonly until: number;
}

/** The latest verdicts. */
function createKept() {
  const kept = new Map<string, Kept>();
  return {
    get: (key: string) => kept.get(key),
    forget: (key: string) => void kept.delete(key),
    keep(key: string, verdict: Kept) {
      kept.delete(key);
      kept.set(key, verdict);
      for (const [oldest] of kept) {
        if (kept.size <= KEPT) break;
        kept.delete(oldest);
      }
    },
  };
}

function verdictOf(status: unknown, audiences: readonly string[]): TokenVerdict {
  const invalid = { invalid: "the cluster does not know the token, or it is for another audience" };
  if (!isRecord(status) || status.authenticated !== true || !isRecord(status.user)) return invalid;
  // A server that does not know audiences names none, and has checked none.
  const named = Array.isArray(status.audiences) ? status.audiences : [];
  if (!audiences.some((audience) => named.includes(audience))) return invalid;
  const { username, uid = "", groups = [] } = status.user;
  if (typeof username !== "string" || username === "" || !Array.isArray(groups)) return invalid;
  return {
    caller: {
      id: `${username}#${String(uid)}`,
      user: username,
      groups: groups.filter((group) => typeof group === "string"),
      how: "token-review",
    },
  };
}
