/** From the claims of a token to a caller, as the API server's flags `--oidc-…` have it. Pure. */
import { isRecord } from "../../std/json/unknown.ts";
import type { Caller } from "../caller.ts";

/** Which claims say what. */
export interface ClaimNames {
  readonly issuer: string;
  /** `sub` if left out. */
  readonly usernameClaim?: string | undefined;
  /** Left out: the issuer and `#`, for all claims but `email`; `-` for none. */
  readonly usernamePrefix?: string | undefined;
  /** `groups` if left out. */
  readonly groupsClaim?: string | undefined;
  readonly groupsPrefix?: string | undefined;
  /** Claims that must have these values. */
  readonly requiredClaims?: Readonly<Record<string, string>> | undefined;
}

const NAME_CHARACTERS = 1024;
const GROUPS = 1000;

/** The caller, or what is wrong with the claims. */
export function callerOfClaims(
  claims: Readonly<Record<string, unknown>>,
  names: ClaimNames,
): { readonly caller: Caller } | { readonly invalid: string } {
  const { issuer, usernameClaim = "sub", groupsClaim = "groups", groupsPrefix = "" } = names;
  for (const [name, wanted] of Object.entries(names.requiredClaims ?? {})) {
    if (valueAt(claims, name) !== wanted) {
      return { invalid: `the token's claim ${name} is not as required` };
    }
  }
  const { sub } = claims;
  const user = valueAt(claims, usernameClaim);
  if (typeof sub !== "string" || !isName(sub)) return { invalid: "the token has no claim sub" };
  if (typeof user !== "string" || !isName(user)) {
    return { invalid: `the token has no claim ${usernameClaim} that is a name` };
  }
  // An address that nobody has proved to be theirs names nobody.
  if (usernameClaim === "email" && (claims.email_verified ?? true) !== true) {
    return { invalid: "the token's email is not verified" };
  }
  const given = valueAt(claims, groupsClaim) ?? [];
  const groups: unknown[] = Array.isArray(given) ? given : [given];
  if (groups.length > GROUPS || !groups.every(isName)) {
    return { invalid: `the token's claim ${groupsClaim} is no list of names` };
  }
  const clientId = [claims.client_id, claims.azp].find((id) => typeof id === "string");
  return {
    caller: {
      id: `${issuer}#${sub}`,
      user: `${prefixOf(names, usernameClaim)}${user}`,
      groups: [...new Set(groups.map((group) => `${groupsPrefix}${group}`))],
      how: "jwt",
      ...(typeof claims.exp === "number" ? { expiresAt: claims.exp * 1000 } : {}),
      ...(typeof clientId === "string" ? { clientId } : {}),
    },
  };
}

/** The scopes that a token is good for (RFC 9068, section 2.2.3; `scp` is Microsoft's and Okta's). */
export function scopesOf({ scope, scp }: Readonly<Record<string, unknown>>): readonly string[] {
  const given = scope ?? scp;
  if (typeof given === "string") return given.split(" ");
  return Array.isArray(given) ? given.filter((one) => typeof one === "string") : [];
}

function prefixOf({ issuer, usernamePrefix }: ClaimNames, claim: string): string {
  if (usernamePrefix === undefined) return claim === "email" ? "" : `${issuer}#`;
  return usernamePrefix === "-" ? "" : usernamePrefix;
}

/** The claim of that name, or one inside of others: `realm_access.roles`. */
function valueAt(claims: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name.split(".").reduce<unknown>(
    (outer, step) => isRecord(outer) && Object.hasOwn(outer, step) ? outer[step] : undefined,
    claims,
  );
}

/** One line of text that can be told from others by its looks. */
function isName(value: unknown): value is string {
  return typeof value === "string" && value.length <= NAME_CHARACTERS &&
    /^[^\p{C}\s](?:[^\p{C}\p{Zl}\p{Zp}]*[^\p{C}\s])?$/u.test(value);
}
