/** Which annotations of listed objects are kept. Pure. */

/** What a caller asks for. */
export interface AnnotationFilter {
  /** False: none at all. */
  readonly all: boolean;
  /** Keys to leave out, beside {@linkcode LEFT_OUT}; a trailing `*` stands for any rest. */
  readonly exclude: readonly string[];
  /** When there are any, these keys alone are kept, whatever else is said. */
  readonly include: readonly string[];
}

/** Left out unless it is asked for: a second copy of the whole object. */
export const LEFT_OUT = "kubectl.kubernetes.io/last-applied-configuration";

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
  return all && key !== LEFT_OUT && !named(exclude);
}
