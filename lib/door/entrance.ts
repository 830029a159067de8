/** Who is let in, and which context they mean. Pure. */
import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import type { ContextEntry } from "../broker/types.ts";
import { ApiError } from "../errors.ts";
import type { HttpQuestion } from "./asked.ts";

/**
 * Whoever knows the key, and comes from this machine.
 *
 * @throws {ApiError} 403 anybody else, and who brings credentials, which would count for nothing here
 */
export function enter(
  request: Request,
  { key, contexts }: { readonly key: string; readonly contexts: readonly ContextEntry[] },
): { readonly context: string | undefined; readonly question: HttpQuestion } {
  const { method, headers } = request;
  const url = new URL(request.url);
  const host = headers.get("host") ?? "";
  const isLocal = /^(?:127\.0\.0\.1|localhost)(?::\d+)?$/.test(host);
  // Clients of WebSockets in Python name the door itself, which has no pages.
  const isOfPage = headers.has("origin") && headers.get("origin") !== `http://${host}`;
  const [, given = "", index = "", ...steps] = url.pathname.split("/");
  if (!isLocal || isOfPage || !isSame(given, key)) {
    throw new ApiError("this door is for one program, which knows its key", {
      status: 403,
      reason: "Forbidden",
    });
  }
  if (
    headers.has("authorization") || [...headers.keys()].some((name) => /^impersonate-/.test(name))
  ) {
    throw new ApiError(
      "kubecode acts as the user of its own kubeconfig: leave credentials and --as out",
      { status: 403, reason: "Forbidden" },
    );
  }
  const entry = contexts[/^\d+$/.test(index) ? Number(index) : -1];
  if (entry === undefined) {
    throw new ApiError("the server could not find the requested resource", {
      status: 404,
      reason: "NotFound",
    });
  }
  return {
    context: entry.current ? undefined : entry.name,
    question: { method, path: `/${steps.join("/")}`, query: url.searchParams, headers },
  };
}

function isSame(given: string, key: string): boolean {
  return given.length === key.length && timingSafeEqual(Buffer.from(given), Buffer.from(key));
}
