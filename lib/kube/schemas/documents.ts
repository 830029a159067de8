/**
 * The OpenAPI v3 documents of one cluster, read when they are needed. One is kept as long as its hash
 * in the index stays, so that a changed definition is seen and nothing is read twice.
 */
import { documentMark, documentPlace, documentSchemas, type Schemas } from "./openapi.ts";
import { cacheByAge, CLOCK, type Clock } from "../../std/async.ts";

/** Documents kept; a cluster with very many custom groups does not fill the memory. */
const KEPT = 24;

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
 * @param get resolves to the JSON at a path; has a timeout
 */
export function createOpenApiDocuments(
  get: (path: string) => Promise<unknown>,
  clock: Clock = CLOCK,
): OpenApiDocuments {
  const latestIndex = cacheByAge(() => get("/openapi/v3"), clock);
  const kept = new Map<string, { readonly mark: string; readonly schemas: Promise<Schemas> }>();

  return async (groupVersion, { maxAgeMs }) => {
    const place = documentPlace(groupVersion);
    const mark = documentMark(await latestIndex(maxAgeMs), place);
    if (mark === undefined) return undefined;
    const known = kept.get(place);
    if (known?.mark === mark) return await known.schemas;
    // By its path, not by the URL in the index: that one redirects once the document changes.
    const entry = { mark, schemas: get(`/openapi/v3/${place}`).then(documentSchemas) };
    kept.delete(place);
    kept.set(place, entry);
    entry.schemas.catch(() => {
      if (kept.get(place) === entry) kept.delete(place);
    });
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT) break;
      kept.delete(oldest);
    }
    return await entry.schemas;
  };
}
