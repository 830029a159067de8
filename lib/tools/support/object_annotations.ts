/** Which annotations of listed objects are kept. Pure. */
import { LAST_APPLIED } from "../../names/well_known.ts";

/** What a caller asks for. */
export interface AnnotationFilter {
  /** False: none at all. */
  readonly all: boolean;
  /** Keys to leave out, beside {@linkcode LAST_APPLIED}; a trailing `*` stands for any rest. */
  readonly exclude: readonly string[];
  /** When there are any, these keys alone are kept, whatever else is said. */
  readonly include: readonly string[];
}

/** The object without the annotations that are not wanted; the object itself where it has none. */
export function filterAnnotations(object: unknown, filter: AnnotationFilter): unknown {
  const metadata = (object as { metadata?: Record<string, unknown> } | null)?.metadata;
  const annotations = metadata?.annotations;
  if (typeof annotations !== "object" || annotations === null) return object;
  const { annotations: _, ...rest } = metadata!;
  const kept = Object.entries(annotations).filter(([key]) => isKept(key, filter));
  return {
    ...object as object,
    metadata: kept.length === 0 ? rest : { ...rest, annotations: Object.fromEntries(kept) },
  };
}

function isKept(key: string, { all, exclude, include }: AnnotationFilter): boolean {
  const named = (patterns: readonly string[]) =>
    patterns.some((pattern) =>
      pattern.endsWith("*") ? key.startsWith(pattern.slice(0, -1)) : key === pattern
    );
  if (include.length > 0) return named(include);
  return all && key !== LAST_APPLIED && !named(exclude);
}
