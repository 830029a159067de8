/** Which metadata of objects an answer keeps. Pure. */
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

/** What identifies an object and tells whether it changed. */
export function identityOf(object: unknown): unknown {
  const { kind, metadata } = object as {
    kind?: unknown;
    metadata?: Readonly<Record<string, unknown>>;
  };
  const { name, namespace, uid, generation, resourceVersion, deletionTimestamp, finalizers } =
    metadata ?? {};
  // JSON leaves out what is not there.
  return { kind, name, namespace, uid, generation, resourceVersion, deletionTimestamp, finalizers };
}
