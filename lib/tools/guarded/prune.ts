/** Objects without what the API server and clients keep in them for themselves. Pure. */
import { LAST_APPLIED } from "../../names/well_known.ts";

/** The object without managed fields, self link and the copy of itself that kubectl leaves. */
export function prune(object: unknown): unknown {
  const metadata = (object as { metadata?: Readonly<Record<string, unknown>> } | null)?.metadata;
  if (typeof metadata !== "object" || metadata === null) return object;
  const { managedFields: _, selfLink: __, annotations, ...rest } = metadata;
  const { [LAST_APPLIED]: ___, ...kept } = (annotations ?? {}) as Readonly<Record<string, unknown>>;
  return {
    ...object as object,
    metadata: Object.keys(kept).length === 0 ? rest : { ...rest, annotations: kept },
  };
}
