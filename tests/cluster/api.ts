/** A small client for the test bed's own needs: it trusts the cluster it is given. */

/** Where and as whom to speak to an API server. */
export interface ApiAccess {
  readonly server: string;
  /** PEM. */
  readonly ca: string;
  /** PEM of a client certificate and its key. */
  readonly certificate?: { readonly cert: string; readonly key: string };
  readonly token?: string;
}

/** An object of the Kubernetes API, as far as the test bed looks into it. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** The API server answered with an error, or not in JSON. */
export class TestApiError extends Error {
  override readonly name = "TestApiError";
  /** HTTP status code. */
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** Speaks to an API server; close it when done. */
export interface TestApi extends Disposable {
  /**
   * Sends a request and gives the parsed answer.
   *
   * @throws {TestApiError} any status but 2xx
   */
  request<Result = KubeObject>(
    method: string,
    path: string,
    options?: { body?: unknown; contentType?: string; signal?: AbortSignal },
  ): Promise<Result>;
}

/** Opens a client. */
export function connect(access: ApiAccess): TestApi {
  const client = Deno.createHttpClient({
    caCerts: [access.ca],
    ...access.certificate,
    // Many requests at once shall not queue behind one connection.
    http2: false,
    poolMaxIdlePerHost: 64,
  });
  const authorization = access.token ? { authorization: `Bearer ${access.token}` } : undefined;
  return {
    async request<Result>(
      method: string,
      path: string,
      { body, contentType = "application/json", signal }: {
        body?: unknown;
        contentType?: string;
        signal?: AbortSignal;
      } = {},
    ): Promise<Result> {
      const response = await fetch(`${access.server}${path}`, {
        method,
        client,
        signal,
        headers: { accept: "application/json", "content-type": contentType, ...authorization },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      const text = await response.text();
      if (!response.ok) {
        throw new TestApiError(
          `${method} ${path}: HTTP ${response.status}: ${text}`,
          response.status,
        );
      }
      return (text.startsWith("{") ? JSON.parse(text) : text) as Result;
    },
    [Symbol.dispose]: () => client.close(),
  };
}

/**
 * Calls until the result is not undefined; what fails meanwhile is tried again.
 *
 * @param what names what is waited for
 * @throws {Error} at the end of the time, with the last failure
 */
export async function waitUntil<Result>(
  what: string,
  look: (signal: AbortSignal) => Promise<Result | undefined>,
  options: { readonly signal: AbortSignal; readonly timeoutMs: number; readonly everyMs?: number },
): Promise<Result> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = AbortSignal.any([options.signal, timeout]);
  let last: unknown;
  while (!signal.aborted) {
    try {
      const result = await look(signal);
      if (result !== undefined) return result;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await sleep(options.everyMs ?? 50, signal);
  }
  options.signal.throwIfAborted();
  const state = last instanceof Error ? last.message : "it did not become so";
  throw new Error(`Cannot wait longer than ${options.timeoutMs} ms until ${what}: ${state}`, {
    cause: last,
  });
}

/** Ends early, without an error, when the signal aborts. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
