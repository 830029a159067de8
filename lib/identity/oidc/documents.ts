/** Documents of an issuer: small, in time, from nowhere else than where they are looked for. */
import { isRecord } from "../../std/json/unknown.ts";

/** For one document. */
const TIMEOUT_MS = 5_000;
const LIMIT_BYTES = 1024 * 1024;
/** How long an issuer that has failed is not asked again, so that callers cannot make us a flood. */
const PAUSE_MS = 5_000;

/** An issuer that does not answer as it should. Its message may be shown to anybody. */
export class IssuerError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "IssuerError";
  }
}

/** Asks an issuer. */
export interface IssuerClient {
  /**
   * A document that is kept by others.
   *
   * @throws {IssuerError} it cannot be had; until some seconds later, without asking again
   */
  get(url: string): Promise<Record<string, unknown>>;
  /** @throws {IssuerError} there is no answer that can be read */
  post(
    url: string,
    body: URLSearchParams,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<{ readonly ok: boolean; readonly value: Record<string, unknown> }>;
  close(): void;
}

/** How it asks. */
export interface IssuerClientOptions {
  /** PEM of the authority of the issuer's certificate; left out: the public ones. */
  readonly ca?: string | undefined;
  readonly timeoutMs?: number;
  readonly pauseMs?: number;
}

/** Makes a client. */
export function createIssuerClient(
  { ca, timeoutMs = TIMEOUT_MS, pauseMs = PAUSE_MS }: IssuerClientOptions = {},
): IssuerClient {
  const client = ca === undefined ? undefined : Deno.createHttpClient({ caCerts: [ca] });
  const failures = new Map<string, { readonly until: number; readonly error: IssuerError }>();

  async function ask(url: string, init: RequestInit) {
    const signal = AbortSignal.any([
      AbortSignal.timeout(timeoutMs),
      ...(init.signal ? [init.signal] : []),
    ]);
    // Whoever it points to is not the issuer.
    const given = { ...init, redirect: "error", signal } as const;
    try {
      const response = await fetch(url, client ? { ...given, client } : given);
      return { ok: response.ok, status: response.status, value: await readJson(response) };
    } catch (error) {
      init.signal?.throwIfAborted();
      const why = signal.aborted ? "does not answer in time" : "does not answer as it should";
      throw new IssuerError(`the issuer ${why}`, error);
    }
  }

  return {
    async get(url) {
      const failed = failures.get(url);
      if (failed !== undefined && Date.now() < failed.until) throw failed.error;
      try {
        const { ok, status, value } = await ask(url, { headers: { accept: "application/json" } });
        if (!ok) throw new IssuerError(`the issuer answers with status ${status}`);
        failures.delete(url);
        return value;
      } catch (cause) {
        const error = cause instanceof IssuerError ? cause : new IssuerError(String(cause));
        failures.set(url, { until: Date.now() + pauseMs, error });
        throw error;
      }
    },
    post: (url, body, headers, signal) => ask(url, { method: "POST", body, headers, signal }),
    close: () => client?.close(),
  };
}

async function readJson(response: Response): Promise<Record<string, unknown>> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > LIMIT_BYTES) throw new Error("the answer is too large");
  }
  // How a refusal is worded is the issuer's own affair.
  if (!response.ok && !text.startsWith("{")) return {};
  const value: unknown = JSON.parse(text);
  if (!isRecord(value)) throw new Error("the answer is no object");
  return value;
}
