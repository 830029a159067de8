/** Answers of the broker as HTTP responses: whole, or as they come. */
import type { BrokerAnswer, RequestCall } from "../broker/types.ts";
import { LimitError } from "../errors.ts";
import { concatBytes } from "../std/bytes.ts";
import { stringifyExact } from "../std/json/exact.ts";
import { byteField, withEncodedTokens } from "./byte_fields.ts";
import { joinPages } from "./lists.ts";
import { statusOf } from "./status.ts";

/** The rest of an answer whose first part is here. */
export type Parts = AsyncGenerator<BrokerAnswer>;

/** What every answer says: nothing of it may be kept, or packed on its way over the loopback. */
const HEADERS = { "cache-control": "no-cache, private, no-transform" };

type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes of a list that is asked for without a limit. */
const LIST_LIMIT_BYTES = 256 * 1024 * 1024;

const NEWLINE = Uint8Array.of(10);

/**
 * The response to a request for a resource.
 *
 * @param leave ends the call: nobody reads any more
 * @throws what the broker says before its first part
 */
export async function resourceResponse(
  call: RequestCall,
  parts: Parts,
  leave: () => void,
): Promise<Response> {
  const type = call.subresource === "log" ? "text/plain" : "application/json";
  const headers = new Headers({ ...HEADERS, "content-type": type });
  const field = byteField(call);
  const shown = (body: Bytes) => field === undefined ? body : withEncodedTokens(body, field);
  if (call.verb === "watch" || isFollow(call)) {
    // Not before the first part is here is it known that there is an answer.
    await parts.next();
    return new Response(streamOf(parts, call, shown, leave), { headers });
  }
  let pages: Bytes[] = [];
  let bytes = 0;
  for await (const { body, again } of parts) {
    const page = shown(body);
    pages = again ? [page] : [...pages, page];
    bytes = page.length + (again ? 0 : bytes);
    if (bytes > LIST_LIMIT_BYTES) throw tooLong();
  }
  const isNew = call.verb === "create" && call.subresource === undefined;
  return new Response(joinPages(pages), { headers, status: isNew ? 201 : 200 });
}

function tooLong(): LimitError {
  return new LimitError(
    `Cannot give a list of more than ${LIST_LIMIT_BYTES / 1024 / 1024} MiB in one answer`,
    { hint: "Ask for it in pages (limit and continue), or for less by selectors." },
  );
}

/** The response to a question for a document, with an ETag of its own (RFC 9110, section 8.8.3). */
export async function documentResponse(known: string | null, parts: Parts): Promise<Response> {
  const { value } = await parts.next();
  const { body, contentType = "text/plain" } = value as BrokerAnswer;
  await parts.return(undefined);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", body)).toHex();
  const headers = new Headers({ ...HEADERS, etag: `"${hash.slice(0, 32)}"` });
  headers.set("vary", "Accept");
  if (known?.includes(hash.slice(0, 32))) return new Response(null, { status: 304, headers });
  headers.set("content-type", contentType);
  return new Response(body, { headers });
}

function isFollow({ subresource, options }: RequestCall): boolean {
  return subresource === "log" && `${options?.follow}` === "true";
}

/** Takes a part when one is wanted. */
function streamOf(
  parts: Parts,
  { verb }: RequestCall,
  shown: (body: Bytes) => Bytes,
  leave: () => void,
): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      try {
        for (;;) {
          const { done, value } = await parts.next();
          if (done) return controller.close();
          if (value.body.length === 0) continue;
          const part = shown(value.body);
          controller.enqueue(verb === "watch" ? concatBytes([part, NEWLINE]) : part);
          return;
        }
      } catch (error) {
        if (verb === "watch") {
          const event = stringifyExact({ type: "ERROR", object: statusOf(error) });
          controller.enqueue(new TextEncoder().encode(`${event}\n`));
        }
        controller.close();
      }
    },
    cancel: leave,
  });
}
