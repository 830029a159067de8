/**
 * Renews a legacy OIDC login by its refresh token, as kubectl does. Issuers may void a refresh token
 * with its use, so the new tokens are written into the kubeconfig, where kubectl looks for them.
 *
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#RefreshTokens}
 */
import { Buffer } from "node:buffer";
import { ConfigError } from "../../errors.ts";
import { sleep } from "../../std/async.ts";
import { isRecord } from "../../std/json/unknown.ts";
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
      // How a refusal is worded is the issuer's own affair.
      const value = response.ok
        ? await readJson(response)
        : await readJson(response).catch((): Record<string, unknown> => ({}));
      return { ok: response.ok, value };
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
/** The entries of a kubeconfig that hold tokens of a login, in YAML or JSON. */
const ENTRY = /(\b(?:id|refresh)-token["']?\s*:\s*["']?)([\w.~+/=-]+)/g;

/** Others hold the lock for as long as they write: so often, and so far apart, it is asked for. */
const LOCK_TRIES = 10;
const LOCK_PAUSE_MS = 100;

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
  const changes = new Map(pairs.filter(([old, now]) => old && old !== now));
  if ([...changes].flat().some((token) => !PLAIN.test(token ?? ""))) return false;
  for (const file of files) {
    try {
      if (await replaceTokens(await Deno.realPath(file), refreshToken, changes)) return true;
    } catch {
      // Not a file, not ours to write, or being written: the next one may have them.
    }
  }
  return renewed.refreshToken === refreshToken;
}

/** Replaces tokens in a file that has `wanted` among them. @returns whether it has */
async function replaceTokens(
  path: string,
  wanted: string,
  changes: ReadonlyMap<string | undefined, string>,
): Promise<boolean> {
  using _ = await lock(`${path}.lock`);
  // Byte for byte, whatever is written in it beside the tokens.
  const text = Buffer.from(await Deno.readFile(path)).toString("latin1");
  let isThere = false;
  const replaced = text.replaceAll(ENTRY, (_, key: string, token: string) => {
    isThere ||= token === wanted;
    return key + (changes.get(token) ?? token);
  });
  if (isThere) await replaceFile(path, Buffer.from(replaced, "latin1"));
  return isThere;
}

/** The lock of client-go: whoever holds it writes the file as a whole. */
async function lock(path: string): Promise<Disposable> {
  for (let tries = 1;; tries++) {
    try {
      (await Deno.open(path, { write: true, createNew: true })).close();
      return { [Symbol.dispose]: () => Deno.removeSync(path) };
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists) || tries === LOCK_TRIES) throw error;
      await sleep(LOCK_PAUSE_MS, new AbortController().signal);
    }
  }
}

/** Whole or not at all, with the owner and the rights that the file had. */
async function replaceFile(path: string, content: Uint8Array): Promise<void> {
  const { mode, uid, gid } = await Deno.stat(path);
  const beside = `${path}.${crypto.randomUUID()}`;
  try {
    await Deno.writeFile(beside, content, { createNew: true, mode: 0o600 });
    const made = await Deno.stat(beside);
    if (uid !== made.uid || gid !== made.gid) await Deno.chown(beside, uid, gid);
    // After the owner, and not at the start, of which the umask takes away.
    if (mode !== null && mode !== made.mode) await Deno.chmod(beside, mode & 0o777);
    await Deno.rename(beside, path);
  } catch (error) {
    await Deno.remove(beside).catch(() => {});
    throw error;
  }
}
