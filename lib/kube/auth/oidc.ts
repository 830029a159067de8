/**
 * Renews a legacy OIDC login by its refresh token, as kubectl does. Issuers may void a refresh token
 * with its use, so the new tokens are written into the kubeconfig, where kubectl looks for them.
 *
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#RefreshTokens}
 */
import { ConfigError } from "../../errors.ts";
import { isRecord } from "../../std/json.ts";
import type { OidcLogin } from "../types.ts";

/** For each of the two requests. */
const TIMEOUT_MS = 10_000;
/** Bytes of an answer that are read. */
const ANSWER_BYTES = 1024 * 1024;

/** The tokens after a renewal. */
export interface RenewedLogin {
  readonly idToken: string;
  readonly refreshToken: string;
}

/**
 * Asks the issuer for new tokens.
 *
 * @throws {ConfigError} it cannot be reached, or gives none; no token is in the message
 */
export async function renewLogin(
  login: OidcLogin,
  user: string,
  signal: AbortSignal,
): Promise<RenewedLogin> {
  const refuse = (state: string, cause?: unknown) =>
    new ConfigError(`Cannot renew the OIDC login of user "${user}": ${state}`, {
      hint: "Log in again, as with kubectl.",
      cause,
    });
  using client = login.ca === undefined
    ? undefined
    : Deno.createHttpClient({ caCerts: [login.ca] });
  const ask = async (url: string, init: RequestInit = {}) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    // A token is for the issuer alone: nobody it points to gets one.
    const given = { ...init, redirect: "error", signal: limit } as const;
    try {
      const response = await fetch(url, client ? { ...given, client } : given);
      return { ok: response.ok, value: await readJson(response) };
    } catch (error) {
      signal.throwIfAborted();
      throw refuse(`its issuer "${new URL(url).origin}" does not answer as it should`, error);
    }
  };
  const place = `${login.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  if (!URL.canParse(place)) throw refuse("idp-issuer-url is no URL");
  const { token_endpoint: endpoint } = (await ask(place)).value;
  if (typeof endpoint !== "string" || !isAsSafe(endpoint, place)) {
    throw refuse("its issuer names no place for tokens that can be trusted");
  }
  let answer = await ask(endpoint, tokenRequest(login, "header"));
  // Issuers differ in where they look for the client's secret; a refusal uses nothing up.
  if (!answer.ok) answer = await ask(endpoint, tokenRequest(login, "body"));
  const { error, id_token: idToken, refresh_token: refreshToken } = answer.value;
  if (!answer.ok) {
    const told = typeof error === "string" && /^[a-z_]{1,60}$/.test(error) ? ` (${error})` : "";
    throw refuse(`its issuer refused the refresh token${told}`);
  }
  if (typeof idToken !== "string" || idToken === "") throw refuse("its issuer gave no id-token");
  const isNew = typeof refreshToken === "string" && refreshToken !== "";
  return { idToken, refreshToken: isNew ? refreshToken : login.refreshToken };
}

function tokenRequest(
  { refreshToken, clientId, clientSecret = "" }: OidcLogin,
  secretIn: "header" | "body",
): RequestInit {
  const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token: refreshToken });
  if (secretIn === "header") {
    const words = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
    return { method: "POST", body, headers: { authorization: `Basic ${btoa(words)}` } };
  }
  body.set("client_id", clientId);
  if (clientSecret !== "") body.set("client_secret", clientSecret);
  return { method: "POST", body };
}

/** No token goes where the issuer itself is better protected. */
function isAsSafe(endpoint: string, issuer: string): boolean {
  if (!URL.canParse(endpoint)) return false;
  const { protocol } = new URL(endpoint);
  return protocol === "https:" || (protocol === "http:" && new URL(issuer).protocol === "http:");
}

async function readJson(response: Response): Promise<Record<string, unknown>> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > ANSWER_BYTES) throw new Error("the answer is too large");
  }
  const value: unknown = JSON.parse(text);
  if (!isRecord(value)) throw new Error("the answer is no object");
  return value;
}

/** A token that can stand in YAML however it is quoted there. */
const PLAIN = /^[\w.~+/=-]{8,}$/;

/**
 * Writes renewed tokens over the old ones in the kubeconfig that has them; all else stays as it is.
 *
 * @param files the kubeconfigs of the run
 * @returns whether the new refresh token is kept
 */
export async function keepLogin(
  { idToken, refreshToken }: OidcLogin,
  renewed: RenewedLogin,
  files: readonly string[],
): Promise<boolean> {
  const pairs = [[idToken, renewed.idToken], [refreshToken, renewed.refreshToken]] as const;
  const changes = pairs.filter(([old, now]) => old !== undefined && old !== now);
  if (changes.flat().some((token) => token !== undefined && !PLAIN.test(token))) return false;
  for (const file of files) {
    try {
      const path = await Deno.realPath(file);
      // The lock of client-go: whoever holds it writes the file as a whole.
      using _ = await Deno.open(`${path}.lock`, { write: true, createNew: true });
      try {
        const text = await Deno.readTextFile(path);
        if (!text.includes(refreshToken)) continue;
        await replaceFile(
          path,
          changes.reduce((all, [old, now]) => all.replaceAll(old!, now), text),
        );
        return true;
      } finally {
        await Deno.remove(`${path}.lock`);
      }
    } catch {
      // Not a file, not ours to write, or being written: the next one may have them.
    }
  }
  return renewed.refreshToken === refreshToken;
}

/** Whole or not at all, with the rights that the file had. */
async function replaceFile(path: string, text: string): Promise<void> {
  const mode = (await Deno.stat(path)).mode ?? 0o600;
  const beside = `${path}.${crypto.randomUUID()}`;
  try {
    await Deno.writeTextFile(beside, text, { createNew: true, mode: mode & 0o777 });
    await Deno.rename(beside, path);
  } catch (error) {
    await Deno.remove(beside).catch(() => {});
    throw error;
  }
}
