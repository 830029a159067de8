/** Answers over HTTP: refusals in the form of JSON-RPC errors, and what happens once one is sent. */

/** A request that is refused by its form. */
export class HttpError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The code of JSON-RPC. */
  readonly code: number;

  constructor(
    status: number,
    message: string,
    { code = -32000, headers = {} }: {
      readonly code?: number;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(message);
    this.name = "HttpError";
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** The answer that says what is wrong with a request. */
export function errorAnswer({ status, message, code, headers }: HttpError): Response {
  return Response.json({ jsonrpc: "2.0", id: null, error: { code, message } }, {
    status,
    headers: { ...headers, "cache-control": "no-store" },
  });
}

/**
 * The same response, with a function that is called once: when its body has been read to its end,
 * has failed, or is no longer wanted.
 */
export function whenSent(response: Response, done: () => void): Response {
  const { body, status, statusText, headers } = response;
  if (body === null) {
    done();
    return response;
  }
  const reader = body.getReader();
  let isDone = false;
  const finish = () => {
    if (!isDone) done();
    isDone = true;
  };
  const watched = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { value, done } = await reader.read();
        if (!done) return controller.enqueue(value);
        finish();
        controller.close();
      } catch (error) {
        finish();
        controller.error(error);
      }
    },
    async cancel(reason) {
      finish();
      await reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
  return new Response(watched, { status, statusText, headers });
}
