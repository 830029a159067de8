/** What a cluster serves: kept, and read again where it turns out to have changed. */
import { ApiError, ResolveError } from "../../errors.ts";
import type { ResourceReference } from "../../names/resolve.ts";
import { cacheByAge, type Clock, raceAbort } from "../../std/async.ts";
import type { ApiResource } from "../types.ts";
import type { ApiIndex } from "./discovery.ts";
import { resolveResource } from "./resolve.ts";

/** Discovery that is younger than this is not repeated because a name was missing. */
export const FRESH_MS = 2_000;

/** What a cluster serves, as it was last read. */
export interface KeptIndex {
  /** What the cluster serves; discovery is repeated when it is older than `maxAgeMs`. */
  index(options: { readonly maxAgeMs?: number; readonly signal: AbortSignal }): Promise<ApiIndex>;
  /**
   * The resource that a reference means. Discovery is repeated for a name that is not known, after an
   * answer that denied what discovery had said, and when it is older than `maxAgeMs`.
   *
   * @throws {ResolveError} it is not served
   */
  resolve(
    reference: ResourceReference,
    signal: AbortSignal,
    options?: { readonly maxAgeMs?: number },
  ): Promise<ApiResource>;
  /** Whether it has been read: `index` then gives it without asking the cluster. */
  isKnown(): boolean;
  /** Is told of each failure of a request for a resource: it may be outdated. */
  failed(error: unknown): void;
}

/** Keeps what a cluster serves. @param read asks the cluster */
export function keepIndex(read: () => Promise<ApiIndex>, clock: Clock): KeptIndex {
  const latest = cacheByAge(read, clock);
  let known: ApiIndex | undefined;
  let outdated: ApiIndex | undefined;

  async function index(
    { maxAgeMs = Infinity, signal }: { readonly maxAgeMs?: number; readonly signal: AbortSignal },
  ): Promise<ApiIndex> {
    signal.throwIfAborted();
    known = await raceAbort(latest(maxAgeMs), signal);
    return known;
  }

  async function resolve(
    reference: ResourceReference,
    signal: AbortSignal,
    { maxAgeMs = known && known === outdated ? FRESH_MS : Infinity }: {
      readonly maxAgeMs?: number;
    } = {},
  ): Promise<ApiResource> {
    try {
      return resolveResource(await index({ maxAgeMs, signal }), reference);
    } catch (error) {
      if (!(error instanceof ResolveError)) throw error;
      return resolveResource(await index({ maxAgeMs: FRESH_MS, signal }), reference);
    }
  }

  function failed(error: unknown): void {
    // It is the path that is unknown, and not just the object.
    const isPath = error instanceof ApiError && error.status === 404 && !error.about?.name;
    if (isPath) outdated = known;
  }

  return { index, resolve, isKnown: () => known !== undefined, failed };
}
