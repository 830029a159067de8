/**
 * The OpenAPI v3 documents of one cluster, read when they are needed. One is kept as long as its hash
 * in the index stays, so that a changed definition is seen and nothing is read twice.
 */
import { documentMark, documentPlace, documentSchemas, type Schemas } from "./openapi.ts";
import { cacheByAge, CLOCK, type Clock } from "../../std/async.ts";

/** Documents kept; a cluster with very many custom groups does not fill the memory. */
const KEPT = 24;
/** Bytes of their JSON; the document that was asked for last is kept in any case. */
const KEPT_BYTES = 64 * 1024 * 1024;

/** A document as it came, and how large it was. */
interface Read {
  readonly value: unknown;
  readonly bytes: number;
}

/** A document that is kept, or under way. */
interface Kept {
  readonly mark: string;
  readonly schemas: Promise<Schemas>;
  /** 0 until it is here. */
  bytes: number;
}

/** Gives the schemas of a group and version. */
type OpenApiDocuments = (
  groupVersion: { readonly group: string; readonly version: string },
  options: {
    /** The index is read again when it is older than so many milliseconds. */
    readonly maxAgeMs: number;
  },
) => Promise<Schemas | undefined>;

/**
 * Makes the documents of a cluster.
 *
 * @param get resolves to the JSON at a path; has a timeout and a limit
 */
export function createOpenApiDocuments(
  get: (path: string) => Promise<Read>,
  clock: Clock = CLOCK,
): OpenApiDocuments {
  const latestIndex = cacheByAge(async () => (await get("/openapi/v3")).value, clock);
  const kept = new Map<string, Kept>();

  /** Drops the oldest, but the last one. */
  function dropOld(): void {
    let bytes = [...kept.values()].reduce((sum, one) => sum + one.bytes, 0);
    for (const [place, oldest] of kept) {
      if (kept.size === 1 || (kept.size <= KEPT && bytes <= KEPT_BYTES)) return;
      kept.delete(place);
      bytes -= oldest.bytes;
    }
  }

  function read(place: string, mark: string): Kept {
    // By its path, not by the URL in the index: that one redirects once the document changes.
    const entry: Kept = {
      mark,
      bytes: 0,
      schemas: get(`/openapi/v3/${place}`).then(({ value, bytes }) => {
        entry.bytes = bytes;
        dropOld();
        return documentSchemas(value);
      }),
    };
    return entry;
  }

  return async (groupVersion, { maxAgeMs }) => {
    const place = documentPlace(groupVersion);
    const mark = documentMark(await latestIndex(maxAgeMs), place);
    if (mark === undefined) return undefined;
    const known = kept.get(place);
    if (known?.mark === mark) return await known.schemas;
    const entry = read(place, mark);
    kept.delete(place);
    kept.set(place, entry);
    entry.schemas.catch(() => {
      if (kept.get(place) === entry) kept.delete(place);
    });
    dropOld();
    return await entry.schemas;
  };
}
