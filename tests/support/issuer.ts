/** An issuer of tokens on the loopback, with keys of its own, which may be slow, dead or wrong. */
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";

/** The issuer. */
export interface TestIssuer extends AsyncDisposable {
  readonly url: string;
  /** Requests so far, by path. */
  readonly asked: readonly string[];
  /** Signs a token for the audience `kubecode`, with the key of now, unless told otherwise. */
  sign(claims?: JWTPayload, header?: Record<string, unknown>): Promise<string>;
  /** Publishes another key instead, and signs by it. */
  rotate(): Promise<void>;
  /** What happens to requests from now on. */
  behave(how: "well" | "dead" | "slow" | "huge" | "elsewhere" | "garbage"): void;
  /** What the token endpoint does with the form that it is sent. */
  exchange(
    answer: (form: URLSearchParams, headers: Headers) => Promise<Response> | Response,
  ): void;
  /** The public key of now, as a secret would have it. */
  publicKey(): Promise<JsonWebKey>;
}

/** Seconds since 1970, from now. */
export const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

/** Starts an issuer. */
export async function startIssuer(): Promise<TestIssuer> {
  const asked: string[] = [];
  let how: Parameters<TestIssuer["behave"]>[0] = "well";
  let count = 0;
  const makeKey = async () => ({
    kid: `key-${++count}`,
    ...await generateKeyPair("ES256", { extractable: true }),
  });
  let key = await makeKey();
  let exchanged: Parameters<TestIssuer["exchange"]>[0] = () => new Response(null, { status: 404 });
  const stop = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => answer(request),
  );
  const url = `http://127.0.0.1:${server.addr.port}`;

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    asked.push(pathname);
    if (how === "dead") return new Response("no", { status: 500 });
    if (how === "huge") return new Response(`{"a":"${"x".repeat(2 << 20)}"}`);
    if (how === "garbage") return new Response("<html>");
    if (how === "elsewhere") return Response.redirect(`${url}/other`, 302);
    if (how === "slow") await new Promise<void>((resolve) => onStop(stop.signal, resolve));
    if (pathname === "/keys") {
      const jwk = { ...await exportJWK(key.publicKey), kid: key.kid, alg: "ES256", use: "sig" };
      return Response.json({ keys: [jwk] });
    }
    if (pathname === "/token") {
      return await exchanged(new URLSearchParams(await request.text()), request.headers);
    }
    if (pathname !== "/.well-known/openid-configuration") {
      return new Response(null, { status: 404 });
    }
    return Response.json({ issuer: url, jwks_uri: `${url}/keys`, token_endpoint: `${url}/token` });
  }

  return {
    url,
    asked,
    sign: (claims = {}, header = {}) =>
      new SignJWT({
        iss: url,
        sub: "alice",
        aud: "kubecode",
        exp: inSeconds(300),
        ...claims,
      }).setProtectedHeader({ alg: "ES256", kid: key.kid, ...header }).sign(key.privateKey),
    async rotate() {
      key = await makeKey();
    },
    behave: (next) => how = next,
    exchange: (answer) => exchanged = answer,
    publicKey: () => exportJWK(key.publicKey) as Promise<JsonWebKey>,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await server.shutdown();
    },
  };
}

function onStop(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener("abort", act, { once: true });
}
